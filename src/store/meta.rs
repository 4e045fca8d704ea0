//! Facts about the installation itself.

use postern_core::model::secret::Secret;

use super::error::StoreError;
use super::open::Store;
use super::sql::{Source, execute, fetch_one, statements};
use crate::seal::Place;

statements! {
    GET = "SELECT value FROM meta WHERE name = $1";
    PUT = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
}

const INSTALLATION: &str = "installation";
const KEY_CHECK: &str = "key_check";

/// The value of a fact.
///
/// # Errors
/// When the database does not answer.
pub async fn get(on: &mut impl Source, name: &str) -> Result<Option<String>, StoreError> {
    Ok(fetch_one!(on, (String,), GET, name)?.map(|(value,)| value))
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
    let check = store.ring().seal(&place(), &Secret::new(id.clone()))?;
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

/// Refuses a database whose key is not in the ring.
pub(super) async fn check_key(store: &Store) -> Result<(), StoreError> {
    let mut read = store.read().await?;
    let Some(id) = get(&mut read, INSTALLATION).await? else {
        return Ok(());
    };
    let check = get(&mut read, KEY_CHECK).await?.and_then(|text| unhex(&text));
    let opened = check.and_then(|sealed| store.ring().open(&place(), &sealed).ok());
    if opened.is_some_and(|secret| secret.reveal() == id) {
        return Ok(());
    }
    Err(StoreError::Seal(
        "the key file does not belong to this database: restore the right one from your backup".to_owned(),
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
