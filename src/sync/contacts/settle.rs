//! What an earlier run meant to do and of which nobody knows what came.
//!
//! A change or a deletion is settled by looking. A person who was made is found by its mark, or is
//! proven not to be there: by a full list that began later than Google may hide what was made. A
//! record who was made is looked for among those that we have made since.

use std::time::Duration;

use postern_core::model::id::PairId;
use postern_core::plan::contacts::operation::{Operation, Subject, What};
use postern_core::plan::link::{Base, State};
use postern_core::plan::record::Record;
use postern_core::plan::rule::Rule;

use super::cards::crm_time;
use super::make::MAKE_PERSON;
use super::records::MAKE_RECORD;
use super::run::Run;
use crate::clock::micros;
use crate::crm::contacts::{Told, attributes};
use crate::crm::query::{Filter, Order, Query};
use crate::store::contacts::intents::{self, Intent};
use crate::store::contacts::links::{self, Link};
use crate::store::contacts::seen;
use crate::sync::missed::Missed;
use crate::sync::more::More;
use crate::sync::taking_back::TakingBack;

/// The CRM's clock may be behind ours.
const BEHIND: Duration = Duration::from_secs(120);
/// Records in one answer.
const MADE: usize = 200;

/// What an intent was about.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub(super) struct Meant {
    /// What was to be written.
    #[serde(default)]
    pub record: Record,
    /// What the record of the CRM showed.
    #[serde(default)]
    pub crm: Record,
    /// What the person at Google showed.
    google: Option<Record>,
    /// What would be agreed then.
    agreed: Option<Base>,
    #[serde(default)]
    rule: String,
    /// What was to be taken back.
    pub undo: Option<TakingBack>,
}

impl Meant {
    /// By which rule it was meant.
    pub fn rule(&self) -> Option<Rule> {
        Rule::parse(&self.rule)
    }
}

impl Run<'_> {
    /// Settles what can be settled now. Whether it takes a full list to settle the rest.
    pub(super) async fn settle(&mut self) -> Result<bool, Missed> {
        let mut anew = false;
        for intent in self.open().await? {
            if intent.kind == MAKE_PERSON {
                anew |= self.due(&intent) && !self.listed_since(&intent);
                continue;
            }
            let link = async { links::get(self.store, &mut self.store.read().await?, intent.link).await };
            let Some(link) = link.await? else { continue };
            tracing::info!(link.id = %link.id, kind = intent.kind, "what came of a write is found out");
            let meant: Meant = serde_json::from_str(&intent.body).unwrap_or_default();
            let settled = match (&meant.undo, intent.kind.as_str()) {
                (Some(undo), _) => self.undo_settled(&intent, link, (undo, &meant)).await,
                (None, MAKE_RECORD) => self.record_settled(&intent, link, &meant).await,
                (None, "write-person" | "write-record") => self.write_settled(&intent, link, &meant).await,
                (None, _) => self.look_again(&link).await,
            };
            self.alone(settled)?;
        }
        Ok(anew)
    }

    /// Who is proven not to have been made is made again, or not, as the next plan says.
    pub(super) async fn give_up(&mut self) -> Result<(), Missed> {
        for intent in self.open().await? {
            if intent.kind != MAKE_PERSON || !self.listed_since(&intent) || self.found(&intent).await? {
                continue;
            }
            tracing::info!(link.id = %intent.link, "a person was not made");
            let mut batch = self.ledger().batch().await?;
            // The link stays, and with it the mark: should Google show the person after all, it is known.
            if let Some(mut link) = links::get(self.store, &mut batch, intent.link).await? {
                let meant: Meant = serde_json::from_str(&intent.body).unwrap_or_default();
                if let Some(undo) = meant.undo {
                    // It is tried again as long as somebody wants it.
                    link.state = undo.state;
                } else if meant.rule() == Some(Rule::Pushed) {
                    // Who has pushed it may have given up; if not, their push waits.
                    link.state = State::Detached;
                    link.base = Base::of(meant.record, meant.crm);
                } else {
                    link.base = Base::default();
                }
                links::put(&mut batch, &link).await?;
                links::soil(&mut batch, link.id).await?;
                intents::done(&mut batch, link.id).await?;
            }
            batch.commit().await?;
        }
        Ok(())
    }

    /// What was meant to be done about a link; none when nothing is.
    pub(super) async fn meant(&self, link: PairId) -> Result<Option<Meant>, Missed> {
        let open = self.open().await?;
        let intent = open.into_iter().find(|intent| intent.link == link && intent.kind == MAKE_PERSON);
        Ok(intent.and_then(|intent| serde_json::from_str(&intent.body).ok()))
    }

    pub(super) async fn open(&self) -> Result<Vec<Intent>, Missed> {
        let open = async { intents::open(self.store, &mut self.store.read().await?, self.book.id).await };
        Ok(open.await?)
    }

    fn due(&self, intent: &Intent) -> bool {
        self.store.clock().now() >= intent.created_at + micros(self.delay)
    }

    fn listed_since(&self, intent: &Intent) -> bool {
        let began = self.book.full_began_at;
        self.book.covered && began.is_some_and(|began| began >= intent.created_at + micros(self.delay))
    }

    // The plan takes up whom a list has shown.
    async fn found(&self, intent: &Intent) -> Result<bool, Missed> {
        let all = async {
            let mut read = self.store.read().await?;
            seen::dirty(self.store, &mut read, self.book.id, 50_000).await
        };
        let mark = intent.link.to_string();
        Ok(all.await?.iter().any(|row| row.content.as_deref().is_some_and(|text| text.contains(&mark))))
    }

    // What was written is nobody's edit: where it is shown, it is agreed.
    async fn write_settled(&mut self, intent: &Intent, mut link: Link, meant: &Meant) -> Result<(), Missed> {
        let shown = match (intent.kind.as_str(), &link.resource, &link.record) {
            ("write-person", Some(resource), _) => {
                self.google().get(resource).await.map(|answered| answered.person.record)
            }
            (_, _, Some(record)) => self.crm.get(link.entity, record).await.map(|told| told.card.record),
            _ => Err(Missed::Gone),
        };
        if let (Ok(shown), Some(agreed)) = (shown, &meant.agreed) {
            for (field, _) in meant.record.iter().filter(|(field, value)| shown.get(*field) == Some(*value)) {
                if let (Some(google), Some(crm)) = (agreed.google.get(field), agreed.crm.get(field)) {
                    link.base.google.set(field, google.clone());
                    link.base.crm.set(field, crm.clone());
                }
            }
            let mut batch = self.ledger().batch().await?;
            links::put(&mut batch, &link).await?;
            batch.commit().await?;
        }
        self.look_again(&link).await
    }

    async fn record_settled(&mut self, intent: &Intent, link: Link, meant: &Meant) -> Result<(), Missed> {
        let person = match &link.resource {
            Some(resource) => self.google().get(resource).await,
            None => Err(Missed::Gone),
        };
        let found = self.made_since(intent, &link, meant).await?;
        match (person, &found[..]) {
            (Ok(answered), [told]) => {
                let rule = meant.rule().unwrap_or(Rule::NewFromGoogle);
                let what = What::MakeRecord(link.entity, meant.record.clone());
                let operation = Operation::new(Subject::Link(link.id.0), rule, what);
                // What was edited since is not agreed.
                let shown = meant.google.as_ref().unwrap_or(&answered.person.record);
                self.made_record(link, (shown, told), &operation, More::Edits).await
            }
            (_, [_, _, ..]) => {
                self.forget(&link).await?;
                Err(Missed::Refused("several records may be the one that was made".to_owned()))
            }
            (Ok(_) | Err(Missed::Gone), _) => self.forget(&link).await,
            (Err(other), _) => Err(other),
        }
    }

    // Records that we have made since it was meant, that say what was sent, and that no link has.
    pub(super) async fn made_since(
        &self,
        intent: &Intent,
        link: &Link,
        meant: &Meant,
    ) -> Result<Vec<Told>, Missed> {
        let since = crm_time(intent.created_at - micros(BEHIND));
        let query = Query::new()
            .select(&attributes(link.entity))
            .filter(Filter::equals("createdById", self.me))
            .filter(Filter::at_least("createdAt", &since))
            .order("createdAt", Order::Asc)
            .page(0, MADE)
            .without_total();
        let page = self.crm.client.list(link.entity.name(), &query).await?;
        let mut all = Vec::new();
        for record in page.records {
            let Some(told) = Told::read(link.entity, record) else { continue };
            let name = (link.entity, told.card.id.as_str());
            let taken = async {
                let mut read = self.store.read().await?;
                links::by_record(self.store, &mut read, self.book.id, name).await
            };
            if taken.await?.is_some() || told.card.user.as_deref() != Some(self.crm.sight.user) {
                continue;
            }
            let told = match self.crm.get(link.entity, &told.card.id).await {
                Ok(told) => told,
                Err(Missed::Gone | Missed::Barred) => continue,
                Err(other) => return Err(other),
            };
            let mut sent = meant.record.iter();
            if sent.all(|(field, value)| told.card.record.get(field) == Some(value)) {
                all.push(told);
            }
        }
        Ok(all)
    }
}
