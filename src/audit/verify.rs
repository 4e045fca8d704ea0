//! Walking the chains.
//!
//! A chain begins at its first row or at the checkpoint that the retention
//! or the loss of a key left, and ends at its head. A row that was changed, removed, moved or put in
//! breaks the walk, and so does an end that was cut. Who can write to the
//! database can also set a head back to an earlier row: that is found with a
//! head that was kept somewhere else.
//!
//! Rows are appended and pruned while the walk goes on; what is read first is
//! compared with what is read later, so that neither looks like a break.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::seal::chain::START;
use crate::store::audit::{Head, Row, chain, head};
use crate::store::{Store, StoreError, audit_checkpoints};

// A chain that was written anew is told of, not listed row by row.
const TOLD: usize = 50;

/// What a walk found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows that were checked, all chains.
    pub rows: i64,
    /// The ends of the chains, to be kept somewhere else.
    pub heads: Vec<String>,
    /// What does not hold, a sentence each; empty when all is well.
    pub broken: Vec<String>,
    /// What could not be compared, a sentence each.
    pub remarks: Vec<String>,
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

/// Walks all chains; each `known` head from the log must still be on its chain.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(store: &Store, known: &[Head]) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let chains = audit_checkpoints::chains(&mut store.read().await?).await?;
    for node in &chains {
        let known = known.iter().filter(|head| head.node == *node).collect();
        let walk = Walk { store, node, at: Place::default(), known, wrong: 0, report: &mut report };
        walk.through().await?;
    }
    for head in known.iter().filter(|head| !chains.contains(&head.node)) {
        report.broken.push(format!("chain {}: it is gone", head.node));
    }
    Ok(report)
}

/// The row up to which a chain was walked.
struct Place {
    seq: i64,
    mac: Vec<u8>,
    /// Which of the ring's audit keys made it.
    key: usize,
}

impl Default for Place {
    fn default() -> Self {
        Self { seq: 0, mac: START.to_vec(), key: 0 }
    }
}

struct Walk<'a> {
    store: &'a Store,
    node: &'a str,
    at: Place,
    /// Heads from elsewhere that were not passed yet.
    known: Vec<&'a Head>,
    wrong: usize,
    report: &'a mut Report,
}

impl Walk<'_> {
    async fn through(mut self) -> Result<(), StoreError> {
        self.skip_removed().await?;
        self.meet();
        loop {
            let rows = chain(&mut self.store.read().await?, self.node, self.at.seq).await?;
            let Some(first) = rows.first() else {
                if self.ended().await? {
                    break;
                }
                continue;
            };
            if first.seq != self.at.seq + 1 && self.skip_removed().await? {
                continue;
            }
            for row in rows {
                self.step(row);
            }
        }
        for head in std::mem::take(&mut self.known) {
            self.complain(&format!("the given head at row {} is not on it, its end was cut", head.seq));
        }
        if let more @ 1.. = self.wrong.saturating_sub(TOLD) {
            self.report.broken.push(format!("chain {}: and {more} more", self.node));
        }
        Ok(())
    }

    /// Goes to the checkpoint, if there is one further on.
    async fn skip_removed(&mut self) -> Result<bool, StoreError> {
        let beginning = audit_checkpoints::of(&mut self.store.read().await?, self.node).await?;
        let Some(beginning) = beginning.filter(|beginning| beginning.seq > self.at.seq) else {
            return Ok(false);
        };
        let before = audit_checkpoints::before(&mut self.store.read().await?, &beginning).await?;
        if before > 0 {
            self.report.remarks.push(format!(
                "chain {}: {before} rows up to {} cannot be checked, the key that chained them was lost",
                self.node, beginning.seq
            ));
        }
        if !beginning.holds(self.store) {
            self.complain(&format!("its checkpoint at row {} was forged", beginning.seq));
        }
        let (passed, left) = self.known.drain(..).partition(|head| head.seq < beginning.seq);
        self.known = left;
        for head in passed {
            let passed: &Head = head;
            self.report.remarks.push(format!(
                "chain {}: the given head at row {} cannot be compared, its rows up to {} are removed, or the key to \
                 them is lost",
                self.node, passed.seq, beginning.seq
            ));
        }
        self.at = Place { seq: beginning.seq, mac: beginning.mac, key: self.at.key };
        self.meet();
        Ok(true)
    }

    fn step(&mut self, row: Row) {
        let made_by = self.store.ring().linked_by(&self.at.mac, &row.covered(), &row.mac, self.at.key);
        if row.seq != self.at.seq + 1 {
            self.complain(&format!("row {} is missing", self.at.seq + 1));
        } else if made_by.is_none() {
            self.complain(&format!("row {} was changed, moved or put in", row.seq));
        }
        self.at = Place { seq: row.seq, mac: row.mac, key: made_by.unwrap_or(self.at.key) };
        self.report.rows += 1;
        self.meet();
    }

    fn meet(&mut self) {
        let at = &self.at;
        self.known.retain(|head| head.seq != at.seq || head.mac != at.mac);
    }

    // No row is left. The head is read after the rows: it may be ahead of them, never behind.
    async fn ended(&mut self) -> Result<bool, StoreError> {
        let mut read = self.store.read().await?;
        let Some(head) = head(&mut read, self.node).await? else {
            self.complain("its head is gone");
            return Ok(true);
        };
        if head.seq > self.at.seq {
            let appended = !chain(&mut read, self.node, self.at.seq).await?.is_empty();
            drop(read);
            if appended || self.skip_removed().await? {
                return Ok(false);
            }
            self.complain(&format!("its end was cut at row {}, {} rows are known", self.at.seq, head.seq));
        } else if head.seq < self.at.seq {
            self.complain(&format!("rows stand behind its head at row {}", head.seq));
        } else if head.mac != self.at.mac {
            self.complain(&format!("its head is not the code of row {}", head.seq));
        }
        self.report.heads.push(written(&head));
        Ok(true)
    }

    fn complain(&mut self, what: &str) {
        self.wrong += 1;
        if self.wrong <= TOLD {
            self.report.broken.push(format!("chain {}: {what}", self.node));
        }
    }
}
