//! Facts about the installation itself.

use postern_core::model::secret::Secret;

use super::error::StoreError;
use super::keys;
use super::open::Store;
use super::sql::{Source, Write, execute, fetch_one, statements};
use crate::seal::{Pair, Place};

statements! {
    GET = "SELECT value FROM meta WHERE name = $1";
    SET = "UPDATE meta SET value = $2 WHERE name = $1";
    PUT = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    NOTE = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// The fact that is the identity.
pub const INSTALLATION: &str = "installation";
/// When the last backup was made, in seconds since 1970.
pub const BACKUP: &str = "backup_at";
const KEY_CHECK: &str = "key_check";

/// The value of a fact.
///
/// # Errors
/// When the database does not answer.
pub async fn get(on: &mut impl Source, name: &str) -> Result<Option<String>, StoreError> {
    Ok(fetch_one!(on, (String,), GET, name)?.map(|(value,)| value))
}

/// Notes that a backup was made just now.
///
/// # Errors
/// When the database does not answer.
pub async fn backed_up(store: &Store) -> Result<(), StoreError> {
    let mut batch = store.batch().await?;
    execute!(&mut batch, NOTE, BACKUP, store.clock().seconds().to_string())?;
    batch.commit().await
}

/// Gives an empty database its identity and ties it to the key ring. Returns
/// the identity and whether it is new.
///
/// # Errors
/// When the database does not answer.
pub async fn found(store: &Store) -> Result<(String, bool), StoreError> {
    let mut batch = store.batch().await?;
    if let Some(id) = get(&mut batch, INSTALLATION).await? {
        return Ok((id, false));
    }
    let id = store.dice().id(store.clock())?.to_string();
    let check = keys::seal(&mut batch, store, &place(), &Secret::new(id.clone())).await?;
    if execute!(&mut batch, PUT, INSTALLATION, &id)? == 0 {
        // Another process was first while this one waited for the row.
        let id = get(&mut batch, INSTALLATION).await?;
        return id.map(|id| (id, false)).ok_or_else(|| StoreError::inconsistent("meta", INSTALLATION));
    }
    execute!(&mut batch, PUT, KEY_CHECK, hex(&check))?;
    batch.commit().await?;
    Ok((id, true))
}

/// Whether the database was founded.
///
/// # Errors
/// When the database does not answer.
pub async fn founded(store: &Store) -> Result<bool, StoreError> {
    Ok(get(&mut store.read().await?, INSTALLATION).await?.is_some())
}

/// Ties the identity to the active key.
pub(super) async fn seal_check(on: &mut impl Write) -> Result<(), StoreError> {
    let store = on.store();
    let Some(id) = get(on, INSTALLATION).await? else {
        return Ok(());
    };
    let check = keys::seal(on, &store, &place(), &Secret::new(id)).await?;
    execute!(on, SET, KEY_CHECK, hex(&check))?;
    Ok(())
}

/// The key that ties the identity, as a value begins that it sealed.
pub(super) async fn check_begins(on: &mut impl Source) -> Result<Vec<u8>, StoreError> {
    Ok(get(on, KEY_CHECK).await?.and_then(|text| unhex(&text)).unwrap_or_default())
}

/// Refuses a database whose key is not in the ring.
pub(super) async fn check_key(store: &Store) -> Result<(), StoreError> {
    let mut read = store.read().await?;
    let Some(id) = get(&mut read, INSTALLATION).await? else {
        return Ok(());
    };
    let check = get(&mut read, KEY_CHECK).await?.and_then(|text| unhex(&text)).unwrap_or_default();
    let opened = store.ring().open(&place(), &check);
    let active = keys::active(store, &mut read).await?;
    if opened.is_ok_and(|secret| secret.reveal() == id) {
        // A node that cannot seal would lose what it is given.
        return if store.ring().has(&active) { Ok(()) } else { Err(behind(&active)) };
    }
    Err(StoreError::Seal(
        "the key file does not belong to this database: restore the right one from your backup".to_owned(),
    ))
}

fn behind(active: &Pair) -> StoreError {
    StoreError::Seal(format!(
        "the key file lacks a key that this installation uses now ({}): copy the key file of another node",
        active.names().join(", ")
    ))
}

fn place() -> Place {
    Place::new("meta", "value", KEY_CHECK.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    Some(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |sum, d| sum * 16 + d)).collect())
}
