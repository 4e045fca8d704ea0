//! `ExternalAccount/{id}/calendar/…`: what of a mailbox's calendars is not in
//! step, why each pair is as it is, and taking up again what was let go.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Of};
use postern_core::model::id::{AccountId, DeadLetterId, PairId};
use postern_core::plan::calendar::times::Times;
use postern_core::plan::record::Value as Shown;
use postern_core::plan::rule::Rule;
use serde_json::{Value, json};

use super::calendar::known;
use super::link::Nothing;
use crate::actions::calendars::resume;
use crate::actions::calendars::story::{self, Change, Story, Told};
use crate::actions::calendars::waiting::{self, Apart, Letter};
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::api::time;
use crate::http::site::Site;
use crate::store::sync::links::Link;
use crate::texts::{Lang, Pairs, Rules};

/// What could not be done, and pairs that are not kept in step.
pub(in crate::http::api) async fn all(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    told(&site, account).await.map(Json)
}

/// Has tried again what could not be done.
pub(in crate::http::api) async fn retry(
    Of(site): Of<Arc<Site>>,
    Path((id, letter)): Path<(String, String)>,
    caller: Caller,
    sent: Sent<Nothing>,
) -> Result<Json<Value>, Fault> {
    let Nothing {} = sent.value;
    let account = known(&site, &id, &caller).await?;
    let letter: DeadLetterId = letter.parse().map_err(|_| Fault::NotFound)?;
    resume::retry(&site.store, &caller.by(&site)?, account, letter).await?;
    told(&site, account).await.map(Json)
}

/// Has a pair kept in step again.
pub(in crate::http::api) async fn again(
    Of(site): Of<Arc<Site>>,
    Path((id, pair)): Path<(String, String)>,
    caller: Caller,
    sent: Sent<Nothing>,
) -> Result<Json<Value>, Fault> {
    let Nothing {} = sent.value;
    let account = known(&site, &id, &caller).await?;
    let pair: PairId = pair.parse().map_err(|_| Fault::NotFound)?;
    resume::resume(&site.store, &caller.by(&site)?, account, pair).await?;
    told(&site, account).await.map(Json)
}

/// A pair and every change that was made to it.
pub(in crate::http::api) async fn one(
    Of(site): Of<Arc<Site>>,
    Path((id, pair)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    let pair: PairId = pair.parse().map_err(|_| Fault::NotFound)?;
    Ok(Json(full(&story::of(&site.store, account, pair).await?)))
}

async fn told(site: &Site, account: AccountId) -> Result<Value, Fault> {
    let waiting = waiting::of(&site.store, account).await?;
    let letters: Vec<Value> = waiting.letters.iter().map(letter).collect();
    let pairs: Vec<Value> = waiting.pairs.iter().map(pair).collect();
    Ok(json!({
        "id": account,
        "deadLetters": letters,
        "deadLettersTotal": waiting.letters_in_all,
        "pairs": pairs,
    }))
}

fn letter(letter: &Letter) -> Value {
    let (entity, record) = letter.record.clone().unzip();
    json!({
        "id": letter.id,
        "googleCalendarId": letter.calendar,
        "title": letter.title,
        "entityType": entity,
        "recordId": record,
        "eventId": letter.event,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "firstAt": time::told(letter.first_at),
        "lastAt": time::told(letter.last_at),
        "pairId": letter.pair,
    })
}

fn pair(apart: &Apart) -> Value {
    let Link { id, calendar, event, entity, record, origin, role, state, .. } = &apart.link;
    json!({
        "id": id,
        "googleCalendarId": calendar,
        "title": apart.title,
        "entityType": entity,
        "recordId": record,
        "eventId": event,
        "origin": origin.name(),
        "role": role.name(),
        "state": state.name(),
        "why": Pairs::from(*state).say(Lang::English),
        "since": time::told(apart.since),
        "recordLives": apart.record_lives,
        "eventLives": apart.event_lives,
        "resumable": apart.resumable(),
    })
}

/// A pair with its changes.
pub(in crate::http::api) fn full(story: &Story) -> Value {
    let mut told = pair(&story.pair);
    let changes: Vec<Value> = story.changes.iter().map(change).collect();
    if let Some(map) = told.as_object_mut() {
        map.insert("externalAccountId".to_owned(), json!(story.pair.link.account));
        map.insert("changes".to_owned(), json!(changes));
    }
    told
}

fn change(change: &Change) -> Value {
    let rule = Rule::parse(&change.rule);
    json!({
        "at": time::told(change.at),
        "runId": change.run,
        "kind": change.kind,
        "side": change.side().name(),
        "rule": change.rule,
        "why": rule.map(|rule| Rules::from(rule).say(Lang::English)),
        "fields": change.fields.as_ref().map(|fields| fields.iter().map(field).collect::<Vec<_>>()),
    })
}

fn field(told: &Told) -> Value {
    let lost = told.lost.as_ref().map(|(side, value)| json!({ "side": side.name(), "value": said(value) }));
    json!({
        "field": told.field.name(),
        "rule": told.rule.map(Rule::name),
        "before": told.before.as_ref().map(said),
        "written": told.written.as_ref().map(said),
        "lost": lost,
    })
}

pub(super) fn said(value: &Shown) -> Value {
    match value {
        Shown::Text(words) => json!(words),
        Shown::Several(several) => json!(several),
        Shown::Postal(postal) => json!(postal),
        Shown::Times(Times::AllDay { first, last }) => {
            json!({ "isAllDay": true, "dateStart": first.to_string(), "dateEnd": last.to_string() })
        }
        Shown::Times(Times::Timed { start, end }) => {
            json!({ "isAllDay": false, "dateStart": start.crm(), "dateEnd": end.crm() })
        }
    }
}
