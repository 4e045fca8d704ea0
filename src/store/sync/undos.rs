//! What somebody wants taken back, as it was shown to them: a run, or everything
//! that was made for their mailbox.
//!
//! A calendar or an address book has one that waits. Its next run takes it up and
//! does what was confirmed and nothing else; whatever is different by then stays.

use postern_core::model::actor::Actor;
use postern_core::model::id::{AccountId, RunId, SyncedId, UndoId};
use uuid::Uuid;

use crate::clock::Micros;
use crate::seal::Place;
use crate::store::act::{Act, Batch};
use crate::store::error::StoreError;
use crate::store::keys::Sealer;
use crate::store::open::Store;
use crate::store::sql::{Source, Write, execute, fetch_all, fetch_one, statements};

/// How long a confirmation is good: a day.
pub const PATIENCE: Micros = 86_400 * 1_000_000;

statements! {
    ADD = "INSERT INTO undos (id, calendar_id, account_id, run_id, state, asked_by, asked_at, acts, content_sealed) \
           VALUES ($1, $2, $3, $4, 'waiting', $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    WAITING = "SELECT id, calendar_id, account_id, run_id, state, asked_by, asked_at, ended_at, acts, done, failed, \
               content_sealed FROM undos WHERE calendar_id = $1 AND state = 'waiting'";
    OF_RUN = "SELECT id, calendar_id, account_id, run_id, state, asked_by, asked_at, ended_at, acts, done, failed, \
              content_sealed FROM undos WHERE run_id = $1 AND account_id = $2 \
              ORDER BY asked_at DESC, id DESC LIMIT $3";
    // In its calendars, or among its contacts.
    OF_EVERYTHING = "SELECT id, calendar_id, account_id, run_id, state, asked_by, asked_at, ended_at, acts, done, \
                     failed, content_sealed FROM undos WHERE account_id = $1 AND run_id IS NULL \
                     AND $3 = (CASE WHEN EXISTS (SELECT 1 FROM address_books b WHERE b.id = undos.calendar_id) \
                     THEN 1 ELSE 0 END) ORDER BY asked_at DESC, id DESC LIMIT $2";
    BY_ID = "SELECT id, calendar_id, account_id, run_id, state, asked_by, asked_at, ended_at, acts, done, failed, \
             content_sealed FROM undos WHERE id = $1";
    COUNT = "UPDATE undos SET done = done + 1 WHERE id = $1 AND done < acts";
    STRIKE = "UPDATE undos SET failed = failed + 1, content_sealed = $2 WHERE id = $1";
    END = "UPDATE undos SET state = CASE WHEN done >= acts THEN 'done' ELSE 'partly' END, ended_at = $2 \
           WHERE id = $1 AND state = 'waiting'";
    EXPIRE = "UPDATE undos SET state = 'expired', ended_at = $2 WHERE state = 'waiting' AND asked_at < $1";
    PRUNE = "DELETE FROM undos WHERE ended_at < $1";
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The next run takes it up.
    Waiting,
    /// Everything that was confirmed was done.
    Done,
    /// Something of it stayed: it was another by then, or a side refused it.
    Partly,
    /// No run took it up in time, or could end it: what is left of it stays.
    Expired,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Done, Self::Partly, Self::Expired];

    /// The word in the store and the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Partly => "partly",
            Self::Expired => "expired",
        }
    }
}

/// What somebody wants taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// Identity.
    pub id: UndoId,
    /// In which calendar or address book.
    pub synced: SyncedId,
    /// For which account.
    pub account: AccountId,
    /// What this run did; everything that was made for the account, when it is none.
    pub run: Option<RunId>,
    /// How it stands.
    pub state: State,
    /// Who wants it.
    pub asked_by: String,
    /// Since when.
    pub asked_at: Micros,
    /// Since when it waits no more.
    pub ended_at: Option<Micros>,
    /// How much was confirmed.
    pub acts: i64,
    /// How much of it was done.
    pub done: i64,
    /// How much of it was refused.
    pub failed: i64,
    /// The hashes of what was confirmed.
    pub hashes: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    calendar_id: Uuid,
    account_id: Uuid,
    run_id: Option<Uuid>,
    state: String,
    asked_by: String,
    asked_at: i64,
    ended_at: Option<i64>,
    acts: i64,
    done: i64,
    failed: i64,
    content_sealed: Vec<u8>,
}

/// Where the content is sealed.
pub(in crate::store) fn place(id: Uuid) -> Place {
    Place::row("undos", "content_sealed", id)
}

impl Row {
    fn opened(self, store: &Store) -> Result<Undo, StoreError> {
        let broken = |column| move || StoreError::inconsistent("undos", column);
        let content = store.ring().open(&place(self.id), &self.content_sealed)?;
        let state = State::ALL.into_iter().find(|state| state.name() == self.state);
        Ok(Undo {
            id: UndoId(self.id),
            synced: SyncedId(self.calendar_id),
            account: AccountId(self.account_id),
            run: self.run_id.map(RunId),
            state: state.ok_or_else(broken("state"))?,
            asked_by: self.asked_by,
            asked_at: self.asked_at,
            ended_at: self.ended_at,
            acts: self.acts,
            done: self.done,
            failed: self.failed,
            hashes: serde_json::from_str(content.reveal()).map_err(|_| broken("content_sealed")())?,
        })
    }
}

fn written(hashes: &[String]) -> Result<String, StoreError> {
    serde_json::to_string(hashes).map_err(|_| StoreError::inconsistent("undos", "content_sealed"))
}

/// Asks for it, now; none when something waits there already.
///
/// # Errors
/// When the database does not answer.
pub async fn add(
    act: &mut Act,
    (synced, account, run): (SyncedId, AccountId, Option<RunId>),
    hashes: &[String],
    (by, now): (&Actor, Micros),
) -> Result<Option<UndoId>, StoreError> {
    let (sealer, store) = (Sealer::new(act).await?, act.store());
    let id = store.dice().id(store.clock())?;
    let sealed = sealer.seal(&place(id), &written(hashes)?)?;
    let count = i64::try_from(hashes.len()).unwrap_or(i64::MAX);
    let added =
        execute!(act, ADD, id, synced.0, account.0, run.map(|run| run.0), by.label(), now, count, &sealed)?;
    Ok((added == 1).then_some(UndoId(id)))
}

/// What waits in a calendar or an address book.
///
/// # Errors
/// When the database does not answer, or the content does not open.
pub async fn waiting(
    store: &Store,
    on: &mut impl Source,
    synced: impl Into<SyncedId>,
) -> Result<Option<Undo>, StoreError> {
    fetch_one!(on, Row, WAITING, synced.into().0)?.map(|row: Row| row.opened(store)).transpose()
}

/// How often a run was taken back for an account, the last first.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn of_run(
    store: &Store,
    on: &mut impl Source,
    run: RunId,
    account: AccountId,
    most: i64,
) -> Result<Vec<Undo>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_RUN, run.0, account.0, most)?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// How often everything was removed of an account, by calendar or among its contacts, the last first.
///
/// # Errors
/// When the database does not answer, or a content does not open.
pub async fn of_everything(
    store: &Store,
    on: &mut impl Source,
    account: AccountId,
    (contacts, most): (bool, i64),
) -> Result<Vec<Undo>, StoreError> {
    let rows: Vec<Row> = fetch_all!(on, Row, OF_EVERYTHING, account.0, most, i64::from(contacts))?;
    rows.into_iter().map(|row| row.opened(store)).collect()
}

/// Counts one that was done of it.
///
/// # Errors
/// When the database does not answer.
pub async fn count(batch: &mut Batch, id: UndoId) -> Result<(), StoreError> {
    execute!(batch, COUNT, id.0)?;
    Ok(())
}

/// Counts one that was refused of it, and which no later run tries again.
///
/// # Errors
/// When the database does not answer, or the content does not open.
pub async fn strike(batch: &mut Batch, id: UndoId, hash: &str) -> Result<(), StoreError> {
    let (sealer, store) = (Sealer::new(batch).await?, batch.store());
    let found = fetch_one!(batch, Row, BY_ID, id.0)?.map(|row: Row| row.opened(&store)).transpose()?;
    let Some(mut undo) = found.filter(|undo| undo.hashes.iter().any(|one| one == hash)) else {
        return Ok(());
    };
    undo.hashes.retain(|one| one != hash);
    let sealed = sealer.seal(&place(id.0), &written(&undo.hashes)?)?;
    execute!(batch, STRIKE, id.0, &sealed)?;
    Ok(())
}

/// It waits no more: all of it was done, or something stays.
///
/// # Errors
/// When the database does not answer.
pub async fn end(batch: &mut Batch, id: UndoId) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, END, id.0, now)?;
    Ok(())
}

/// What was asked for before then waits no more.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(batch: &mut Batch, before: Micros) -> Result<(), StoreError> {
    let now = batch.store().clock().now();
    execute!(batch, EXPIRE, before, now)?;
    Ok(())
}

/// Forgets what ended before then.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(on: &mut impl Write, before: Micros) -> Result<(), StoreError> {
    execute!(on, PRUNE, before)?;
    Ok(())
}
