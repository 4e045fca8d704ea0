//! A run of one address book, from what is known to what is done.

use std::collections::BTreeSet;
use std::time::Duration;

use postern_core::model::id::RunId;
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::compose::{Group, compose};
use postern_core::plan::contacts::operation::Operation;
use postern_core::plan::contacts::person::Person;
use postern_core::plan::contacts::words::Habits;
use postern_core::plan::guard::{Class, Tally, guard};

use super::crm::Crm;
use super::google::Google;
use super::ledger::Ledger;
use super::stage::Stage;
use crate::clock::{Micros, micros};
use crate::google::people::People;
use crate::google::people::limits::BATCH;
use crate::store::contacts::books::{self, Book};
use crate::store::contacts::groups::{self, Listed};
use crate::store::contacts::{links, seen};
use crate::store::leases::Lease;
use crate::store::sync::crm_cursors;
use crate::store::sync::runs::{self, Counts};
use crate::store::{Store, StoreError};
use crate::sync::missed::{Missed, Stop};

/// How often a run plans again what turned out to be different.
const ROUNDS: usize = 3;
/// Rounds of one run that pushes: each takes up a batch.
const PORTIONS: usize = 50;
/// Creations of a first run that need no approval.
const FIRST: usize = 200;
/// How often it says how far it is.
const PACE: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A run.
pub(in crate::sync) struct Run<'a> {
    pub store: &'a Store,
    pub lease: &'a Lease,
    pub id: RunId,
    pub book: Book,
    /// The group that takes people.
    pub group: String,
    /// Whether the group is there, as far as is known.
    pub there: bool,
    /// Of the further groups those that Google does not list.
    pub lost: BTreeSet<String>,
    /// Whether Google has found so many people at once too many.
    pub slowed: bool,
    /// The same way for each purpose.
    pub client: &'a People,
    pub writer: &'a People,
    pub importer: &'a People,
    pub(in crate::sync) crm: Crm<'a>,
    /// Who we are in the CRM.
    pub me: &'a str,
    pub habits: &'a Habits,
    /// How long Google may hide what was made.
    pub delay: Duration,
    /// Records of which the CRM has said in this run that the user may see them.
    pub vouched: BTreeSet<(Entity, String)>,
    pub counts: Counts,
    /// When people were told last how far the run is.
    pub told_at: Micros,
}

impl Run<'_> {
    /// Settles, pulls, plans and performs until nothing is left to do.
    pub async fn go(&mut self) -> Result<(), Missed> {
        // The steps take turns in this frame, each with what it needs on the heap.
        let anew = Box::pin(self.settle()).await?;
        self.known().await?;
        if self.book.choices.group.is_none() {
            // Nobody uses it any more: what was made in it is removed, and nothing else is done.
            return Box::pin(self.undo()).await;
        }
        Box::pin(self.pull(anew)).await?;
        if !self.book.covered {
            return Ok(());
        }
        self.look().await?;
        Box::pin(self.undo()).await?;
        let mut tally = self.tally().await?;
        let mut approvals = self.approvals().await?;
        let mut rounds = 0;
        for _ in 0..PORTIONS {
            let Some(mut stage) = self.next().await? else { return Ok(()) };
            let plan = compose(&stage.scene(self, &self.monitored()));
            if plan.operations.iter().any(Operation::leaves) && self.look_again_for_group().await? {
                continue;
            }
            tally.gone = tally.gone.max(stage.gone());
            stage.halved = tally.halved() && plan.operations.iter().any(|of| of.class() == Class::Delete);
            self.rest(&stage, &plan).await?;
            let pushes = stage.asks();
            if plan.operations.is_empty() {
                self.used(&stage, &BTreeSet::new()).await?;
                if pushes {
                    continue;
                }
                self.nothing_waits().await?;
                break;
            }
            let (refused, wanted): (Vec<_>, _) =
                plan.operations.into_iter().partition(|of| approvals.refuse(|| of.fingerprint()));
            self.freeze(&stage, &refused).await?;
            let allowed = |of: &Operation| of.asked() || approvals.allow(|| of.fingerprint());
            let guarded = guard(wanted, &tally, |of| stage.class(of), allowed);
            self.hold(&guarded.held).await?;
            self.counts.planned += i64::try_from(guarded.go.len()).unwrap_or(0);
            for operation in guarded.go.iter().filter(|of| !of.asked()) {
                tally.count(stage.class(operation));
            }
            let idle = guarded.go.is_empty();
            let mut later = Box::pin(self.perform_all(&stage, guarded.go)).await?;
            self.catch_up(&stage).await?;
            later.extend(guarded.held.into_values().flatten().map(|operation| operation.subject));
            self.used(&stage, &later).await?;
            rounds += usize::from(!pushes);
            if (idle && !pushes) || rounds >= ROUNDS {
                break;
            }
        }
        self.spend(&mut approvals).await?;
        self.vouched_once().await?;
        self.planned().await
    }

    // What is planned for next; none once the group is not kept in step any more.
    async fn next(&mut self) -> Result<Option<Stage>, Missed> {
        if self.let_go().await? { Ok(None) } else { Box::pin(self.stage()).await.map(Some) }
    }

    // Whatever decides what may be planned.
    async fn look(&mut self) -> Result<(), Missed> {
        self.give_up().await?;
        self.look_for_group().await?;
        self.sight().await?;
        Ok(self.chosen_anew().await?)
    }

    // By which our own writes are told from those of others, where the CRM's lists are read.
    async fn known(&self) -> Result<(), Missed> {
        for entity in Entity::ALL {
            let told = crm_cursors::Habits { own_user: Some(self.me.to_owned()), mails: None };
            let known = crm_cursors::habits(&mut self.store.read().await?, entity.name()).await?;
            if known.is_none_or(|known| known == told) {
                continue;
            }
            let mut batch = self.ledger().batch().await?;
            crm_cursors::told(&mut batch, entity.name(), &told).await?;
            batch.commit().await?;
        }
        Ok(())
    }

    // The CRM's word is good for this run: the next looks at what it was about as at anything else.
    async fn vouched_once(&mut self) -> Result<(), Missed> {
        let vouched = std::mem::take(&mut self.vouched);
        if vouched.is_empty() {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        for (entity, record) in &vouched {
            let link = links::by_record(self.store, &mut batch, self.book.id, (*entity, record)).await?;
            if let Some(link) = link {
                links::soil(&mut batch, link.id).await?;
            }
        }
        Ok(batch.commit().await?)
    }

    /// Tells people who look how far it is, at most once a second.
    pub(super) async fn tell(&mut self) -> Result<(), Missed> {
        let now = self.store.clock().now();
        if now - self.told_at < micros(PACE) {
            return Ok(());
        }
        self.told_at = now;
        let mut batch = self.ledger().batch().await?;
        runs::note(&mut batch, self.id, &self.counts).await?;
        Ok(batch.commit().await?)
    }

    /// One link that cannot be helped now stops no other.
    pub(super) fn alone(&mut self, outcome: Result<(), Missed>) -> Result<(), Missed> {
        match outcome {
            Ok(()) => Ok(()),
            Err(Missed::Stop(stop)) => Err(Missed::Stop(stop)),
            Err(missed) => {
                tracing::warn!(book.id = %self.book.id, ?missed, "a person waits for the next run");
                self.counts.failed += 1;
                Ok(())
            }
        }
    }

    // A group that is gone takes everybody out of it first, which means nothing.
    async fn look_again_for_group(&mut self) -> Result<bool, Missed> {
        let now = self.store.clock().now();
        if !self.there || self.book.groups_at.is_some_and(|at| now - at < micros(Duration::from_secs(60))) {
            return Ok(false);
        }
        let before = self.lost.clone();
        self.list_groups().await?;
        Ok(!self.there || self.lost != before)
    }

    async fn look_for_group(&mut self) -> Result<(), Missed> {
        let now = self.store.clock().now();
        if self.book.groups_at.is_none_or(|at| now - at >= micros(DAY)) {
            return self.list_groups().await;
        }
        let known = async { groups::of(self.store, &mut self.store.read().await?, self.book.account).await };
        let known = known.await?;
        let known: BTreeSet<String> =
            known.into_iter().filter(|group| group.active).map(|group| group.listed.resource).collect();
        self.compare(&known);
        // What was thought to be gone is asked for again.
        if self.there && self.lost.is_empty() { Ok(()) } else { self.list_groups().await }
    }

    fn compare(&mut self, names: &BTreeSet<String>) {
        self.there = names.contains(&self.group);
        self.lost = self.book.choices.monitored.difference(names).cloned().collect();
    }

    /// The further groups.
    fn monitored(&self) -> Vec<Group<'_>> {
        let of = |name| if self.lost.contains(name) { Group::Gone(name) } else { Group::There(name) };
        self.book.choices.monitored.iter().map(|name| of(name.as_str())).collect()
    }

    /// Whether the person is in one of the groups.
    pub(super) fn belongs(&self, person: &Person) -> bool {
        person.groups.contains(&self.group) || !person.groups.is_disjoint(&self.book.choices.monitored)
    }

    async fn list_groups(&mut self) -> Result<(), Missed> {
        let listed: Vec<_> =
            self.client.groups(self.book.account).await?.into_iter().map(Listed::from).collect();
        self.compare(&listed.iter().map(|group| group.resource.clone()).collect());
        let mut batch = self.ledger().batch().await?;
        groups::put(&mut batch, self.book.account, &listed).await?;
        books::listed(&mut batch, self.book.id).await?;
        batch.commit().await?;
        self.book.groups_at = Some(self.store.clock().now());
        let active = async { links::active(&mut self.store.read().await?, self.book.id).await };
        if !self.there && active.await? == 0 {
            let why = "the group is gone, and another one has to be chosen".to_owned();
            return Err(Missed::Stop(Stop { word: "group_gone", why, until: None, account: false }));
        }
        Ok(())
    }

    // What was left alone by other choices may not be by these.
    async fn chosen_anew(&mut self) -> Result<(), StoreError> {
        let chosen = self.book.choices.fingerprint();
        if self.book.planned_by.as_ref() == Some(&chosen) || self.book.planned_by.is_none() {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        seen::replan(&mut batch, self.book.id).await?;
        links::soil_all(&mut batch, self.book.id).await?;
        books::planned(&mut batch, self.book.id, &chosen).await?;
        batch.commit().await?;
        self.book.planned_by = Some(chosen);
        Ok(())
    }

    async fn planned(&self) -> Result<(), Missed> {
        let chosen = self.book.choices.fingerprint();
        let mut batch = self.ledger().batch().await?;
        seen::forget_gone(&mut batch, self.book.id).await?;
        if self.book.planned_at.is_none() || self.book.planned_by.as_ref() != Some(&chosen) {
            books::planned(&mut batch, self.book.id, &chosen).await?;
        }
        // What was too much at one time need not be at another.
        if self.book.batch < BATCH && !self.slowed {
            books::batch_of(&mut batch, self.book.id, (self.book.batch * 2).min(BATCH)).await?;
        }
        Ok(batch.commit().await?)
    }

    async fn tally(&self) -> Result<Tally, StoreError> {
        let mut read = self.store.read().await?;
        let since = self.store.clock().now() - micros(DAY);
        let count = |count: i64| usize::try_from(count).unwrap_or(0);
        Ok(Tally {
            links: count(links::active(&mut read, self.book.id).await?),
            first: self.book.planned_at.is_none(),
            first_creates: FIRST,
            deletes_today: count(runs::removed(&mut read, self.book.id, since, self.id).await?),
            ..Tally::default()
        })
    }

    pub(super) fn ledger(&self) -> Ledger<'_> {
        Ledger { store: self.store, lease: self.lease, run: self.id, book: &self.book }
    }

    pub(super) fn google(&self) -> Google<'_> {
        Google { client: self.writer, account: self.book.account }
    }
}

/// What the caps count an operation as, in what was staged.
impl Stage {
    pub(super) fn class(&self, operation: &Operation) -> Class {
        match operation.class() {
            Class::Delete if self.halved => Class::Halved,
            class => class,
        }
    }
}
