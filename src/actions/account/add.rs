//! Registering a mailbox, and the link that its owner connects it by.

use postern_core::model::event::Event;
use url::Url;

use super::link::{self, Link};
use super::register::{Registration, register};
use crate::actions::{ActError, By};
use crate::store::accounts::Account;
use crate::store::{Act, Store, clients, service_accounts};

/// What the configuration says about new mailboxes.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// Domains that may connect; empty means all.
    pub allowed_domains: &'a [String],
    /// Where our pages are.
    pub public_url: &'a Url,
    /// Whether the author says whose mailbox it is in the CRM; else an admin
    /// confirms it.
    pub binds: bool,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Added {
    /// The account.
    pub account: Account,
    /// It was registered before.
    pub known: bool,
    /// How it gets connected.
    pub way: Way,
}

/// How a mailbox gets connected.
#[derive(Debug, Clone)]
pub enum Way {
    /// Its owner opens this link; whether there is a client to consent to.
    Link {
        /// The link.
        link: Link,
        /// No OAuth client is set yet, so the link leads nowhere for now.
        client_missing: bool,
    },
    /// A service account serves its domain: it is connected already.
    Served {
        /// The service account's address.
        by: String,
    },
}

/// Registers a mailbox; for a known one a fresh link is made.
///
/// # Errors
/// When the address or an alias is taken, or the account may not be connected.
pub async fn add(store: &Store, by: &By, rules: Rules<'_>, wanted: &Registration) -> Result<Added, ActError> {
    let mut act = by.open(store).await?;
    let (account, mut events) = register(&mut act, rules.allowed_domains, wanted, rules.binds).await?;
    let (id, address) = (account.id, account.address.clone());
    let known = !events.iter().any(|event| matches!(event, Event::AccountAdded { .. }));
    if let Some(served) = service_accounts::serving(store, &mut act, address.domain()).await? {
        if !events.is_empty() {
            all(act, events).await?;
        }
        return Ok(Added { account, known, way: Way::Served { by: served.email } });
    }
    let client_missing = clients::current(store, &mut act).await?.is_none();
    let link = link::issue(&mut act, id, rules.public_url).await?;
    events.push(Event::ConsentLinkIssued { account: id, address });
    all(act, events).await?;
    Ok(Added { account, known, way: Way::Link { link, client_missing } })
}

// An act ends by one event; the others are rows of the same transaction.
pub(super) async fn all(mut act: Act, events: Vec<Event>) -> Result<(), ActError> {
    let mut events = events.into_iter();
    let first = events.next();
    events.for_each(|event| act.also(event));
    if let Some(first) = first {
        act.commit(first).await?;
    }
    Ok(())
}
