//! What admins do about themselves: password, language, time zone, sessions.

use std::net::IpAddr;

use jiff::tz::TimeZone;
use postern_core::model::event::Event;
use postern_core::model::id::WebSessionId;
use postern_core::model::secret::Secret;

use super::enter::{Attempt, Entrance, EntryFault};
use crate::actions::By;
use crate::auth::password::{HashFault, Unfit, fit};
use crate::auth::visit::{IDLE, LIFE};
use crate::clock::{micros, written};
use crate::store::admins::{self, Admin, Taste};
use crate::store::{Store, StoreError, web_sessions};
use crate::texts::Lang;

/// Why the password stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangeFault {
    /// The old one is wrong, or nothing could be checked.
    #[error(transparent)]
    Entry(#[from] EntryFault),
    /// The new one is not taken.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The new one could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashFault),
}

impl From<StoreError> for ChangeFault {
    fn from(error: StoreError) -> Self {
        Self::Entry(error.into())
    }
}

/// A change of one's own password.
#[derive(Debug)]
pub struct Change {
    /// The session it is made in; the others end.
    pub session: WebSessionId,
    /// The password until now.
    pub old: Secret,
    /// The password from now on.
    pub new: Secret,
    /// The address of the browser.
    pub peer: IpAddr,
}

impl Entrance {
    /// Changes the password and ends the other sessions.
    ///
    /// # Errors
    /// When the old one is wrong or the new one unfit.
    pub async fn change(&self, admin: &Admin, change: Change) -> Result<(), ChangeFault> {
        let Change { session, old, new, peer } = change;
        let attempt = Attempt { name: admin.name.clone(), password: old, peer, agent: String::new() };
        if self.prove(Some(admin), &attempt).await?.is_none() {
            return Err(self.refuse(Some(admin.name.clone()), &attempt).await?.into());
        }
        fit(&new, &admin.name)?;
        let hashed = self.passwords.hash(&new, self.store.dice()).await?;
        let by = self.by(admin, peer).map_err(EntryFault::from)?;
        let mut act = by.open(&self.store).await?;
        // A reset meanwhile stands.
        let now = admins::by_id(&mut act, admin.id).await?;
        if now.and_then(|now| now.password) != admin.password {
            return Err(EntryFault::Over.into());
        }
        admins::set_password(&mut act, admin.id, Some(&hashed)).await?;
        web_sessions::end_of_admin(&mut act, admin.id, Some(session)).await?;
        web_sessions::fresh(&mut act, session).await?;
        act.commit(Event::AdminPasswordChanged { admin: admin.name.clone() }).await?;
        Ok(())
    }
}

/// Notes how somebody wants the pages; false when there is no such language or
/// time zone.
///
/// # Errors
/// When the database does not answer.
pub async fn set_taste(store: &Store, by: &By, admin: &Admin, taste: &Taste) -> Result<bool, StoreError> {
    let spoken = taste.lang.as_deref().is_none_or(|tag| Lang::of_tag(tag).is_some());
    let placed = taste.zone.as_deref().is_none_or(|zone| TimeZone::get(zone).is_ok());
    if !(spoken && placed) {
        return Ok(false);
    }
    let mut act = by.open(store).await?;
    admins::set_taste(&mut act, admin.id, taste).await?;
    let (language, zone) = (taste.lang.clone(), taste.zone.clone());
    act.commit(Event::AdminTasteSet { admin: admin.name.clone(), language, zone }).await?;
    Ok(true)
}

/// A session as its owner looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Identity.
    pub id: WebSessionId,
    /// The address it began from.
    pub peer: String,
    /// What the browser calls itself.
    pub agent: String,
    /// Signed in.
    pub began_at: String,
    /// Last seen.
    pub seen_at: String,
}

/// The sessions of an admin that live, the one seen last first.
///
/// # Errors
/// When the database does not answer.
pub async fn sessions(store: &Store, admin: &Admin) -> Result<Vec<Session>, StoreError> {
    let now = store.clock().now();
    let mut read = store.read().await?;
    let all = web_sessions::of_admin(&mut read, admin.id, now - micros(IDLE), now - micros(LIFE)).await?;
    let view = |session: web_sessions::WebSession| Session {
        id: session.id,
        peer: session.peer,
        agent: session.agent,
        began_at: written(session.began_at),
        seen_at: written(session.seen_at),
    };
    Ok(all.into_iter().map(view).collect())
}

/// Ends one session of this admin; false when there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn end(store: &Store, by: &By, admin: &Admin, id: WebSessionId) -> Result<bool, StoreError> {
    let mut act = by.open(store).await?;
    if !web_sessions::end_own(&mut act, id, admin.id).await? {
        return Ok(false);
    }
    act.commit(Event::AdminSignedOut { admin: admin.name.clone() }).await?;
    Ok(true)
}

/// Ends all sessions of this admin but one; false when there were no others.
///
/// # Errors
/// When the database does not answer.
pub async fn end_others(
    store: &Store,
    by: &By,
    admin: &Admin,
    except: WebSessionId,
) -> Result<bool, StoreError> {
    let mut act = by.open(store).await?;
    if web_sessions::end_of_admin(&mut act, admin.id, Some(except)).await? == 0 {
        return Ok(false);
    }
    act.commit(Event::AdminSignedOut { admin: admin.name.clone() }).await?;
    Ok(true)
}
