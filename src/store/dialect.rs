//! The statements that differ, side by side.

use super::sql::Db;

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
pub(super) const NOW: Dialect = Dialect {
    sqlite: "SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
    postgres: "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
};
