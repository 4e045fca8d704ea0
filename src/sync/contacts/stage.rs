//! What a plan is made of: what changed on either side, and what others are compared with.

use std::collections::{BTreeMap, BTreeSet};

use postern_core::model::id::PairId;
use postern_core::plan::contacts::card::{Card, Entity};
use postern_core::plan::contacts::compose::{Candidate, Group, Is, Pair, Scene};
use postern_core::plan::contacts::operation::{Operation, Plan, Subject, What};
use postern_core::plan::contacts::person::{self, Person};
use postern_core::plan::link as plan;
use postern_core::plan::seen::Seen;
use serde_json::{Map, Value as Json};

use super::crm::stored;
use super::run::Run;
use crate::clock::Micros;
use crate::crm::contacts::Told;
use crate::store::contacts::links::{self, Link};
use crate::store::contacts::pushes::Waiting;
use crate::store::contacts::reviews::Review;
use crate::store::contacts::seen::{self, Seen as Row};
use crate::store::contacts::{cards, intents};
use crate::sync::missed::Missed;

/// Most people that are looked at in one plan.
const PEOPLE: i64 = 50_000;

/// What a plan was made of.
#[derive(Default)]
pub(super) struct Stage {
    pub pairs: Vec<Pair>,
    pub links: Vec<Link>,
    /// Those about which something is meant, and nobody knows what came of it.
    pub open: BTreeSet<PairId>,
    /// People without a link.
    pub people: Vec<Person>,
    /// Of those, who shows something new.
    pub fresh: BTreeSet<String>,
    /// The rows behind them.
    pub rows: BTreeMap<String, Row>,
    /// Everything Google said of a person that is kept whole.
    pub whole: BTreeMap<String, Map<String, Json>>,
    pub pushed: Vec<Candidate>,
    pub records: Vec<Candidate>,
    /// Records as they were told, by which they are remembered.
    pub told: BTreeMap<(Entity, String), Told>,
    /// By which question they were, and when.
    pub asked: BTreeMap<Entity, i64>,
    pub asked_at: Option<Micros>,
    /// What was pushed and is taken up now.
    pub lines: Vec<Waiting>,
    /// What a person has said, and in answer to what.
    pub decided: Vec<(Subject, Is)>,
    pub answers: Vec<Review>,
    /// Whether more than half of the links is gone from one side, and something is to be deleted.
    pub halved: bool,
}

impl Stage {
    /// Everything that the plan depends on.
    pub fn scene<'a>(&'a self, run: &'a Run<'_>, monitored: &'a [Group<'a>]) -> Scene<'a> {
        Scene {
            group: if run.there { Group::There(&run.group) } else { Group::Gone(&run.group) },
            monitored,
            pairs: &self.pairs,
            people: &self.people,
            pushed: &self.pushed,
            records: &self.records,
            decided: &self.decided,
            choices: &run.book.choices,
            habits: run.habits,
        }
    }

    /// Whether anything is pushed.
    pub fn asks(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Of the links that are kept in step, how many are gone from the side from which more are.
    pub fn gone(&self) -> usize {
        let active = || self.pairs.iter().filter(|pair| pair.link.state == plan::State::Active);
        let google = active().filter(|pair| matches!(pair.google, Seen::Gone)).count();
        google.max(active().filter(|pair| matches!(pair.crm, Seen::Gone)).count())
    }

    /// The link and what was seen of its sides.
    pub fn pair(&self, id: uuid::Uuid) -> Option<(&Link, &Pair)> {
        let link = self.links.iter().find(|link| link.id.0 == id)?;
        Some((link, self.pairs.iter().find(|pair| pair.id == id)?))
    }

    /// A record of which something is to be made.
    pub fn card(&self, entity: Entity, id: &str) -> Option<&Candidate> {
        let is = |of: &&Candidate| of.card.entity == entity && of.card.id == id;
        self.pushed.iter().chain(&self.records).find(is)
    }

    /// A record as it was told, and by which question.
    pub fn told(&self, entity: Entity, id: &str) -> Option<(Told, i64)> {
        Some((self.told.get(&(entity, id.to_owned()))?.clone(), *self.asked.get(&entity)?))
    }

    /// A person without a link.
    pub fn person(&self, resource: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.resource == resource)
    }
}

impl Run<'_> {
    /// Reads from the store what is to be planned for.
    pub(super) async fn stage(&mut self) -> Result<Stage, Missed> {
        let mut stage = Stage::default();
        self.lines(&mut stage).await?;
        self.answers(&mut stage).await?;
        let (store, book) = (self.store, self.book.id);
        let mut read = store.read().await?;
        let fresh = seen::dirty(store, &mut read, book, PEOPLE).await?;
        stage.fresh = fresh.iter().map(|row| row.resource.clone()).collect();
        // Who is new, or pushed, may be anybody.
        let filter = self.book.choices.filter.is_some();
        let wide = !fresh.is_empty() || stage.asks() || !stage.decided.is_empty() || filter;
        let links = links::of_book(store, &mut read, book, wide).await?;
        let people = seen::linked(store, &mut read, book, wide).await?;
        let cards = cards::of_book(store, &mut read, book, wide).await?;
        let shared = links::shared(&mut read, book).await?;
        stage.open = intents::links(&mut read, book).await?;
        let free = if stage.asks() || !stage.decided.is_empty() || filter {
            seen::living(store, &mut read, book, PEOPLE).await?
        } else {
            fresh
        };
        drop(read);
        stage.links = links;
        sort_out(&mut stage, people, free);
        self.pairs(&mut stage, cards, &shared);
        self.cast(&mut stage).await?;
        Ok(stage)
    }

    fn pairs(&self, stage: &mut Stage, cards: Vec<cards::Seen>, shared: &BTreeSet<(Entity, String)>) {
        let mut known: BTreeMap<(Entity, String), Seen<Card>> = BTreeMap::new();
        for seen in cards {
            let card = seen.content.as_deref().and_then(|text| stored(seen.entity, text));
            let card = match card {
                _ if !seen.live => Seen::Gone,
                Some((card, _)) => Seen::Live(card),
                None => Seen::Unproven,
            };
            known.insert((seen.entity, seen.record), card);
        }
        let pair = |link: &Link| {
            let record = link.record.clone()?;
            let name = (link.entity, record.clone());
            let crm = known.get(&name).cloned().unwrap_or(Seen::Unproven);
            let vouched = self.vouched.contains(&name);
            let visible = match &crm {
                Seen::Live(card) => vouched || (link.visible && self.crm.sight.shows(card)),
                Seen::Gone => true,
                Seen::Unproven => link.visible,
            };
            Some(Pair {
                id: link.id.0,
                entity: link.entity,
                record,
                person: link.resource.clone(),
                source: link.source.clone(),
                link: plan::Link { origin: link.origin, state: link.state, base: link.base.clone() },
                google: google_side(stage, link),
                crm,
                visible,
                shared: shared.contains(&name),
            })
        };
        let pairs = stage.links.iter().filter_map(pair).collect();
        stage.pairs = pairs;
    }

    /// Marks as planned for what nothing is to be done about.
    pub(super) async fn rest(&mut self, stage: &Stage, plan: &Plan) -> Result<(), Missed> {
        let busy: BTreeSet<&Subject> = plan.operations.iter().map(|operation| &operation.subject).collect();
        let mut batch = self.ledger().batch().await?;
        for link in stage.links.iter().filter(|link| link.dirty && link.record.is_some()) {
            if !stage.open.contains(&link.id) && !busy.contains(&Subject::Link(link.id.0)) {
                links::clean(&mut batch, link).await?;
            }
        }
        let meant = |operation: &Operation| match &operation.what {
            What::Adopt(adoption) => Some(adoption.person.clone()),
            What::Rename(resource) => Some(resource.clone()),
            _ => None,
        };
        let adopted: BTreeSet<String> = plan.operations.iter().filter_map(meant).collect();
        for resource in &stage.fresh {
            let open = busy.contains(&Subject::Person(resource.clone())) || adopted.contains(resource);
            if let Some(row) = stage.rows.get(resource).filter(|_| !open) {
                seen::clean(&mut batch, self.book.id, row).await?;
            }
        }
        batch.commit().await?;
        self.told_lines(stage, plan).await?;
        self.ask(stage, plan).await
    }
}

// Who has a link is nobody's stranger, whether or not the link is looked at in this plan.
fn sort_out(stage: &mut Stage, linked: Vec<Row>, free: Vec<Row>) {
    let taken: BTreeSet<String> = stage.links.iter().filter_map(|link| link.resource.clone()).collect();
    let linked = linked.into_iter().map(|row| (row, false));
    let free = free.into_iter().map(|row| {
        let stranger = !taken.contains(&row.resource);
        (row, stranger)
    });
    for (row, stranger) in linked.chain(free) {
        let raw = row.content.as_deref().and_then(|text| serde_json::from_str::<Map<_, _>>(text).ok());
        if let Some(raw) = raw {
            if stranger {
                stage.people.extend(person::read(&raw));
            }
            if row.whole {
                stage.whole.insert(row.resource.clone(), raw);
            }
        }
        stage.rows.insert(row.resource.clone(), row);
    }
}

fn google_side(stage: &Stage, link: &Link) -> Seen<Person> {
    let row = link.resource.as_ref().and_then(|resource| stage.rows.get(resource));
    match row {
        Some(row) if !row.live => Seen::Gone,
        Some(row) => match stage.whole.get(&row.resource).and_then(person::read) {
            Some(person) => Seen::Live(person),
            None => Seen::Unproven,
        },
        // Nobody is meant to be made, and a list has proven that nobody was.
        None if link.resource.is_none() && !stage.open.contains(&link.id) => Seen::Gone,
        None => Seen::Unproven,
    }
}
