//! Taking a run of a calendar back: what that would do, and having it done.

use std::collections::BTreeMap;

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId, RunId};
use postern_core::model::scope::Product;
use postern_core::plan::link::Side;
use postern_core::plan::undo;

use super::{CalendarFault, open};
use crate::actions::By;
use crate::actions::undoing::{ASKED, Changed, NotUndone, Preview, Runs, What};
use crate::store::sync::calendar_users::{CalendarUser, Kind};
use crate::store::sync::links::Link;
use crate::store::sync::taken_back::{self, Part};
use crate::store::sync::{calendar_users, calendars, crm_cursors, sync_journal, undos};
use crate::store::{Source, Store, StoreError};

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
    Ok(Runs { product: Product::Calendar, list, offset, total })
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
    let parts = parts.ok_or(NotUndone::TooMuch(taken_back::MOST))?;
    let asked = undos::of_run(store, on, run, account, ASKED).await?;
    let mails = mails(on, &parts).await?;
    let parts = parts.into_iter().map(|part| part.of(|link: Link| link.calendar.into())).collect();
    let what = What::Run(run, synced);
    Ok(Preview { product: Product::Calendar, what, parts, asked, more: false, mails })
}

// A CRM that does not tell is taken for one that mails.
async fn mails(on: &mut impl Source, parts: &[Part]) -> Result<usize, StoreError> {
    let made =
        |part: &&Part| part.acts.iter().any(|act| matches!(act, undo::Act::Bring { side: Side::Crm, .. }));
    let mut count = 0;
    for link in parts.iter().filter(made).filter_map(|part| part.link.as_ref()) {
        count += usize::from(
            crm_cursors::habits(on, &link.entity).await?.and_then(|habits| habits.mails) != Some(0),
        );
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
    preview.confirmed(mark, NotUndone::NothingToUndo)?;
    let What::Run(run, synced) = preview.what else { return Err(CalendarFault::NotThere) };
    let (whose, now) = ((synced, account.id, Some(run)), store.clock().now());
    let calendar = CalendarId(synced.0);
    let added = undos::add(&mut act, whose, &preview.hashes(), (&by.actor, now)).await?;
    added.ok_or(NotUndone::Undoing)?;
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
