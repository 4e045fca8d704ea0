//! Running one statement text on either database.

use sqlx::{PgConnection, SqliteConnection};

/// A connection inside or outside a transaction.
pub enum Db<'c> {
    /// SQLite.
    Sqlite(&'c mut SqliteConnection),
    /// PostgreSQL.
    Postgres(&'c mut PgConnection),
}

/// What a statement can run on: [`super::Read`], [`super::Batch`], [`super::Act`].
pub trait Source: Send {
    /// The connection.
    #[doc(hidden)]
    fn db(&mut self) -> Db<'_>;
}

/// A transaction: [`super::Batch`] or [`super::Act`].
pub trait Write: Source {
    /// The store it writes to.
    fn store(&self) -> super::Store;
}

/// Declares the statements of a file and lists them for the test that
/// prepares each on both databases.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* pub(super) const $name: &str = $text;)*
        pub(super) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

/// Runs a statement and returns the number of rows it changed.
macro_rules! execute {
    ($on:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $crate::store::sql::Source::db($on) {
            $crate::store::sql::Db::Sqlite(c) => {
                sqlx::query($sql)$(.bind($bind))*.execute(c).await.map(|r| r.rows_affected())
            }
            $crate::store::sql::Db::Postgres(c) => {
                sqlx::query($sql)$(.bind($bind))*.execute(c).await.map(|r| r.rows_affected())
            }
        }.map_err($crate::store::StoreError::from)
    };
}

/// Reads at most one row of type `$row`.
macro_rules! fetch_one {
    ($on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $crate::store::sql::Source::db($on) {
            $crate::store::sql::Db::Sqlite(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(c).await
            }
            $crate::store::sql::Db::Postgres(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(c).await
            }
        }.map_err($crate::store::StoreError::from)
    };
}

/// Reads all rows of type `$row`; the statement itself must bound them.
macro_rules! fetch_all {
    ($on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $crate::store::sql::Source::db($on) {
            $crate::store::sql::Db::Sqlite(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(c).await
            }
            $crate::store::sql::Db::Postgres(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(c).await
            }
        }.map_err($crate::store::StoreError::from)
    };
}

pub(super) use {execute, fetch_all, fetch_one, statements};
