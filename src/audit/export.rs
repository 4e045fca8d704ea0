//! Reading the journal for people.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clock::{Micros, written};
use crate::store::audit::{Row, chain, heads, newest, people};
use crate::store::{Store, StoreError};

/// A row with people named again.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// Time as text.
    pub at: String,
    /// Chain.
    pub node: String,
    /// Place in the chain.
    pub seq: i64,
    /// Who.
    pub actor: String,
    /// Name of the event.
    pub event: String,
    /// The event; people by name unless they were erased.
    pub detail: serde_json::Value,
    /// The reference that log and answer share.
    pub request: String,
}

/// The newest rows since `since`, newest first, at most `limit`.
///
/// # Errors
/// When the database does not answer.
pub async fn lines(store: &Store, since: Micros, limit: i64) -> Result<Vec<Line>, StoreError> {
    let mut read = store.read().await?;
    let names = people(&mut read).await?;
    let rows = newest(&mut read, since, limit).await?;
    Ok(rows.into_iter().map(|row| line(row, &names)).collect())
}

/// Hands every row of every chain to `told`, oldest first within its chain,
/// 500 at a time.
///
/// # Errors
/// When the database does not answer, or `told` fails.
pub async fn each(
    store: &Store,
    mut told: impl FnMut(Line) -> Result<(), std::io::Error>,
) -> Result<(), ExportError> {
    let names = people(&mut store.read().await?).await?;
    for head in heads(&mut store.read().await?).await? {
        let mut seq = 0;
        loop {
            let rows = chain(&mut store.read().await?, &head.node, seq).await?;
            let Some(last) = rows.last() else { break };
            seq = last.seq;
            for row in rows {
                told(line(row, &names))?;
            }
        }
    }
    Ok(())
}

/// Why an export ended early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Where the rows go.
    #[error(transparent)]
    Written(#[from] std::io::Error),
}

pub(super) fn line(row: Row, names: &BTreeMap<String, String>) -> Line {
    let mut detail: serde_json::Value = serde_json::from_str(&row.detail).unwrap_or_default();
    if let Some(map) = detail.as_object_mut() {
        map.remove("event");
        for value in map.values_mut() {
            if let Some(name) = value.as_str().and_then(|text| names.get(text)) {
                *value = name.clone().into();
            }
        }
    }
    Line {
        at: written(row.at),
        node: row.node,
        seq: row.seq,
        actor: row.actor,
        event: row.event,
        detail,
        request: row.request,
    }
}
