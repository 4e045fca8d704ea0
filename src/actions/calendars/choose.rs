//! Which calendars a mailbox uses, and how they are kept in step.

use std::collections::BTreeSet;

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId};
use postern_core::plan::calendar::choices::Choices;
use postern_core::plan::calendar::defaults::{Defaults, Lock};
use postern_core::plan::calendar::entry::Entity;
use postern_core::plan::calendar::own::Own;
use serde_json::Value;

use super::teams::{Proven, Teams, holding};
use super::{CalendarFault, open};
use crate::actions::By;
use crate::google::calendar::access::AccessRole;
use crate::store::accounts::Account;
use crate::store::sync::calendar_users::{self, CalendarUser, Kind};
use crate::store::sync::choices::Chosen;
use crate::store::sync::defaults::Standing;
use crate::store::sync::hints::{self, About};
use crate::store::sync::{calendars, choices, crm_cursors, defaults};
use crate::store::{Act, Store, StoreError};

/// Most calendars that one mailbox monitors: each is asked for changes again
/// and again.
pub const MOST: usize = 50;

/// What is wanted, all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Where new events go.
    pub main: Option<CalendarId>,
    /// What else is read.
    pub monitored: BTreeSet<CalendarId>,
    /// How.
    pub choices: Choices,
    /// The version of everybody's defaults that they were chosen on the sight of; none where only
    /// what is named is changed.
    pub defaults: Option<i64>,
}

/// Makes the choices, which were made on the sight of `version` (0 where nobody
/// had chosen). False when they stood so before.
///
/// # Errors
/// When somebody was faster, a calendar is not the mailbox's own, the team not
/// its user's, or the choices make no sense.
pub async fn choose(
    store: &Store,
    (by, teams): (&By, &Teams),
    account: AccountId,
    wanted: &Wanted,
    version: i64,
) -> Result<bool, CalendarFault> {
    wanted.choices.check()?;
    let proven = teams.prove(store, account, &wanted.choices).await?;
    let mut act = by.open(store).await?;
    let account = open(&mut act, account).await?;
    let stored = choices::of(&mut act, account.id).await?;
    let had = stored.as_ref().map_or(0, |stored| stored.version);
    if had != version {
        return Err(CalendarFault::Stale { by: stored.map(|stored| stored.changed_by) });
    }
    let used = used(&mut act, &account, wanted).await?;
    let Standing { defaults: house, version: standing, changed } = defaults::standing(&mut act).await?;
    if wanted.defaults.is_some_and(|seen| seen != standing) {
        return Err(CalendarFault::Stale { by: changed.map(|(_, by)| by) });
    }
    let broken = house.broken(&wanted.choices);
    if !broken.is_empty() {
        return Err(CalendarFault::Locked(broken));
    }
    if !stands(&account, proven.as_ref(), (&house, stored.as_ref()), &wanted.choices) {
        return Err(CalendarFault::Stale { by: None });
    }
    let (own, changed) = chosen(stored.as_ref(), &house, &wanted.choices)?;
    if used.is_none() && changed.is_empty() {
        return Ok(false);
    }
    // Also where nothing is chosen: whoever saw what stood before is late.
    if !choices::put(&mut act, account.id, &own.text(), version, &by.actor).await? {
        return Err(CalendarFault::Stale { by: None });
    }
    read_anew(&mut act, &wanted.choices, &changed).await?;
    calendars::wake_all(&mut act, Some(account.id), store.clock().now()).await?;
    let set = (!changed.is_empty()).then(|| Event::CalendarChoicesSet {
        account: account.id,
        address: account.address,
        version: version + 1,
        changed,
    });
    match (used, set) {
        (Some(used), Some(set)) => {
            act.also(set);
            act.commit(used).await?;
        }
        (Some(event), None) | (None, Some(event)) => act.commit(event).await?,
        (None, None) => {}
    }
    Ok(true)
}

/// Has it read at once who takes part in what is linked: only whoever comes after that is invited.
pub(super) async fn look_at_people(act: &mut Act) -> Result<(), StoreError> {
    for entity in Entity::ALL {
        crm_cursors::sweep_now(act, entity.name()).await?;
    }
    hints::give(act, About::Crm).await
}

/// Uses the wanted calendars; none when they are used already.
async fn used(act: &mut Act, account: &Account, wanted: &Wanted) -> Result<Option<Event>, CalendarFault> {
    let mut monitored = wanted.monitored.clone();
    monitored.extend(wanted.main);
    let rows = calendar_users::of_account(act, account.id).await?;
    for calendar in &monitored {
        let row = rows.iter().find(|row| row.calendar == *calendar).ok_or(CalendarFault::NotListed)?;
        fits(row, wanted)?;
    }
    if let Some(main) = wanted.main {
        monitored.remove(&main);
    }
    if monitored.len() > MOST {
        return Err(CalendarFault::TooMany(MOST));
    }
    let of = |kind| rows.iter().filter(move |row| row.kind == kind).map(|row| row.calendar);
    let had = of(Kind::Main).next();
    if had == wanted.main && of(Kind::Monitored).collect::<BTreeSet<_>>() == monitored {
        return Ok(None);
    }
    let monitored: Vec<CalendarId> = monitored.into_iter().collect();
    if !calendar_users::choose(act, account.id, wanted.main, &monitored).await? {
        return Err(CalendarFault::NotListed);
    }
    // What concerned this user was passed over until now.
    if had.is_none() && wanted.main.is_some() {
        crm_cursors::restart(act).await?;
    }
    let (account, address) = (account.id, account.address.clone());
    Ok(Some(Event::CalendarsChosen { account, address, main: wanted.main, monitored }))
}

/// What is used already may stay, also where Google has taken something away
/// meanwhile: a run says what it cannot do.
fn fits(row: &CalendarUser, wanted: &Wanted) -> Result<(), CalendarFault> {
    if !row.active && row.kind == Kind::Offered {
        return Err(CalendarFault::NotListed);
    }
    let main = wanted.main == Some(row.calendar);
    let written = wanted.choices.direction.writes();
    if main && written && row.kind != Kind::Main && !AccessRole::of(&row.role).writes() {
        return Err(CalendarFault::ReadOnly);
    }
    Ok(())
}

// Whether the team is what held before, or what the CRM was asked about.
fn stands(
    account: &Account,
    proven: Option<&Proven>,
    (house, stored): (&Defaults, Option<&Chosen>),
    wanted: &Choices,
) -> bool {
    let asked = |team: &String| {
        proven.is_some_and(|proven| proven.team == *team && account.crm_user.as_ref() == Some(&proven.user))
    };
    let held = holding(house, stored.map(|stored| stored.content.as_str()));
    wanted.default_team == held || wanted.default_team.as_ref().is_none_or(asked)
}

// The runs see by which choices they planned last, and plan anew what was left alone by those; here
// is only what was not read of the CRM until now.
async fn read_anew(act: &mut Act, wanted: &Choices, changed: &[String]) -> Result<(), StoreError> {
    let turned = |lock: Lock| changed.iter().any(|name| name == lock.name());
    if wanted.writes_guests && turned(Lock::WritesGuests) {
        look_at_people(act).await?;
    }
    if wanted.takes_part && turned(Lock::TakesPart) {
        crm_cursors::restart(act).await?;
    }
    Ok(())
}

/// What is the user's own from now on, and the names of the choices that differ from what held.
fn chosen(
    stored: Option<&Chosen>,
    house: &Defaults,
    wanted: &Choices,
) -> Result<(Own, Vec<String>), StoreError> {
    let had = match stored {
        Some(stored) => Own::parse(&stored.content),
        None => Some(Own::default()),
    };
    let after = written(wanted)?;
    let all = after.as_object().into_iter().flatten();
    // What nobody can read any more is replaced as a whole.
    let Some(had) = had else { return Ok((Own::all(wanted), all.map(|(name, _)| name.clone()).collect())) };
    let held = house.over(Some(&had));
    let before = written(&held)?;
    let differs = |(name, value): &(&String, &Value)| before.get(name.as_str()) != Some(*value);
    let names = all.filter(differs).map(|(name, _)| name.clone()).collect();
    Ok((had.after(&held, wanted), names))
}

fn written(choices: &Choices) -> Result<Value, StoreError> {
    serde_json::to_value(choices).map_err(|_| StoreError::inconsistent("calendar_choices", "content"))
}
