//! What tests of higher floors need: an embedded database of their own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Opening, Store};
use crate::clock::{Clock, micros};
use crate::dice::Dice;
use crate::seal::Ring;

/// A migrated database in `folder`, with a ring of its own.
pub async fn store(folder: &Path, clock: Clock) -> Store {
    let dice = Dice::default();
    let ring = Arc::new(Ring::create(&folder.join("key"), &dice).unwrap());
    let url = format!("sqlite://{}", folder.join("postern.db").display());
    let store = Store::open(Opening { url, ring, clock, dice, node: "main".into() }).await.unwrap();
    store.migrate().await.unwrap();
    store
}

/// The same database once more, as another process would open it.
pub async fn again(folder: &Path, clock: Clock) -> Store {
    let ring = Arc::new(Ring::load(&folder.join("key"), false).unwrap());
    let url = format!("sqlite://{}", folder.join("postern.db").display());
    Store::open(Opening { url, ring, clock, dice: Dice::default(), node: "other".into() }).await.unwrap()
}

/// The process of the store is at `here`, and its database is at home at `before`.
pub async fn served_elsewhere(store: &Store, here: &str, before: &str) {
    store.is_at(here, "one").await.unwrap();
    let mut batch = store.batch().await.unwrap();
    let home = format!("{before} two");
    super::sql::execute!(&mut batch, "INSERT INTO meta (name, value) VALUES ('home', $1)", home).unwrap();
    batch.commit().await.unwrap();
}

/// Lets the time of every lease run out.
pub async fn end_leases(store: &Store) {
    let mut batch = store.batch().await.unwrap();
    super::sql::execute!(&mut batch, "UPDATE leases SET expires_at = 1").unwrap();
    batch.commit().await.unwrap();
}

/// Lets time pass for everything in the outbox.
pub async fn pass(store: &Store, time: Duration) {
    let mut batch = store.batch().await.unwrap();
    let text = "UPDATE outbox SET at = at - $1, claimed_until = claimed_until - $1, tried_at = tried_at - $1, \
                done_at = done_at - $1";
    super::sql::execute!(&mut batch, text, micros(time)).unwrap();
    batch.commit().await.unwrap();
}

/// How the rows of the outbox ended, `-` for those that wait.
pub async fn outcomes(store: &Store) -> Vec<String> {
    let mut read = store.read().await.unwrap();
    let text = "SELECT coalesce(outcome, '-') FROM outbox ORDER BY audience, at, id";
    let rows: Vec<(String,)> = super::sql::fetch_all!(&mut read, (String,), text).unwrap();
    rows.into_iter().map(|(outcome,)| outcome).collect()
}

/// Lets the file of an embedded database have so many pages at most (never
/// fewer than it has), for the one connection that writes.
pub async fn page_limit(store: &Store, pages: u32) {
    let mut batch = store.batch().await.unwrap();
    let text = format!("PRAGMA max_page_count = {pages}");
    let super::sql::Db::Sqlite(connection) = super::Source::db(&mut batch) else { panic!("not SQLite") };
    sqlx::raw_sql(made(&text)).execute(connection).await.unwrap();
    batch.commit().await.unwrap();
}

/// Writes so many octets.
pub async fn fill(store: &Store, octets: usize) -> Result<(), super::StoreError> {
    let mut batch = store.batch().await?;
    let text = "INSERT INTO meta (name, value) VALUES ('ballast', $1)";
    super::sql::execute!(&mut batch, text, "x".repeat(octets))?;
    batch.commit().await
}

#[expect(clippy::disallowed_methods, reason = "a pragma takes no parameter")]
fn made(text: &str) -> sqlx::AssertSqlSafe<&str> {
    sqlx::AssertSqlSafe(text)
}
