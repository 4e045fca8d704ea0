//! Looking through the audit rows of all chains, newest first.

use super::audit::Row;
use super::error::StoreError;
use super::pattern::containing;
use super::sql::{Source, fetch_all, statements};
use crate::clock::Micros;

/// Most people whose rows are looked for at once: as many patterns stand in the
/// statement.
pub const MOST_PEOPLE: usize = 8;

statements! {
    // The first comparison lets the index on the time end the walk.
    PAGE = "SELECT node, seq, at, actor, event, detail, request, mac FROM audit \
            WHERE at >= $1 AND at <= $2 AND (at < $2 OR node > $3 OR (node = $3 AND seq < $4)) \
              AND ($5 = '' OR event = $5) AND lower(actor) LIKE $6 ESCAPE '!' \
              AND ($7 = '' OR detail LIKE $7 OR detail LIKE $8 OR detail LIKE $9 OR detail LIKE $10 \
                   OR detail LIKE $11 OR detail LIKE $12 OR detail LIKE $13 OR detail LIKE $14) \
            ORDER BY at DESC, node, seq DESC LIMIT $15";
    NAMED = "SELECT pseudonym FROM audit_people WHERE lower(name) LIKE $1 ESCAPE '!' ORDER BY name LIMIT $2";
}

/// A place in the order of the rows: what follows is older.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Time of the row.
    pub at: Micros,
    /// Its chain.
    pub node: String,
    /// Its place there.
    pub seq: i64,
}

impl Cursor {
    /// Before the newest row up to `until`.
    #[must_use]
    pub fn newest(until: Micros) -> Self {
        Self { at: until, node: String::new(), seq: 0 }
    }

    /// Behind this row.
    #[must_use]
    pub fn behind(row: &Row) -> Self {
        Self { at: row.at, node: row.node.clone(), seq: row.seq }
    }
}

/// Which rows are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Not before.
    pub since: Micros,
    /// Name of the event; empty for all.
    pub event: String,
    /// A piece of who did it; empty for all.
    pub actor: String,
    /// Pseudonyms of whom it concerns, at most [`MOST_PEOPLE`]; empty for all.
    pub people: Vec<String>,
}

/// At most `limit` rows behind `place`.
///
/// # Errors
/// When the database does not answer.
pub async fn page(
    on: &mut impl Source,
    wanted: &Wanted,
    place: &Cursor,
    limit: i64,
) -> Result<Vec<Row>, StoreError> {
    let actor = containing(&wanted.actor);
    let [a, b, c, d, e, f, g, h]: [String; MOST_PEOPLE] = std::array::from_fn(|at| {
        wanted.people.get(at).map(|pseudonym| format!("%\"{pseudonym}\"%")).unwrap_or_default()
    });
    let (since, event) = (wanted.since, &wanted.event);
    let Cursor { at, node, seq } = place;
    fetch_all!(on, Row, PAGE, since, at, node, seq, event, &actor, &a, &b, &c, &d, &e, &f, &g, &h, limit)
}

/// Pseudonyms of the people whose name contains the text, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn named(on: &mut impl Source, text: &str, limit: i64) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(on, (String,), NAMED, containing(text), limit)?;
    Ok(rows.into_iter().map(|(pseudonym,)| pseudonym).collect())
}
