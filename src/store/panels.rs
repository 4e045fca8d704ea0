//! The Gmail panel in pages of the CRM. A row begins as a ticket, of which the
//! exchange makes a bearer: each is found by its hash, and a ticket once.

use postern_core::model::id::{AccountId, ApiKeyId, PanelId};
use uuid::Uuid;

use super::act::{Act, Batch};
use super::error::StoreError;
use super::sql::{Source, Write, execute, fetch_one, statements};
use crate::clock::Micros;

statements! {
    INSERT = "INSERT INTO panels (id, key_id, account_id, crm_user, record, host, smtp_host, ticket_hash, \
              expires_at, connect_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)";
    ENTER = "UPDATE panels SET ticket_hash = NULL, bearer_hash = $2, expires_at = $3 \
             WHERE ticket_hash = $1 AND expires_at > $4 \
             RETURNING id, key_id, account_id, crm_user, record, host, smtp_host, expires_at";
    BY_BEARER = "SELECT id, key_id, account_id, crm_user, record, host, smtp_host, expires_at \
                 FROM panels WHERE bearer_hash = $1 AND expires_at > $2";
    STANDS = "SELECT id FROM panels WHERE (ticket_hash = $1 OR connect_hash = $1) AND expires_at > $2";
    OFFER = "UPDATE panels SET connect_hash = $2, connect_until = $3 WHERE id = $1";
    TAKE_OFFER = "UPDATE panels SET connect_hash = NULL \
                  WHERE connect_hash = $1 AND connect_until > $2 AND expires_at > $2 \
                  RETURNING id, key_id, account_id, crm_user, record, host, smtp_host, expires_at";
    PRUNE = "DELETE FROM panels WHERE expires_at < $1";
}

/// What a ticket is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The key that asked.
    pub key: ApiKeyId,
    /// The mailbox; none when it is not registered.
    pub account: Option<AccountId>,
    /// The CRM user at the screen, by the CRM's word.
    pub crm_user: String,
    /// The record that the panel stands in: its type and its identity.
    pub record: String,
    /// Where the record reads mail.
    pub host: String,
    /// Where the record sends mail.
    pub smtp_host: String,
}

/// A panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// Identity.
    pub id: PanelId,
    /// What it is bound to.
    pub terms: Terms,
    /// End of its ticket, then of its bearer.
    pub expires_at: Micros,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    key_id: Uuid,
    account_id: Option<Uuid>,
    crm_user: String,
    record: String,
    host: String,
    smtp_host: String,
    expires_at: i64,
}

impl From<Row> for Panel {
    fn from(row: Row) -> Self {
        Self {
            id: PanelId(row.id),
            terms: Terms {
                key: ApiKeyId(row.key_id),
                account: row.account_id.map(AccountId),
                crm_user: row.crm_user,
                record: row.record,
                host: row.host,
                smtp_host: row.smtp_host,
            },
            expires_at: row.expires_at,
        }
    }
}

/// Stores a ticket by its hash.
///
/// # Errors
/// When the database does not answer.
pub async fn insert(
    act: &mut Act,
    terms: &Terms,
    ticket: &[u8; 32],
    until: Micros,
) -> Result<PanelId, StoreError> {
    let store = act.store();
    let id = store.dice().id(store.clock())?;
    let Terms { key, account, crm_user, record, host, smtp_host } = terms;
    let account = account.map(|account| account.0);
    execute!(act, INSERT, id, key.0, account, crm_user, record, host, smtp_host, &ticket[..], until)?;
    Ok(PanelId(id))
}

/// Whether a ticket of either kind may be worth a write.
///
/// # Errors
/// When the database does not answer.
pub async fn stands(on: &mut impl Source, ticket: &[u8; 32], now: Micros) -> Result<bool, StoreError> {
    Ok(fetch_one!(on, (Uuid,), STANDS, &ticket[..], now)?.is_some())
}

/// Exchanges a live ticket for a bearer: it can be exchanged once.
///
/// # Errors
/// When the database does not answer.
pub async fn enter(
    act: &mut Act,
    ticket: &[u8; 32],
    bearer: &[u8; 32],
    until: Micros,
) -> Result<Option<Panel>, StoreError> {
    let now = act.store().clock().now();
    Ok(fetch_one!(act, Row, ENTER, &ticket[..], &bearer[..], until, now)?.map(Panel::from))
}

/// The panel of a live bearer.
///
/// # Errors
/// When the database does not answer.
pub async fn by_bearer(
    on: &mut impl Source,
    bearer: &[u8; 32],
    now: Micros,
) -> Result<Option<Panel>, StoreError> {
    Ok(fetch_one!(on, Row, BY_BEARER, &bearer[..], now)?.map(Panel::from))
}

/// Stores the ticket of a window that connects the mailbox; an earlier one is
/// void.
///
/// # Errors
/// When the database does not answer.
pub async fn offer(act: &mut Act, id: PanelId, ticket: &[u8; 32], until: Micros) -> Result<(), StoreError> {
    execute!(act, OFFER, id.0, &ticket[..], until)?;
    Ok(())
}

/// Takes such a ticket out: it can be taken once, while the bearer lives.
///
/// # Errors
/// When the database does not answer.
pub async fn take_offer(act: &mut Act, ticket: &[u8; 32]) -> Result<Option<Panel>, StoreError> {
    let now = act.store().clock().now();
    Ok(fetch_one!(act, Row, TAKE_OFFER, &ticket[..], now)?.map(Panel::from))
}

/// Forgets what ended before `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    execute!(batch, PRUNE, before)?;
    Ok(())
}
