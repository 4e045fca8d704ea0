//! CRM tokens: issue, list, revoke.

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, TokenId};
use postern_core::model::secret::Secret;
use postern_core::model::token::{Protocols, compose};
use serde::Serialize;

use super::account::named;
use super::once::{self, Creation, Once};
use super::{ActError, By};
use crate::auth::hash;
use crate::clock::{Micros, written};
use crate::store::accounts::{self, Account};
use crate::store::crm_tokens::{self, CrmToken};
use crate::store::letters::{self, Issuer};
use crate::store::{Act, Source, Store, StoreError, Write};

/// What a token may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What the admin calls it.
    pub name: String,
    /// Where it may log in.
    pub protocols: Protocols,
    /// End of life.
    pub expires_at: Option<Micros>,
}

/// A token, to be shown once.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Identity, for `token revoke`.
    pub id: TokenId,
    /// Identity of the mailbox.
    pub account: AccountId,
    /// The mailbox it opens.
    pub address: Address,
    /// The secret; it is stored nowhere.
    pub token: Secret,
    /// Where the account stands: a token for a disabled one opens nothing yet.
    pub state: State,
}

/// Issues a token for one mailbox.
///
/// # Errors
/// When there is no such account.
pub async fn issue(store: &Store, by: &By, address: &Address, terms: &Terms) -> Result<Issued, ActError> {
    check(terms)?;
    let mut act = by.open(store).await?;
    let account = named(&mut act, address).await?;
    one(act, by, account, terms, None).await
}

/// The same for a program: what was asked for under one word is issued once.
///
/// # Errors
/// When there is no such account.
pub async fn issue_once(
    store: &Store,
    by: &By,
    address: &Address,
    terms: &Terms,
    once: Option<&Once>,
) -> Result<Creation<Issued>, ActError> {
    check(terms)?;
    let mut act = by.open(store).await?;
    if let Some(earlier) = once::claim(&mut act, once).await? {
        return Ok(earlier);
    }
    let account = named(&mut act, address).await?;
    one(act, by, account, terms, once).await.map(Creation::Fresh)
}

/// Issues a token for every mailbox that is not disabled, each by an act of
/// its own.
///
/// # Errors
/// At the first that fails; the ones before are valid, so `told` hears of each
/// at once.
pub async fn issue_all(
    store: &Store,
    by: &By,
    terms: &Terms,
    mut told: impl FnMut(&Issued),
) -> Result<usize, ActError> {
    check(terms)?;
    let all = accounts::all(&mut store.read().await?).await?;
    let mut count = 0;
    for account in all.into_iter().filter(|account| account.state != State::Disabled) {
        told(&one(by.open(store).await?, by, account, terms, None).await?);
        count += 1;
    }
    Ok(count)
}

fn check(terms: &Terms) -> Result<(), ActError> {
    let printable = !terms.name.chars().any(char::is_control);
    if (1..=80).contains(&terms.name.chars().count()) && printable {
        Ok(())
    } else {
        Err(ActError::TokenName)
    }
}

async fn one(
    mut act: Act,
    by: &By,
    account: Account,
    terms: &Terms,
    once: Option<&Once>,
) -> Result<Issued, ActError> {
    let (issued, event) = draw(&mut act, account, terms).await?;
    once::keep(&mut act, once, once::CREATED, &issued.id.to_string()).await?;
    tell_owner(&mut act, by, issued.account, issued.id).await?;
    act.commit(event).await?;
    Ok(issued)
}

/// A new token, as part of an act that ends with the event.
pub(super) async fn draw(
    act: &mut Act,
    account: Account,
    terms: &Terms,
) -> Result<(Issued, Event), ActError> {
    let token = compose(&act.store().dice().bytes::<32>()?);
    let (protocols, expires_at) = (terms.protocols, terms.expires_at);
    let hash = hash::of(token.reveal());
    let id = crm_tokens::insert(act, account.id, &hash, &terms.name, protocols, expires_at).await?;
    let Account { id: account, address, state, .. } = account;
    let event = Event::TokenIssued { token: id, address: address.clone(), protocols, expires_at };
    Ok((Issued { id, account, address, token, state }, event))
}

/// The owner of a mailbox hears of a token that somebody else issued.
pub(super) async fn tell_owner(
    act: &mut Act,
    by: &By,
    account: AccountId,
    token: TokenId,
) -> Result<(), StoreError> {
    match issuer(&by.actor) {
        Some(issuer) => letters::tell_token(act, account, token, issuer).await,
        None => Ok(()),
    }
}

/// Who issues, where the owner of the mailbox is to hear of it.
fn issuer(actor: &Actor) -> Option<Issuer> {
    match actor {
        Actor::Owner | Actor::OwnerAt(_) => None,
        Actor::Admin { .. } => Some(Issuer::Admin),
        Actor::CommandLine(_) | Actor::Gateway => Some(Issuer::Shell),
        Actor::Panel { .. } => Some(Issuer::Panel),
        Actor::Key { .. } | Actor::Visitor(_) => Some(Issuer::Program),
    }
}

/// What a revocation did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// The mailbox it opened.
    pub address: Address,
    /// What it was called.
    pub name: String,
    /// False when it was revoked before.
    pub changed: bool,
}

/// Revokes a token: it opens nothing in this process any more, and on all nodes
/// within seconds; by then its sessions have ended.
///
/// # Errors
/// When there is no such token.
pub async fn revoke(store: &Store, by: &By, id: TokenId) -> Result<Revoked, ActError> {
    let mut act = by.open(store).await?;
    let token = crm_tokens::by_id(&mut act, id).await?.ok_or(ActError::NoToken(id))?;
    let account = accounts::by_id(&mut act, token.account).await?.ok_or(ActError::NoToken(id))?;
    let (address, name) = (account.address, token.name);
    let changed = crm_tokens::revoke(&mut act, id).await?;
    if changed {
        act.commit(Event::TokenRevoked { token: id, address: address.clone() }).await?;
    }
    Ok(Revoked { address, name, changed })
}

/// Whether a token may log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It may.
    Live,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// A token as people look at it.
#[derive(Debug, Clone, Serialize)]
pub struct View {
    /// Identity.
    pub id: TokenId,
    /// The mailbox it opens.
    pub address: Address,
    /// What it is called.
    pub name: String,
    /// Where it may log in.
    pub protocols: Protocols,
    /// Whether it may log in.
    pub standing: Standing,
    /// Issued.
    pub created_at: String,
    /// End of life.
    pub expires_at: Option<String>,
    /// Revoked.
    pub revoked_at: Option<String>,
}

/// The tokens of one account, or of all, oldest first.
///
/// # Errors
/// When there is no such account.
pub async fn list(store: &Store, address: Option<&Address>) -> Result<Vec<View>, ActError> {
    let mut read = store.read().await?;
    let owners = match address {
        Some(address) => vec![named(&mut read, address).await?],
        None => accounts::all(&mut read).await?,
    };
    let now = store.clock().now();
    let mut out = Vec::new();
    for owner in owners {
        out.extend(of(&mut read, &owner, now).await?);
    }
    Ok(out)
}

async fn of(on: &mut impl Source, owner: &Account, now: Micros) -> Result<Vec<View>, ActError> {
    let tokens = crm_tokens::of(on, owner.id).await?;
    Ok(tokens.into_iter().map(|token| view(token, owner, now)).collect())
}

fn view(token: CrmToken, owner: &Account, now: Micros) -> View {
    let standing = match (token.revoked_at, token.expires_at) {
        (Some(_), _) => Standing::Revoked,
        (None, Some(end)) if end <= now => Standing::Expired,
        (None, _) => Standing::Live,
    };
    View {
        id: token.id,
        address: owner.address.clone(),
        name: token.name,
        protocols: token.protocols,
        standing,
        created_at: written(token.created_at),
        expires_at: token.expires_at.map(written),
        revoked_at: token.revoked_at.map(written),
    }
}
