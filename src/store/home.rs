//! Where an installation is at home: the address of its pages, and the machine of its SQLite file or
//! the PostgreSQL database.
//!
//! A copy of a database that is started somewhere else still holds every grant. Until somebody says
//! that it takes over, it must not write into the calendars and contacts of the original. The first
//! process that serves a database writes its home down; a process that finds another one there, or
//! none since the database was restored, holds its synchronisation.

use super::act::Act;
use super::contacts::books;
use super::dialect::Dialect;
use super::error::StoreError;
use super::meta;
use super::open::Store;
use super::sql::{Source, Write as _, execute, fetch_one, statements};
use super::sync::crm_cursors;

statements! {
    FIRST = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    SET = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    // What is known of both sides may be old: they are read from the beginning.
    CALENDARS = "UPDATE calendars SET cursor_sealed = NULL, covered = 0, full_at = NULL";
    CHANNELS = "DELETE FROM channels";
    // What a process left behind that served the original.
    NODES = "DELETE FROM nodes";
    LEASES = "DELETE FROM leases";
    SESSIONS = "DELETE FROM mail_sessions";
    // What people had opened, or could open, when the backup was made.
    WEB_SESSIONS = "DELETE FROM web_sessions";
    ADMIN_LINKS = "DELETE FROM admin_links";
    SIGN_INS = "DELETE FROM sign_ins";
    CONSENT_LINKS = "DELETE FROM consent_links";
    CONSENT_STATES = "DELETE FROM consent_states";
    PANELS = "DELETE FROM panels";
    // What somebody had said yes to, and what was on its way.
    HOLDS = "DELETE FROM holds WHERE status = 'approved' AND spent_at IS NULL";
    UNDOS = "DELETE FROM undos WHERE state = 'waiting'";
    LETTERS = "DELETE FROM outbox WHERE done_at IS NULL";
    TOKENS = "UPDATE crm_tokens SET revoked_at = $1 WHERE revoked_at IS NULL";
    API_KEYS = "UPDATE api_keys SET revoked_at = $1 WHERE revoked_at IS NULL";
}

const BY_GONE: [&str; 12] = [
    NODES,
    LEASES,
    SESSIONS,
    WEB_SESSIONS,
    ADMIN_LINKS,
    SIGN_INS,
    CONSENT_STATES,
    CONSENT_LINKS,
    PANELS,
    HOLDS,
    UNDOS,
    LETTERS,
];

// Not every role may ask PostgreSQL which server it is.
const MAY_ASK: Dialect = Dialect {
    sqlite: "SELECT 0",
    postgres: "SELECT CASE WHEN has_function_privilege('pg_control_system()', 'execute') THEN 1 ELSE 0 END",
};

const PLACE: Dialect = Dialect {
    sqlite: "SELECT ''",
    postgres: "SELECT system_identifier::text || '/' || current_database()::text FROM pg_control_system()",
};

const HOME: &str = "home";
/// Stands in the place of a home after a restore. No home looks like that.
const NOWHERE: &str = "restored";

/// Where a process is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// The address of its pages.
    pub public_url: String,
    /// The machine, or the PostgreSQL database.
    pub place: String,
}

impl Home {
    fn text(&self) -> String {
        format!("{} {}", self.public_url, self.place)
    }

    fn read(text: &str) -> Option<Self> {
        let (public_url, place) = text.split_once(' ')?;
        Some(Self { public_url: public_url.to_owned(), place: place.to_owned() })
    }
}

/// Whether a process is where its database is at home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is, or nobody has said yet where that is.
    Here,
    /// The database was served from somewhere else.
    Elsewhere {
        /// From where.
        before: Home,
        /// Where this process is.
        now: Home,
    },
    /// The database was restored from a backup.
    Restored,
}

impl Standing {
    /// Whether the synchronisation is held.
    #[must_use]
    pub fn holds(&self) -> bool {
        *self != Self::Here
    }
}

impl Store {
    /// Tells this store where its process is: the address of its pages, and the machine's name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_at(&self, public_url: &str, machine: &str) -> Result<(), StoreError> {
        let place = if self.embedded() {
            machine.to_owned()
        } else {
            let mut read = self.read().await?;
            let (may, text) = (MAY_ASK.on(&read.db()), PLACE.on(&read.db()));
            let may: Option<(i32,)> = fetch_one!(&mut read, (i32,), may)?;
            // One that does not tell which it is, is told from its copies by the pages' address alone.
            match may {
                Some((1,)) => {
                    fetch_one!(&mut read, (String,), text)?.map_or_else(String::new, |(place,)| place)
                }
                Some(_) | None => "postgres".to_owned(),
            }
        };
        let _once = self.0.home.set(Home { public_url: public_url.trim_end_matches('/').to_owned(), place });
        Ok(())
    }

    /// Whether this process is where the database is at home.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standing(&self) -> Result<Standing, StoreError> {
        let Some(now) = self.0.home.get() else { return Ok(Standing::Here) };
        let known = meta::get(&mut self.read().await?, HOME).await?;
        Ok(match known {
            None => Standing::Here,
            Some(text) if text == now.text() => Standing::Here,
            Some(text) => match Home::read(&text) {
                Some(before) => Standing::Elsewhere { before, now: now.clone() },
                None => Standing::Restored,
            },
        })
    }
}

/// Writes down that the database is at home where this process is, unless it is at home somewhere.
///
/// # Errors
/// When the database does not answer.
pub async fn first(store: &Store) -> Result<(), StoreError> {
    let mut batch = store.batch().await?;
    if let Some(home) = store.0.home.get() {
        execute!(&mut batch, FIRST, HOME, home.text())?;
    }
    batch.commit().await
}

/// The database is at home where this process is from now on; both sides are read from the beginning.
///
/// # Errors
/// When the database does not answer.
pub async fn adopt(act: &mut Act) -> Result<(), StoreError> {
    if let Some(home) = act.store().0.home.get() {
        execute!(act, SET, HOME, home.text())?;
    }
    for text in [CALENDARS, CHANNELS] {
        execute!(act, text)?;
    }
    books::anew(act).await?;
    crm_cursors::anew(act).await
}

/// What was revoked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Revoked {
    /// CRM tokens.
    pub tokens: u64,
    /// API keys.
    pub api_keys: u64,
}

/// The database was restored: it is at home nowhere, no process of the original serves it, and nothing
/// goes on that somebody had begun. With `revoke` no CRM token and no API key opens anything any more.
/// Before anything else is done with it, so that a restore that is cut off leaves nothing that works.
///
/// # Errors
/// When the database does not answer.
pub async fn restored(store: &Store, revoke: bool) -> Result<Revoked, StoreError> {
    let (mut batch, now) = (store.batch().await?, store.clock().now());
    execute!(&mut batch, SET, HOME, NOWHERE)?;
    for text in BY_GONE {
        execute!(&mut batch, text)?;
    }
    let mut revoked = Revoked::default();
    if revoke {
        revoked.tokens = execute!(&mut batch, TOKENS, now)?;
        revoked.api_keys = execute!(&mut batch, API_KEYS, now)?;
    }
    batch.commit().await?;
    Ok(revoked)
}
