//! Walking the chains.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::seal::chain::START;
use crate::store::audit::{Head, chain, heads};
use crate::store::{Store, StoreError};

/// What a walk found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Rows that were checked, all chains.
    pub rows: i64,
    /// The ends of the chains, to be kept somewhere else.
    pub heads: Vec<String>,
    /// What does not hold, a sentence each; empty when all is well.
    pub broken: Vec<String>,
}

/// A head as it is logged and given to `audit verify --head`: `node:rows:code`.
#[must_use]
pub fn written(head: &Head) -> String {
    format!("{}:{}:{}", head.node, head.seq, URL_SAFE_NO_PAD.encode(&head.mac))
}

/// A text that is no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a head is written node:rows:code, as the log and `audit verify` show it")]
pub struct NotAHead;

/// Reads what [`written`] wrote.
///
/// # Errors
/// When it is no such text.
pub fn read(text: &str) -> Result<Head, NotAHead> {
    let mut parts = text.trim().splitn(3, ':');
    let (Some(node), Some(seq), Some(mac)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(NotAHead);
    };
    Ok(Head {
        node: node.to_owned(),
        seq: seq.parse().map_err(|_| NotAHead)?,
        mac: URL_SAFE_NO_PAD.decode(mac).map_err(|_| NotAHead)?,
    })
}

/// Walks all chains; a `known` head from the log must still be on its chain.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(store: &Store, known: Option<&Head>) -> Result<Report, StoreError> {
    let mut report = Report { rows: 0, heads: Vec::new(), broken: Vec::new() };
    let all = heads(&mut store.read().await?).await?;
    for head in &all {
        walk(store, head, known.filter(|k| k.node == head.node), &mut report).await?;
        report.heads.push(written(head));
    }
    if let Some(known) = known
        && !all.iter().any(|head| head.node == known.node)
    {
        report.broken.push(format!("chain {}: it is gone", known.node));
    }
    Ok(report)
}

async fn walk(
    store: &Store,
    head: &Head,
    known: Option<&Head>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let (mut seq, mut mac) = (0, START.to_vec());
    let mut met = known.is_none_or(|k| k.seq == 0);
    loop {
        let rows = chain(&mut store.read().await?, &head.node, seq).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            // Rows that were appended after the head was read belong to the next walk.
            if row.seq > head.seq {
                break;
            }
            if row.seq != seq + 1 {
                report.broken.push(format!("chain {}: row {} is missing", head.node, seq + 1));
            } else if !store.ring().links(&mac, &row.covered(), &row.mac) {
                report
                    .broken
                    .push(format!("chain {}: row {} was changed, moved or put in", head.node, row.seq));
            }
            met |= known.is_some_and(|k| k.seq == row.seq && k.mac == row.mac);
            (seq, mac) = (row.seq, row.mac);
            report.rows += 1;
        }
        if seq >= head.seq {
            break;
        }
    }
    if seq != head.seq || mac != head.mac {
        report
            .broken
            .push(format!("chain {}: its end was cut at row {seq}, {} rows are known", head.node, head.seq));
    }
    if !met {
        report.broken.push(format!(
            "chain {}: the given head is not on it, its end was cut and written anew",
            head.node
        ));
    }
    Ok(())
}
