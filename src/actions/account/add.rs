//! Registering a mailbox, and the link that its owner connects it by.

use postern_core::model::event::Event;
use url::Url;

use super::link::{self, Link};
use super::register::{Registered, Registration, register};
use crate::actions::{ActError, By};
use crate::store::accounts::Account;
use crate::store::{Store, clients, service_accounts};

/// What the configuration says about new mailboxes.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// Domains that may connect; empty means all.
    pub allowed_domains: &'a [String],
    /// Where our pages are.
    pub public_url: &'a Url,
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
    let (account, done) = register(&mut act, rules.allowed_domains, wanted).await?;
    let (id, address) = (account.id, account.address.clone());
    let added = Event::AccountAdded { account: id, address: address.clone(), state: account.state };
    let known = done != Registered::New;
    if let Some(served) = service_accounts::serving(store, &mut act, address.domain()).await? {
        if done != Registered::Known {
            act.commit(added).await?;
        }
        return Ok(Added { account, known, way: Way::Served { by: served.email } });
    }
    let client_missing = clients::current(store, &mut act).await?.is_none();
    let link = link::issue(&mut act, id, rules.public_url).await?;
    let issued = Event::ConsentLinkIssued { account: id, address };
    if done == Registered::Known {
        act.commit(issued).await?;
    } else {
        act.also(issued);
        act.commit(added).await?;
    }
    Ok(Added { account, known, way: Way::Link { link, client_missing } })
}
