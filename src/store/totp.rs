//! The second factor of an admin: the secret that codes are made of, the
//! recovery codes, and whether everybody must have one.

use postern_core::model::id::AdminId;
use postern_core::model::secret::Secret;
use uuid::Uuid;

use super::act::Act;
use super::error::StoreError;
use super::open::Store;
use super::sql::{Source, Write, execute, fetch_one, statements};
use super::{keys, meta};
use crate::seal::Place;

statements! {
    OF = "SELECT totp_sealed FROM admins WHERE id = $1";
    OFFER = "UPDATE admins SET totp_sealed = $2, totp_step = NULL WHERE id = $1 AND totp_at IS NULL";
    CONFIRM = "UPDATE admins SET totp_at = $2 \
               WHERE id = $1 AND totp_at IS NULL AND totp_sealed IS NOT NULL";
    STEP = "UPDATE admins SET totp_step = $2 \
            WHERE id = $1 AND totp_sealed IS NOT NULL AND (totp_step IS NULL OR totp_step < $2)";
    OFF = "UPDATE admins SET totp_sealed = NULL, totp_at = NULL, totp_step = NULL \
           WHERE id = $1 AND totp_sealed IS NOT NULL";
    ADD_CODE = "INSERT INTO admin_codes (hash, admin_id) VALUES ($1, $2)";
    USE_CODE = "DELETE FROM admin_codes WHERE hash = $1 AND admin_id = $2";
    LEFT = "SELECT count(*) FROM admin_codes WHERE admin_id = $1";
    DROP_CODES = "DELETE FROM admin_codes WHERE admin_id = $1";
    DEMAND = "INSERT INTO meta (name, value) VALUES ($1, '1') ON CONFLICT (name) DO NOTHING";
    RELAX = "DELETE FROM meta WHERE name = $1";
}

const MANDATORY: &str = "totp_mandatory";

pub(super) fn place(id: Uuid) -> Place {
    Place::row("admins", "totp_sealed", id)
}

/// The secret of an admin, confirmed or not.
///
/// # Errors
/// When the database does not answer or the secret does not open.
pub async fn secret(
    store: &Store,
    on: &mut impl Source,
    admin: AdminId,
) -> Result<Option<Secret>, StoreError> {
    type Row = (Option<Vec<u8>>,);
    let sealed = fetch_one!(on, Row, OF, admin.0)?.and_then(|(sealed,)| sealed);
    sealed.map(|sealed| Ok(store.ring().open(&place(admin.0), &sealed)?)).transpose()
}

/// Stores a secret that is not confirmed yet in place of an earlier one; false
/// when one is in use.
///
/// # Errors
/// When the database does not answer.
pub async fn offer(act: &mut Act, admin: AdminId, secret: &Secret) -> Result<bool, StoreError> {
    let store = act.store();
    let sealed = keys::seal(act, &store, &place(admin.0), secret).await?;
    Ok(execute!(act, OFFER, admin.0, &sealed)? > 0)
}

/// The offered secret is in use from now on; false when none was offered.
///
/// # Errors
/// When the database does not answer.
pub async fn confirm(act: &mut Act, admin: AdminId) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    Ok(execute!(act, CONFIRM, admin.0, now)? > 0)
}

/// Takes the code of a step; false when one of that step or a later one was
/// taken before.
///
/// # Errors
/// When the database does not answer.
pub async fn take_step(act: &mut Act, admin: AdminId, step: i64) -> Result<bool, StoreError> {
    Ok(execute!(act, STEP, admin.0, step)? > 0)
}

/// Forgets the secret and the recovery codes; false when there was no secret.
///
/// # Errors
/// When the database does not answer.
pub async fn off(act: &mut Act, admin: AdminId) -> Result<bool, StoreError> {
    execute!(act, DROP_CODES, admin.0)?;
    Ok(execute!(act, OFF, admin.0)? > 0)
}

/// Stores recovery codes by their hashes; earlier ones are void.
///
/// # Errors
/// When the database does not answer.
pub async fn set_codes(act: &mut Act, admin: AdminId, hashes: &[[u8; 32]]) -> Result<(), StoreError> {
    execute!(act, DROP_CODES, admin.0)?;
    for hash in hashes {
        execute!(act, ADD_CODE, &hash[..], admin.0)?;
    }
    Ok(())
}

/// Uses a recovery code up; false when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn use_code(act: &mut Act, admin: AdminId, hash: &[u8; 32]) -> Result<bool, StoreError> {
    Ok(execute!(act, USE_CODE, &hash[..], admin.0)? > 0)
}

/// How many recovery codes are left.
///
/// # Errors
/// When the database does not answer.
pub async fn left(on: &mut impl Source, admin: AdminId) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), LEFT, admin.0)?.map_or(0, |(count,)| count))
}

/// Whether every admin must enter codes.
///
/// # Errors
/// When the database does not answer.
pub async fn mandatory(on: &mut impl Source) -> Result<bool, StoreError> {
    Ok(meta::get(on, MANDATORY).await?.is_some())
}

/// Makes it so, or not; false when it was so before.
///
/// # Errors
/// When the database does not answer.
pub async fn set_mandatory(act: &mut Act, on: bool) -> Result<bool, StoreError> {
    let changed = if on { execute!(act, DEMAND, MANDATORY)? } else { execute!(act, RELAX, MANDATORY)? };
    Ok(changed > 0)
}
