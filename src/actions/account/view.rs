//! Accounts as people look at them.

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use postern_core::model::scope::Product;
use serde::Serialize;

use super::find::named;
use crate::actions::ActError;
use crate::clock::written;
use crate::store::accounts::{self, Account};
use crate::store::service_accounts::ServiceAccount;
use crate::store::{
    Read, Store, aliases, clients, crm_tokens, grants, help_refs, service_accounts, switched_off,
};

/// By whose leave the mailbox is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Leave {
    /// Its owner's consent.
    Consent,
    /// The domain's service account.
    ServiceAccount,
    /// Nobody's yet.
    None,
}

/// Whether the owner granted a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Granted {
    /// Granted.
    Granted,
    /// Not granted.
    Missing,
}

/// An account.
#[derive(Debug, Clone, Serialize)]
pub struct View {
    /// Identity.
    pub id: AccountId,
    /// The mailbox.
    pub address: Address,
    /// Where it stands.
    pub state: State,
    /// The CRM user it belongs to.
    pub crm_user: Option<String>,
    /// The one that a program names; an admin decides.
    pub proposed_crm_user: Option<String>,
    /// Further addresses.
    pub aliases: Vec<Address>,
    /// By whose leave it is opened.
    pub connected_by: Leave,
    /// Reading and sending mail.
    pub gmail: Granted,
    /// Seeing and editing events.
    pub calendar: Granted,
    /// Seeing and editing people.
    pub contacts: Granted,
    /// What its owner has switched off here; the grant stays.
    pub switched_off: Vec<Product>,
    /// The grant belongs to an OAuth client that was replaced.
    pub former_client: bool,
    /// When the owner consented.
    pub granted_at: Option<String>,
    /// CRM tokens that may log in now.
    pub tokens: usize,
    /// The address that Google shows now; to be confirmed.
    pub proposed_address: Option<Address>,
    /// Gmail's words when it last refused the mailbox.
    pub noted: Option<String>,
    /// Where its owner learns how it stands and connects it again, when that is
    /// wanted of them; only [`sheet`] tells it.
    pub reconnect_at: Option<String>,
    /// No new session before.
    pub throttled_until: Option<String>,
    /// Registered.
    pub created_at: String,
    /// Last change.
    pub changed_at: String,
}

impl View {
    /// Whether the product was granted. What a service account serves is taken
    /// for granted; whether it may is seen when it is asked.
    #[must_use]
    pub fn granted(&self, product: Product) -> Granted {
        match product {
            Product::Gmail => self.gmail,
            Product::Calendar => self.calendar,
            Product::Contacts => self.contacts,
        }
    }

    /// The products that people are shown: what is offered, and what its owner
    /// has given at some time.
    #[must_use]
    pub fn listed(&self, offered: &[Product]) -> Vec<Product> {
        let given =
            |product| self.connected_by == Leave::Consent && self.granted(product) == Granted::Granted;
        let listed = |product: &Product| offered.contains(product) || given(*product);
        Product::ALL.into_iter().filter(listed).collect()
    }
}

/// All accounts, by address.
///
/// # Errors
/// When the database does not answer.
pub async fn all(store: &Store) -> Result<Vec<View>, ActError> {
    let mut read = store.read().await?;
    let surroundings = Surroundings::read(store, &mut read).await?;
    let mut out = Vec::new();
    for account in accounts::all(&mut read).await? {
        out.push(surroundings.view(store, &mut read, account).await?);
    }
    Ok(out)
}

/// One account.
///
/// # Errors
/// When there is no such account.
pub async fn one(store: &Store, address: &Address) -> Result<View, ActError> {
    let mut read = store.read().await?;
    let account = named(&mut read, address).await?;
    Surroundings::read(store, &mut read).await?.view(store, &mut read, account).await
}

/// The same with `reconnect_at`; `pages` is where the pages behind references
/// are.
///
/// # Errors
/// When there is no such account.
pub async fn sheet(store: &Store, address: &Address, pages: &str) -> Result<View, ActError> {
    let mut view = one(store, address).await?;
    if matches!(view.state, State::NeedsConsent | State::NeedsSignIn) {
        let now = store.clock().now();
        let reference = help_refs::of(&mut store.read().await?, view.id, now).await?;
        view.reconnect_at = reference.map(|reference| format!("{pages}{reference}"));
    }
    Ok(view)
}

struct Surroundings {
    client: Option<clients::Client>,
    delegates: Vec<ServiceAccount>,
}

impl Surroundings {
    async fn read(store: &Store, read: &mut Read) -> Result<Self, ActError> {
        let client = clients::current(store, read).await?;
        Ok(Self { client, delegates: service_accounts::all(store, read).await? })
    }

    async fn view(&self, store: &Store, read: &mut Read, account: Account) -> Result<View, ActError> {
        let now = store.clock().now();
        let grant = grants::of(store, read, account.id).await?;
        let served = self.delegates.iter().any(|d| d.domains.iter().any(|n| n == account.address.domain()));
        let connected_by = match &grant {
            Some(_) => Leave::Consent,
            None if served => Leave::ServiceAccount,
            None => Leave::None,
        };
        let granted = |product| {
            let opens = grant.as_ref().map_or(served, |g| g.scopes.opens(product));
            if opens { Granted::Granted } else { Granted::Missing }
        };
        let tokens = crm_tokens::of(read, account.id).await?;
        let live = |t: &&crm_tokens::CrmToken| t.revoked_at.is_none() && t.expires_at.is_none_or(|e| e > now);
        let current = self.client.as_ref().map(|client| client.id);
        Ok(View {
            aliases: aliases::of(read, account.id).await?,
            connected_by,
            gmail: granted(Product::Gmail),
            calendar: granted(Product::Calendar),
            contacts: granted(Product::Contacts),
            switched_off: switched_off::of(read, account.id).await?,
            former_client: grant.as_ref().is_some_and(|g| Some(g.client) != current),
            granted_at: grant.map(|g| written(g.granted_at)),
            tokens: tokens.iter().filter(live).count(),
            reconnect_at: None,
            throttled_until: (account.throttled_until > now).then(|| written(account.throttled_until)),
            created_at: written(account.created_at),
            changed_at: written(account.changed_at),
            id: account.id,
            address: account.address,
            state: account.state,
            crm_user: account.crm_user,
            proposed_crm_user: account.proposed_crm_user,
            proposed_address: account.proposed_address,
            noted: account.noted,
        })
    }
}
