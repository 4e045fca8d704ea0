//! Between password and code: what the browser carries from the first step of
//! a sign-in to the second.
//!
//! Sealed, so that every process of the installation reads it and nobody else
//! makes one; it says only that the password was right a short while ago, and
//! is void once the password changes.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_core::model::id::AdminId;
use postern_core::model::secret::Secret;

use super::hash;
use crate::clock::micros;
use crate::seal::Place;
use crate::store::admins::{self, Admin};
use crate::store::{Store, StoreError, keys};

/// For so long the code may follow the password.
pub const LIFE: Duration = Duration::from_secs(5 * 60);

/// Notes that the password of this admin was right.
///
/// # Errors
/// When the database does not answer or nothing can be sealed.
pub async fn issue(store: &Store, admin: &Admin) -> Result<Secret, StoreError> {
    let end = store.clock().now() + micros(LIFE);
    let text = Secret::new(format!("{} {end} {}", admin.id, mark(admin)));
    let key = keys::active(store, &mut store.read().await?).await?.seal;
    let sealed = store.ring().seal(Some(&key), &place(), &text)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(sealed)))
}

/// Whose password was right, as they stand now; nobody when it is too long ago,
/// when the password has changed or they may not come in any more.
///
/// # Errors
/// When the database does not answer.
pub async fn open(store: &Store, shown: &str) -> Result<Option<Admin>, StoreError> {
    let sealed = URL_SAFE_NO_PAD.decode(shown).unwrap_or_default();
    let Ok(text) = store.ring().open(&place(), &sealed) else { return Ok(None) };
    let mut parts = text.reveal().split(' ');
    let (Some(Ok(id)), Some(Ok(end)), Some(marked)) =
        (parts.next().map(str::parse::<AdminId>), parts.next().map(str::parse::<i64>), parts.next())
    else {
        return Ok(None);
    };
    let left = end - store.clock().now();
    if !(1..=micros(LIFE)).contains(&left) {
        return Ok(None);
    }
    let admin = admins::by_id(&mut store.read().await?, id).await?;
    Ok(admin.filter(|admin| admin.disabled_at.is_none() && mark(admin) == marked))
}

fn mark(admin: &Admin) -> String {
    let stored = admin.password.as_ref().map_or("", Secret::reveal);
    URL_SAFE_NO_PAD.encode(hash::of(stored))
}

fn place() -> Place {
    Place::new("sign_in", "halfway", &[])
}
