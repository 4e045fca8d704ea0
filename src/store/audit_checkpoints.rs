//! Beginnings of chains whose first rows the retention has removed.

use super::error::StoreError;
use super::keys;
use super::open::Store;
use super::sql::{Source, Write, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;
use crate::seal::chain::Beginning;

statements! {
    OF = "SELECT node, seq, mac, at, code FROM audit_checkpoints WHERE node = $1";
    PUT = "INSERT INTO audit_checkpoints (node, seq, mac, at, code) VALUES ($1, $2, $3, $4, $5) \
           ON CONFLICT (node) DO UPDATE \
           SET seq = excluded.seq, mac = excluded.mac, at = excluded.at, code = excluded.code";
    CUT = "DELETE FROM audit WHERE node = $1 AND seq <= $2";
    BEFORE = "SELECT count(*) FROM audit WHERE node = $1 AND seq <= $2";
    ROWS = "SELECT count(*) FROM audit WHERE node = $1";
    CHAINS = "SELECT node FROM audit_heads UNION SELECT node FROM audit UNION SELECT node FROM audit_checkpoints \
              ORDER BY node";
}

/// The last row before a chain begins: the retention has removed it, or the key to it was lost.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Checkpoint {
    /// Chain.
    pub node: String,
    /// Its place.
    pub seq: i64,
    /// Its code.
    pub mac: Vec<u8>,
    /// Its time.
    pub at: Micros,
    /// Code over all of this.
    pub code: Vec<u8>,
}

impl Checkpoint {
    /// Whether the ring made it.
    #[must_use]
    pub fn holds(&self, store: &Store) -> bool {
        self.made_by(store).is_some()
    }

    /// Which of the ring's audit keys made it.
    #[must_use]
    pub fn made_by(&self, store: &Store) -> Option<usize> {
        let beginning = Beginning { node: &self.node, seq: self.seq, mac: &self.mac, at: self.at };
        store.ring().vouched_by(&beginning, &self.code)
    }
}

/// The beginning of a chain; none when it begins with its first row.
///
/// # Errors
/// When the database does not answer.
pub async fn of(on: &mut impl Source, node: &str) -> Result<Option<Checkpoint>, StoreError> {
    fetch_one!(on, Checkpoint, OF, node)
}

/// Removes the rows of a chain up to `beginning` and vouches for that. Returns
/// how many there were.
///
/// # Errors
/// When the database does not answer or the ring cannot vouch.
pub async fn cut(on: &mut impl Write, beginning: &Beginning<'_>) -> Result<u64, StoreError> {
    vouch(on, beginning).await?;
    execute!(on, CUT, beginning.node, beginning.seq)
}

/// Has a chain begin behind a row. Those before it may stay; nobody checks them any more.
///
/// # Errors
/// When the database does not answer or the ring cannot vouch.
pub async fn vouch(on: &mut impl Write, beginning: &Beginning<'_>) -> Result<(), StoreError> {
    let key = keys::chaining(on).await?;
    let code = on.store().ring().vouch(key.as_deref(), beginning)?;
    execute!(on, PUT, beginning.node, beginning.seq, beginning.mac, beginning.at, &code)?;
    Ok(())
}

/// How many rows of a chain are there.
///
/// # Errors
/// When the database does not answer.
pub async fn rows(on: &mut impl Source, node: &str) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), ROWS, node)?.map_or(0, |(count,)| count))
}

/// How many rows of a chain stand before its beginning.
///
/// # Errors
/// When the database does not answer.
pub async fn before(on: &mut impl Source, beginning: &Checkpoint) -> Result<i64, StoreError> {
    Ok(fetch_one!(on, (i64,), BEFORE, &beginning.node, beginning.seq)?.map_or(0, |(count,)| count))
}

/// Every chain of which anything is left.
///
/// # Errors
/// When the database does not answer.
pub async fn chains(on: &mut impl Source) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), CHAINS)?;
    Ok(rows.into_iter().map(|(node,)| node).collect())
}
