//! OAuth clients. One is current; older ones stay while grants belong to them.

use postern_core::model::change::Change;
use postern_core::model::id::ClientId;
use postern_core::model::secret::Secret;
use uuid::Uuid;

use super::act::Act;
use super::error::StoreError;
use super::sql::{Source, Write, execute, fetch_one, statements};
use super::{keys, outbox};
use crate::clock::Micros;
use crate::seal::Place;

statements! {
    // Locks a row that is always there: two processes that each set a client would else both see
    // the other's as not yet there, and both clients would stay current.
    ALONE = "UPDATE meta SET value = value WHERE name = 'schema_min'";
    CURRENT = "SELECT id, client_id, secret_sealed, fault FROM clients WHERE current = $1";
    BY_ID = "SELECT id, client_id, secret_sealed, fault FROM clients WHERE id = $1";
    BY_CLIENT_ID = "SELECT id, client_id, secret_sealed, fault FROM clients WHERE client_id = $1";
    SET_AT = "SELECT set_at FROM clients WHERE id = $1";
    RETIRE = "UPDATE clients SET current = $1 WHERE current = $2";
    INSERT = "INSERT INTO clients (id, client_id, secret_sealed, current, set_at) VALUES ($1, $2, $3, $4, $5)";
    UPDATE = "UPDATE clients SET secret_sealed = $2, current = $3, fault = NULL, set_at = $4 WHERE id = $1";
    REFUSED = "UPDATE clients SET fault = $2 WHERE id = $1 AND fault IS NULL";
    FAULT = "UPDATE clients SET fault = $2 WHERE id = $1";
}

/// An OAuth client.
#[derive(Debug, Clone)]
pub struct Client {
    /// Row identity, to which grants point.
    pub id: ClientId,
    /// Google's client id.
    pub client_id: String,
    /// Its secret.
    pub secret: Secret,
    /// Google's code when it last refused this client.
    pub fault: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    client_id: String,
    secret_sealed: Vec<u8>,
    fault: Option<String>,
}

pub(super) fn place(id: Uuid) -> Place {
    Place::row("clients", "secret_sealed", id)
}

fn open(store: &super::Store, row: Row) -> Result<Client, StoreError> {
    let secret = store.ring().open(&place(row.id), &row.secret_sealed)?;
    Ok(Client { id: ClientId(row.id), client_id: row.client_id, secret, fault: row.fault })
}

/// The client that new consents use.
///
/// # Errors
/// When the database does not answer or the secret does not open.
pub async fn current(store: &super::Store, on: &mut impl Source) -> Result<Option<Client>, StoreError> {
    fetch_one!(on, Row, CURRENT, true)?.map(|row| open(store, row)).transpose()
}

/// The client of that identity.
///
/// # Errors
/// When the database does not answer or the secret does not open.
pub async fn by_id(
    store: &super::Store,
    on: &mut impl Source,
    id: ClientId,
) -> Result<Option<Client>, StoreError> {
    fetch_one!(on, Row, BY_ID, id.0)?.map(|row| open(store, row)).transpose()
}

/// The identity of a client that was set at some time.
///
/// # Errors
/// When the database does not answer.
pub async fn known(on: &mut impl Source, client_id: &str) -> Result<Option<ClientId>, StoreError> {
    Ok(fetch_one!(on, Row, BY_CLIENT_ID, client_id)?.map(|row| ClientId(row.id)))
}

/// When this client got its secret.
///
/// # Errors
/// When the database does not answer.
pub async fn set_at(on: &mut impl Source, id: ClientId) -> Result<Option<Micros>, StoreError> {
    Ok(fetch_one!(on, (Micros,), SET_AT, id.0)?.map(|(at,)| at))
}

/// Makes this the current client; a known id only gets its new secret.
///
/// # Errors
/// When the database does not answer.
pub async fn set(act: &mut Act, client_id: &str, secret: &Secret) -> Result<ClientId, StoreError> {
    let store = act.store();
    let now = store.clock().now();
    execute!(act, ALONE)?;
    execute!(act, RETIRE, false, true)?;
    let known = fetch_one!(act, Row, BY_CLIENT_ID, client_id)?;
    let id = match known {
        Some(row) => {
            let sealed = keys::seal(act, &store, &place(row.id), secret).await?;
            execute!(act, UPDATE, row.id, &sealed, true, now)?;
            row.id
        }
        None => {
            let id = store.dice().id(store.clock())?;
            let sealed = keys::seal(act, &store, &place(id), secret).await?;
            execute!(act, INSERT, id, client_id, &sealed, true, now)?;
            id
        }
    };
    act.tell(Change::Client);
    Ok(ClientId(id))
}

/// Notes Google's code for a refused client, or that it works again. Admins
/// are to be told of the change to refused.
///
/// # Errors
/// When the database does not answer.
pub async fn fault(on: &mut impl Write, id: ClientId, code: Option<&str>) -> Result<(), StoreError> {
    // Of many that are refused at once only one finds it working.
    if let Some(code) = code
        && execute!(on, REFUSED, id.0, code)? == 1
    {
        return outbox::client_refused(on, id, code).await;
    }
    execute!(on, FAULT, id.0, code)?;
    Ok(())
}
