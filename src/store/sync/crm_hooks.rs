//! The webhooks that the gateway has made in the CRM, one for each event, and
//! what they sign with.

use postern_core::model::secret::Secret;
use uuid::Uuid;

use crate::seal::Place;
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::keys;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    ALL = "SELECT event, hook_id, url FROM crm_hooks ORDER BY event LIMIT 100";
    SECRET = "SELECT id, secret_sealed FROM crm_hooks WHERE hook_id = $1";
    DROP = "DELETE FROM crm_hooks WHERE event = $1 OR hook_id = $2";
    ADD = "INSERT INTO crm_hooks (id, event, hook_id, url, made_at, secret_sealed) VALUES ($1, $2, $3, $4, $5, $6)";
    GONE = "DELETE FROM crm_hooks WHERE hook_id = $1";
}

/// A webhook without its secret.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Hook {
    /// Kind and event, as in `Meeting.create`.
    pub event: String,
    /// The CRM's identity of it.
    pub hook_id: String,
    /// Where it delivers.
    pub url: String,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    secret_sealed: Vec<u8>,
}

/// Where the secret of a webhook is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("crm_hooks", "secret_sealed", id)
}

/// All of them.
///
/// # Errors
/// When the database does not answer.
pub async fn all(on: &mut impl Source) -> Result<Vec<Hook>, StoreError> {
    fetch_all!(on, Hook, ALL)
}

/// What the webhook of that identity in the CRM signs with.
///
/// # Errors
/// When the database does not answer, or the secret does not open.
pub async fn secret(
    store: &Store,
    on: &mut impl Source,
    hook_id: &str,
) -> Result<Option<Secret>, StoreError> {
    let row: Option<Row> = fetch_one!(on, Row, SECRET, hook_id)?;
    Ok(row.map(|row| store.ring().open(&place(row.id), &row.secret_sealed)).transpose()?)
}

/// Keeps a webhook in the place of an earlier one for the same event.
///
/// # Errors
/// When the database does not answer.
pub async fn put(batch: &mut Batch, hook: &Hook, secret: &Secret) -> Result<(), StoreError> {
    let store = batch.store();
    let (id, now) = (store.dice().id(store.clock())?, store.clock().now());
    let sealed = keys::seal(batch, &store, &place(id), secret).await?;
    execute!(batch, DROP, &hook.event, &hook.hook_id)?;
    execute!(batch, ADD, id, &hook.event, &hook.hook_id, &hook.url, now, &sealed)?;
    Ok(())
}

/// Forgets one that the CRM does not have any more.
///
/// # Errors
/// When the database does not answer.
pub async fn gone(batch: &mut Batch, hook_id: &str) -> Result<(), StoreError> {
    execute!(batch, GONE, hook_id)?;
    Ok(())
}
