//! Consent links (7 days) and started consents (10 minutes), stored as hashes.

use postern_core::model::id::{AccountId, LinkId};
use postern_core::model::secret::Secret;
use uuid::Uuid;

use super::act::{Act, Batch};
use super::error::StoreError;
use super::keys;
use super::sql::{Source, Write, execute, fetch_one, statements};
use crate::clock::Micros;
use crate::seal::Place;

statements! {
    ADD_LINK = "INSERT INTO consent_links (id, account_id, hash, expires_at) VALUES ($1, $2, $3, $4)";
    LINK = "SELECT id, account_id, expires_at, used_at FROM consent_links WHERE hash = $1";
    USE_LINKS = "UPDATE consent_links SET used_at = $2 WHERE account_id = $1 AND used_at IS NULL";
    ADD_STATE = "INSERT INTO consent_states \
                 (hash, account_id, link_id, cookie_hash, verifier_sealed, nonce, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)";
    TAKE_STATE = "DELETE FROM consent_states WHERE hash = $1 \
                  RETURNING account_id, link_id, cookie_hash, verifier_sealed, nonce, expires_at";
    DROP_STATES = "DELETE FROM consent_states WHERE expires_at < $1";
    DROP_LINKS = "DELETE FROM consent_links WHERE expires_at < $1";
}

/// A consent link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Identity.
    pub id: LinkId,
    /// The mailbox to connect.
    pub account: AccountId,
    /// End of life.
    pub expires_at: Micros,
    /// Used; a used link opens nothing.
    pub used_at: Option<Micros>,
}

/// A consent between the button and Google's answer.
#[derive(Debug, Clone)]
pub struct Started {
    /// The mailbox to connect.
    pub account: AccountId,
    /// The link that was used, none when it came from a reference page.
    pub link: Option<LinkId>,
    /// Hash of the cookie that the browser must show.
    pub cookie_hash: Vec<u8>,
    /// PKCE verifier.
    pub verifier: Secret,
    /// Must stand in the id_token.
    pub nonce: String,
    /// End of life.
    pub expires_at: Micros,
}

pub(super) fn place(hash: &[u8]) -> Place {
    Place::new("consent_states", "verifier_sealed", hash)
}

/// Stores a link by its hash.
///
/// # Errors
/// When the database does not answer.
pub async fn add_link(
    act: &mut Act,
    account: AccountId,
    hash: &[u8; 32],
    expires_at: Micros,
) -> Result<LinkId, StoreError> {
    let store = act.store();
    let id = store.dice().id(store.clock())?;
    execute!(act, ADD_LINK, id, account.0, &hash[..], expires_at)?;
    Ok(LinkId(id))
}

/// The link with that hash, live or not.
///
/// # Errors
/// When the database does not answer.
pub async fn link(on: &mut impl Source, hash: &[u8; 32]) -> Result<Option<Link>, StoreError> {
    let row: Option<(Uuid, Uuid, i64, Option<i64>)> =
        fetch_one!(on, (Uuid, Uuid, i64, Option<i64>), LINK, &hash[..])?;
    Ok(row.map(|(id, account, expires_at, used_at)| Link {
        id: LinkId(id),
        account: AccountId(account),
        expires_at,
        used_at,
    }))
}

/// A consent was stored: every open link of the account is used up.
///
/// # Errors
/// When the database does not answer.
pub async fn use_links(act: &mut Act, account: AccountId) -> Result<(), StoreError> {
    let now = act.store().clock().now();
    execute!(act, USE_LINKS, account.0, now)?;
    Ok(())
}

/// Stores a started consent under the hash of its state parameter.
///
/// # Errors
/// When the database does not answer.
pub async fn start(act: &mut Act, hash: &[u8; 32], started: &Started) -> Result<(), StoreError> {
    let store = act.store();
    let sealed = keys::seal(act, &store, &place(hash), &started.verifier).await?;
    execute!(
        act,
        ADD_STATE,
        &hash[..],
        started.account.0,
        started.link.map(|l| l.0),
        &started.cookie_hash,
        &sealed,
        &started.nonce,
        started.expires_at
    )?;
    Ok(())
}

type StateRow = (Uuid, Option<Uuid>, Vec<u8>, Vec<u8>, String, i64);

/// Takes a started consent out: it can be taken once.
///
/// # Errors
/// When the database does not answer or the verifier does not open.
pub async fn take(batch: &mut Batch, hash: &[u8; 32]) -> Result<Option<Started>, StoreError> {
    let row: Option<StateRow> = fetch_one!(batch, StateRow, TAKE_STATE, &hash[..])?;
    let Some((account, link, cookie_hash, sealed, nonce, expires_at)) = row else {
        return Ok(None);
    };
    let verifier = batch.store().ring().open(&place(hash), &sealed)?;
    Ok(Some(Started {
        account: AccountId(account),
        link: link.map(LinkId),
        cookie_hash,
        verifier,
        nonce,
        expires_at,
    }))
}

/// Forgets what ended before `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    execute!(batch, DROP_STATES, before)?;
    execute!(batch, DROP_LINKS, before)?;
    Ok(())
}
