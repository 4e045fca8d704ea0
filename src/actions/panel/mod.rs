//! The Gmail panel, from the CRM's server to the frame in its page.
//!
//! The server asks for a ticket ([`invite`]), the frame exchanges it for a
//! bearer ([`enter`]), and a press of Connect opens a window of its own by a
//! second ticket ([`offer`], [`accept`]), which leads into the consent by
//! link. A ticket works once and for [`TICKET`]. The key that asked may be
//! revoked at any moment: what was begun by it ends then.

mod place;

use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::id::PanelId;
use postern_core::model::secret::Secret;

use super::once::{self, Creation, Once};
use super::{ActError, By};
use crate::auth::hash;
use crate::auth::panel::{LIFE, Opened, surroundings};
use crate::clock::{Micros, micros};
use crate::store::accounts::Account;
use crate::store::panels::{self, Terms};
use crate::store::{Act, Store, consents};

pub use place::{Hidden, gmail, visible};

/// Life of a ticket.
pub const TICKET: Duration = Duration::from_secs(60);
/// Time to read the page in the window and to press its button.
const LINK: Duration = Duration::from_secs(600);

/// A ticket, to be told once.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// Identity of the panel.
    pub panel: PanelId,
    /// Whoever has it sees the panel.
    pub word: Secret,
    /// End of life.
    pub expires_at: Micros,
}

/// Makes a ticket that is bound to these terms. `account` is the mailbox that
/// they name.
///
/// # Errors
/// When the database does not answer.
pub async fn invite(
    store: &Store,
    by: &By,
    terms: &Terms,
    account: Option<&Account>,
    once: Option<&Once>,
) -> Result<Creation<Ticket>, ActError> {
    let mut act = by.open(store).await?;
    if let Some(earlier) = once::claim(&mut act, once).await? {
        return Ok(earlier);
    }
    let word = store.dice().word()?;
    let expires_at = store.clock().now() + micros(TICKET);
    let panel = panels::insert(&mut act, terms, &hash::of(&word), expires_at).await?;
    once::keep(&mut act, once, once::CREATED, &panel.to_string()).await?;
    let address = account.map(|account| account.address.clone());
    let (crm_user, record) = (terms.crm_user.clone(), terms.record.clone());
    act.commit(Event::PanelTicketIssued { panel, address, crm_user, record }).await?;
    Ok(Creation::Fresh(Ticket { panel, word: Secret::new(word), expires_at }))
}

/// Exchanges a ticket for a bearer. None when the ticket is unknown, used or
/// over, or when what it was made for is gone.
///
/// # Errors
/// When the database does not answer.
pub async fn enter(store: &Store, ticket: &str, peer: &str) -> Result<Option<Secret>, ActError> {
    let Some(mut act) = exchanging(store, ticket).await? else { return Ok(None) };
    let bearer = store.dice().word()?;
    let until = store.clock().now() + micros(LIFE);
    let found = panels::enter(&mut act, &hash::of(ticket), &hash::of(&bearer), until).await?;
    let Some(panel) = found else { return Ok(None) };
    let Some(opened) = surroundings(&mut act, panel).await? else { return Ok(None) };
    act.authored(author(&opened));
    act.commit(Event::PanelOpened { panel: opened.panel.id, peer: peer.to_owned() }).await?;
    Ok(Some(Secret::new(bearer)))
}

/// Who acts in a panel.
#[must_use]
pub fn author(opened: &Opened) -> Actor {
    let (crm_user, key) = (opened.panel.terms.crm_user.clone(), opened.key.terms.name.clone());
    Actor::Panel { crm_user, key }
}

/// Makes the ticket of the window in which `account` is connected.
///
/// # Errors
/// When an admin has to act first.
pub async fn offer(store: &Store, by: &By, opened: &Opened, account: &Account) -> Result<Secret, ActError> {
    may_consent(account)?;
    let mut act = by.open(store).await?;
    let word = store.dice().word()?;
    let until = store.clock().now() + micros(TICKET);
    panels::offer(&mut act, opened.panel.id, &hash::of(&word), until).await?;
    let (account, address) = (account.id, account.address.clone());
    act.commit(Event::PanelConnectPressed { account, address }).await?;
    Ok(Secret::new(word))
}

/// Exchanges that ticket for the word of a link. None when it is unknown, used
/// or over, or when this CRM user may not connect the mailbox any more.
///
/// # Errors
/// When an admin has to act first.
pub async fn accept(store: &Store, ticket: &str) -> Result<Option<Secret>, ActError> {
    let Some(mut act) = exchanging(store, ticket).await? else { return Ok(None) };
    let Some(panel) = panels::take_offer(&mut act, &hash::of(ticket)).await? else { return Ok(None) };
    let Some(opened) = surroundings(&mut act, panel).await? else { return Ok(None) };
    let Ok(account) = opened.may_connect() else { return Ok(None) };
    may_consent(account)?;
    let word = store.dice().word()?;
    let until = store.clock().now() + micros(LINK);
    consents::add_link(&mut act, account.id, &hash::of(&word), until).await?;
    act.authored(author(&opened));
    act.commit(Event::ConsentLinkIssued { account: account.id, address: account.address.clone() }).await?;
    Ok(Some(Secret::new(word)))
}

// A guess costs no write. The author is known only by the row.
async fn exchanging(store: &Store, ticket: &str) -> Result<Option<Act>, ActError> {
    let now = store.clock().now();
    if !panels::stands(&mut store.read().await?, &hash::of(ticket), now).await? {
        return Ok(None);
    }
    Ok(Some(By::new(Actor::Gateway, store.dice())?.open(store).await?))
}

fn may_consent(account: &Account) -> Result<(), ActError> {
    match account.state {
        State::Disabled => Err(ActError::Disabled(account.address.clone())),
        State::AwaitingApproval => Err(ActError::AwaitingApproval(account.address.clone())),
        State::New | State::Active | State::NeedsConsent | State::NeedsSignIn => Ok(()),
    }
}
