//! Pairs as people look at them: those that are not kept in step, those of an
//! event or a record, and the way back for one that was let go.

use postern_core::model::id::{AccountId, PairId};
use postern_core::plan::calendar::people::People;
use postern_core::plan::link::{Base, State};

use super::links::{self, Link, Row, place, written};
use crate::clock::Micros;
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

statements! {
    // What is gone on both sides is over: nobody has to know of it. An intent that is new is a
    // write on its way.
    APART = "SELECT l.id, l.account_id, l.calendar_id, l.event_id, l.ical_uid, l.entity, l.record_id, l.origin, \
             l.role, l.state, l.generation, l.base_sealed, l.modified_at AS since, \
             COALESCE((SELECT g.live FROM google_seen g WHERE g.calendar_id = l.calendar_id \
             AND g.event_id = l.event_id), 0) AS event_lives, \
             COALESCE((SELECT c.live FROM crm_seen c WHERE c.entity = l.entity AND c.record_id = l.record_id), 0) \
             AS record_lives FROM links l WHERE l.account_id = $1 AND l.role <> 'view' AND (l.state NOT IN ('active', 'dormant') \
             AND (EXISTS (SELECT 1 FROM google_seen g WHERE g.calendar_id = l.calendar_id \
             AND g.event_id = l.event_id AND g.live = 1) OR EXISTS (SELECT 1 FROM crm_seen c \
             WHERE c.entity = l.entity AND c.record_id = l.record_id AND c.live = 1)) \
             OR EXISTS (SELECT 1 FROM intents i WHERE i.link_id = l.id AND i.created_at < $2)) \
             ORDER BY CASE l.state WHEN 'detached' THEN 1 WHEN 'ignored' THEN 1 ELSE 0 END, l.modified_at DESC, \
             l.id DESC LIMIT $3";
    ONE = "SELECT l.id, l.account_id, l.calendar_id, l.event_id, l.ical_uid, l.entity, l.record_id, l.origin, \
           l.role, l.state, l.generation, l.base_sealed, l.modified_at AS since, \
           COALESCE((SELECT g.live FROM google_seen g WHERE g.calendar_id = l.calendar_id \
           AND g.event_id = l.event_id), 0) AS event_lives, \
           COALESCE((SELECT c.live FROM crm_seen c WHERE c.entity = l.entity AND c.record_id = l.record_id), 0) \
           AS record_lives FROM links l WHERE l.id = $1";
    OF_EVENT = "SELECT id, account_id, calendar_id, event_id, ical_uid, entity, record_id, origin, role, state, \
                generation, base_sealed FROM links WHERE event_id = $1 ORDER BY id LIMIT $2";
    OF_RECORD = "SELECT id, account_id, calendar_id, event_id, ical_uid, entity, record_id, origin, role, state, \
                 generation, base_sealed FROM links WHERE entity = $1 AND record_id = $2 ORDER BY id LIMIT $3";
    // Writes of before count no more, or the next one would put it in quarantine again.
    RESUME = "UPDATE links SET state = 'active', churn = 0, modified_at = $2 WHERE id = $1 AND state <> 'active'";
    FORGET = "UPDATE links SET base_sealed = $2 WHERE id = $1";
}

/// A pair with what is known of its sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The pair.
    pub link: Link,
    /// When it came into its state.
    pub since: Micros,
    /// Whether its event is there.
    pub event_lives: bool,
    /// Whether its record is there.
    pub record_lives: bool,
}

#[derive(sqlx::FromRow)]
struct Looked {
    #[sqlx(flatten)]
    row: Row,
    since: i64,
    event_lives: i64,
    record_lives: i64,
}

impl Looked {
    fn opened(self, store: &Store) -> Result<Standing, StoreError> {
        Ok(Standing {
            link: self.row.opened(store)?,
            since: self.since,
            event_lives: self.event_lives != 0,
            record_lives: self.record_lives != 0,
        })
    }
}

/// Pairs of an account that are not kept in step, or of which nobody has known since before
/// `unsettled` what came of a write: those that need somebody first, then the last ones first.
///
/// # Errors
/// When the database does not answer, or a base does not open.
pub async fn of_account(
    store: &Store,
    on: &mut impl Source,
    account: AccountId,
    unsettled: Micros,
    most: i64,
) -> Result<Vec<Standing>, StoreError> {
    let rows: Vec<Looked> = fetch_all!(on, Looked, APART, account.0, unsettled, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// A pair with what is known of its sides.
///
/// # Errors
/// When the database does not answer, or the base does not open.
pub async fn one(store: &Store, on: &mut impl Source, id: PairId) -> Result<Option<Standing>, StoreError> {
    fetch_one!(on, Looked, ONE, id.0)?.map(|row: Looked| row.opened(store)).transpose()
}

/// The pairs of an event, in whatever calendars it is shown, at most `most`.
///
/// # Errors
/// When the database does not answer, or a base does not open.
pub async fn of_event(
    store: &Store,
    on: &mut impl Source,
    event: &str,
    most: i64,
) -> Result<Vec<Link>, StoreError> {
    links::opened(store, fetch_all!(on, Row, OF_EVENT, event, most)?)
}

/// The pairs of a record: its owner and those that show it, at most `most`.
///
/// # Errors
/// When the database does not answer, or a base does not open.
pub async fn of_record(
    store: &Store,
    on: &mut impl Source,
    entity: &str,
    record: &str,
    most: i64,
) -> Result<Vec<Link>, StoreError> {
    links::opened(store, fetch_all!(on, Row, OF_RECORD, entity, record, most)?)
}

/// Has a pair kept in step again; false when it is.
///
/// # Errors
/// When the database does not answer.
pub async fn resume(on: &mut impl Write, id: PairId) -> Result<bool, StoreError> {
    let now = on.store().clock().now();
    Ok(execute!(on, RESUME, id.0, now)? == 1)
}

/// Forgets what was agreed, so that an event that is gone is made again.
///
/// # Errors
/// When the database does not answer.
pub async fn disagree(on: &mut impl Write, id: PairId) -> Result<(), StoreError> {
    let sealer = Sealer::new(on).await?;
    let base = sealer.seal(&place(id.0), &written(&Base::default(), &People::default())?)?;
    execute!(on, FORGET, id.0, &base)?;
    Ok(())
}

/// Whether somebody may ask for it to be kept in step again.
#[must_use]
pub fn resumable(state: State) -> bool {
    match state {
        State::Frozen | State::Detached | State::Ignored | State::Quarantined => true,
        State::Active | State::Dormant => false,
    }
}
