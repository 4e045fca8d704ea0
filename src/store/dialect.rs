//! The statements that differ, side by side.

use super::error::StoreError;
use super::sql::{Db, Source, fetch_one};
use crate::clock::Micros;

/// One text per database.
#[derive(Clone, Copy)]
pub(super) struct Dialect {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Dialect {
    pub(super) fn on(self, db: &Db<'_>) -> &'static str {
        match db {
            Db::Sqlite(_) => self.sqlite,
            Db::Postgres(_) => self.postgres,
        }
    }
}

/// The database's own time in microseconds: leases of several machines must
/// agree on one clock.
const NOW: Dialect = Dialect {
    sqlite: "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
    postgres: "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
};

/// Reads [`NOW`].
pub(super) async fn now(on: &mut impl Source) -> Result<Micros, StoreError> {
    let text = NOW.on(&on.db());
    fetch_one!(on, (i64,), text)?
        .map(|(now,)| now)
        .ok_or_else(|| StoreError::Unavailable("the database does not know the time".to_owned()))
}
