//! What waits for a person, and what a person has approved.
//!
//! A hold names each operation by what it does to whom. An approval lets exactly
//! those through when the plan is made again; whatever is different by then is
//! held anew. It is spent by the run that has used it.

use std::collections::{BTreeMap, BTreeSet};

use postern_core::model::id::{AccountId, HoldId, SyncedId};
use postern_core::plan::guard::Class;
use serde::{Deserialize, Serialize};

use crate::clock::Micros;
use crate::store::sync::holds::{self, Hold};
use crate::store::{Batch, Store, StoreError};

/// Holds of one calendar or address book that are looked back to.
const REFUSED: i64 = 200;

/// An operation that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Waiting {
    /// What it does to whom.
    pub hash: String,
    /// Its rule.
    pub rule: String,
    /// What it is about.
    pub about: String,
}

impl Waiting {
    /// One that does this.
    pub fn new(fingerprint: &[u8; 32], rule: &str, about: String) -> Self {
        Self { hash: hex(fingerprint), rule: rule.to_owned(), about }
    }
}

/// What people have said about the writes of a calendar or an address book.
#[derive(Debug, Default)]
pub(super) struct Approvals {
    hashes: BTreeSet<String>,
    refused: BTreeSet<String>,
    ids: Vec<HoldId>,
    /// Whether somebody has decided about what a long absence led to.
    pub returned: bool,
}

impl Approvals {
    /// What was decided since the last run; `since` says from when on somebody is back after a long
    /// absence.
    pub async fn of(
        store: &Store,
        synced: impl Into<SyncedId>,
        since: Option<Micros>,
    ) -> Result<Self, StoreError> {
        let (mut approvals, synced) = (Self::default(), synced.into());
        let mut read = store.read().await?;
        for hold in holds::approved(store, &mut read, synced).await? {
            approvals.hashes.extend(hashes(&hold));
            approvals.returned |= hold.class == Class::Returned.name();
            approvals.ids.push(hold.id);
        }
        for hold in holds::refused(store, &mut read, synced, REFUSED).await? {
            approvals.refused.extend(hashes(&hold));
            approvals.returned |=
                hold.class == Class::Returned.name() && since.is_some_and(|at| hold.decided_at >= Some(at));
        }
        // The later word holds.
        approvals.refused.retain(|hash| !approvals.hashes.contains(hash));
        Ok(approvals)
    }

    /// Whether a person has approved the operation as it is.
    pub fn allow(&self, fingerprint: impl FnOnce() -> [u8; 32]) -> bool {
        !self.hashes.is_empty() && self.hashes.contains(&hex(&fingerprint()))
    }

    /// Whether a person has rejected the operation as it is, or nobody has decided
    /// in time: it stays undone until a side shows something else.
    pub fn refuse(&self, fingerprint: impl FnOnce() -> [u8; 32]) -> bool {
        !self.refused.is_empty() && self.refused.contains(&hex(&fingerprint()))
    }

    /// Whether there is anything to be used up.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// They were used.
    pub async fn spend(&mut self, batch: &mut Batch) -> Result<(), StoreError> {
        for id in self.ids.drain(..) {
            holds::spend(batch, id).await?;
        }
        Ok(())
    }
}

/// Shows what waits, and takes back what does not wait any more. How much waits.
pub(super) async fn hold(
    batch: &mut Batch,
    (synced, account): (impl Into<SyncedId>, AccountId),
    held: &BTreeMap<Class, Vec<Waiting>>,
) -> Result<i64, StoreError> {
    let count = |waiting: &Vec<Waiting>| i64::try_from(waiting.len()).unwrap_or(i64::MAX);
    let synced = synced.into();
    for class in Class::ALL {
        match held.get(&class) {
            None => holds::close(batch, synced, class.name()).await?,
            Some(waiting) => {
                let content = serde_json::to_string(waiting).unwrap_or_default();
                holds::open(batch, synced, account, class.name(), count(waiting), &content).await?;
            }
        }
    }
    Ok(held.values().map(count).sum())
}

fn hashes(hold: &Hold) -> impl Iterator<Item = String> {
    let waiting: Vec<Waiting> = serde_json::from_str(&hold.content).unwrap_or_default();
    waiting.into_iter().map(|one| one.hash)
}

fn hex(fingerprint: &[u8; 32]) -> String {
    fingerprint.iter().map(|octet| format!("{octet:02x}")).collect()
}
