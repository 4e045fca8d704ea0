//! What an admin chooses for everybody's calendars.

use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::plan::calendar::choices::Choices;
use postern_core::plan::calendar::defaults::{Defaults, Lock};
use postern_core::plan::calendar::own::Own;
use serde_json::Value;

use super::CalendarFault;
use super::choose::look_at_people;
use super::teams::{Teams, Whose};
use crate::actions::By;
use crate::store::sync::defaults::{self, Standing};
use crate::store::sync::{calendars, choices, crm_cursors};
use crate::store::{Act, Store, StoreError};

/// What stands.
///
/// # Errors
/// When the database does not answer, or what is stored cannot be read.
pub async fn standing(store: &Store) -> Result<Standing, StoreError> {
    defaults::standing(&mut store.read().await?).await
}

/// Chooses for everybody, on the sight of `version` (0 where nobody had chosen).
/// For whom other choices hold from now on, the next runs plan anew for what is there.
/// How many mailboxes that are; none when all stood so before.
///
/// # Errors
/// When somebody was faster, the CRM has no such team, or the choices make no sense.
pub async fn set(
    store: &Store,
    (by, teams): (&By, &Teams),
    wanted: &Defaults,
    version: i64,
) -> Result<Option<usize>, CalendarFault> {
    wanted.choices.check()?;
    let team = &wanted.choices.default_team;
    let seen = standing(store).await?;
    if let Some(team) =
        team.as_ref().filter(|team| seen.defaults.choices.default_team.as_ref() != Some(*team))
    {
        teams.has(store, &Whose::Everybody, team).await?;
    }
    let mut act = by.open(store).await?;
    let before = defaults::standing(&mut act).await?;
    let stale = CalendarFault::Stale { by: before.changed.map(|(_, by)| by) };
    if before.version != version || before.version != seen.version {
        return Err(stale);
    }
    if before.defaults == *wanted {
        return Ok(None);
    }
    if !defaults::put(&mut act, wanted, version, &by.actor).await? {
        return Err(stale);
    }
    let mut affected = 0;
    for account in defaults::users(&mut act).await? {
        if turned(&mut act, account, &before.defaults, wanted).await? {
            calendars::wake_all(&mut act, Some(account), store.clock().now()).await?;
            affected += 1;
        }
    }
    // Who takes part was not read until now.
    let guests = |house: &Defaults| (house.choices.writes_guests, house.locked.contains(&Lock::WritesGuests));
    if affected > 0 && guests(&before.defaults) != guests(wanted) {
        look_at_people(&mut act).await?;
    }
    let parts = |house: &Defaults| (house.choices.takes_part, house.locked.contains(&Lock::TakesPart));
    if affected > 0 && wanted.choices.takes_part && parts(&before.defaults) != parts(wanted) {
        crm_cursors::restart(&mut act).await?;
    }
    let event = Event::CalendarDefaultsSet {
        version: version + 1,
        changed: changed(&before.defaults.choices, &wanted.choices)?,
        locked: wanted.locked.iter().map(|lock| lock.name().to_owned()).collect(),
        mailboxes: affected,
    };
    act.commit(event).await?;
    Ok(Some(affected))
}

/// Whether other choices hold for the account.
async fn turned(
    act: &mut Act,
    account: AccountId,
    before: &Defaults,
    after: &Defaults,
) -> Result<bool, StoreError> {
    // What nobody can read stops that account's runs, whatever the defaults are.
    let own = match choices::of(act, account).await? {
        None => None,
        Some(chosen) => match Own::parse(&chosen.content) {
            Some(own) => Some(own),
            None => return Ok(false),
        },
    };
    Ok(before.over(own.as_ref()) != after.over(own.as_ref()))
}

fn changed(before: &Choices, after: &Choices) -> Result<Vec<String>, StoreError> {
    let written = |choices: &Choices| -> Result<Value, StoreError> {
        serde_json::to_value(choices).map_err(|_| StoreError::inconsistent("calendar_defaults", "content"))
    };
    let (before, after) = (written(before)?, written(after)?);
    let differs = |(name, value): &(&String, &Value)| before.get(name.as_str()) != Some(*value);
    Ok(after.as_object().into_iter().flatten().filter(differs).map(|(name, _)| name.clone()).collect())
}

/// The names of locks, as people read them.
pub(super) fn named(locks: &[Lock]) -> String {
    locks.iter().map(|lock| lock.name()).collect::<Vec<_>>().join(", ")
}
