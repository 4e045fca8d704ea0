//! The calendars of a mailbox as people look at them.

use std::collections::{BTreeMap, BTreeSet};

use postern_core::model::id::{AccountId, CalendarId};
use postern_core::plan::calendar::choices::Choices;
use postern_core::plan::calendar::defaults::Lock;
use postern_core::plan::calendar::own::Own;

use super::CalendarFault;
use crate::clock::written;
use crate::google::calendar::access::AccessRole;
use crate::store::accounts::{self, Account};
use crate::store::sync::calendar_users::{self, CalendarUser, Kind};
use crate::store::sync::calendars::{self, Calendar};
use crate::store::sync::runs::{self, Run};
use crate::store::sync::{choices, defaults};
use crate::store::{Read, Store, StoreError};

/// The calendars of a mailbox and what was chosen.
#[derive(Debug, Clone)]
pub struct View {
    /// The mailbox.
    pub account: Account,
    /// Whether nothing runs, since the database was restored or started somewhere else.
    pub held: bool,
    /// Its calendars: the used ones first, then the one that is proposed, then
    /// by name.
    pub calendars: Vec<Offer>,
    /// How they are kept in step; the defaults where nobody has chosen, and
    /// where nobody can read any more what was chosen.
    pub choices: Choices,
    /// Which of them an admin has chosen for everybody.
    pub locked: BTreeSet<Lock>,
    /// Counts the changes of the choices; 0 where nobody has chosen.
    pub version: i64,
    /// Counts the changes of everybody's defaults.
    pub defaults_version: i64,
    /// When they were changed.
    pub changed_at: Option<String>,
}

/// A calendar of a mailbox.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Identity.
    pub id: CalendarId,
    /// Google's identity of it.
    pub google_id: String,
    /// Its name; Google's identity where it has none.
    pub name: String,
    /// What it is used for.
    pub kind: Kind,
    /// Google's word for what the user may do there.
    pub role: String,
    /// Whether its events may be written.
    pub writable: bool,
    /// Whether Google still lists it.
    pub listed: bool,
    /// Whether it is the one to be the main calendar where none is chosen.
    pub proposed: bool,
    /// Why its last run failed, a word.
    pub fault: Option<String>,
    /// When it was last brought in step.
    pub last_sync: Option<String>,
    /// When it is due; in the past while it is run.
    pub next_at: String,
    /// Its last run, where it is used.
    pub run: Option<Run>,
}

impl View {
    /// The main calendar.
    #[must_use]
    pub fn main(&self) -> Option<CalendarId> {
        self.of(Kind::Main).next()
    }

    /// What is read beside it.
    #[must_use]
    pub fn monitored(&self) -> Vec<CalendarId> {
        self.of(Kind::Monitored).collect()
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = CalendarId> {
        self.calendars.iter().filter(move |offer| offer.kind == kind).map(|offer| offer.id)
    }
}

/// The calendars of a mailbox.
///
/// # Errors
/// When there is no such mailbox.
pub async fn one(store: &Store, account: AccountId) -> Result<View, CalendarFault> {
    let held = store.standing().await?.holds();
    let mut read = store.read().await?;
    let account = accounts::by_id(&mut read, account).await?.ok_or(CalendarFault::NoAccount)?;
    let chosen = choices::of(&mut read, account.id).await?;
    let own = chosen.as_ref().and_then(|chosen| Own::parse(&chosen.content));
    let standing = defaults::standing(&mut read).await?;
    let house = standing.defaults;
    Ok(View {
        held,
        calendars: offers(store, &mut read, &account).await?,
        choices: house.over(own.as_ref()),
        locked: house.locked,
        defaults_version: standing.version,
        version: chosen.as_ref().map_or(0, |chosen| chosen.version),
        changed_at: chosen.map(|chosen| written(chosen.changed_at)),
        account,
    })
}

async fn offers(store: &Store, read: &mut Read, account: &Account) -> Result<Vec<Offer>, StoreError> {
    let known = calendars::of_account(store, read, account.id).await?;
    let mut known: BTreeMap<CalendarId, Calendar> = known.into_iter().map(|it| (it.id, it)).collect();
    let mut offers = Vec::new();
    for user in calendar_users::of_account(read, account.id).await? {
        let Some(calendar) = known.remove(&user.calendar) else { continue };
        let used = user.kind != Kind::Offered;
        let run = if used { runs::last(read, calendar.id, 1).await?.pop() } else { None };
        offers.push(offer(account, &user, calendar, run));
    }
    if offers.iter().any(|offer| offer.kind == Kind::Main) {
        offers.iter_mut().for_each(|offer| offer.proposed = false);
    }
    offers.sort_by_cached_key(|offer| {
        let rank = match offer.kind {
            Kind::Main => 0,
            Kind::Monitored | Kind::Leaving => 1,
            Kind::Offered if offer.proposed => 2,
            Kind::Offered => 3,
        };
        (rank, offer.name.to_lowercase(), offer.id)
    });
    Ok(offers)
}

fn offer(account: &Account, user: &CalendarUser, calendar: Calendar, run: Option<Run>) -> Offer {
    let writable = AccessRole::of(&user.role).writes();
    // Google calls a user's own first calendar by the address of the mailbox.
    let own = calendar.google_id.eq_ignore_ascii_case(account.address.as_str());
    Offer {
        id: calendar.id,
        name: Some(calendar.name)
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| calendar.google_id.clone()),
        google_id: calendar.google_id,
        kind: user.kind,
        writable,
        proposed: own && writable && user.active,
        role: user.role.clone(),
        listed: user.active,
        fault: calendar.fault,
        last_sync: user.last_sync.map(written),
        next_at: written(calendar.next_at),
        run,
    }
}
