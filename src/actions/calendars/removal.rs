//! Removing everything that was made for a mailbox: what that would do, and having
//! it done.
//!
//! It is an undo that is of no run, one in each calendar. A confirmation switches
//! the mailbox's calendars off first, so that nothing is made meanwhile; a
//! calendar in which something is to be removed is run for that alone, until it
//! is. Whoever chooses it again before that wants what is left of it.

use std::collections::BTreeMap;

use postern_core::model::account::State;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId};
use postern_core::model::scope::Product;

use super::{CalendarFault, open};
use crate::actions::By;
use crate::actions::undoing::{ASKED, NotUndone, Preview, What};
use crate::google::calendar::access::AccessRole;
use crate::store::accounts::Account;
use crate::store::sync::calendar_users::Kind;
use crate::store::sync::removal::{self, At};
use crate::store::sync::taken_back::MOST;
use crate::store::sync::{calendar_users, calendars, choices, undos};
use crate::store::{Act, Source, Store, StoreError, accounts, meta, switched_off};

/// What removing everything would do now: at most [`MOST`] acts, then the rest can be asked for.
///
/// # Errors
/// When the mailbox is not connected.
pub async fn preview(store: &Store, account: AccountId) -> Result<Preview, CalendarFault> {
    let (installation, _) = meta::found(store).await?;
    let on = &mut store.read().await?;
    let account = accounts::by_id(on, account).await?.ok_or(CalendarFault::NoAccount)?;
    connected(on, &account).await?;
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let users = calendar_users::of_account(on, account.id).await?;
    let asked = undos::of_everything(store, on, account.id, (false, ASKED)).await?;
    let (product, what) = (Product::Calendar, What::Everything);
    let mut preview = Preview { product, what, parts: Vec::new(), asked, more: false, mails: 0 };
    let mut acts = 0;
    for calendar in calendars::of_account(store, on, account.id).await? {
        let user = users.iter().find(|user| user.calendar == calendar.id && user.active);
        let at = At {
            calendar: &calendar,
            account: account.id,
            writes: user.map(|user| AccessRole::of(&user.role).writes()),
            installation: &installation,
        };
        // One more tells that there is more.
        for part in removal::of_calendar(store, on, at, most - acts + 1).await? {
            if acts + part.acts.len() > most {
                preview.more = true;
                return Ok(preview);
            }
            acts += part.acts.len();
            preview.parts.push(part.of(|link| link.calendar.into()));
        }
    }
    Ok(preview)
}

/// Has everything removed as it was shown, by the next runs of the calendars, which begin within
/// seconds. How much is to be removed.
///
/// # Errors
/// When it is not as it was shown any more, there is nothing to remove, something waits in one of
/// the calendars already, or the mailbox is not connected.
pub async fn remove(store: &Store, by: &By, account: AccountId, mark: &str) -> Result<usize, CalendarFault> {
    // The run looks at each act once more, so what changes from here on stays.
    let preview = preview(store, account).await?;
    let mut act = by.open(store).await?;
    let account = open(&mut act, account).await?;
    connected(&mut act, &account).await?;
    preview.confirmed(mark, NotUndone::NothingToRemove)?;
    let (chosen, now) = (switch_off(&mut act, by, &account).await?, store.clock().now());
    let calendars: BTreeMap<CalendarId, Vec<String>> =
        preview.by_place().into_iter().map(|(synced, hashes)| (CalendarId(synced.0), hashes)).collect();
    for (&calendar, hashes) in &calendars {
        let whose = (calendar.into(), account.id, None);
        let added = undos::add(&mut act, whose, hashes, (&by.actor, now)).await?;
        added.ok_or(NotUndone::Undoing)?;
        calendar_users::leave(&mut act, account.id, calendar).await?;
        calendars::wake(&mut act, calendar, now).await?;
    }
    if let Some(chosen) = chosen {
        act.also(chosen);
    }
    let count = preview.acts();
    let event = Event::RemovalAsked {
        account: account.id,
        address: account.address,
        calendars: calendars.into_keys().collect(),
        count: i64::try_from(count).unwrap_or(i64::MAX),
    };
    act.commit(event).await?;
    Ok(count)
}

// Nothing can be removed where nobody may be asked.
async fn connected(on: &mut impl Source, account: &Account) -> Result<(), CalendarFault> {
    let off = switched_off::of(on, account.id).await?.contains(&Product::Calendar);
    if account.state == State::Active && !off {
        Ok(())
    } else {
        Err(NotUndone::NotConnected(Product::Calendar).into())
    }
}

// Choices that are open on a page somewhere were made on the sight of others.
async fn switch_off(act: &mut Act, by: &By, account: &Account) -> Result<Option<Event>, StoreError> {
    let users = calendar_users::of_account(act, account.id).await?;
    let used = users.iter().any(|user| matches!(user.kind, Kind::Main | Kind::Monitored));
    calendar_users::choose(act, account.id, None, &[]).await?;
    if let Some(stored) = choices::of(act, account.id).await? {
        choices::put(act, account.id, &stored.content, stored.version, &by.actor).await?;
    }
    let monitored: Vec<CalendarId> = Vec::new();
    let (account, address) = (account.id, account.address.clone());
    Ok(used.then_some(Event::CalendarsChosen { account, address, main: None, monitored }))
}
