//! `ExternalAccount/{id}/calendar`: which calendars a mailbox uses and how, and
//! the list of them read from Google again.
//!
//! A change names the version that it was made on the sight of: what somebody
//! else changed meanwhile is not written over unseen.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Of};
use postern_core::model::id::{AccountId, CalendarId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::link::Nothing;
use crate::actions::calendars::choose::{self, choose};
use crate::actions::calendars::view::{self, Offer, View};
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::api::time;
use crate::http::site::Site;
use crate::store::accounts;
use crate::store::sync::runs::Run;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http::api) struct Wanted {
    version: i64,
    // Nothing there is another word than null.
    #[serde(default, deserialize_with = "there")]
    main_calendar_id: Option<Option<CalendarId>>,
    monitored_calendar_ids: Option<Vec<CalendarId>>,
    choices: Option<Map<String, Value>>,
}

fn there<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<CalendarId>>, D::Error> {
    Option::deserialize(from).map(Some)
}

pub(in crate::http::api) async fn one(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    record(&site, account).await.map(Json)
}

pub(in crate::http::api) async fn change(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
    sent: Sent<Wanted>,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    let Wanted { version, main_calendar_id, monitored_calendar_ids, choices } = sent.value;
    let had = view::one(&site.store, account).await?;
    let wanted = choose::Wanted {
        main: main_calendar_id.unwrap_or_else(|| had.main()),
        monitored: monitored_calendar_ids.unwrap_or_else(|| had.monitored()).into_iter().collect(),
        choices: over(&had.choices, choices.unwrap_or_default())?,
        defaults: None,
    };
    choose(&site.store, (&caller.by(&site)?, &site.teams), account, &wanted, version).await?;
    record(&site, account).await.map(Json)
}

pub(in crate::http::api) async fn refresh(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
    sent: Sent<Nothing>,
) -> Result<Json<Value>, Fault> {
    let Nothing {} = sent.value;
    let account = known(&site, &id, &caller).await?;
    site.calendars.refresh(&site.store, &caller.by(&site)?, account).await?;
    record(&site, account).await.map(Json)
}

pub(super) async fn known(site: &Site, id: &str, caller: &Caller) -> Result<AccountId, Fault> {
    let address = caller.known(site, id).await?;
    let found = accounts::by_address(&mut site.store.read().await?, &address).await?;
    Ok(found.ok_or(Fault::NotFound)?.id)
}

/// What is named, over what stands.
pub(in crate::http::api) fn over<C: Serialize + DeserializeOwned>(
    had: &C,
    named: Map<String, Value>,
) -> Result<C, Fault> {
    let wrong = |error: serde_json::Error| Fault::at("choices", error.to_string());
    let mut all = serde_json::to_value(had).map_err(wrong)?;
    if let Some(map) = all.as_object_mut() {
        map.extend(named);
    }
    serde_json::from_value(all).map_err(wrong)
}

async fn record(site: &Site, account: AccountId) -> Result<Value, Fault> {
    let view: View = view::one(&site.store, account).await?;
    let calendars: Vec<Value> = view.calendars.iter().map(calendar).collect();
    Ok(json!({
        "id": account,
        "version": view.version,
        "modifiedAt": view.changed_at.as_deref().map(time::of),
        "mainCalendarId": view.main(),
        "monitoredCalendarIds": view.monitored(),
        "choices": view.choices,
        "lockedChoices": view.locked,
        "calendars": calendars,
    }))
}

fn calendar(offer: &Offer) -> Value {
    json!({
        "id": offer.id,
        "name": offer.name,
        "calendarId": offer.google_id,
        "type": offer.kind.name(),
        "role": offer.role,
        "writable": offer.writable,
        "active": offer.listed,
        "proposed": offer.proposed,
        "lastSync": offer.last_sync.as_deref().map(time::of),
        "lastRun": offer.run.as_ref().map(ran),
    })
}

/// How a run went.
pub(super) fn ran(run: &Run) -> Value {
    json!({
        "status": run.status,
        "startedAt": time::told(run.started_at),
        "endedAt": run.ended_at.map(time::told),
        "seen": run.seen,
        "made": run.made,
        "written": run.written,
        "removed": run.removed,
        "held": run.held,
        "failed": run.failed,
        "fault": run.fault,
        "planned": run.planned,
        "done": run.done,
    })
}
