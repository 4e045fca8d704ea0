//! What of a calendar waits for a person, and what becomes of what a person has rejected.

use std::collections::BTreeMap;

use postern_core::plan::calendar::operation::{Operation, Subject, What};
use postern_core::plan::guard::Class;
use postern_core::plan::link::State;

use super::run::Run;
use super::scene::Stage;
use crate::store::sync::links::{self, Link};
use crate::store::sync::{crm_seen, google_seen, holds};
use crate::sync::approvals::{self, Approvals, Waiting};
use crate::sync::missed::Missed;

impl Run<'_> {
    /// What was approved since the last run.
    pub(super) async fn approvals(&self) -> Result<Approvals, Missed> {
        Ok(Approvals::of(self.store, self.calendar.id, self.calendar.returned_at).await?)
    }

    /// The approvals were used.
    pub(super) async fn spend(&self, approvals: &mut Approvals) -> Result<(), Missed> {
        if approvals.is_empty() {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        approvals.spend(&mut batch).await?;
        Ok(batch.commit().await?)
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
        let waiting = |(class, operations): (&Class, &Vec<Operation>)| {
            (*class, operations.iter().map(waiting).collect())
        };
        let held = held.iter().map(waiting).collect();
        let mut batch = self.ledger().batch().await?;
        self.counts.held = approvals::hold(&mut batch, (self.calendar.id, self.account), &held).await?;
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
    Waiting::new(&operation.fingerprint(), operation.rule.name(), about)
}
