//! What of an address book waits for a person, and what becomes of what a person has rejected.

use std::collections::BTreeMap;

use postern_core::plan::contacts::operation::{Operation, Subject};
use postern_core::plan::guard::Class;
use postern_core::plan::link::State;

use super::run::Run;
use super::stage::Stage;
use crate::store::contacts::{links, seen};
use crate::store::sync::holds;
use crate::sync::approvals::{self, Approvals, Waiting};
use crate::sync::missed::Missed;

impl Run<'_> {
    /// What was approved since the last run.
    pub(super) async fn approvals(&self) -> Result<Approvals, Missed> {
        Ok(Approvals::of(self.store, self.book.id, None).await?)
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

    /// What a person has rejected is not asked again: its links stay as they are until somebody
    /// pushes their records, and who was to be made is looked at again when they change.
    pub(super) async fn freeze(&self, stage: &Stage, refused: &[Operation]) -> Result<(), Missed> {
        if refused.is_empty() {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        for operation in refused {
            match &operation.subject {
                Subject::Link(id) => {
                    if let Some(link) = stage.links.iter().find(|link| link.id.0 == *id) {
                        let mut link = link.clone();
                        link.state = State::Frozen;
                        links::put(&mut batch, &link).await?;
                        links::clean(&mut batch, &link).await?;
                    }
                }
                Subject::Person(resource) => {
                    if let Some(row) = stage.rows.get(resource) {
                        seen::clean(&mut batch, self.book.id, row).await?;
                    }
                }
                Subject::Card(..) | Subject::Group(_) => {}
            }
        }
        Ok(batch.commit().await?)
    }

    /// Takes back what waited, if anything did: a word about it would freeze what comes later.
    pub(super) async fn nothing_waits(&mut self) -> Result<(), Missed> {
        if holds::waits(&mut self.store.read().await?, self.book.id).await? {
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
        self.counts.held = approvals::hold(&mut batch, (self.book.id, self.book.account), &held).await?;
        Ok(batch.commit().await?)
    }
}

fn waiting(operation: &Operation) -> Waiting {
    let about = match &operation.subject {
        Subject::Link(id) => format!("pair {id}"),
        Subject::Person(resource) => resource.clone(),
        Subject::Card(entity, id) => format!("{} {id}", entity.name()),
        Subject::Group(name) => name.clone(),
    };
    Waiting::new(&operation.fingerprint(), operation.rule.name(), about)
}
