//! What waits for a person, and what a person has approved.
//!
//! A hold names each operation by what it does to whom. An approval lets exactly
//! those through when the plan is made again; whatever is different by then is
//! held anew. It is spent by the run that has used it.

use std::collections::{BTreeMap, BTreeSet};

use postern_core::model::id::HoldId;
use postern_core::plan::calendar::operation::{Operation, Subject, What};
use postern_core::plan::guard::Class;
use postern_core::plan::link::State;
use serde::{Deserialize, Serialize};

use super::run::Run;
use super::scene::Stage;
use crate::store::sync::links::{self, Link};
use crate::store::sync::{crm_seen, google_seen, holds};
use crate::sync::missed::Missed;

/// An operation that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    /// What it does to whom.
    hash: String,
    /// Its rule.
    rule: String,
    /// What it is about.
    about: String,
}

/// Holds of one calendar that are looked back to.
const REFUSED: i64 = 200;

/// What people have said about the writes of a calendar.
#[derive(Debug, Default)]
pub(super) struct Approvals {
    hashes: BTreeSet<String>,
    refused: BTreeSet<String>,
    ids: Vec<HoldId>,
    /// Whether somebody has decided about what a long absence led to.
    pub returned: bool,
}

impl Approvals {
    /// Whether a person has approved the operation as it is.
    pub fn allow(&self, operation: &Operation) -> bool {
        !self.hashes.is_empty() && self.hashes.contains(&hash(operation))
    }

    /// Whether a person has rejected the operation as it is, or nobody has decided
    /// in time: it stays undone until a side shows something else.
    pub fn refuse(&self, operation: &Operation) -> bool {
        !self.refused.is_empty() && self.refused.contains(&hash(operation))
    }

    /// They were used.
    pub async fn spend(&mut self, run: &Run<'_>) -> Result<(), Missed> {
        if self.ids.is_empty() {
            return Ok(());
        }
        let mut batch = run.ledger().batch().await?;
        for id in self.ids.drain(..) {
            holds::spend(&mut batch, id).await?;
        }
        Ok(batch.commit().await?)
    }
}

impl Run<'_> {
    /// What was approved since the last run.
    pub(super) async fn approvals(&self) -> Result<Approvals, Missed> {
        let mut approvals = Approvals::default();
        let mut read = self.store.read().await?;
        for hold in holds::approved(self.store, &mut read, self.calendar.id).await? {
            let waiting: Vec<Waiting> = serde_json::from_str(&hold.content).unwrap_or_default();
            approvals.hashes.extend(waiting.into_iter().map(|one| one.hash));
            approvals.returned |= hold.class == Class::Returned.name();
            approvals.ids.push(hold.id);
        }
        for hold in holds::refused(self.store, &mut read, self.calendar.id, REFUSED).await? {
            let waiting: Vec<Waiting> = serde_json::from_str(&hold.content).unwrap_or_default();
            approvals.refused.extend(waiting.into_iter().map(|one| one.hash));
            let since = self.calendar.returned_at;
            approvals.returned |=
                hold.class == Class::Returned.name() && since.is_some_and(|at| hold.decided_at >= Some(at));
        }
        // The later word holds.
        approvals.refused.retain(|hash| !approvals.hashes.contains(hash));
        Ok(approvals)
    }

    /// What a person has rejected is not asked again: its pairs stay as they are until somebody
    /// has them synchronised again, and what was to be made is looked at again when it changes.
    pub(super) async fn freeze(&self, stage: &Stage, refused: &[Operation]) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        for operation in refused {
            match &operation.subject {
                Subject::Link(id) => {
                    let copy = stage.copied(*id).and_then(|copied| copied.link.as_ref());
                    if let Some(link) = stage.links.iter().find(|link| link.id.0 == *id).or(copy) {
                        links::put(&mut batch, &rejected(link, &operation.what)).await?;
                    }
                }
                Subject::Event(event) => {
                    if let Some(row) = stage.google.iter().find(|row| row.event == *event) {
                        google_seen::clean(&mut batch, self.calendar.id, row).await?;
                    }
                }
                Subject::Entry(entity, record) => {
                    let of = |row: &&crm_seen::Seen| row.entity == entity.name() && row.record == *record;
                    if let Some(row) = stage.crm.iter().find(of) {
                        crm_seen::clean(&mut batch, row).await?;
                    }
                }
            }
        }
        Ok(batch.commit().await?)
    }

    /// Takes back what waited, if anything did: a word about it would freeze what comes later.
    pub(super) async fn nothing_waits(&mut self) -> Result<(), Missed> {
        if holds::waits(&mut self.store.read().await?, self.calendar.id).await? {
            self.hold(&BTreeMap::new()).await?;
        }
        Ok(())
    }

    /// Shows what waits, and takes back what does not wait any more.
    pub(super) async fn hold(&mut self, held: &BTreeMap<Class, Vec<Operation>>) -> Result<(), Missed> {
        let count = |operations: &Vec<Operation>| i64::try_from(operations.len()).unwrap_or(i64::MAX);
        self.counts.held = held.values().map(count).sum();
        let mut batch = self.ledger().batch().await?;
        for class in Class::ALL {
            match held.get(&class) {
                None => holds::close(&mut batch, self.calendar.id, class.name()).await?,
                Some(operations) => {
                    let waiting: Vec<_> = operations.iter().map(waiting).collect();
                    let content = serde_json::to_string(&waiting).unwrap_or_default();
                    let (calendar, account) = (self.calendar.id, self.account);
                    holds::open(&mut batch, calendar, account, class.name(), count(operations), &content)
                        .await?;
                }
            }
        }
        Ok(batch.commit().await?)
    }
}

// Whoever is not to be invited is not for now; everything else of the pair goes on.
fn rejected(link: &Link, what: &What) -> Link {
    let mut link = link.clone();
    match what {
        What::Invite(invitation) => link.people.took.clone_from(&invitation.took),
        _ => link.state = State::Frozen,
    }
    link
}

fn waiting(operation: &Operation) -> Waiting {
    let about = match &operation.subject {
        Subject::Link(id) => format!("pair {id}"),
        Subject::Event(id) => format!("event {id}"),
        Subject::Entry(entity, id) => format!("{} {id}", entity.name()),
    };
    Waiting { hash: hash(operation), rule: operation.rule.name().to_owned(), about }
}

fn hash(operation: &Operation) -> String {
    operation.fingerprint().iter().map(|octet| format!("{octet:02x}")).collect()
}
