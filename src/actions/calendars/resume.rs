//! Taking up again what was let go: an event or a record with which something
//! could not be done, and a pair that is not kept in step.

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId, DeadLetterId, PairId};

use super::{CalendarFault, open};
use crate::actions::By;
use crate::store::sync::apart::{self, Standing};
use crate::store::sync::links::{self, Link, Role};
use crate::store::sync::{calendars, crm_seen, dead_letters, google_seen, takers};
use crate::store::{Act, Store, StoreError};

/// Has tried again, within seconds, what could not be done.
///
/// # Errors
/// When there is no such letter of the mailbox (it may have been done meanwhile).
pub async fn retry(
    store: &Store,
    by: &By,
    account: AccountId,
    letter: DeadLetterId,
) -> Result<(), CalendarFault> {
    let mut act = by.open(store).await?;
    let account = open(&mut act, account).await?;
    let found = dead_letters::by_id(store, &mut act, letter).await?;
    let found = found.filter(|found| found.account == account.id).ok_or(CalendarFault::NotThere)?;
    match about(&found.key) {
        Some((entity, record)) => {
            crm_seen::soil(&mut act, entity, record).await?;
            takers::again(&mut act, entity, record).await?;
            if let Some(link) = links::by_record(store, &mut act, entity, record).await? {
                soil(&mut act, &link).await?;
            }
        }
        None => google_seen::soil(&mut act, found.calendar(), &found.key).await?,
    }
    dead_letters::lift(&mut act, found.calendar(), &found.key).await?;
    wake(&mut act, store, found.calendar()).await?;
    let event = Event::DeadLetterRetried {
        letter,
        account: account.id,
        address: account.address,
        calendar: found.calendar(),
    };
    Ok(act.commit(event).await?)
}

/// Has a pair kept in step again. Where both sides live, what differs is decided
/// field by field; where one is gone, it is made again from the other.
///
/// # Errors
/// When there is no such pair of the mailbox, it is kept in step, or both sides
/// are gone.
pub async fn resume(store: &Store, by: &By, account: AccountId, pair: PairId) -> Result<(), CalendarFault> {
    let mut act = by.open(store).await?;
    let account = open(&mut act, account).await?;
    let found = apart::one(store, &mut act, pair).await?;
    let own = |found: &Standing| found.link.account == account.id && found.link.role != Role::View;
    let Standing { link, event_lives, record_lives, .. } =
        found.filter(own).ok_or(CalendarFault::NotThere)?;
    if !apart::resumable(link.state) {
        return Err(CalendarFault::InStep);
    }
    soil(&mut act, &link).await?;
    match (event_lives, record_lives) {
        (false, false) => return Err(CalendarFault::BothGone),
        // Without a pair the event is a new one.
        (true, false) => links::remove(&mut act, pair).await?,
        (false, true) => {
            apart::disagree(&mut act, pair).await?;
            apart::resume(&mut act, pair).await?;
        }
        (true, true) => {
            apart::resume(&mut act, pair).await?;
        }
    }
    wake(&mut act, store, link.calendar).await?;
    let event = Event::PairResumed {
        pair,
        account: account.id,
        address: account.address,
        calendar: link.calendar,
        from: link.state.name(),
    };
    Ok(act.commit(event).await?)
}

/// The kind and the identity of the record that a dead letter is about; none
/// when it is about an event.
pub(super) fn about(key: &str) -> Option<(&str, &str)> {
    key.split_once('/').filter(|(entity, record)| !entity.is_empty() && !record.is_empty())
}

async fn soil(act: &mut Act, link: &Link) -> Result<(), StoreError> {
    if let Some(event) = &link.event {
        google_seen::soil(act, link.calendar, event).await?;
    }
    if let Some(record) = &link.record {
        crm_seen::soil(act, &link.entity, record).await?;
        takers::again(act, &link.entity, record).await?;
    }
    Ok(())
}

async fn wake(act: &mut Act, store: &Store, calendar: CalendarId) -> Result<(), StoreError> {
    calendars::wake(act, calendar, store.clock().now()).await
}
