//! Looks at people and records once more, before something is done about them or after it was not.

use std::collections::BTreeSet;

use postern_core::plan::contacts::operation::{Operation, Subject, What};

use super::google;
use super::ledger::{Answered, Side, put_card};
use super::run::Run;
use super::stage::Stage;
use crate::google::people::fault::Fault;
use crate::google::people::limits::BATCH;
use crate::store::contacts::links::{self, Link};
use crate::store::contacts::{cards, intents, seen};
use crate::sync::missed::Missed;

impl Run<'_> {
    /// Who is known only by what they are known again is read before they become a record, or one with
    /// a record: what was planned without the rest is planned anew.
    pub(super) async fn whole_first(
        &mut self,
        stage: &Stage,
        all: Vec<Operation>,
    ) -> Result<(Vec<Operation>, BTreeSet<Subject>), Missed> {
        let half = |operation: &Operation| {
            let person = match (&operation.what, &operation.subject) {
                (What::Adopt(adoption), _) => &adoption.person,
                (What::Rename(resource), _) | (What::MakeRecord(..), Subject::Person(resource)) => resource,
                _ => return None,
            };
            (!stage.whole.contains_key(person)).then(|| person.clone())
        };
        let names: Vec<String> = all.iter().filter_map(half).collect();
        self.read_again(&names).await?;
        let (whole, later): (Vec<_>, Vec<_>) = all.into_iter().partition(|of| half(of).is_none());
        Ok((whole, later.into_iter().map(|operation| operation.subject).collect()))
    }

    /// People as they are now; who has no link is planned for again.
    pub(super) async fn read_again(&mut self, names: &[String]) -> Result<(), Missed> {
        for names in names.chunks(self.book.batch.clamp(1, BATCH)) {
            let answers = self.client.get_many(self.book.account, names).await?;
            let kept = async {
                let mut batch = self.ledger().batch().await?;
                for name in names {
                    match answers.get(name) {
                        Some(Ok(person)) => {
                            if let Ok(answered) = google::read(person.clone()) {
                                self.ledger().put(&mut batch, &Side::Person(&answered), None).await?;
                                seen::soil(&mut batch, self.book.id, name).await?;
                            }
                        }
                        Some(Err(Fault::NotFound)) => {
                            self.ledger().put(&mut batch, &Side::NoPerson(name), None).await?;
                        }
                        Some(Err(_)) | None => {}
                    }
                }
                batch.commit().await
            };
            kept.await?;
        }
        Ok(())
    }

    /// Whether a person is in no group of ours: a list may show it as it was before it came there.
    pub(super) async fn has_left(&self, link: &Link) -> Result<bool, Missed> {
        let Some(resource) = &link.resource else { return Ok(true) };
        match self.google().get(resource).await {
            Ok(answered) if self.belongs(&answered.person) => {
                let mut batch = self.ledger().batch().await?;
                self.ledger().put(&mut batch, &Side::Person(&answered), None).await?;
                batch.commit().await?;
                Ok(false)
            }
            Ok(_) => Ok(true),
            Err(Missed::Gone) => {
                self.look_again(link).await?;
                Ok(false)
            }
            Err(other) => Err(other),
        }
    }

    /// Looks at both sides of a link again, for the next plan.
    pub(super) async fn look_again(&self, link: &Link) -> Result<(), Missed> {
        let person: Option<Result<Answered, Missed>> = match &link.resource {
            Some(resource) => Some(self.google().get(resource).await),
            None => None,
        };
        let card = match &link.record {
            Some(record) => Some(self.crm.get(link.entity, record).await),
            None => None,
        };
        let mut batch = self.ledger().batch().await?;
        match (&person, &link.resource) {
            (Some(Ok(answered)), _) => {
                self.ledger().put(&mut batch, &Side::Person(answered), None).await?;
            }
            (Some(Err(Missed::Gone)), Some(resource)) => {
                self.ledger().put(&mut batch, &Side::NoPerson(resource), None).await?;
            }
            (Some(Err(other)), _) => return Err(other.clone()),
            (None, _) => {}
        }
        match (&card, &link.record) {
            (Some(Ok(told)), _) => put_card(&mut batch, told, None).await?,
            (Some(Err(Missed::Gone)), Some(record)) => {
                cards::gone(&mut batch, (link.entity, record), None).await?;
            }
            (Some(Err(Missed::Barred)), _) | (None, _) => {}
            (Some(Err(other)), _) => return Err(other.clone()),
        }
        links::soil(&mut batch, link.id).await?;
        intents::done(&mut batch, link.id).await?;
        Ok(batch.commit().await?)
    }
}
