//! Plays the rows of `smtp_failures`: one gateway a table, one account a row.

use std::collections::BTreeSet;

use postern::store::{accounts, grants};
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::change::Change;
use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;

use crate::smtp_client::{Client, Row as Entry, rows};
use crate::smtp_failures::{At, CROWDED, DOWN, Fault, Left, Row};
use crate::support::gateway::{Gateway, Setup};

/// Plays every row of a table.
pub async fn hold(setup: Setup, table: Vec<Row>) {
    let mut bench = Bench { gateway: Gateway::with(setup).await, played: Vec::new() };
    for (n, row) in table.into_iter().enumerate() {
        bench.play(row, n).await;
    }
    bench.check_what_is_left().await;
}

/// What the writer of the audit leaves behind is looked at in the end, all at
/// once: it gathers for 200 ms.
struct Bench {
    gateway: Gateway,
    played: Vec<(Row, AccountId, String)>,
}

impl Bench {
    async fn play(&mut self, row: Row, n: usize) {
        let user = format!("user{n}@example.com");
        let account = match row.fault {
            Fault::Never => self.register(&user).await,
            _ => self.gateway.connect(&user, &[]).await,
        };
        let mut token = self.gateway.token(account).await;
        self.go_wrong(&row.fault, &user, account, &mut token).await;
        let mut client = Client::greeted(&self.gateway).await;
        let named = if let Fault::User(other) = row.fault { other } else { &user };
        let told = client.login(named, &token).await;
        match row.at {
            At::Auth => self.check_login(&row, &told, &user, client).await,
            _ => self.check_message(&row, &user, client).await,
        }
        self.gateway.sandbox.google().smtp_faults().clear();
        self.gateway.sandbox.google().token_faults().clear();
        // The next row's account is another world: it does not wait for what failed in this one.
        self.gateway.parts.broker.changed(Change::Everything);
        self.played.push((row, account, told));
    }

    async fn check_what_is_left(&self) {
        let refused = self.played.iter().filter(|(row, ..)| row.at == At::Auth && !row.audit.is_empty());
        // Refusals without a mailbox have one row in an hour, and one reference.
        let refused: BTreeSet<_> = refused.filter_map(|(.., told)| told.rsplit_once("(ref ")).collect();
        let references: BTreeSet<_> = refused.iter().map(|(_, reference)| reference).collect();
        let refused = rows(&self.gateway, "login_refused", references.len()).await;
        let sent = self.played.iter().filter(|(row, ..)| row.at != At::Auth);
        let mut sent = rows(&self.gateway, "message_sent", sent.count()).await.into_iter();
        for (row, account, told) in &self.played {
            if row.at != At::Auth {
                let last = sent.next().unwrap().detail;
                assert_eq!(last["outcome"], row.audit, "{}", row.told);
                let verbatim = row.audit != "refused" || last["answer"] == row.told;
                assert!(verbatim, "{last}");
            } else if !row.audit.is_empty() {
                let in_answer = |found: &&Entry| told.ends_with(&format!("(ref {})", found.request));
                let found = refused.iter().find(in_answer).expect(told);
                assert_eq!(found.detail["cause"], row.audit, "{told}");
            }
            let left = self.gateway.account(*account).await;
            assert_eq!(left.state, row.state, "{told}");
            assert_eq!(left.noted.is_some(), row.left == Left::Noted, "{told}: {:?}", left.noted);
            assert_eq!(left.throttled_until > 0, row.left == Left::Throttled, "{told}");
        }
        assert!(sent.next().is_none(), "one row a message");
    }

    async fn go_wrong(&self, fault: &Fault, user: &str, account: AccountId, token: &mut String) {
        let google = self.gateway.sandbox.google();
        match fault {
            Fault::Never | Fault::User(_) => {}
            Fault::Secret(change) => *token = change(token),
            Fault::Token(protocols, end) => *token = self.gateway.token_for(account, *protocols, *end).await,
            Fault::State(state) => self.set_state(account, *state).await,
            Fault::Scopes(scopes) => self.set_scopes(account, scopes).await,
            Fault::Endpoint(fault) => google.token_faults().always(fault.clone()),
            Fault::Always(fault) => google.smtp_faults().always_for(user, fault.clone()),
            Fault::Once(fault) => google.smtp_faults().next(fault.clone()),
            Fault::Forgotten => {
                let mut client = Client::logged_in(&self.gateway, user, token).await;
                client.ask("QUIT").await;
                google.drop_access_tokens(user);
            }
        }
    }

    async fn register(&self, user: &str) -> AccountId {
        let mut act = self.gateway.act().await;
        let address = Address::parse(user).unwrap();
        let account = accounts::insert(&mut act, &address, None, State::New).await.unwrap().id;
        act.commit(Event::AccountAdded { account, address, state: State::New }).await.unwrap();
        account
    }

    async fn set_state(&self, account: AccountId, state: State) {
        let mut act = self.gateway.act().await;
        let row = accounts::by_id(&mut act, account).await.unwrap().unwrap();
        accounts::set_state(&mut act, account, state).await.unwrap();
        let (address, from) = (row.address, row.state);
        act.commit(Event::StateChanged { account, address, from, to: state, why: "test" }).await.unwrap();
    }

    async fn set_scopes(&self, account: AccountId, scopes: &str) {
        let mut act = self.gateway.act().await;
        let address = accounts::by_id(&mut act, account).await.unwrap().unwrap().address;
        let grant = grants::of(&self.gateway.parts.store, &mut act, account).await.unwrap().unwrap();
        let scopes = ScopeSet::parse(scopes);
        grants::replace(&mut act, account, grant.client, &scopes, &grant.refresh_token).await.unwrap();
        let event = Event::ConsentGranted { account, address, scopes: scopes.to_string() };
        act.commit(event).await.unwrap();
    }

    async fn check_login(&self, row: &Row, told: &str, user: &str, mut client: Client) {
        assert!(told.starts_with(row.told), "{told}\nwanted {}", row.told);
        let google = self.gateway.sandbox.google();
        let asked = google.token_requests().iter().filter(|r| r.account.as_deref() == Some(user)).count();
        if matches!(row.fault, Fault::Forgotten) || told.contains("Username and Password") {
            assert_eq!(asked, 2, "one forced refresh: {told}");
        }
        if told.starts_with("454") && !told.starts_with(DOWN) {
            let (_, reference) = told.rsplit_once("(ref ").unwrap();
            let help = format!(
                ": http://localhost:8025/postern/r/{} (ref {reference}",
                &reference[..reference.len() - 1]
            );
            assert!(told.ends_with(&help), "{told}");
        }
        if told.starts_with("421") {
            assert_eq!(client.answer().await, "", "a 421 closes");
            self.check_throttle(user).await;
        } else {
            assert!(client.ask("RSET").await.starts_with("250 "), "the session goes on");
        }
    }

    async fn check_throttle(&self, user: &str) {
        let mut read = self.gateway.parts.store.read().await.unwrap();
        let account = accounts::by_address(&mut read, &Address::parse(user).unwrap()).await.unwrap().unwrap();
        let token = self.gateway.token(account.id).await;
        let asked = self.gateway.sandbox.google().smtp_logins();
        let mut again = Client::greeted(&self.gateway).await;
        assert!(again.login(user, &token).await.starts_with(CROWDED));
        assert_eq!(self.gateway.sandbox.google().smtp_logins(), asked, "Gmail is left alone for a minute");
    }

    async fn check_message(&self, row: &Row, user: &str, mut client: Client) {
        let steps = [
            (At::Mail, format!("MAIL FROM:<{user}>")),
            (At::Rcpt, "RCPT TO:<bob@elsewhere.test>".to_owned()),
            (At::Data, "DATA".to_owned()),
            (At::Verdict, format!("From: {user}\r\n\r\nhello\r\n.")),
        ];
        for (at, line) in steps {
            let told = client.ask(&line).await;
            if at == row.at {
                assert_eq!(told, row.told, "verbatim");
                break;
            }
            assert!(told.starts_with(['2', '3']), "{told}");
        }
        if row.told.starts_with("421") {
            assert_eq!(client.rest().await, "", "Gmail's 421 closes");
        } else if row.told.starts_with("451 4.4.2") {
            assert_eq!(client.rest().await, "421 4.4.2 Connection to Gmail lost, try again\r\n");
        } else {
            client.play(&[("RSET", "250 2.1.5 "), ("MAIL FROM:<a@x>", "250 2.1.0 "), ("QUIT", "221 ")]).await;
        }
    }
}
