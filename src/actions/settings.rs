//! Settings that an admin changes while the gateway runs: look and set.

use std::collections::BTreeSet;

use postern_core::model::address::Address;
use postern_core::model::event::Event;

use super::By;
use crate::clock::written;
use crate::config::{Config, Form, Origin, Stored, TUNABLE, Tunable};
use crate::store::settings::{self, Setting};
use crate::store::{Act, Store, StoreError};

/// Longest value, in octets.
const LONGEST: usize = 4_000;

/// A setting as people look at it.
#[derive(Debug, Clone)]
pub struct View {
    /// Which.
    pub tunable: &'static Tunable,
    /// What holds, as a person writes it.
    pub value: String,
    /// Where it comes from.
    pub origin: Source,
    /// What a change has to name.
    pub version: i64,
    /// Who changed it last.
    pub changed: Option<Changed>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Nobody has said anything.
    Default,
    /// An admin set it here.
    Stored,
    /// What an admin set cannot be used, for this reason.
    Unfit(String),
    /// File or environment; it cannot be changed here.
    Fixed(Origin),
}

/// Who changed a setting, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// As the journal names them.
    pub by: String,
    /// When.
    pub at: String,
}

/// Why a setting was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingFault {
    /// No such setting.
    #[error("there is no such setting")]
    Unknown,
    /// File or environment say it.
    #[error("it is set in {0}; change it there")]
    Fixed(Origin),
    /// Not a value.
    #[error("{0}")]
    Unfit(String),
    /// Somebody was faster.
    #[error("somebody else changed it meanwhile")]
    Stale,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All settings, with what holds by this node's file and environment.
///
/// # Errors
/// When the database does not answer.
pub async fn list(store: &Store, base: &Config) -> Result<Vec<View>, StoreError> {
    let rows = settings::all(&mut store.read().await?).await?;
    let (now, unfit) = base.over(&values(&rows));
    let view = |tunable: &'static Tunable| {
        let row = rows.iter().find(|row| row.name == tunable.name);
        let refused = unfit.iter().find(|(name, _)| *name == tunable.name);
        let origin = match (base.set_at(tunable), refused, row.and_then(|row| row.value.as_ref())) {
            (Some(origin), ..) => Source::Fixed(origin.clone()),
            (None, Some((_, why)), _) => Source::Unfit(why.clone()),
            (None, None, Some(_)) => Source::Stored,
            (None, None, None) => Source::Default,
        };
        View {
            tunable,
            value: tunable.value(&now),
            origin,
            version: row.map_or(0, |row| row.version),
            changed: row.map(|row| Changed { by: row.changed_by.clone(), at: written(row.changed_at) }),
        }
    };
    Ok(TUNABLE.iter().map(view).collect())
}

/// A wish: the setting, the version that was seen, and the value; none for the
/// default.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// Its name.
    pub name: &'a str,
    /// The version that whoever wishes it has seen.
    pub version: i64,
    /// What they want.
    pub value: Option<&'a str>,
}

/// Changes a setting; every node takes it within seconds.
///
/// # Errors
/// When the value cannot be used, another version holds, or file or
/// environment say it.
pub async fn change(store: &Store, by: &By, base: &Config, wish: Wish<'_>) -> Result<(), SettingFault> {
    let tunable = Tunable::named(wish.name).ok_or(SettingFault::Unknown)?;
    if let Some(origin) = base.set_at(tunable) {
        return Err(SettingFault::Fixed(origin.clone()));
    }
    if wish.value.is_some_and(|value| value.len() > LONGEST || value.contains('\0')) {
        return Err(SettingFault::Unfit("is too long".to_owned()));
    }
    let mut act = by.open(store).await?;
    let rows = settings::all(&mut act).await?;
    let version = rows.iter().find(|row| row.name == tunable.name).map_or(0, |row| row.version);
    if version != wish.version {
        return Err(SettingFault::Stale);
    }
    let mut stored = values(&rows);
    let before = base.over(&stored).0;
    match wish.value {
        Some(value) => stored.insert(tunable.name.to_owned(), value.to_owned()),
        None => stored.remove(tunable.name),
    };
    let (after, unfit) = base.over(&stored);
    // Also what another setting makes of it: nobody would be told.
    if let Some((_, why)) = unfit.into_iter().find(|(name, _)| spoiled(tunable.name, name)) {
        return Err(SettingFault::Unfit(why));
    }
    let value = wish.value.map(|_| tunable.value(&after));
    if !settings::put(&mut act, tunable.name, value.as_deref(), wish.version, &by.actor.label()).await? {
        return Err(SettingFault::Stale);
    }
    told(&mut act, &before, &after);
    let (from, to) = (counted(tunable, &before), counted(tunable, &after));
    act.commit(Event::SettingChanged { setting: tunable.name, from, to }).await?;
    Ok(())
}

fn spoiled(changed: &str, unfit: &str) -> bool {
    let section = |name: &str| name.split('.').next().map(str::to_owned);
    changed == unfit || (section(changed) == section(unfit) && unfit.starts_with("notices."))
}

fn values(rows: &[Setting]) -> Stored {
    rows.iter().filter_map(|row| Some((row.name.clone(), row.value.clone()?))).collect()
}

// People stand in rows of their own, where they can be pseudonyms.
fn told(act: &mut Act, before: &Config, after: &Config) {
    let set = |config: &Config| config.notices.to.iter().cloned().collect::<BTreeSet<Address>>();
    let (before, after) = (set(before), set(after));
    for address in after.difference(&before).cloned() {
        act.also(Event::NoticesToAdded { address });
    }
    for address in before.difference(&after).cloned() {
        act.also(Event::NoticesToRemoved { address });
    }
}

fn counted(tunable: &Tunable, config: &Config) -> String {
    match tunable.form {
        Form::Addresses => config.notices.to.len().to_string(),
        Form::Number(..)
        | Form::Octets(..)
        | Form::Time(..)
        | Form::Flag
        | Form::Domains
        | Form::Products => tunable.value(config),
    }
}
