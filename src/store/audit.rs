//! Audit rows. Whoever appends locks the head row of its chain in the same
//! transaction, so that two processes on one chain never fork it.

use std::collections::{BTreeMap, BTreeSet};

use postern_core::model::event::Event;

use super::error::StoreError;
use super::keys;
use super::open::Store;
use super::sql::{Source, execute, fetch_all, fetch_one, statements};
use crate::clock::Micros;
use crate::seal::chain::{Covered, START};

statements! {
    FOUND_HEAD = "INSERT INTO audit_heads (node, seq, mac) VALUES ($1, 0, $2) ON CONFLICT (node) DO NOTHING";
    // The update takes the row's lock on PostgreSQL; SQLite's write lock is held already.
    LOCK_HEAD = "UPDATE audit_heads SET seq = seq WHERE node = $1 RETURNING seq, mac";
    MOVE_HEAD = "UPDATE audit_heads SET seq = $2, mac = $3 WHERE node = $1";
    ADD = "INSERT INTO audit (node, seq, at, actor, event, detail, request, mac) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    KNOWN = "SELECT pseudonym FROM audit_people WHERE name = $1";
    PERSON = "INSERT INTO audit_people (name, pseudonym) VALUES ($1, $2) \
              ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING pseudonym";
    HEADS = "SELECT node, seq, mac FROM audit_heads ORDER BY node";
    HEAD = "SELECT node, seq, mac FROM audit_heads WHERE node = $1";
    CHAIN = "SELECT node, seq, at, actor, event, detail, request, mac FROM audit \
             WHERE node = $1 AND seq > $2 ORDER BY seq LIMIT 500";
    NEWEST = "SELECT node, seq, at, actor, event, detail, request, mac FROM audit \
              WHERE at >= $1 ORDER BY at DESC, node, seq DESC LIMIT $2";
    PEOPLE = "SELECT pseudonym, name FROM audit_people WHERE pseudonym > $1 ORDER BY pseudonym LIMIT 500";
}

/// What is to be recorded.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Microseconds since 1970.
    pub at: Micros,
    /// Who.
    pub actor: &'a str,
    /// The reference that log and answer share.
    pub request: &'a str,
    /// What.
    pub event: &'a Event,
}

/// A row as it stands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// Chain.
    pub node: String,
    /// Place in the chain, from 1.
    pub seq: i64,
    /// Microseconds since 1970.
    pub at: Micros,
    /// Who.
    pub actor: String,
    /// Name of the event.
    pub event: String,
    /// The event as JSON, people as pseudonyms.
    pub detail: String,
    /// Reference.
    pub request: String,
    /// Code over this row and the one before.
    pub mac: Vec<u8>,
}

impl Row {
    /// What the code covers.
    #[must_use]
    pub fn covered(&self) -> Covered<'_> {
        Covered {
            node: &self.node,
            seq: self.seq,
            at: self.at,
            actor: &self.actor,
            event: &self.event,
            detail: &self.detail,
            request: &self.request,
        }
    }
}

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Head {
    /// Chain.
    pub node: String,
    /// Rows in the chain.
    pub seq: i64,
    /// Code of the last row.
    pub mac: Vec<u8>,
}

/// Appends rows to this process's chain.
///
/// # Errors
/// When the database does not answer or the ring cannot link.
pub async fn append(on: &mut impl Source, store: &Store, entries: &[Entry<'_>]) -> Result<(), StoreError> {
    let node = store.node();
    execute!(on, FOUND_HEAD, node, &START[..])?;
    let head: Option<(i64, Vec<u8>)> = fetch_one!(on, (i64, Vec<u8>), LOCK_HEAD, node)?;
    let (mut seq, mut mac) = head.ok_or_else(|| StoreError::inconsistent("audit_heads", node))?;
    // Read behind the head's lock: a chain never goes back to an earlier key.
    let key = keys::chaining(on).await?;
    let names = pseudonyms(on, store, entries).await?;
    for entry in entries {
        seq += 1;
        let detail = entry.event.render(|name| names.get(name).cloned().unwrap_or_default()).to_string();
        let event = entry.event.name();
        let covered = Covered {
            node,
            seq,
            at: entry.at,
            actor: entry.actor,
            event: &event,
            detail: &detail,
            request: entry.request,
        };
        mac = store.ring().link(key.as_deref(), &mac, &covered)?;
        execute!(on, ADD, node, seq, entry.at, entry.actor, &event, &detail, entry.request, &mac)?;
    }
    execute!(on, MOVE_HEAD, node, seq, &mac)?;
    Ok(())
}

async fn pseudonyms(
    on: &mut impl Source,
    store: &Store,
    entries: &[Entry<'_>],
) -> Result<BTreeMap<String, String>, StoreError> {
    // Each name once and in one order everywhere: two nodes that met the same
    // new people in another order would wait for each other's rows.
    let people: BTreeSet<String> = entries.iter().flat_map(|entry| entry.event.people()).collect();
    let mut names = BTreeMap::new();
    for name in people {
        let pseudonym = pseudonym(on, store, &name).await?;
        names.insert(name, pseudonym);
    }
    Ok(names)
}

async fn pseudonym(on: &mut impl Source, store: &Store, name: &str) -> Result<String, StoreError> {
    if let Some((known,)) = fetch_one!(on, (String,), KNOWN, name)? {
        return Ok(known);
    }
    let fresh = format!("p-{}", store.dice().reference()?);
    let row: Option<(String,)> = fetch_one!(on, (String,), PERSON, name, &fresh)?;
    Ok(row.map_or(fresh, |(pseudonym,)| pseudonym))
}

/// The ends of all chains.
///
/// # Errors
/// When the database does not answer.
pub async fn heads(on: &mut impl Source) -> Result<Vec<Head>, StoreError> {
    fetch_all!(on, Head, HEADS)
}

/// The end of one chain.
///
/// # Errors
/// When the database does not answer.
pub async fn head(on: &mut impl Source, node: &str) -> Result<Option<Head>, StoreError> {
    fetch_one!(on, Head, HEAD, node)
}

/// At most 500 rows of a chain after `seq`.
///
/// # Errors
/// When the database does not answer.
pub async fn chain(on: &mut impl Source, node: &str, seq: i64) -> Result<Vec<Row>, StoreError> {
    fetch_all!(on, Row, CHAIN, node, seq)
}

/// The newest rows of all chains since `since`, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn newest(on: &mut impl Source, since: Micros, limit: i64) -> Result<Vec<Row>, StoreError> {
    fetch_all!(on, Row, NEWEST, since, limit)
}

/// The name table: pseudonym to name.
///
/// # Errors
/// When the database does not answer.
pub async fn people(on: &mut impl Source) -> Result<BTreeMap<String, String>, StoreError> {
    let mut all = BTreeMap::new();
    let mut last = String::new();
    loop {
        let page: Vec<(String, String)> = fetch_all!(on, (String, String), PEOPLE, &last)?;
        let Some((end, _)) = page.last() else {
            return Ok(all);
        };
        last.clone_from(end);
        all.extend(page);
    }
}
