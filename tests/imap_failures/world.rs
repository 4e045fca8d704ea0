//! A mailbox for each row, and what a login to it comes to.

use postern::store::accounts::{self, Account};
use postern::store::{crm_tokens, grants};
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::change::Change;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use postern_core::model::token::{Protocols, compose};

use super::LIMITS;
use super::rows::{Meets, Row, Shown};
use crate::imap_client::clear;
use crate::support::gateway::{CLIENT, Gateway, Setup};

/// The gateway of the table.
pub struct World {
    pub gateway: Gateway,
}

/// What came of a row.
pub struct Asked {
    pub account: AccountId,
    /// The account before the login.
    pub before: Account,
    pub refresh_token: Option<Secret>,
    /// The tagged answer to the login.
    pub told: String,
    /// The start of the answer to the command behind it.
    pub noop: String,
}

impl Asked {
    /// The reference in the answer.
    pub fn reference(&self) -> String {
        let behind = self.told.rsplit_once("(ref ").map(|(_, reference)| reference);
        behind.unwrap_or_default().trim_end_matches(')').to_owned()
    }
}

impl World {
    pub async fn start() -> Self {
        Self { gateway: Gateway::with(Setup { more: LIMITS.to_owned(), ..Setup::default() }).await }
    }

    /// Logs in to a mailbox of its own that meets the row's fault.
    pub async fn meet(&self, row: &Row) -> Asked {
        let address = format!("{}@example.com", row.name.to_ascii_lowercase().replace([' ', ',', '\''], "."));
        let account = match row.meets {
            Meets::NoGrant => self.register(&address).await,
            _ => self.gateway.connect(&address, &[]).await,
        };
        self.arrange(account, &address, &row.meets).await;
        let (user, token) = self.credential(account, &address, &row.meets).await;
        let before = self.gateway.account(account).await;
        let refresh_token = self.refresh_token(account).await;
        // It does not wait for what failed in the rows before.
        self.gateway.parts.broker.changed(Change::Everything);
        let mut imap = clear(self.gateway.imap[0]).await;
        imap.line().await;
        let told = imap.answer(&format!("a LOGIN {user} {token}")).await;
        let noop = imap.answer("b NOOP").await.chars().take(4).collect();
        Asked { account, before, refresh_token, told, noop }
    }

    async fn arrange(&self, account: AccountId, address: &str, meets: &Meets) {
        let google = self.gateway.sandbox.google();
        match meets {
            Meets::Shows(_) | Meets::NoGrant => {}
            Meets::Stands(state) => self.stand(account, *state).await,
            Meets::Untick { stored, granted } => {
                let token = google.issue_refresh_token(address, CLIENT, granted).expect("a refresh token");
                self.regrant(account, stored, token).await;
            }
            Meets::Token(fault) => google.token_faults().always_for(address, fault.clone()),
            Meets::Connect(fault) => google.imap_faults().next(fault.clone()),
            Meets::Once(fault) => google.imap_faults().next_for(address, fault.clone()),
            Meets::Always(fault) => google.imap_faults().always_for(address, fault.clone()),
        }
    }

    async fn stand(&self, account: AccountId, state: State) {
        let mut act = self.gateway.act().await;
        accounts::set_state(&mut act, account, state).await.expect("stored");
        act.commit(test_event()).await.expect("committed");
    }

    async fn register(&self, address: &str) -> AccountId {
        let mut act = self.gateway.act().await;
        let address = Address::parse(address).expect("an address");
        let account = accounts::insert(&mut act, &address, None, State::New).await.expect("stored").id;
        act.commit(Event::AccountAdded { account, address, state: State::New }).await.expect("committed");
        account
    }

    async fn regrant(&self, account: AccountId, scopes: &str, token: String) {
        let mut act = self.gateway.act().await;
        let grant = grants::of(&self.gateway.parts.store, &mut act, account).await.expect("read");
        let (client, scopes) = (grant.expect("a grant").client, ScopeSet::parse(scopes));
        grants::replace(&mut act, account, client, &scopes, &Secret::new(token)).await.expect("stored");
        act.commit(test_event()).await.expect("committed");
    }

    async fn credential(&self, account: AccountId, address: &str, meets: &Meets) -> (String, String) {
        let gateway = &self.gateway;
        let past = gateway.parts.store.clock().now() - 1;
        let shown = match meets {
            Meets::Shows(shown) => shown,
            _ => return (address.to_owned(), gateway.token(account).await),
        };
        let token = match shown {
            Shown::Unknown => compose(&[7; 32]).reveal().to_owned(),
            Shown::NoToken => "hunter2".to_owned(),
            Shown::OfSmtp => gateway.token_for(account, Protocols::Smtp, None).await,
            Shown::Expired => gateway.token_for(account, Protocols::Both, Some(past)).await,
            Shown::Typo | Shown::Revoked | Shown::OtherUser => gateway.token(account).await,
        };
        match shown {
            Shown::Typo => (address.to_owned(), format!("{}~", &token[..token.len() - 1])),
            Shown::OtherUser => ("somebody.else@example.com".to_owned(), token),
            Shown::Revoked => {
                self.revoke(account).await;
                (address.to_owned(), token)
            }
            Shown::Unknown | Shown::NoToken | Shown::OfSmtp | Shown::Expired => (address.to_owned(), token),
        }
    }

    async fn revoke(&self, account: AccountId) {
        let mut act = self.gateway.act().await;
        for token in crm_tokens::of(&mut act, account).await.expect("read") {
            assert!(crm_tokens::revoke(&mut act, token.id).await.expect("revoked"));
        }
        act.commit(test_event()).await.expect("committed");
    }

    /// The refresh token that is stored.
    pub async fn refresh_token(&self, account: AccountId) -> Option<Secret> {
        let store = &self.gateway.parts.store;
        let mut read = store.read().await.expect("a connection");
        grants::of(store, &mut read, account).await.expect("read").map(|grant| grant.refresh_token)
    }

    /// How often the token endpoint was asked for this mailbox.
    pub fn token_requests(&self, account: &Account) -> usize {
        let requests = self.gateway.sandbox.google().token_requests();
        requests.iter().filter(|request| request.account.as_deref() == Some(account.address.as_str())).count()
    }
}

fn test_event() -> Event {
    Event::ClientSet { client_id: CLIENT.to_owned(), accounts_to_reconnect: 0 }
}
