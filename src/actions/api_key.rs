//! Keys of the REST API: make, list, revoke.

use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, ApiKeyId};
use postern_core::model::secret::Secret;
use postern_core::model::token::compose_key;
use serde::Serialize;

use super::By;
use crate::auth::hash;
use crate::clock::written;
use crate::dice::NoRandomness;
use crate::store::accounts;
use crate::store::api_keys::{self, ApiKey, Reach, Terms};
use crate::store::{Act, Store, StoreError, Write};

/// Requests in a minute that a key may make unless something else is said.
pub const PER_MINUTE: u32 = 600;

/// Most domains and most mailboxes that a key names.
const MOST: usize = 100;

/// Why nothing was done about a key.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyFault {
    /// A name that no table could show.
    #[error("a key's name has 1 to 32 letters, digits and . _ - @")]
    Name,
    /// A key that may do nothing.
    #[error("say what the key may do by --scope")]
    NoScope,
    /// Not the address of a mailbox here.
    #[error("{0:?} is no mailbox that is registered here")]
    NoMailbox(String),
    /// Not a domain.
    #[error("{0:?} is not a domain such as example.com")]
    NotADomain(String),
    /// More mailboxes than a list of them makes sense for.
    #[error("a key is limited to at most {MOST} domains and {MOST} mailboxes; make it one of whole domains")]
    TooMany,
    /// No such mailbox.
    #[error("there is no mailbox {0}")]
    NoAccount(AccountId),
    /// A limit that shuts the key out, or none.
    #[error("the rate is between 1 and 100000 requests a minute")]
    Rate,
    /// No such key.
    #[error("there is no key {0}; `postern api-key list` shows every key")]
    NoKey(ApiKeyId),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness for a key.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// A key, to be shown once.
#[derive(Debug, Clone)]
pub struct Made {
    /// Identity, for `api-key revoke`.
    pub id: ApiKeyId,
    /// The secret; it is stored nowhere.
    pub key: Secret,
    /// The secret by which it signs; it is stored sealed.
    pub hmac: Option<Secret>,
}

/// What a key reaches by these words: the ones with an `@` are mailboxes.
///
/// # Errors
/// When one of those is not registered.
pub async fn reach(store: &Store, words: impl Iterator<Item = &str>) -> Result<Reach, ApiKeyFault> {
    let (mut read, mut reach) = (store.read().await?, Reach::default());
    for word in words {
        if !word.contains('@') {
            reach.domains.push(word.to_owned());
            continue;
        }
        let nobody = || ApiKeyFault::NoMailbox(word.to_owned());
        let address = Address::parse(word).map_err(|_| nobody())?;
        let account = accounts::by_address(&mut read, &address).await?.ok_or_else(nobody)?;
        reach.accounts.push(account.id);
    }
    Ok(reach)
}

/// Makes a key.
///
/// # Errors
/// When its terms make no sense.
pub async fn create(store: &Store, by: &By, terms: &Terms) -> Result<Made, ApiKeyFault> {
    let terms = checked(terms)?;
    let mut act = by.open(store).await?;
    for id in &terms.reach.accounts {
        accounts::by_id(&mut act, *id).await?.ok_or(ApiKeyFault::NoAccount(*id))?;
    }
    let key = compose_key(&act.store().dice().bytes::<32>()?);
    let id = api_keys::insert(&mut act, &hash::of(key.reveal()), &terms).await?;
    let hmac = if terms.signs { Some(signing_secret(&mut act, id).await?) } else { None };
    let Terms { name, scopes, signs, reach: Reach { domains, accounts }, .. } = terms;
    let scopes = scopes.to_string();
    act.commit(Event::ApiKeyCreated { key: id, name, scopes, domains, accounts, signs }).await?;
    Ok(Made { id, key, hmac })
}

async fn signing_secret(act: &mut Act, id: ApiKeyId) -> Result<Secret, ApiKeyFault> {
    let secret = Secret::new(format!("phs_{}", act.store().dice().word()?));
    api_keys::set_secret(act, id, &secret).await?;
    Ok(secret)
}

/// Revokes a key: its next request is refused. False when it was so before.
///
/// # Errors
/// When there is no such key.
pub async fn revoke(store: &Store, by: &By, id: ApiKeyId) -> Result<bool, ApiKeyFault> {
    let mut act = by.open(store).await?;
    let key = api_keys::by_id(&mut act, id).await?.ok_or(ApiKeyFault::NoKey(id))?;
    if !api_keys::revoke(&mut act, id).await? {
        return Ok(false);
    }
    act.commit(Event::ApiKeyRevoked { key: id, name: key.terms.name }).await?;
    Ok(true)
}

/// A key as people look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// Identity.
    pub id: ApiKeyId,
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: String,
    /// Domains it is limited to.
    pub domains: Vec<String>,
    /// Mailboxes it is limited to, beside those of its domains.
    pub accounts: Vec<AccountId>,
    /// Whether it may sign requests.
    pub signs: bool,
    /// Requests in a minute.
    pub per_minute: u32,
    /// Made.
    pub created_at: String,
    /// Revoked.
    pub revoked_at: Option<String>,
    /// Last request.
    pub used_at: Option<String>,
}

/// All keys, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(store: &Store) -> Result<Vec<View>, StoreError> {
    Ok(api_keys::all(&mut store.read().await?).await?.into_iter().map(view).collect())
}

fn view(key: ApiKey) -> View {
    View {
        id: key.id,
        name: key.terms.name,
        scopes: key.terms.scopes.to_string(),
        domains: key.terms.reach.domains,
        accounts: key.terms.reach.accounts,
        signs: key.terms.signs,
        per_minute: key.terms.per_minute,
        created_at: written(key.created_at),
        revoked_at: key.revoked_at.map(written),
        used_at: key.used_at.map(written),
    }
}

// The name stands in the journal and in the log.
fn checked(terms: &Terms) -> Result<Terms, ApiKeyFault> {
    let name = terms.name.trim().to_owned();
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b));
    if !(1..=32).contains(&name.len()) || !plain {
        return Err(ApiKeyFault::Name);
    }
    if terms.scopes.is_empty() {
        return Err(ApiKeyFault::NoScope);
    }
    if !(1..=100_000).contains(&terms.per_minute) {
        return Err(ApiKeyFault::Rate);
    }
    let Reach { domains, mut accounts } = terms.reach.clone();
    let mut domains = domains.iter().map(|domain| folded(domain)).collect::<Result<Vec<_>, _>>()?;
    domains.sort();
    domains.dedup();
    accounts.sort();
    accounts.dedup();
    if domains.len() > MOST || accounts.len() > MOST {
        return Err(ApiKeyFault::TooMany);
    }
    Ok(Terms { name, reach: Reach { domains, accounts }, ..terms.clone() })
}

fn folded(domain: &str) -> Result<String, ApiKeyFault> {
    let domain = domain.trim().to_ascii_lowercase();
    let plain = domain.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    if plain && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.') {
        Ok(domain)
    } else {
        Err(ApiKeyFault::NotADomain(domain))
    }
}
