//! Who may be whom: the records that are pushed or that a saved filter shows, and the records that
//! people without a link may be. Whatever the user may not see is told as not visible.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use futures_util::stream;
use postern_core::plan::contacts::card::{Card, Entity};
use postern_core::plan::contacts::compose::{Candidate, Is};
use postern_core::plan::contacts::matching::Likeness;
use postern_core::plan::contacts::operation::Subject;
use postern_core::plan::contacts::person::Person;
use postern_core::plan::contacts::words::Words;
use postern_core::plan::link::{Side, State};
use postern_core::plan::record::Record;
use postern_core::plan::seen::Seen;

use super::cards::{AT_ONCE, OVERLAP, SOME};
use super::crm::Crm;
use super::run::Run;
use super::stage::Stage;
use crate::crm::condition::SavedFilter;
use crate::crm::contacts::Told;
use crate::crm::contacts::alike::By;
use crate::crm::contacts::chosen::Chosen;
use crate::crm::people::portions;
use crate::crm::query::Filter;
use crate::store::contacts::{intents, links, pushes, reviews};
use crate::store::sync::{crm_cursors, dead_letters};
use crate::sync::missed::Missed;

/// Addresses, or numbers, that are looked for in one plan; whoever is left is looked for in the next.
const WANTED: usize = 2_000;
/// What a dead letter about the saved filter is about.
const FILTER: &str = "filter";
/// Waiting records among which those are looked for that can be taken up now.
const WAITING: i64 = 2_000;

impl Run<'_> {
    /// Takes up what waits to be pushed, one batch at a time. Whose person nobody knows yet waits on.
    pub(super) async fn lines(&mut self, stage: &mut Stage) -> Result<(), Missed> {
        let waiting = async {
            let mut read = self.store.read().await?;
            let waiting = pushes::waiting(&mut read, self.book.account, WAITING).await?;
            let open = intents::records(&mut read, self.book.id).await?;
            Ok::<_, crate::store::StoreError>((waiting, open))
        };
        let (waiting, open) = waiting.await?;
        let ready = waiting.into_iter().filter(|line| !open.contains(&(line.entity, line.record.clone())));
        stage.lines = ready.take(self.book.batch.max(1)).collect();
        let vouched = stage.lines.iter().filter(|line| line.vouched);
        self.vouched.extend(vouched.map(|line| (line.entity, line.record.clone())));
        Ok(())
    }

    /// What people have said since the last run.
    pub(super) async fn answers(&self, stage: &mut Stage) -> Result<(), Missed> {
        let decided = async {
            let mut read = self.store.read().await?;
            reviews::decided(self.store, &mut read, self.book.id).await
        };
        for review in decided.await? {
            let other = review.other.as_deref().and_then(subject);
            let is = match (review.decision.as_deref(), other) {
                (Some("same"), Some(other)) => Some(Is::Same(other)),
                (Some("new"), _) => {
                    let entity = review.other.as_deref().and_then(Entity::parse);
                    Some(Is::New(entity.unwrap_or(Entity::Contact)))
                }
                _ => None,
            };
            stage.decided.extend(subject(&review.key).zip(is));
            stage.answers.push(review);
        }
        Ok(())
    }

    /// Finds the records of the plan in the CRM.
    pub(super) async fn cast(&mut self, stage: &mut Stage) -> Result<(), Missed> {
        let mut asked: BTreeSet<(Entity, String)> =
            stage.lines.iter().map(|line| (line.entity, line.record.clone())).collect();
        let mut meant = Vec::new();
        for (about, is) in &stage.decided {
            if let Subject::Card(entity, id) = about {
                asked.insert((*entity, id.clone()));
            }
            if let Is::Same(Subject::Card(entity, id)) = is {
                meant.push((*entity, id.clone()));
            }
        }
        self.begin_asking(stage).await?;
        // Whom somebody means is looked at, whatever it looks like.
        let told = self.told(&meant).await?;
        self.offer(stage, told).await?;
        let mut shown = BTreeSet::new();
        let filter = self.book.choices.filter.as_deref().and_then(SavedFilter::parse);
        // All of them at once, so that nobody approves a part; and once, after what was pushed.
        if let Some(filter) = filter.filter(|_| !stage.asks()) {
            let mut any = false;
            let linked: BTreeSet<_> =
                stage.links.iter().filter_map(|link| Some((link.entity, link.record.clone()?))).collect();
            for entity in self.book.choices.kinds.clone() {
                let Some(chosen) = self.filtered(entity, &filter).await? else { continue };
                any = true;
                let new = chosen.ids.into_iter().map(|id| (entity, id));
                shown.extend(new.filter(|name| !linked.contains(name)));
            }
            self.filter_known(any).await?;
        }
        shown.retain(|name| !asked.contains(name));
        let names: Vec<_> = asked.iter().chain(&shown).cloned().collect();
        for told in self.told(&names).await? {
            let name = (told.card.entity, told.card.id.clone());
            let asked = asked.contains(&name);
            let candidate = self.candidate(&told, asked).await?;
            stage.told.insert(name, told);
            stage.pushed.push(candidate);
        }
        self.alike(stage).await
    }

    // What is stored from now on may be newer than what the CRM tells for this plan.
    async fn begin_asking(&self, stage: &mut Stage) -> Result<(), Missed> {
        let gone = stage.pairs.iter().any(|pair| matches!(pair.crm, Seen::Gone));
        let looks = stage.asks() || !stage.decided.is_empty() || !stage.fresh.is_empty() || gone;
        if !looks && self.book.choices.filter.is_none() {
            return Ok(());
        }
        stage.asked_at = Some(self.store.clock().now());
        let mut batch = self.ledger().batch().await?;
        for entity in Entity::ALL {
            stage.asked.insert(entity, crm_cursors::ask(&mut batch, entity.name()).await?);
        }
        Ok(batch.commit().await?)
    }

    /// Has every linked record asked for where a plan took so long that no list of changes shows any
    /// more what became of a record between the question and its link.
    pub(super) async fn catch_up(&self, stage: &Stage) -> Result<(), Missed> {
        let late = |at| self.store.clock().now() - at > OVERLAP * 1_000_000 / 2;
        if !stage.asked_at.is_some_and(late) {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        for entity in Entity::ALL {
            crm_cursors::sweep_now(&mut batch, entity.name()).await?;
        }
        Ok(batch.commit().await?)
    }

    // None of a kind that has no such filter: most are of one kind.
    async fn filtered(&self, entity: Entity, filter: &SavedFilter) -> Result<Option<Chosen>, Missed> {
        match self.crm.client.by_filter(entity, self.crm.sight, filter).await.map_err(Missed::from) {
            Ok(chosen) => Ok(Some(chosen)),
            Err(Missed::Refused(_) | Missed::Barred) => Ok(None),
            Err(other) => Err(other),
        }
    }

    // A filter that the CRM does not have any more stops nothing else, and a person is told of it.
    async fn filter_known(&self, known: bool) -> Result<(), Missed> {
        if !known {
            return self.bury(FILTER, Side::Crm, "the CRM has no such filter").await;
        }
        let mut batch = self.ledger().batch().await?;
        dead_letters::lift(&mut batch, self.book.id, FILTER).await?;
        Ok(batch.commit().await?)
    }

    async fn candidate(&self, told: &Told, asked: bool) -> Result<Candidate, Missed> {
        let name = (told.card.entity, told.card.id.as_str());
        let shared =
            async { links::elsewhere(&mut self.store.read().await?, self.book.id, name).await }.await?;
        let vouched = asked && self.vouched.contains(&(told.card.entity, told.card.id.clone()));
        let visible = vouched || self.crm.sight.shows(&told.card);
        Ok(Candidate { card: told.card.clone(), visible, shared, asked })
    }

    async fn offer(&self, stage: &mut Stage, all: Vec<Told>) -> Result<(), Missed> {
        for told in all {
            let name = (told.card.entity, told.card.id.clone());
            if stage.told.contains_key(&name) {
                continue;
            }
            let candidate = self.candidate(&told, false).await?;
            stage.records.push(candidate);
            stage.told.insert(name, told);
        }
        Ok(())
    }

    /// The records with everything they say; who is gone or shut is left out.
    pub(super) async fn told(&mut self, names: &[(Entity, String)]) -> Result<Vec<Told>, Missed> {
        let mut by_kind: BTreeMap<Entity, Vec<String>> = BTreeMap::new();
        for (entity, id) in names {
            by_kind.entry(*entity).or_default().push(id.clone());
        }
        let mut all = Vec::new();
        for (entity, ids) in by_kind {
            for ids in ids.chunks(Filter::MOST_VALUES) {
                let listed = self.crm.client.cards_by_id(entity, ids).await?;
                let mut listed: Vec<_> =
                    listed.into_iter().filter(|told| ids.contains(&told.card.id)).collect();
                while !listed.is_empty() {
                    let some = listed.drain(..listed.len().min(SOME)).map(|told| whole(self.crm, told));
                    let mut reads = stream::iter(some).buffered(AT_ONCE);
                    while let Some(read) = reads.next().await {
                        match read {
                            Ok(told) => all.push(told),
                            Err(Missed::Gone | Missed::Barred) => {}
                            Err(other) => return Err(other),
                        }
                    }
                    drop(reads);
                    self.tell().await?;
                }
            }
        }
        Ok(all)
    }

    // Records that people of the groups may be, and those into which a record that is gone was merged.
    async fn alike(&mut self, stage: &mut Stage) -> Result<(), Missed> {
        let words = |person: &Person| {
            let country = self.book.choices.country.as_ref();
            Likeness::of_person(person, &Words::new(Entity::Contact, self.habits, country, &Record::new()))
        };
        let new = |person: &&Person| stage.fresh.contains(&person.resource) && self.belongs(person);
        let free = stage.people.iter().filter(new);
        let lost = stage
            .pairs
            .iter()
            .filter(|pair| pair.link.state == State::Active && matches!(pair.crm, Seen::Gone));
        let wanted: Vec<Likeness> =
            free.chain(lost.filter_map(|pair| pair.google.live())).map(words).collect();
        let mut linked: BTreeSet<(Entity, String)> = BTreeSet::new();
        linked.extend(stage.links.iter().filter_map(|link| Some((link.entity, link.record.clone()?))));
        let of = |all: fn(&Likeness) -> &BTreeSet<String>| -> Vec<String> {
            let all: BTreeSet<&String> = wanted.iter().flat_map(all).collect();
            all.into_iter().take(WANTED).cloned().collect()
        };
        let (addresses, phones) = (of(|like| &like.addresses), of(|like| &like.phones));
        for entity in self.book.choices.kinds.clone() {
            for (by, values) in [(By::Address, &addresses), (By::Phone, &phones)] {
                for portion in portions(values) {
                    self.tell().await?;
                    let Some(found) = self.crm.client.alike(entity, self.crm.sight, by, portion).await?
                    else {
                        return Err(Missed::Refused("too many records of the CRM look the same".to_owned()));
                    };
                    let free = |told: &Told| !linked.contains(&(told.card.entity, told.card.id.clone()));
                    self.offer(stage, found.into_iter().filter(free).collect()).await?;
                }
            }
        }
        Ok(())
    }
}

/// A record with everything it says.
pub(super) async fn whole(crm: Crm<'_>, told: Told) -> Result<Told, Missed> {
    if told.is_whole() { Ok(told) } else { crm.get(told.card.entity, &told.card.id).await }
}

/// Who is meant by the key of a question.
pub(super) fn subject(key: &str) -> Option<Subject> {
    if key.starts_with("people/") {
        return Some(Subject::Person(key.to_owned()));
    }
    let (entity, id) = key.split_once('/')?;
    Some(Subject::Card(Entity::parse(entity)?, id.to_owned()))
}

/// The key of a question.
pub(super) fn key(subject: &Subject) -> Option<String> {
    match subject {
        Subject::Person(resource) => Some(resource.clone()),
        Subject::Card(entity, id) => Some(format!("{}/{id}", entity.name())),
        Subject::Link(_) | Subject::Group(_) => None,
    }
}

/// How somebody is called: a name, else an address.
pub(super) fn called(card: Option<&Card>, record: &Record) -> String {
    use postern_core::plan::record::Field;
    let name = [record.words(Field::Given), record.words(Field::Family)].join(" ");
    let first = record.several(Field::Emails).and_then(|all| all.iter().next()).map(|item| item.text.clone());
    let email = card.and_then(|card| card.email.clone()).or(first);
    match (name.trim(), email) {
        ("", email) => email.unwrap_or_default(),
        (name, Some(email)) => format!("{name} <{email}>"),
        (name, None) => name.to_owned(),
    }
}
