//! Taking a run back: what that would do, and having it done.
//!
//! A confirmation names what was shown. The calendar's next run does exactly
//! that; what has become different by then stays as it is.

use std::collections::BTreeMap;

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId, RunId};
use postern_core::plan::link::Side;
use postern_core::plan::undo;

use super::{CalendarFault, open};
use crate::actions::By;
use crate::store::sync::calendar_users::{CalendarUser, Kind};
use crate::store::sync::sync_journal::Ran;
use crate::store::sync::taken_back::{self, Part};
use crate::store::sync::undos::{self, State, Undo};
use crate::store::sync::{calendar_users, calendars, crm_cursors, sync_journal};
use crate::store::{Source, Store, StoreError};

/// Runs that a page lists at once.
pub const RUNS: i64 = 10;
/// How often one run is told to have been taken back.
pub(super) const ASKED: i64 = 20;

/// What is to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// What a run did in a calendar.
    Run(RunId, CalendarId),
    /// Everything that was made for the mailbox.
    Everything,
}

/// What taking that back would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Of what.
    pub what: What,
    /// By pair.
    pub parts: Vec<Part>,
    /// What was asked for before, the last first.
    pub asked: Vec<Undo>,
    /// Whether there is more than is done at once.
    pub more: bool,
    /// How many mails the CRM sends about what is made again.
    pub mails: usize,
}

impl Preview {
    /// How much is to be done.
    #[must_use]
    pub fn acts(&self) -> usize {
        self.parts.iter().map(|part| part.acts.len()).sum()
    }

    /// How much is left as it is.
    #[must_use]
    pub fn left(&self) -> usize {
        self.parts.iter().map(|part| part.left.len()).sum()
    }

    /// Whether something that was deleted is made again.
    #[must_use]
    pub fn brings(&self) -> bool {
        self.parts.iter().flat_map(|part| &part.acts).any(|act| matches!(act, undo::Act::Bring { .. }))
    }

    /// Whether somebody wants it already, and the next run does it.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.asked.iter().any(|asked| asked.state == State::Waiting)
    }

    /// How it stands with what was asked for last, in all calendars together: the state, how much was
    /// done of how much.
    #[must_use]
    pub fn standing(&self) -> Option<(State, i64, i64)> {
        let at = self.asked.first()?.asked_at;
        let last = || self.asked.iter().filter(|asked| asked.asked_at == at);
        let has = |state| last().any(|asked| asked.state == state);
        let state = [State::Waiting, State::Expired, State::Partly].into_iter().find(|state| has(*state));
        let sum = |of: fn(&Undo) -> i64| last().map(of).sum();
        Some((state.unwrap_or(State::Done), sum(|undo| undo.done), sum(|undo| undo.acts)))
    }

    /// Stands for everything that is to be done and what comes of it: whoever confirms shows it.
    #[must_use]
    pub fn mark(&self) -> String {
        let mails = (self.mails > 0).then(|| format!("mails {}", self.mails));
        undo::mark(&self.hashes().into_iter().chain(mails).collect::<Vec<_>>())
    }

    fn hashes(&self) -> Vec<String> {
        self.parts.iter().flat_map(Part::hashes).collect()
    }

    /// The hashes of what is to be done in each calendar.
    pub(super) fn by_calendar(&self) -> BTreeMap<CalendarId, Vec<String>> {
        let mut all: BTreeMap<CalendarId, Vec<String>> = BTreeMap::new();
        for part in self.parts.iter().filter(|part| !part.acts.is_empty()) {
            if let Some(link) = &part.link {
                all.entry(link.calendar).or_default().extend(part.hashes());
            }
        }
        all
    }
}

/// A run that has changed something for a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// What it has changed, in numbers.
    pub run: Ran,
    /// The name of its calendar.
    pub calendar_name: String,
    /// How it stands with taking it back, where somebody wants that.
    pub asked: Option<Undo>,
}

/// Some of these runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    /// The last first.
    pub list: Vec<Changed>,
    /// How many come before.
    pub offset: i64,
    /// How many there are.
    pub total: i64,
}

/// The runs that have changed something for the mailbox, as long as what was there is kept.
///
/// # Errors
/// When the database does not answer, or something sealed does not open.
pub async fn changed(
    store: &Store,
    account: AccountId,
    (most, offset): (i64, i64),
) -> Result<Runs, StoreError> {
    let on = &mut store.read().await?;
    let names: BTreeMap<CalendarId, String> = calendars::of_account(store, on, account)
        .await?
        .into_iter()
        .map(|it| (it.id, Some(it.name).filter(|name| !name.is_empty()).unwrap_or(it.google_id)))
        .collect();
    let since = store.clock().now() - sync_journal::KEPT;
    let mut list = Vec::new();
    for run in sync_journal::runs(on, (account, since), (most, offset)).await? {
        let asked = undos::of_run(store, on, RunId(run.run_id), account, 1).await?.pop();
        let calendar_name = names.get(&CalendarId(run.calendar_id)).cloned().unwrap_or_default();
        list.push(Changed { run, calendar_name, asked });
    }
    let total = sync_journal::run_count(on, account, since).await?;
    Ok(Runs { list, offset, total })
}

// What others keep in step by now is not this mailbox's any more.
async fn used(on: &mut impl Source, account: AccountId, calendar: CalendarId) -> Result<(), CalendarFault> {
    let users = calendar_users::of_account(on, account).await?;
    let used = users.iter().any(|user| user.calendar == calendar && uses(user));
    if used { Ok(()) } else { Err(CalendarFault::NotThere) }
}

// One that is not shared any more stays chosen.
fn uses(user: &CalendarUser) -> bool {
    user.active && user.kind != Kind::Offered
}

/// For whose account a run has changed something.
///
/// # Errors
/// When it has changed nothing that is still known.
pub async fn account_of(store: &Store, run: RunId) -> Result<AccountId, CalendarFault> {
    let found = sync_journal::whose(&mut store.read().await?, run).await?;
    found.map(|(_, account)| account).ok_or(CalendarFault::NotThere)
}

/// What taking a run back would do now.
///
/// # Errors
/// When the run has changed nothing for the mailbox that is still known, or too
/// much.
pub async fn preview(store: &Store, account: AccountId, run: RunId) -> Result<Preview, CalendarFault> {
    let on = &mut store.read().await?;
    let found = sync_journal::whose(on, run).await?.filter(|(_, whose)| *whose == account);
    let Some((synced, _)) = found else { return Err(CalendarFault::NotThere) };
    let calendar = CalendarId(synced.0);
    used(on, account, calendar).await?;
    let parts = taken_back::of_run(store, on, (calendar, account, run)).await?;
    let parts = parts.ok_or(CalendarFault::TooMuch(taken_back::MOST))?;
    let asked = undos::of_run(store, on, run, account, ASKED).await?;
    let mails = mails(on, &parts).await?;
    Ok(Preview { what: What::Run(run, calendar), parts, asked, more: false, mails })
}

// A CRM that does not tell is taken for one that mails.
async fn mails(on: &mut impl Source, parts: &[Part]) -> Result<usize, StoreError> {
    let made =
        |part: &&Part| part.acts.iter().any(|act| matches!(act, undo::Act::Bring { side: Side::Crm, .. }));
    let mut count = 0;
    for link in parts.iter().filter(made).filter_map(|part| part.link.as_ref()) {
        count += usize::from(crm_cursors::habits(on, &link.entity).await?.mails != Some(0));
    }
    Ok(count)
}

/// Has a run taken back as it was shown, by the calendar's next run, which begins
/// within seconds. How much is to be done.
///
/// # Errors
/// When it is not as it was shown any more, nothing can be done, or something
/// waits in the calendar already.
pub async fn undo(
    store: &Store,
    by: &By,
    account: AccountId,
    run: RunId,
    mark: &str,
) -> Result<usize, CalendarFault> {
    // The run looks at each act once more, so what changes from here on is not taken back.
    let preview = preview(store, account, run).await?;
    let mut act = by.open(store).await?;
    let account = open(&mut act, account).await?;
    if preview.acts() == 0 {
        return Err(CalendarFault::NothingToUndo);
    }
    if preview.mark() != mark {
        return Err(CalendarFault::Different);
    }
    let What::Run(run, calendar) = preview.what else { return Err(CalendarFault::NotThere) };
    let (whose, now) = ((calendar, account.id, Some(run)), store.clock().now());
    let added = undos::add(&mut act, whose, &preview.hashes(), (&by.actor, now)).await?;
    added.ok_or(CalendarFault::Undoing)?;
    calendars::wake(&mut act, calendar, now).await?;
    let count = preview.acts();
    let event = Event::RunUndoAsked {
        run,
        account: account.id,
        address: account.address,
        calendar,
        count: i64::try_from(count).unwrap_or(i64::MAX),
    };
    act.commit(event).await?;
    Ok(count)
}
