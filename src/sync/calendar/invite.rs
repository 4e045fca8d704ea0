//! Who takes part in a record goes to Google, where somebody wants that.
//!
//! A write of guests is meant, done and remembered like any other. Google may mail people of it, so one
//! of which nobody knows whether it was done is looked for first; what has to be written again then,
//! though the event was written since by somebody, is written without a word to anybody.

use std::collections::BTreeSet;

use postern_core::plan::calendar::choices::Invitations;
use postern_core::plan::calendar::entry::Entry;
use postern_core::plan::calendar::event::Event;
use postern_core::plan::calendar::invite::{Invitation, Inviting};
use postern_core::plan::calendar::operation::Operation;
use postern_core::plan::calendar::people::Person;
use postern_core::plan::rule::Rule;
use postern_core::plan::seen::Seen;
use serde_json::{Value as Json, json};

use super::ledger::Side;
use super::run::Run;
use super::scene::Stage;
use super::settle::Meant;
use crate::google::calendar::event::SendUpdates;
use crate::store::sync::crm_seen;
use crate::store::sync::links::{self, Link, Role};
use crate::sync::missed::Missed;

/// The kind of an intent to write guests.
pub(super) const WRITE_GUESTS: &str = "write-guests";

impl Run<'_> {
    /// How guests are written in this run, and the addresses of whom is new.
    pub(super) async fn inviting(&mut self, stage: &Stage) -> Result<Inviting, Missed> {
        let first = self.calendar.planned_at.is_none();
        let user = self.user.clone();
        let mut inviting = Inviting { on: self.writes_guests, first, user, reach: None };
        if !inviting.on || first {
            return Ok(inviting);
        }
        let new = stage.pairs.iter().filter_map(|pair| match &pair.crm {
            Seen::Live(entry) => Some(pair.people.newcomers(entry.people.as_ref()?)),
            Seen::Gone | Seen::Unproven => None,
        });
        let new: BTreeSet<Person> = new.flatten().cloned().collect();
        let of = inviting.user.clone().unwrap_or_default();
        let now = self.store.clock().now();
        match self.reach.find(self.crm.client, &of, &new, now).await {
            Ok(reach) => inviting.reach = reach,
            Err(fault) => self.alone(Err(fault.into()))?,
        }
        Ok(inviting)
    }

    /// Whom Google tells of a write to the event of a pair that has guests, or gets some.
    pub(super) fn updates(&self, link: &Link, guests: bool) -> SendUpdates {
        let quiet = link.people.quiet || self.calendar.planned_at.is_none();
        match self.invitations {
            Invitations::All if guests && !quiet && link.role == Role::Owner => SendUpdates::All,
            Invitations::All | Invitations::None => SendUpdates::None,
        }
    }

    /// Writes guests, or only remembers who takes part.
    pub(super) async fn invite(
        &mut self,
        (event, entry): (&Event, &Entry),
        mut link: Link,
        invitation: &Invitation,
        operation: &Operation,
    ) -> Result<(), Missed> {
        if !invitation.writes() {
            link.people.invited(event, invitation);
            return self.agreed_people(&link, entry).await;
        }
        // The record is looked at right before, like anything that is written by it.
        match self.crm.get(entry.entity, &entry.id).await {
            Ok(now) if now.entry.standing == entry.standing && now.entry.user == entry.user => {
                if now.entry.people.is_some() && now.entry.people != entry.people {
                    return self.look_again(&link).await;
                }
            }
            Ok(_) | Err(Missed::Gone | Missed::Barred) => return self.look_again(&link).await,
            Err(other) => return Err(other),
        }
        let rule = operation.rule.name();
        let body = json!({ "invitation": invitation, "rule": rule, "etag": event.etag });
        if !self.ledger().mean(&link, WRITE_GUESTS, &body).await? {
            return Ok(());
        }
        match self.google().invite(event, invitation, self.updates(&link, true)).await {
            Ok(answered) => {
                link.people.invited(event, invitation);
                link.people.quiet = false;
                self.counts.written += 1;
                let side = Side::Event(&answered.event, &answered.kept);
                self.done(link, &side, operation, "write-event", &told(invitation)).await
            }
            Err(missed) => self.missed(link, missed).await,
        }
    }

    async fn agreed_people(&self, link: &Link, entry: &Entry) -> Result<(), Missed> {
        let ledger = self.ledger();
        let mut batch = ledger.batch().await?;
        if !links::hold(&mut batch, link.id).await? {
            return Ok(());
        }
        links::put(&mut batch, link).await?;
        ledger.met(&mut batch, entry).await?;
        Ok(batch.commit().await?)
    }

    /// Finds out what came of guests that a run wrote that was cut off.
    pub(super) async fn guests_settled(&mut self, mut link: Link, meant: Meant) -> Result<(), Missed> {
        let seen = match &link.event {
            Some(event) => self.google().get(event).await,
            None => Err(Missed::Gone),
        };
        if let (Ok(now), Some(invitation)) = (seen, &meant.invitation)
            && !now.event.cancelled
        {
            let mut batch = self.ledger().batch().await?;
            if invitation.was_done(&now.event) {
                link.people.invited(&now.event, invitation);
                let content = told(invitation);
                self.ledger().note(&mut batch, &link, Rule::Invited, "write-event", &content).await?;
            } else {
                link.people.quiet |= meant.written_since(&now.event);
            }
            links::put(&mut batch, &link).await?;
            batch.commit().await?;
        }
        self.look_again(&link).await
    }

    /// Has the next plan look at who takes part in a record that has just got its event.
    pub(super) async fn stir_people(&self, entry: &Entry) -> Result<(), Missed> {
        if !self.writes_guests {
            return Ok(());
        }
        let mut batch = self.ledger().batch().await?;
        crm_seen::meet(&mut batch, entry.entity.name(), &entry.id).await?;
        Ok(batch.commit().await?)
    }
}

fn told(invitation: &Invitation) -> Json {
    let ids = |all: &std::collections::BTreeMap<String, Person>| {
        all.values().map(|person| person.id.clone()).collect::<Vec<_>>()
    };
    json!({ "joined": ids(&invitation.added), "left": ids(&invitation.removed) })
}
