//! Running one statement text on either database.

use std::future::Future;
use std::time::Duration;

use sqlx::{PgConnection, SqliteConnection};

use super::error::StoreError;

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

/// Waits for an answer, with an end: a connection that went dead says nothing
/// at all.
pub(super) async fn within<T>(
    patience: Duration,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(patience, answer).await {
        Ok(answered) => answered.map_err(StoreError::from),
        Err(_) => Err(StoreError::Unavailable("no answer in time".to_owned())),
    }
}

/// Longer than a statement waits for a lock, so that a lock is told as one.
pub(super) const ANSWER: Duration = Duration::from_secs(10);

/// Runs a statement and returns the number of rows it changed.
macro_rules! execute {
    ($on:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $crate::store::sql::Source::db($on) {
            $crate::store::sql::Db::Sqlite(c) => {
                let answer = sqlx::query($sql)$(.bind($bind))*.execute(c);
                $crate::store::sql::within($crate::store::sql::ANSWER, answer).await.map(|r| r.rows_affected())
            }
            $crate::store::sql::Db::Postgres(c) => {
                let answer = sqlx::query($sql)$(.bind($bind))*.execute(c);
                $crate::store::sql::within($crate::store::sql::ANSWER, answer).await.map(|r| r.rows_affected())
            }
        }
    };
}

/// Reads at most one row of type `$row`.
macro_rules! fetch_one {
    ($on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $crate::store::sql::Source::db($on) {
            $crate::store::sql::Db::Sqlite(c) => {
                let answer = sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(c);
                $crate::store::sql::within($crate::store::sql::ANSWER, answer).await
            }
            $crate::store::sql::Db::Postgres(c) => {
                let answer = sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(c);
                $crate::store::sql::within($crate::store::sql::ANSWER, answer).await
            }
        }
    };
}

/// Reads all rows of type `$row`; the statement itself must bound them.
macro_rules! fetch_all {
    ($on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $crate::store::sql::Source::db($on) {
            $crate::store::sql::Db::Sqlite(c) => {
                let answer = sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(c);
                $crate::store::sql::within($crate::store::sql::ANSWER, answer).await
            }
            $crate::store::sql::Db::Postgres(c) => {
                let answer = sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(c);
                $crate::store::sql::within($crate::store::sql::ANSWER, answer).await
            }
        }
    };
}

pub(super) use {execute, fetch_all, fetch_one, statements};
