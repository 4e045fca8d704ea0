//! What admins set while the gateway runs, each with a version: who saw an
//! older one changes nothing.

use postern_core::model::change::Change;

use super::act::Act;
use super::error::StoreError;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;

statements! {
    ALL = "SELECT name, value, version, changed_by, changed_at FROM settings ORDER BY name LIMIT 1000";
    ONE = "SELECT name, value, version, changed_by, changed_at FROM settings WHERE name = $1";
    FIRST = "INSERT INTO settings (name, value, version, changed_by, changed_at) VALUES ($1, $2, 1, $3, $4) \
             ON CONFLICT (name) DO NOTHING";
    NEXT = "UPDATE settings SET value = $2, version = version + 1, changed_by = $3, changed_at = $4 \
            WHERE name = $1 AND version = $5";
}

/// A setting that somebody has changed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Setting {
    /// Its name in the configuration.
    pub name: String,
    /// As a person writes it; none when the default holds again.
    pub value: Option<String>,
    /// How often it was changed.
    pub version: i64,
    /// By whom last.
    pub changed_by: String,
    /// When.
    pub changed_at: Micros,
}

/// All that were ever changed.
///
/// # Errors
/// When the database does not answer.
pub async fn all(on: &mut impl Source) -> Result<Vec<Setting>, StoreError> {
    fetch_all!(on, Setting, ALL)
}

/// One that was changed before.
///
/// # Errors
/// When the database does not answer.
pub async fn one(on: &mut impl Source, name: &str) -> Result<Option<Setting>, StoreError> {
    fetch_one!(on, Setting, ONE, name)
}

/// Sets the value, or takes it away, when the setting still has this version
/// (0 when it was never changed). Every process is told.
///
/// # Errors
/// When the database does not answer.
pub async fn put(
    act: &mut Act,
    name: &str,
    value: Option<&str>,
    version: i64,
    by: &str,
) -> Result<bool, StoreError> {
    let now = act.store().clock().now();
    let rows = match version {
        0 => execute!(act, FIRST, name, value, by, now)?,
        _ => execute!(act, NEXT, name, value, by, now, version)?,
    };
    act.tell(Change::Settings);
    Ok(rows == 1)
}
