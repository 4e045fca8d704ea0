//! What can go wrong in the store, as kinds.

use postern_core::model::refusal::{Blame, Retry};

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not answer, is locked, or its disk is full.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A row with this identity exists already.
    #[error("{0} exists already")]
    Conflict(String),
    /// The database refuses a row for what it holds.
    #[error("the database refuses a row: {0}")]
    Refused(String),
    /// A row is not what the code believes; somebody else wrote to the database.
    #[error("table {table} holds a row that makes no sense: {what}")]
    Inconsistent {
        /// Table.
        table: &'static str,
        /// Which row and why, without content.
        what: String,
    },
    /// A newer Postern wrote this database.
    #[error(
        "this database needs a Postern that knows schema {needed}; this one knows {known}: install the newer version"
    )]
    TooNew {
        /// Oldest schema a binary must know.
        needed: i64,
        /// Newest schema of this binary.
        known: i64,
    },
    /// Migrations are missing and this command does not run them.
    #[error("the database lacks {0} migration(s); run `postern migrate` first")]
    NotMigrated(usize),
    /// The key ring cannot seal or link.
    #[error("{0}")]
    Seal(String),
    /// This node's key file lacks a key that others use already.
    #[error("{0}")]
    KeyMissing(String),
    /// Another process holds the lease or has taken it over.
    #[error("the lease was lost to another process")]
    LeaseLost,
}

impl StoreError {
    /// A row that makes no sense.
    pub fn inconsistent(table: &'static str, what: impl std::fmt::Display) -> Self {
        Self::Inconsistent { table, what: what.to_string() }
    }

    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Conflict(_) => Blame::Client,
            Self::Unavailable(_)
            | Self::Refused(_)
            | Self::Inconsistent { .. }
            | Self::TooNew { .. }
            | Self::NotMigrated(_)
            | Self::Seal(_)
            | Self::KeyMissing(_)
            | Self::LeaseLost => Blame::Gateway,
        }
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Unavailable(_) | Self::KeyMissing(_) | Self::LeaseLost => Retry::Later,
            Self::Conflict(_)
            | Self::Refused(_)
            | Self::Inconsistent { .. }
            | Self::TooNew { .. }
            | Self::NotMigrated(_)
            | Self::Seal(_) => Retry::No,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(db) if db.is_unique_violation() => Self::Conflict(
                db.table().map_or_else(|| "this entry".to_owned(), |t| format!("this entry of {t}")),
            ),
            sqlx::Error::Database(db) if refuses(&**db) => Self::Refused(error.to_string()),
            sqlx::Error::ColumnDecode { index, .. } => Self::inconsistent("?", format!("column {index}")),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

// PostgreSQL: data exceptions (22) and constraints (23). SQLite: too big, constraint, wrong type;
// the low octet is the plain code.
fn refuses(error: &dyn sqlx::error::DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
        return code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 18..=20));
    }
    code.starts_with("22") || code.starts_with("23")
}

impl From<crate::seal::Unsealable> for StoreError {
    fn from(error: crate::seal::Unsealable) -> Self {
        match error {
            crate::seal::Unsealable::Broken => Self::Seal(error.to_string()),
            crate::seal::Unsealable::NoKey(_) => Self::KeyMissing(error.to_string()),
        }
    }
}

impl From<crate::dice::NoRandomness> for StoreError {
    fn from(error: crate::dice::NoRandomness) -> Self {
        Self::Seal(error.to_string())
    }
}
