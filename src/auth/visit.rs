//! Who is behind a request to the pages.
//!
//! The browser's cookie holds a word of 256 random bits, the store its hash.
//! A session ends after [`IDLE`] without a request and [`LIFE`] after the
//! sign-in; what can do lasting harm wants the password again after [`FRESH`].

use std::time::Duration;

use postern_core::model::id::AccountId;
use postern_core::model::role::Right;

use super::hash;
use crate::clock::{Micros, micros};
use crate::store::admins::{self, Admin};
use crate::store::web_sessions::{self, Holder, WebSession};
use crate::store::{Store, StoreError};

/// Without a request for so long a session is over.
pub const IDLE: Duration = Duration::from_secs(30 * 60);
/// The longest life of a session.
pub const LIFE: Duration = Duration::from_secs(12 * 3_600);
/// For so long a proof of who it is counts as fresh.
pub const FRESH: Duration = Duration::from_secs(10 * 60);
// What was seen is written at most so often.
const BEAT: Duration = Duration::from_secs(60);

/// Whoever is signed in.
#[derive(Debug, Clone)]
pub enum Guest {
    /// Somebody who runs the installation.
    Admin(Admin),
    /// The owner of one mailbox.
    Owner(AccountId),
}

/// A request of somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The session.
    pub session: WebSession,
    /// Who it is, as it stands now.
    pub guest: Guest,
    /// What every form of this session must send along.
    pub token: String,
    now: Micros,
}

impl Visit {
    /// Whether this guest has the right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        match &self.guest {
            Guest::Admin(admin) => admin.role.may(right),
            Guest::Owner(_) => false,
        }
    }

    /// Whether who it is was proven a short while ago.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        (0..micros(FRESH)).contains(&(self.now - self.session.fresh_at))
    }
}

/// The session behind a cookie's word, if it lives and its guest may come in.
///
/// # Errors
/// When the database does not answer.
pub async fn visit(store: &Store, word: &str) -> Result<Option<Visit>, StoreError> {
    let mut read = store.read().await?;
    let Some(session) = web_sessions::by_hash(&mut read, &hash::of(word)).await? else {
        return Ok(None);
    };
    let now = store.clock().now();
    let idle = now - session.seen_at;
    if idle >= micros(IDLE) || now - session.began_at >= micros(LIFE) {
        return Ok(None);
    }
    let guest = match session.holder {
        Holder::Owner(account) => Guest::Owner(account),
        Holder::Admin(id) => match admins::by_id(&mut read, id).await? {
            Some(admin) if admin.disabled_at.is_none() => Guest::Admin(admin),
            _ => return Ok(None),
        },
    };
    drop(read);
    if idle >= micros(BEAT) {
        let mut batch = store.batch().await?;
        web_sessions::seen(&mut batch, session.id, now).await?;
        batch.commit().await?;
    }
    Ok(Some(Visit { session, guest, token: token(word), now }))
}

/// What forms of the session with this word send along: nobody who cannot read
/// our pages knows it, and it does not give the word away.
#[must_use]
pub fn token(word: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash::of(&format!("form {word}")))
}
