//! The processes that serve on this database, each under its own name.
//!
//! Times are the database's own. A row whose beat is 60 s old belongs to a dead
//! process; so does one from the future, which only a clock set back leaves. Where
//! it is known that the process is gone, two missed beats are enough.

use std::time::Duration;

use super::act::Batch;
use super::dialect;
use super::error::StoreError;
use super::sql::{Source, execute, fetch_all, fetch_one, statements};
use crate::clock::{Micros, micros};

/// A node that was silent for so long is dead: its sessions do not count, and
/// its name can be taken over.
pub const SILENT: Duration = Duration::from_secs(60);

/// So long a node must have been silent of whose end there is other evidence: two beats.
pub const QUIET: Duration = Duration::from_secs(12);

statements! {
    CLAIM = "INSERT INTO nodes (name, incarnation, host, version, schema_known, keys, started_at, beat_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (name) DO UPDATE \
             SET incarnation = excluded.incarnation, host = excluded.host, version = excluded.version, \
             schema_known = excluded.schema_known, keys = excluded.keys, \
             started_at = excluded.started_at, beat_at = excluded.beat_at \
             WHERE nodes.incarnation = excluded.incarnation OR nodes.beat_at <= $8 OR nodes.beat_at >= $9 \
             OR (nodes.incarnation = $10 AND nodes.host = excluded.host AND nodes.beat_at <= $11)";
    BEAT = "UPDATE nodes SET keys = $3, beat_at = $4 WHERE name = $1 AND incarnation = $2";
    LEAVE = "DELETE FROM nodes WHERE name = $1 AND incarnation = $2";
    OF = "SELECT name, incarnation, host, version, schema_known, keys, started_at, beat_at \
          FROM nodes WHERE name = $1";
    ALL = "SELECT name, incarnation, host, version, schema_known, keys, started_at, beat_at \
           FROM nodes ORDER BY name LIMIT 1000";
    PRUNE = "DELETE FROM nodes WHERE beat_at <= $1 OR beat_at >= $2";
}

/// A process as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// `node.name`.
    pub name: String,
    /// Random: tells a process from another one of the same name.
    pub incarnation: String,
    /// The machine's name.
    pub host: String,
    /// Of Postern.
    pub version: String,
    /// The newest schema it knows.
    pub schema_known: i64,
    /// Identities of the keys that it has loaded, as `seal/k1`.
    pub keys: Vec<String>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Who it is.
    pub card: Card,
    /// When it took the name.
    pub started_at: Micros,
    /// Its last sign of life.
    pub beat_at: Micros,
    /// How long ago that was when the row was read.
    pub silent: Duration,
}

impl Node {
    /// Whether it counts as running.
    #[must_use]
    pub fn lives(&self) -> bool {
        self.silent < SILENT
    }
}

/// From whom a name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over<'a> {
    /// From who was silent for a minute.
    Silent,
    /// From this process as well once it has missed two beats: on its machine, which is ours, there is
    /// evidence of its end.
    Dead(&'a str),
    /// From anybody: this process knows by other means that there is no other.
    Anybody,
}

/// How a claim ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The name is this process's.
    Ours,
    /// It belongs to a process that is alive.
    Held(Box<Node>),
}

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    incarnation: String,
    host: String,
    version: String,
    schema_known: i64,
    keys: String,
    started_at: i64,
    beat_at: i64,
}

impl Row {
    fn node(self, now: Micros) -> Node {
        Node {
            card: Card {
                name: self.name,
                incarnation: self.incarnation,
                host: self.host,
                version: self.version,
                schema_known: self.schema_known,
                keys: self.keys.split_whitespace().map(str::to_owned).collect(),
            },
            started_at: self.started_at,
            beat_at: self.beat_at,
            silent: Duration::from_micros(now.saturating_sub(self.beat_at).unsigned_abs()),
        }
    }
}

/// Takes the name unless a process that is alive has it.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(batch: &mut Batch, card: &Card, over: Over<'_>) -> Result<Claim, StoreError> {
    let now = dialect::now(batch).await?;
    let silent = if over == Over::Anybody { 0 } else { micros(SILENT) };
    let dead = if let Over::Dead(incarnation) = over { incarnation } else { "" };
    let taken = execute!(
        batch,
        CLAIM,
        &card.name,
        &card.incarnation,
        &card.host,
        &card.version,
        card.schema_known,
        card.keys.join(" "),
        now,
        now.saturating_sub(silent),
        now.saturating_add(silent),
        dead,
        now.saturating_sub(micros(QUIET))
    )?;
    if taken == 1 {
        return Ok(Claim::Ours);
    }
    let row = fetch_one!(batch, Row, OF, &card.name)?;
    let row = row.ok_or_else(|| StoreError::inconsistent("nodes", &card.name))?;
    Ok(Claim::Held(Box::new(row.node(now))))
}

/// Gives a sign of life; false when the name is not this process's any more.
///
/// # Errors
/// When the database does not answer.
pub async fn beat(batch: &mut Batch, card: &Card) -> Result<bool, StoreError> {
    let now = dialect::now(batch).await?;
    Ok(execute!(batch, BEAT, &card.name, &card.incarnation, card.keys.join(" "), now)? == 1)
}

/// Gives the name up.
///
/// # Errors
/// When the database does not answer.
pub async fn leave(batch: &mut Batch, card: &Card) -> Result<(), StoreError> {
    execute!(batch, LEAVE, &card.name, &card.incarnation)?;
    Ok(())
}

/// All rows by name, also those of dead processes.
///
/// # Errors
/// When the database does not answer.
pub async fn all(on: &mut impl Source) -> Result<Vec<Node>, StoreError> {
    let rows = fetch_all!(on, Row, ALL)?;
    // Asked last: a beat between the two is no beat from the future.
    let now = dialect::now(on).await?;
    Ok(rows.into_iter().map(|row| row.node(now)).collect())
}

/// Forgets processes that have been dead for `age`.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(batch: &mut Batch, age: Duration) -> Result<(), StoreError> {
    let now = dialect::now(batch).await?;
    execute!(batch, PRUNE, now.saturating_sub(micros(age)), now.saturating_add(micros(age)))?;
    Ok(())
}
