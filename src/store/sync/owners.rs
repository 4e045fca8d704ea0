//! Who owns a record: one pair does, whose event carries content both ways. Others
//! show the same event, as views, or the record to a user who takes part in it, as
//! copies, and take it over when its owner cannot keep it any more.

use postern_core::model::id::{AccountId, CalendarId, PairId};
use postern_core::plan::calendar::people::People;
use postern_core::plan::link::State;
use uuid::Uuid;

use super::links::{self, Link, Role, Row};
use crate::store::act::Batch;
use crate::store::error::StoreError;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    // What is not known yet of an effect on it is found out first.
    YIELD = "UPDATE links SET role = 'view', modified_at = $2 WHERE id = $1 AND role = 'owner' \
             AND state IN ('active', 'dormant') AND record_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM intents i WHERE i.link_id = links.id)";
    // The event that the record had before it moved, and its owner has another one by now: elsewhere, or
    // here where it has moved back before this one was gone.
    LEFT_BEHIND = "SELECT l.id, l.account_id, l.calendar_id, l.event_id, l.ical_uid, l.entity, l.record_id, l.origin, \
                   l.role, l.state, l.generation, l.base_sealed FROM links l JOIN links o ON o.entity = l.entity \
                   AND o.record_id = l.record_id AND o.role = 'owner' WHERE l.calendar_id = $1 AND l.role = 'view' \
                   AND l.state = 'active' AND l.origin = 'crm' AND l.event_id IS NOT NULL \
                   AND o.event_id IS NOT NULL AND o.ical_uid <> l.ical_uid \
                   AND NOT EXISTS (SELECT 1 FROM offboarded f WHERE f.account_id = l.account_id) \
                   AND NOT EXISTS (SELECT 1 FROM intents i WHERE i.link_id = o.id) ORDER BY l.id LIMIT 1000";
    // Nobody else owns the record: its last owner does so again.
    TAKE_BACK = "UPDATE links SET role = 'owner', modified_at = $3 WHERE id = (SELECT l.id FROM links l \
                 WHERE l.entity = $1 AND l.record_id = $2 AND l.role = 'view' \
                 AND l.state IN ('active', 'dormant') AND l.origin = 'crm' AND NOT EXISTS (SELECT 1 FROM offboarded f \
                 WHERE f.account_id = l.account_id) ORDER BY l.modified_at DESC LIMIT 1) AND NOT EXISTS (SELECT 1 FROM links o \
                 WHERE o.entity = $1 AND o.record_id = $2 AND o.role = 'owner')";
    // One in the calendar of somebody who is away shows the event, too.
    VIEW_OF = "SELECT id, account_id, calendar_id, event_id, ical_uid, entity, record_id, origin, role, state, \
               generation, base_sealed FROM links WHERE ical_uid = $1 AND role = 'view' \
               AND state IN ('active', 'dormant') ORDER BY state, id LIMIT 1";
    // An owner whose event another calendar shows.
    SHARED = "SELECT o.id, o.account_id, o.calendar_id, o.event_id, o.ical_uid, o.entity, o.record_id, o.origin, o.role, \
              o.state, o.generation, o.base_sealed FROM links o WHERE o.calendar_id = $1 AND o.role = 'owner' \
              AND o.state = 'active' AND o.id > $2 AND EXISTS (SELECT 1 FROM links v WHERE v.ical_uid = o.ical_uid \
              AND v.role = 'view' AND v.state = 'active') ORDER BY o.id LIMIT 1";
    // Whoever has left owns nothing that somebody else may be given. What others keep in step through the same
    // calendar, or through one that shows the same event, goes on there.
    RELEASE = "UPDATE links SET role = 'view', released = 1, modified_at = $2 WHERE account_id = $1 AND role = 'owner' \
               AND origin = 'crm' AND state IN ('active', 'dormant') AND record_id IS NOT NULL \
               AND NOT EXISTS (SELECT 1 FROM intents i WHERE i.link_id = links.id) \
               AND NOT EXISTS (SELECT 1 FROM calendar_users u JOIN accounts a ON a.id = u.account_id \
               WHERE u.calendar_id = links.calendar_id AND u.account_id <> $1 AND u.active = 1 \
               AND u.kind IN ('main', 'monitored') AND a.state = 'active') \
               AND NOT EXISTS (SELECT 1 FROM links v WHERE v.ical_uid = links.ical_uid AND v.role = 'view' \
               AND v.state = 'active' AND v.calendar_id <> links.calendar_id)";
    // Nobody is connected who could find out what came of them.
    DROP_INTENTS = "DELETE FROM intents WHERE created_at < $2 AND link_id IN (SELECT l.id FROM links l \
                    WHERE l.account_id = $1 AND l.role = 'owner' AND NOT EXISTS (SELECT 1 FROM calendar_users u \
                    JOIN accounts a ON a.id = u.account_id WHERE u.calendar_id = l.calendar_id AND u.account_id <> $1 \
                    AND u.active = 1 AND u.kind IN ('main', 'monitored') AND a.state = 'active'))";
    // Back again: what nobody else has been given.
    CLAIM = "UPDATE links SET role = 'owner', released = 0, modified_at = $2 WHERE id IN (SELECT last.id FROM (SELECT l.id, \
             ROW_NUMBER() OVER (PARTITION BY l.entity, l.record_id ORDER BY l.modified_at DESC, l.id) AS place \
             FROM links l WHERE l.account_id = $1 AND l.role = 'view' AND l.released = 1 \
             AND l.state IN ('active', 'dormant') AND NOT EXISTS (SELECT 1 FROM links o WHERE o.entity = l.entity \
             AND o.record_id = l.record_id AND o.role = 'owner') AND NOT EXISTS (SELECT 1 FROM links o \
             WHERE o.ical_uid = l.ical_uid AND o.role = 'owner')) AS last WHERE last.place = 1)";
    // What somebody else was given is theirs from then on.
    CLAIMED = "UPDATE links SET released = 0 WHERE account_id = $1 AND released = 1";
    // The event is a leaver's, or the record was one's where none is named.
    RELEASED = "SELECT count(*) FROM links WHERE entity = $1 AND record_id = $2 AND released = 1 \
                AND (CAST($3 AS TEXT) = '' OR event_id = $3)";
    // Whoever else uses the calendar keeps the pairs, but for copies, which are one user's.
    HAND_DOWN = "UPDATE links SET account_id = (SELECT u.account_id FROM calendar_users u \
                 JOIN accounts a ON a.id = u.account_id WHERE u.calendar_id = links.calendar_id AND u.account_id <> $1 \
                 AND u.active = 1 AND u.kind <> 'offered' ORDER BY CASE a.state WHEN 'active' THEN 0 ELSE 1 END, u.id LIMIT 1) WHERE account_id = $1 AND role <> 'copy' AND EXISTS (SELECT 1 \
                 FROM calendar_users u WHERE u.calendar_id = links.calendar_id AND u.account_id <> $1 \
                 AND u.active = 1 AND u.kind <> 'offered')";
    // Views of what is new here, and is owned elsewhere.
    OWNED_ELSEWHERE = "SELECT v.id, v.account_id, v.calendar_id, v.event_id, v.ical_uid, v.entity, v.record_id, v.origin, v.role, \
              v.state, v.generation, v.base_sealed FROM google_seen g JOIN links v ON v.calendar_id = g.calendar_id \
              AND v.event_id = g.event_id AND v.role = 'view' AND v.state = 'active' JOIN links o ON o.ical_uid = v.ical_uid \
              AND o.role = 'owner' AND o.calendar_id <> v.calendar_id WHERE g.calendar_id = $1 AND g.dirty <> 0 \
              AND g.live = 1 ORDER BY v.id LIMIT 1000";
    COPIED = "SELECT count(*) FROM links WHERE ical_uid = $1 AND role = 'copy'";
    COPY_OF = "SELECT id, account_id, calendar_id, event_id, ical_uid, entity, record_id, origin, role, state, \
               generation, base_sealed FROM links WHERE entity = $1 AND record_id = $2 AND account_id = $3 AND role = 'copy'";
    INHERIT = "UPDATE links SET role = 'owner', modified_at = $2 WHERE id = $1 AND role = 'copy' AND NOT EXISTS \
               (SELECT 1 FROM links o WHERE o.entity = links.entity AND o.record_id = links.record_id \
               AND o.role = 'owner') AND NOT EXISTS (SELECT 1 FROM links o WHERE o.ical_uid = links.ical_uid \
               AND o.role = 'owner')";
    SUCCEED = "UPDATE links SET role = 'owner', modified_at = $2 WHERE id = $1 AND role = 'copy' AND state = 'active' \
               AND event_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM intents i WHERE i.link_id = links.id) \
               AND EXISTS (SELECT 1 FROM google_seen g WHERE g.calendar_id = links.calendar_id \
               AND g.event_id = links.event_id AND g.live = 1) AND NOT EXISTS (SELECT 1 FROM links o \
               WHERE o.ical_uid = links.ical_uid AND o.role = 'owner')";
}

/// Makes an owner a view and adds `to` as the new owner of what is known by then of its record;
/// false when the owner cannot be one now, or the event is another one's.
///
/// # Errors
/// When the database does not answer.
pub async fn hand_over(
    store: &Store,
    batch: &mut Batch,
    from: PairId,
    to: &Link,
) -> Result<bool, StoreError> {
    if !yield_up(batch, from).await? {
        return Ok(false);
    }
    let Some(owner) = links::get(store, batch, from).await? else { return Ok(false) };
    links::add(batch, &inherited(&owner, to)).await
}

/// The copy of a record that an account has.
///
/// # Errors
/// When the database does not answer, or the base does not open.
pub async fn copy_of(
    store: &Store,
    on: &mut impl Source,
    (entity, record): (&str, &str),
    account: AccountId,
) -> Result<Option<Link>, StoreError> {
    fetch_one!(on, Row, COPY_OF, entity, record, account.0)?.map(|row: Row| row.opened(store)).transpose()
}

/// Makes an owner a view and a copy of the same record its owner; false when one of them cannot be
/// that now. Then nothing of the batch may stay.
///
/// # Errors
/// When the database does not answer.
pub async fn succeed(batch: &mut Batch, from: PairId, copy: PairId) -> Result<bool, StoreError> {
    let now = batch.store().clock().now();
    Ok(yield_up(batch, from).await? && execute!(batch, SUCCEED, copy.0, now)? == 1)
}

/// Makes a copy the owner of its record, which nobody owns.
///
/// # Errors
/// When the database does not answer.
pub async fn inherit(batch: &mut Batch, copy: PairId) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, INHERIT, copy.0, now)?;
    Ok(())
}

async fn yield_up(batch: &mut Batch, owner: PairId) -> Result<bool, StoreError> {
    let now = batch.store().clock().now();
    Ok(links::hold(batch, owner).await? && execute!(batch, YIELD, owner.0, now)? == 1)
}

/// Makes an owner a view and adds `to`, a pair of the same record that has no event yet; false when
/// the owner cannot be one now.
///
/// # Errors
/// When the database does not answer.
pub async fn replace(batch: &mut Batch, from: PairId, to: &Link) -> Result<bool, StoreError> {
    Ok(yield_up(batch, from).await? && links::add(batch, to).await?)
}

/// Gives a record whose new owner came to nothing back to the last one.
///
/// # Errors
/// When the database does not answer.
pub async fn take_back(batch: &mut Batch, entity: &str, record: &str) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, TAKE_BACK, entity, record, now)?;
    Ok(())
}

/// Pairs of a calendar whose record has moved to another one and has its event there.
///
/// # Errors
/// When the database does not answer, or a base does not open.
pub async fn left_behind(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
) -> Result<Vec<Link>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, LEFT_BEHIND, calendar.0)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

fn inherited(owner: &Link, by: &Link) -> Link {
    Link {
        role: Role::Owner,
        record: owner.record.clone(),
        entity: owner.entity.clone(),
        origin: owner.origin,
        base: owner.base.clone(),
        // The answer is that of the calendar, the guests are those of the record.
        people: People {
            met: owner.people.met.clone(),
            took: owner.people.took.clone(),
            ..by.people.clone()
        },
        state: if by.state == State::Dormant { State::Dormant } else { State::Active },
        ..by.clone()
    }
}

/// A pair that shows the event in another calendar.
///
/// # Errors
/// When the database does not answer, or the base does not open.
pub async fn view_of(
    store: &Store,
    on: &mut impl Source,
    ical_uid: &str,
) -> Result<Option<Link>, StoreError> {
    fetch_one!(on, Row, VIEW_OF, ical_uid)?.map(|row: Row| row.opened(store)).transpose()
}

/// Whether a user sees an event of that identity as a copy of a record.
///
/// # Errors
/// When the database does not answer.
pub async fn copied(on: &mut impl Source, ical_uid: Option<&str>) -> Result<bool, StoreError> {
    let Some(uid) = ical_uid else { return Ok(false) };
    Ok(fetch_one!(on, (i64,), COPIED, uid)?.is_some_and(|(count,)| count > 0))
}

/// The next owner of a calendar whose event another calendar shows, too.
///
/// # Errors
/// When the database does not answer, or the base does not open.
pub async fn shared(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
    after: Option<PairId>,
) -> Result<Option<Link>, StoreError> {
    let after = after.map_or(Uuid::nil(), |id| id.0);
    fetch_one!(on, Row, SHARED, calendar.0, after)?.map(|row: Row| row.opened(store)).transpose()
}

/// Views in a calendar whose event shows something new there, and is owned in another one.
///
/// # Errors
/// When the database does not answer, or a base does not open.
pub async fn owned_elsewhere(
    store: &Store,
    on: &mut impl Source,
    calendar: CalendarId,
) -> Result<Vec<Link>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OWNED_ELSEWHERE, calendar.0)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// Makes a view the owner, and its owner a view; false when that cannot be now: then the batch is
/// not to be committed.
///
/// # Errors
/// When the database does not answer.
pub async fn pass_on(
    store: &Store,
    batch: &mut Batch,
    owner: PairId,
    view: &Link,
) -> Result<bool, StoreError> {
    links::remove(batch, view.id).await?;
    hand_over(store, batch, owner, view).await
}

/// Makes a view the owner of a record whose owner has lost its event; false when that is none
/// any more, or event or record is another one's.
///
/// # Errors
/// When the database does not answer.
pub async fn promote(batch: &mut Batch, owner: &Link, view: &Link) -> Result<bool, StoreError> {
    if !links::hold(batch, owner.id).await? {
        return Ok(false);
    }
    links::remove(batch, owner.id).await?;
    links::remove(batch, view.id).await?;
    links::add(batch, &inherited(owner, view)).await
}

/// Whoever is given a record of this account next gets an event of it: the account owns none any more
/// that was made of a record, unless others go on with it. What is not known yet of an effect on one is
/// found out first, but for what was meant before `given_up`: nobody is there who could.
///
/// # Errors
/// When the database does not answer.
pub async fn release(on: &mut impl Write, account: AccountId, given_up: i64) -> Result<(), StoreError> {
    let now = on.store().clock().now();
    execute!(on, DROP_INTENTS, account.0, given_up)?;
    execute!(on, RELEASE, account.0, now)?;
    Ok(())
}

/// The account owns again what it did, but for what somebody else does by now.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(on: &mut impl Write, account: AccountId) -> Result<(), StoreError> {
    let now = on.store().clock().now();
    execute!(on, CLAIM, account.0, now)?;
    execute!(on, CLAIMED, account.0)?;
    Ok(())
}

/// Whether a record was a leaver's, by this event of it where one is named.
///
/// # Errors
/// When the database does not answer.
pub async fn was_a_leavers(
    on: &mut impl Source,
    (entity, record): (&str, &str),
    event: Option<&str>,
) -> Result<bool, StoreError> {
    let row = fetch_one!(on, (i64,), RELEASED, entity, record, event.unwrap_or_default())?;
    Ok(row.is_some_and(|(count,)| count > 0))
}

/// Gives the pairs of an account to others who use the same calendars.
///
/// # Errors
/// When the database does not answer.
pub async fn hand_down(on: &mut impl Write, from: AccountId) -> Result<(), StoreError> {
    execute!(on, HAND_DOWN, from.0)?;
    Ok(())
}
