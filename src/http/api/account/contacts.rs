//! `ExternalAccount/{id}/contacts`: which group a mailbox keeps in step and how, its groups read
//! from Google again or made there, and a run of it.
//!
//! A change names the version that it was made on the sight of: what somebody else changed
//! meanwhile is not written over unseen.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use postern_core::model::id::AccountId;
use postern_core::plan::contacts::choices::Choices;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::calendar::{known, over, ran};
use super::link::Nothing;
use crate::actions::contacts::choose::{choose, takes_people};
use crate::actions::contacts::run::run_now;
use crate::actions::contacts::view::{View, view};
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::api::time;
use crate::http::site::Site;
use crate::store::contacts::groups::Group;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http::api) struct Wanted {
    version: i64,
    // Left out, nothing is changed; null is no choices.
    #[serde(default)]
    choices: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct Named {
    name: String,
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
    let Wanted { version, choices } = sent.value;
    let had = view(&site.store, account).await?;
    let wanted = over(&had.choices, choices)?;
    choose(&site.store, &caller.by(&site)?, account, &wanted, version).await?;
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
    site.groups.refresh(&site.store, &caller.by(&site)?, account).await?;
    record(&site, account).await.map(Json)
}

/// Makes a group at Google, which is not chosen by that.
pub(in crate::http::api) async fn make(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
    sent: Sent<Named>,
) -> Result<Response, Fault> {
    let account = known(&site, &id, &caller).await?;
    let made = site.groups.make(&site.store, &caller.by(&site)?, account, &sent.value.name).await?;
    let view = view(&site.store, account).await?;
    let made = view.groups.iter().find(|group| group.listed.resource == made).ok_or(Fault::NotFound)?;
    Ok((StatusCode::CREATED, Json(group(&view, made))).into_response())
}

/// Has it brought in step at once.
pub(in crate::http::api) async fn run(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
    sent: Sent<Nothing>,
) -> Result<Json<Value>, Fault> {
    let Nothing {} = sent.value;
    let account = known(&site, &id, &caller).await?;
    run_now(&site.store, &caller.by(&site)?, Some(account)).await?;
    record(&site, account).await.map(Json)
}

async fn record(site: &Site, account: AccountId) -> Result<Value, Fault> {
    let view = view(&site.store, account).await?;
    let book = view.book.as_ref();
    let groups: Vec<Value> = view.groups.iter().map(|of| group(&view, of)).collect();
    Ok(json!({
        "id": account,
        "version": view.version,
        "modifiedAt": book.map(|book| time::told(book.changed_at)),
        "choices": told(&view.choices),
        "groups": groups,
        "status": book.map(|book| &book.status),
        "fault": book.and_then(|book| book.fault.as_ref()),
        "lastSync": book.and_then(|book| book.last_ok_at).map(time::told),
        "nextSync": view.next_at().map(time::told),
        "pairs": view.links.0,
        "pairsTotal": view.links.1,
        "pushed": view.waiting,
        "questions": view.questions.len(),
        "holds": view.holds.len(),
        "deadLetters": view.letters.len(),
        "lastRun": view.runs.first().map(ran),
    }))
}

// Every choice, also one that is stored only while something is chosen.
fn told(choices: &Choices) -> Value {
    let mut all = json!(choices);
    if let Value::Object(all) = &mut all {
        all.entry("monitored").or_insert_with(|| json!([]));
    }
    all
}

fn group(view: &View, group: &Group) -> Value {
    let resource = &group.listed.resource;
    let kind = match () {
        () if view.choices.group.as_ref() == Some(resource) => Some("main"),
        () if view.choices.monitored.contains(resource) => Some("monitored"),
        () => takes_people(group).then_some("offered"),
    };
    json!({
        "id": group.id,
        "name": group.listed.name,
        "resourceName": resource,
        "own": group.listed.own,
        "members": group.listed.members,
        "active": group.active,
        "type": kind,
    })
}
