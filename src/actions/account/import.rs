//! Bringing in a refresh token that another program got with the same client.

use postern_core::model::account::Happening;
use postern_core::model::event::Event;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;

use super::prove::{Proven, prove};
use super::register::{Registration, examine, register};
use crate::actions::{ActError, By, Reach};
use crate::store::accounts::{self, Account};
use crate::store::clients::{self, Client};
use crate::store::{Act, Source, Store, access_tokens, consents, grants};

/// What is brought in.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The mailbox.
    pub registration: Registration,
    /// The lasting grant.
    pub refresh_token: Secret,
    /// What it has to open; mail is always wanted.
    pub scopes: ScopeSet,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The account as it stands now.
    pub account: Account,
    /// It was registered before.
    pub known: bool,
    /// What the grant opens.
    pub scopes: ScopeSet,
}

/// Proves the mailbox, then stores the grant.
///
/// # Errors
/// When anything stands in the way; nothing is stored then.
pub async fn import(
    store: &Store,
    by: &By,
    reach: &Reach<'_>,
    allowed_domains: &[String],
    candidate: &Candidate,
) -> Result<Imported, ActError> {
    let client = ready(store, allowed_domains, candidate).await?;
    let wanted = ScopeSet::parse(&format!("{} {}", candidate.scopes, ScopeSet::mail()));
    let address = &candidate.registration.address;
    let proven = prove(reach, store.clock(), &client, address, &candidate.refresh_token, &wanted).await?;
    keep(store, by, allowed_domains, &candidate.registration, &client, proven).await
}

/// Everything that can be refused without asking Google.
pub(super) async fn ready(
    store: &Store,
    allowed_domains: &[String],
    candidate: &Candidate,
) -> Result<Client, ActError> {
    if candidate.refresh_token.is_empty() {
        return Err(ActError::Empty("refresh token"));
    }
    let mut read = store.read().await?;
    examine(&mut read, allowed_domains, &candidate.registration).await?;
    clients::current(store, &mut read).await?.ok_or(ActError::NoClient)
}

async fn keep(
    store: &Store,
    by: &By,
    allowed_domains: &[String],
    registration: &Registration,
    client: &Client,
    proven: Proven,
) -> Result<Imported, ActError> {
    let mut act = by.open(store).await?;
    let (mut account, events) = register(&mut act, allowed_domains, registration, true).await?;
    let known = !events.iter().any(|event| matches!(event, Event::AccountAdded { .. }));
    events.into_iter().for_each(|event| act.also(event));
    if let Some(sub) = &proven.sub {
        pin(&mut act, &account, sub).await?;
        account.sub = Some(sub.clone());
    }
    let id = account.id;
    // The old grant's tokens go first: they may open less, or another person's mailbox.
    access_tokens::forget(&mut act, id).await?;
    grants::replace(&mut act, id, client.id, &proven.scopes, &proven.refresh_token).await?;
    access_tokens::put(&mut act, id, &ScopeSet::mail(), &proven.access).await?;
    consents::use_links(&mut act, id).await?;
    let address = account.address.clone();
    if let Some(state) = account.state.after(Happening::Consented) {
        accounts::set_state(&mut act, id, state).await?;
        let (from, why) = (account.state, "imported");
        act.also(Event::StateChanged { account: id, address: address.clone(), from, to: state, why });
        account.state = state;
    }
    let scopes = proven.scopes;
    act.commit(Event::AccountImported { account: id, address, scopes: scopes.to_string() }).await?;
    Ok(Imported { account, known, scopes })
}

/// Pins Google's identity, or refuses another person's.
async fn pin(act: &mut Act, account: &Account, sub: &str) -> Result<(), ActError> {
    match &account.sub {
        Some(pinned) if pinned == sub => return Ok(()),
        Some(_) => return Err(ActError::OtherPerson(account.address.clone())),
        None => {}
    }
    if let Some(other) = known_person(act, sub).await? {
        return Err(ActError::PersonKnown(other.address));
    }
    accounts::set_sub(act, account.id, sub).await?;
    Ok(())
}

async fn known_person(on: &mut impl Source, sub: &str) -> Result<Option<Account>, ActError> {
    Ok(accounts::by_sub(on, sub).await?)
}
