//! Which calendars Google lists for a mailbox.

use std::collections::BTreeSet;
use std::time::Duration;

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId};

use super::{CalendarFault, held};
use crate::actions::By;
use crate::google::calendar::Calendar;
use crate::google::calendar::calendar_list::Listed;
use crate::google::quota::Caller;
use crate::store::sync::{calendar_users, calendars};
use crate::store::{Store, StoreError, Write};

/// Longest identity of a calendar that is taken over, in octets.
const IDENTITY: usize = 1024;
/// Longest name, in characters; the rest is cut.
const NAME: usize = 200;
/// Longest name of a time zone, in characters.
const ZONE: usize = 64;

/// How long somebody who looks at a page waits for a place in the budget.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way to Google's lists, for people who wait for the answer. Cheap to
/// clone.
#[derive(Clone)]
pub struct Lists(Calendar);

impl Lists {
    /// By this way to Google Calendar.
    #[must_use]
    pub fn new(google: &Calendar) -> Self {
        Self(google.counted_as(Caller::Poll, PATIENCE))
    }

    /// See [`refresh`].
    ///
    /// # Errors
    /// See [`refresh`].
    pub async fn refresh(&self, store: &Store, by: &By, account: AccountId) -> Result<Found, CalendarFault> {
        refresh(&self.0, store, by, account).await
    }
}

/// What Google's list changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// Calendars that are listed.
    pub listed: usize,
    /// That were, and are not any more.
    pub gone: usize,
}

/// Asks Google for the list and takes it over: what is new is offered and not
/// used, what is listed no more is marked so. Nothing is deleted.
///
/// # Errors
/// When Google does not show the list, or the mailbox was removed meanwhile.
pub async fn refresh(
    google: &Calendar,
    store: &Store,
    by: &By,
    account: AccountId,
) -> Result<Found, CalendarFault> {
    let listed = google.calendars(account).await?;
    let mut act = by.open(store).await?;
    let account = held(&mut act, account).await?;
    let Found { listed, gone } = take(&mut act, account.id, &listed).await?;
    act.commit(Event::CalendarsRead { account: account.id, address: account.address, listed, gone }).await?;
    Ok(Found { listed, gone })
}

/// Takes over what Google lists.
async fn take(on: &mut impl Write, account: AccountId, all: &[Listed]) -> Result<Found, StoreError> {
    let mut seen: BTreeSet<CalendarId> = BTreeSet::new();
    for listed in all.iter().filter(|listed| fits(&listed.id)) {
        // One calendar is one row, whoever sees it: what one user calls it is not for the others.
        let (name, zone) = (cut(&listed.title, NAME), cut(&listed.time_zone, ZONE));
        let calendar = calendars::put(on, &listed.id, &name, &zone).await?;
        calendar_users::put(on, account, calendar, listed.access_role.name()).await?;
        seen.insert(calendar);
    }
    let mut gone = 0;
    for user in calendar_users::of_account(on, account).await? {
        let missing = user.active && !seen.contains(&user.calendar);
        if missing && calendar_users::gone(on, account, user.calendar).await? {
            gone += 1;
        }
    }
    Ok(Found { listed: seen.len(), gone })
}

fn fits(identity: &str) -> bool {
    !identity.is_empty() && identity.len() <= IDENTITY && !identity.chars().any(char::is_control)
}

// Neither database need keep what no page shows.
fn cut(text: &str, longest: usize) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(longest).collect()
}
