//! Which keys seal and chain now: one row for all processes, read in the
//! transaction that uses it, so that a rotation holds everywhere at once.

use postern_core::model::secret::Secret;

use super::act::Act;
use super::error::StoreError;
use super::meta;
use super::open::Store;
use super::sql::{Source, Write, execute, statements};
use crate::seal::{Pair, Place, Sealed};

statements! {
    SET = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    BEGIN = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    END = "DELETE FROM meta WHERE name = $1";
}

const SEAL: &str = "key_seal";
const AUDIT: &str = "key_audit";
const ROTATION: &str = "key_rotation";

/// Seals with the key that is active now.
pub(super) async fn seal(
    on: &mut impl Source,
    store: &Store,
    place: &Place,
    secret: &Secret,
) -> Result<Sealed, StoreError> {
    let id = meta::get(on, SEAL).await?;
    Ok(store.ring().seal(id.as_deref(), place, secret)?)
}

/// Seals many values of one transaction with the key that is active in it.
pub(super) struct Sealer {
    store: Store,
    id: Option<String>,
}

impl Sealer {
    pub(super) async fn new(on: &mut impl Write) -> Result<Self, StoreError> {
        Ok(Self { id: meta::get(on, SEAL).await?, store: on.store() })
    }

    pub(super) fn seal(&self, place: &Place, text: &str) -> Result<Sealed, StoreError> {
        Ok(self.store.ring().seal(self.id.as_deref(), place, &Secret::new(text))?)
    }
}

/// The audit key that is active now; `None` for the ring's first.
pub(super) async fn chaining(on: &mut impl Source) -> Result<Option<String>, StoreError> {
    meta::get(on, AUDIT).await
}

/// The active keys.
///
/// # Errors
/// When the database does not answer.
pub async fn active(store: &Store, on: &mut impl Source) -> Result<Pair, StoreError> {
    let first = store.ring().first().ok_or_else(|| StoreError::Seal("the key ring is empty".to_owned()))?;
    Ok(Pair {
        seal: meta::get(on, SEAL).await?.unwrap_or(first.seal),
        audit: meta::get(on, AUDIT).await?.unwrap_or(first.audit),
    })
}

/// Where a rotation goes that is under way.
///
/// # Errors
/// When the database does not answer.
pub async fn rotation(on: &mut impl Source) -> Result<Option<Pair>, StoreError> {
    let row = meta::get(on, ROTATION).await?;
    row.map(|text| {
        let (seal, audit) = text.split_once(' ').ok_or_else(|| StoreError::inconsistent("meta", ROTATION))?;
        Ok(Pair { seal: seal.to_owned(), audit: audit.to_owned() })
    })
    .transpose()
}

/// Begins a rotation unless one is under way; the one that is.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(on: &mut impl Write, to: &Pair) -> Result<Pair, StoreError> {
    execute!(on, BEGIN, ROTATION, format!("{} {}", to.seal, to.audit))?;
    rotation(on).await?.ok_or_else(|| StoreError::inconsistent("meta", ROTATION))
}

/// Makes these the active keys of all processes.
///
/// # Errors
/// When the database does not answer.
pub async fn activate(act: &mut Act, pair: &Pair) -> Result<(), StoreError> {
    execute!(act, SET, SEAL, &pair.seal)?;
    execute!(act, SET, AUDIT, &pair.audit)?;
    Ok(())
}

/// Ends a rotation: everything is sealed anew.
///
/// # Errors
/// When the database does not answer.
pub async fn end(act: &mut Act) -> Result<(), StoreError> {
    meta::seal_check(act).await?;
    execute!(act, END, ROTATION)?;
    Ok(())
}
