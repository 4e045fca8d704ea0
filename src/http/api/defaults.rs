//! `CalendarDefaults`: how calendars are kept in step for who has not chosen, and
//! what nobody may choose otherwise.
//!
//! That holds for all mailboxes, so it is not for a key that is limited to some. A
//! change names the version that it was made on the sight of.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State as Of;
use postern_core::plan::calendar::defaults::{Defaults, Lock};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use super::account::calendar::over;
use super::body::Sent;
use super::caller::Caller;
use super::error::Fault;
use super::time;
use crate::actions::calendars::defaults::{set, standing};
use crate::http::site::Site;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    version: i64,
    #[serde(default, deserialize_with = "named")]
    choices: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "named")]
    locked_choices: Option<BTreeSet<Lock>>,
}

// What is left out stays; null is no choice.
fn named<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

pub(super) async fn answer(Of(site): Of<Arc<Site>>, caller: Caller) -> Result<Json<Value>, Fault> {
    unlimited(&caller)?;
    record(&site).await
}

pub(super) async fn change(
    Of(site): Of<Arc<Site>>,
    caller: Caller,
    sent: Sent<Wanted>,
) -> Result<Json<Value>, Fault> {
    unlimited(&caller)?;
    let Wanted { version, choices, locked_choices } = sent.value;
    let had = standing(&site.store).await?.defaults;
    let wanted = Defaults {
        choices: over(&had.choices, choices.unwrap_or_default())?,
        locked: locked_choices.unwrap_or(had.locked),
    };
    set(&site.store, (&caller.by(&site)?, &site.teams), &wanted, version).await?;
    record(&site).await
}

fn unlimited(caller: &Caller) -> Result<(), Fault> {
    if caller.key.terms.reach.is_all() { Ok(()) } else { Err(Fault::DomainNotAllowed) }
}

async fn record(site: &Site) -> Result<Json<Value>, Fault> {
    let standing = standing(&site.store).await?;
    let (at, by) = standing.changed.unzip();
    Ok(Json(json!({
        "version": standing.version,
        "modifiedAt": at.map(time::told),
        "modifiedBy": by,
        "choices": standing.defaults.choices,
        "lockedChoices": standing.defaults.locked,
    })))
}
