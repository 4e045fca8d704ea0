//! One's own second factor: offered, confirmed by a first code, renewed,
//! switched off.
//!
//! The secret is stored when it is shown, and asked for only once a code of it
//! was entered: whoever closes the page in between is not locked out.

use postern_core::model::event::Event;
use postern_core::model::secret::Secret;

use crate::actions::By;
use crate::auth::hash;
use crate::auth::totp::{self as codes, Typed};
use crate::dice::NoRandomness;
use crate::store::admins::Admin;
use crate::store::{Act, Store, StoreError, totp};

/// Why nothing was done about a second factor.
#[derive(Debug, thiserror::Error)]
pub enum SecondFault {
    /// One is in use already.
    #[error("codes are asked already")]
    On,
    /// None is in use, or none was offered.
    #[error("no codes are set up")]
    Off,
    /// This is no code of the secret.
    #[error("the code is wrong")]
    Wrong,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness for secrets.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Makes a new secret, which is not in use yet.
///
/// # Errors
/// [`SecondFault::On`] when one is in use.
pub async fn offer(store: &Store, by: &By, admin: &Admin) -> Result<Secret, SecondFault> {
    let secret = codes::secret(store.dice())?;
    let mut act = by.open(store).await?;
    if !totp::offer(&mut act, admin.id, &secret).await? {
        return Err(SecondFault::On);
    }
    act.commit(Event::AdminTotpOffered { admin: admin.name.clone() }).await?;
    Ok(secret)
}

/// The secret that was offered and not confirmed yet.
///
/// # Errors
/// When there is none.
pub async fn offered(store: &Store, admin: &Admin) -> Result<Secret, SecondFault> {
    if admin.totp_at.is_some() {
        return Err(SecondFault::On);
    }
    totp::secret(store, &mut store.read().await?, admin.id).await?.ok_or(SecondFault::Off)
}

/// Takes the offered secret into use when this is a code of it. Returns the
/// recovery codes, which are shown once.
///
/// # Errors
/// When no secret was offered or the code is wrong; the offer stands then.
pub async fn confirm(
    store: &Store,
    by: &By,
    admin: &Admin,
    typed: &Secret,
) -> Result<Vec<Secret>, SecondFault> {
    let mut act = by.open(store).await?;
    let secret = totp::secret(store, &mut act, admin.id).await?.ok_or(SecondFault::Off)?;
    let Typed::Code(number) = Typed::read(typed) else { return Err(SecondFault::Wrong) };
    let step = codes::step(&secret, number, store.clock().seconds()).ok_or(SecondFault::Wrong)?;
    if !totp::confirm(&mut act, admin.id).await? {
        return Err(SecondFault::On);
    }
    // The code that confirms opens nothing any more.
    totp::take_step(&mut act, admin.id, step).await?;
    let made = make(&mut act, store, admin).await?;
    act.also(Event::AdminCodesMade { admin: admin.name.clone() });
    act.commit(Event::AdminTotpOn { admin: admin.name.clone() }).await?;
    Ok(made)
}

/// Makes new recovery codes, which are shown once; earlier ones are void.
///
/// # Errors
/// [`SecondFault::Off`] when no codes are asked.
pub async fn renew(store: &Store, by: &By, admin: &Admin) -> Result<Vec<Secret>, SecondFault> {
    if admin.totp_at.is_none() {
        return Err(SecondFault::Off);
    }
    let mut act = by.open(store).await?;
    let made = make(&mut act, store, admin).await?;
    act.commit(Event::AdminCodesMade { admin: admin.name.clone() }).await?;
    Ok(made)
}

/// Asks for codes no longer; false when none were asked.
///
/// # Errors
/// When the database does not answer.
pub async fn off(store: &Store, by: &By, admin: &Admin) -> Result<bool, SecondFault> {
    let mut act = by.open(store).await?;
    if !totp::off(&mut act, admin.id).await? {
        return Ok(false);
    }
    act.commit(Event::AdminTotpOff { admin: admin.name.clone() }).await?;
    Ok(true)
}

/// How many recovery codes somebody has left, and whether everybody must enter
/// codes.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(store: &Store, admin: &Admin) -> Result<(i64, bool), StoreError> {
    let mut read = store.read().await?;
    Ok((totp::left(&mut read, admin.id).await?, totp::mandatory(&mut read).await?))
}

async fn make(act: &mut Act, store: &Store, admin: &Admin) -> Result<Vec<Secret>, SecondFault> {
    let made = codes::recovery(store.dice())?;
    let hashes: Vec<[u8; 32]> = made.iter().map(|code| hash::of(code.reveal())).collect();
    totp::set_codes(act, admin.id, &hashes).await?;
    Ok(made.iter().map(|code| codes::grouped(code, "-")).collect())
}
