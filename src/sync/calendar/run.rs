//! A run of one calendar, from what is known to what is done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use postern_core::model::id::{AccountId, RunId};
use postern_core::plan::calendar::admit::{Door, Private};
use postern_core::plan::calendar::choices::Invitations;
use postern_core::plan::calendar::entry::Entity;
use postern_core::plan::calendar::operation::{Operation, What};
use postern_core::plan::guard::{Class, Tally, guard};
use postern_core::plan::policy::Policy;

use super::crm::Crm;
use super::google::Google;
use super::ledger::Ledger;
use super::scene::Saw;
use super::scene::Stage;
use crate::clock::{Micros, micros};
use crate::google::calendar;
use crate::store::leases::Lease;
use crate::store::sync::asleep;
use crate::store::sync::calendar_users::Home;
use crate::store::sync::calendars::{self, Calendar};
use crate::store::sync::google_seen;
use crate::store::sync::links;
use crate::store::sync::runs::{self, Counts};
use crate::store::sync::{crm_cursors, crm_seen, takers};
use crate::store::{Store, StoreError};
use crate::sync::approvals::Approvals;
use crate::sync::directory::Directory;
use crate::sync::missed::Missed;
use crate::sync::reach::Reach;

/// How often a run plans again what turned out to be different.
const ROUNDS: usize = 3;
/// Creations of a first run that need no approval.
const FIRST: usize = 20_000;
/// How often it says how far it is.
const PACE: std::time::Duration = std::time::Duration::from_secs(1);
const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

/// By the CRM's user.
pub(in crate::sync) type Homes = BTreeMap<String, Home>;

/// A run.
pub(in crate::sync) struct Run<'a> {
    pub store: &'a Store,
    pub lease: &'a Lease,
    pub id: RunId,
    pub calendar: Calendar,
    /// Through whose account it is read and written.
    pub account: AccountId,
    /// The CRM user that new records are assigned to.
    pub user: Option<String>,
    /// Whether the calendar is that user's own: then its owner's answers are the user's.
    pub owns: bool,
    /// Whether guests take part in the record.
    pub guests: bool,
    /// Whether people of the record become guests.
    pub writes_guests: bool,
    /// Whom Google tells of what is written to an event with guests.
    pub invitations: Invitations,
    /// Whether the user wants copies of what they take part in.
    pub parts: bool,
    /// The team to which new records belong.
    pub team: Option<String>,
    pub(in crate::sync) directory: &'a Directory,
    pub(in crate::sync) reach: &'a Reach,
    /// Users of the CRM by the addresses of their accounts, in lower case.
    pub users: Arc<BTreeMap<String, String>>,
    /// Whether new records of that user become events here.
    pub takes_new: bool,
    /// Whether nobody uses it any more, and only what was made in it is removed.
    pub leaving: bool,
    /// Whether the account may write.
    pub writable: bool,
    pub client: &'a calendar::Calendar,
    /// The same way for what is written.
    pub writer: &'a calendar::Calendar,
    /// The same way for what is read from the beginning.
    pub importer: &'a calendar::Calendar,
    pub(in crate::sync) crm: Crm<'a>,
    pub installation: &'a str,
    pub door: Door,
    pub policy: Policy,
    /// Of all choices that hold.
    pub chosen: String,
    /// Where new events of other users of the CRM go.
    pub homes: Arc<Homes>,
    /// Addresses of connected users, in lower case.
    pub connected: Arc<BTreeSet<String>>,
    pub counts: Counts,
    /// From what the operation under way was planned; none where an earlier run has planned it.
    pub saw: Option<Saw>,
    /// When people were told last how far the run is.
    pub told_at: Micros,
}

impl Run<'_> {
    /// Settles, pulls, plans and performs until nothing is left to do.
    pub async fn go(&mut self) -> Result<(), Missed> {
        // The steps take turns in this frame, each with what it needs on the heap.
        Box::pin(self.settle()).await?;
        Box::pin(self.pull()).await?;
        // Without everything seen, what is missing would be made a second time.
        if !self.calendar.covered || !self.crm_covered().await? {
            return Ok(());
        }
        self.chosen_anew().await?;
        self.unfold().await?;
        Box::pin(self.undo()).await?;
        if self.leaving {
            return Ok(());
        }
        self.forget_returned().await?;
        self.inherit().await?;
        self.reclaim().await?;
        let mut tally = self.tally().await?;
        let mut approvals = self.approvals().await?;
        for _ in 0..ROUNDS {
            let mut stage = self.stage().await?;
            self.alone_here(&stage).await?;
            let inviting = self.inviting(&stage).await?;
            let mut plan = self.plan(&stage, &inviting);
            tally.gone = tally.gone.max(stage.gone());
            stage.halved = tally.halved() && plan.deletes();
            self.rest(&stage, &plan, &inviting).await?;
            if plan.operations.is_empty() {
                self.nothing_waits().await?;
                break;
            }
            let (refused, wanted): (Vec<_>, _) =
                plan.operations.into_iter().partition(|of| approvals.refuse(|| of.fingerprint()));
            self.freeze(&stage, &refused).await?;
            plan.operations = wanted;
            let class = |of: &Operation| self.class(&stage, &approvals, of);
            let guarded = guard(plan.operations, &tally, class, |of| approvals.allow(|| of.fingerprint()));
            self.hold(&guarded.held).await?;
            if guarded.go.is_empty() {
                break;
            }
            self.counts.planned += i64::try_from(guarded.go.len()).unwrap_or(0);
            for operation in &guarded.go {
                self.tell().await?;
                tally.count(self.class(&stage, &approvals, operation));
                let performed = Box::pin(self.perform(&stage, operation)).await;
                self.alone(performed)?;
                self.counts.done += 1;
            }
        }
        self.spend(&mut approvals).await?;
        self.back_in_step(approvals.returned).await?;
        Box::pin(self.people()).await?;
        self.first_done().await.map_err(Missed::from)
    }

    // What the caps count an operation as, in this CRM and after this absence.
    fn class(&self, stage: &Stage, approvals: &Approvals, operation: &Operation) -> Class {
        let class = match (stage.class(operation), &operation.what) {
            (Class::Create | Class::Replan, What::MakeRecord(entity, _))
                if self.crm.described.kind(*entity).mails =>
            {
                Class::Mailed
            }
            (class, _) => class,
        };
        match class {
            Class::Update
            | Class::Create
            | Class::Mailed
            | Class::Invited
            | Class::Delete
            | Class::Replan
                if self.calendar.returned_at.is_some() && !approvals.allow(|| operation.fingerprint()) =>
            {
                Class::Returned
            }
            class => class,
        }
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

    /// One pair that cannot be helped now stops no other.
    pub(super) fn alone(&mut self, outcome: Result<(), Missed>) -> Result<(), Missed> {
        match outcome {
            Ok(()) => Ok(()),
            Err(Missed::Stop(stop)) => Err(Missed::Stop(stop)),
            Err(missed) => {
                tracing::warn!(calendar.id = %self.calendar.id, ?missed, "a pair waits for the next run");
                self.counts.failed += 1;
                Ok(())
            }
        }
    }

    // What was left alone by other choices may not be by these.
    async fn chosen_anew(&mut self) -> Result<(), StoreError> {
        if self.calendar.planned_by.as_ref() == Some(&self.chosen) {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        // Before the first plan everything is new anyhow.
        if self.calendar.planned_by.is_some() {
            google_seen::replan(&mut batch, self.calendar.id).await?;
            let user = self.user.as_deref().filter(|_| self.takes_new);
            crm_seen::replan(&mut batch, self.calendar.id, user).await?;
            takers::replan(&mut batch, self.account).await?;
        }
        calendars::planned_by(&mut batch, self.calendar.id, &self.chosen).await?;
        batch.commit().await?;
        self.calendar.planned_by = Some(self.chosen.clone());
        Ok(())
    }

    async fn crm_covered(&self) -> Result<bool, StoreError> {
        let entities = Entity::ALL.map(Entity::name);
        crm_cursors::covered(&mut self.store.read().await?, &entities).await
    }

    async fn tally(&self) -> Result<Tally, StoreError> {
        let mut read = self.store.read().await?;
        let since = self.store.clock().now() - micros(DAY);
        let count = |count: i64| usize::try_from(count).unwrap_or(0);
        Ok(Tally {
            links: count(links::active(&mut read, self.calendar.id).await?),
            first: self.calendar.planned_at.is_none(),
            first_creates: FIRST,
            deletes_today: count(runs::removed(&mut read, self.calendar.id, since, self.id).await?),
            ..Tally::default()
        })
    }

    async fn forget_returned(&self) -> Result<(), StoreError> {
        // Only what shows something new can be back; a run at rest writes nothing for it.
        if google_seen::dirty(self.store, &mut self.store.read().await?, self.calendar.id, 1)
            .await?
            .is_empty()
        {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        links::forget_returned(&mut batch, self.calendar.id).await?;
        batch.commit().await
    }

    // Somebody has decided about what a long absence led to, or nothing of it waits.
    async fn back_in_step(&self, decided: bool) -> Result<(), StoreError> {
        let waits = self.counts.held > 0 || self.counts.failed > 0;
        if self.calendar.returned_at.is_none() || (waits && !decided) {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        asleep::settled(&mut batch, self.calendar.id).await?;
        batch.commit().await
    }

    async fn first_done(&self) -> Result<(), StoreError> {
        if self.calendar.planned_at.is_some() {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        calendars::planned(&mut batch, self.calendar.id).await?;
        batch.commit().await
    }

    pub(super) fn ledger(&self) -> Ledger<'_> {
        Ledger {
            store: self.store,
            lease: self.lease,
            run: self.id,
            calendar: &self.calendar,
            account: self.account,
        }
    }

    pub(super) fn google(&self) -> Google<'_> {
        Google {
            client: self.writer,
            account: self.account,
            calendar: &self.calendar.google_id,
            zone: if self.calendar.zone.is_empty() { "UTC" } else { &self.calendar.zone },
            installation: self.installation,
            hides: self.hides(),
        }
    }

    pub(super) fn hides(&self) -> bool {
        self.door.private != Private::Full
    }
}
