//! Service accounts with domain-wide delegation and the domains they serve.

use postern_core::model::change::Change;
use postern_core::model::id::ClientId;
use postern_core::model::secret::Secret;
use uuid::Uuid;

use super::act::Act;
use super::error::StoreError;
use super::sql::{Source, Write, execute, fetch_all, statements};
use super::{keys, outbox};
use crate::seal::Place;

statements! {
    ALL = "SELECT id, email, key_sealed, domains, fault FROM service_accounts ORDER BY email LIMIT 100";
    PUT = "INSERT INTO service_accounts (id, email, key_sealed, domains, set_at) VALUES ($1, $2, $3, $4, $5)";
    REMOVE = "DELETE FROM service_accounts WHERE email = $1";
    REFUSED = "UPDATE service_accounts SET fault = $2 WHERE id = $1 AND fault IS NULL";
    FAULT = "UPDATE service_accounts SET fault = $2 WHERE id = $1";
}

/// A service account.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    /// Row identity.
    pub id: ClientId,
    /// Its own address (`…iam.gserviceaccount.com`).
    pub email: String,
    /// The key file as Google gave it.
    pub key: Secret,
    /// Domains whose mailboxes it opens.
    pub domains: Vec<String>,
    /// Google's code when it was last refused.
    pub fault: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    email: String,
    key_sealed: Vec<u8>,
    domains: String,
    fault: Option<String>,
}

pub(super) fn place(id: Uuid) -> Place {
    Place::row("service_accounts", "key_sealed", id)
}

/// All service accounts.
///
/// # Errors
/// When the database does not answer or a key does not open.
pub async fn all(store: &super::Store, on: &mut impl Source) -> Result<Vec<ServiceAccount>, StoreError> {
    fetch_all!(on, Row, ALL)?
        .into_iter()
        .map(|row| {
            Ok(ServiceAccount {
                id: ClientId(row.id),
                key: store.ring().open(&place(row.id), &row.key_sealed)?,
                email: row.email,
                domains: row.domains.split_ascii_whitespace().map(str::to_owned).collect(),
                fault: row.fault,
            })
        })
        .collect()
}

/// The service account that serves `domain`.
///
/// # Errors
/// See [`all`].
pub async fn serving(
    store: &super::Store,
    on: &mut impl Source,
    domain: &str,
) -> Result<Option<ServiceAccount>, StoreError> {
    Ok(all(store, on).await?.into_iter().find(|s| s.domains.iter().any(|d| d == domain)))
}

/// Stores a service account in place of an earlier one with the same address.
///
/// # Errors
/// When the database does not answer.
pub async fn set(act: &mut Act, email: &str, key: &Secret, domains: &[String]) -> Result<(), StoreError> {
    let store = act.store();
    let id = store.dice().id(store.clock())?;
    let sealed = keys::seal(act, &store, &place(id), key).await?;
    execute!(act, REMOVE, email)?;
    execute!(act, PUT, id, email, &sealed, domains.join(" "), store.clock().now())?;
    act.tell(Change::Client);
    Ok(())
}

/// Notes Google's code for a refused service account, or that it works again. Admins
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
