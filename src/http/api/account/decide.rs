//! `ExternalAccount/{id}/contacts/…`: what of a mailbox's contacts waits for a person, and what
//! that person says.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Of};
use postern_core::model::id::{AccountId, DeadLetterId, ReviewId};
use postern_core::plan::contacts::card::Entity;
use serde::Deserialize;
use serde_json::{Value, json};

use super::calendar::known;
use super::link::Nothing;
use crate::actions::contacts::review::{Answer, Question, decide};
use crate::actions::contacts::view::view;
use crate::actions::contacts::{ContactsFault, retry};
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::api::time;
use crate::http::site::Site;
use crate::store::sync::dead_letters::DeadLetter;
use crate::store::sync::holds::{Hold, PATIENCE};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http::api) struct Said {
    decision: Decision,
    with: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Decision {
    Same,
    New,
    Leave,
}

/// Questions, what could not be done, and what is more than is done without asking.
pub(in crate::http::api) async fn waiting(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    told(&site, account).await.map(Json)
}

/// Keeps who somebody is.
pub(in crate::http::api) async fn review(
    Of(site): Of<Arc<Site>>,
    Path((id, review)): Path<(String, String)>,
    caller: Caller,
    sent: Sent<Said>,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    let review: ReviewId = review.parse().map_err(|_| Fault::NotFound)?;
    let open = view(&site.store, account).await?.questions;
    let asked = open.iter().find(|asked| asked.id == review).ok_or(ContactsFault::NotThere)?;
    let answer = answer(asked, sent.value)?;
    decide(&site.store, &caller.by(&site)?, account, review, &answer).await?;
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
    retry::retry(&site.store, &caller.by(&site)?, account, letter).await?;
    told(&site, account).await.map(Json)
}

fn answer(asked: &Question, said: Said) -> Result<Answer, Fault> {
    match (said.decision, said.with) {
        (Decision::Same, Some(other)) => Ok(Answer::Same(other)),
        (Decision::Same, None) => Err(Fault::at("with", "name one of those who may be the same, by key")),
        (Decision::New, kind) => {
            // A record is of its kind already.
            let own = asked.key.split_once('/').and_then(|(kind, _)| Entity::parse(kind));
            let kind = kind.as_deref().map_or(own, Entity::parse);
            let kind = kind.filter(|kind| own.is_none_or(|own| own == *kind));
            kind.map(Answer::New).ok_or_else(|| Fault::at("with", "name what is made: Contact or Lead"))
        }
        (Decision::Leave, None) => Ok(Answer::Leave),
        (Decision::Leave, Some(_)) => Err(Fault::at("with", "nobody is named when nothing is to be done")),
    }
}

async fn told(site: &Site, account: AccountId) -> Result<Value, Fault> {
    let view = view(&site.store, account).await?;
    Ok(json!({
        "id": account,
        "questions": view.questions.iter().map(question).collect::<Vec<_>>(),
        "deadLetters": view.letters.iter().map(letter).collect::<Vec<_>>(),
        "holds": view.holds.iter().map(hold).collect::<Vec<_>>(),
    }))
}

fn question(question: &Question) -> Value {
    let others: Vec<Value> =
        question.choices().map(|(key, name)| json!({ "key": key, "name": name })).collect();
    json!({
        "id": question.id,
        "key": question.key,
        "name": question.about,
        "reason": question.word,
        "openedAt": time::told(question.opened_at),
        "canBeNew": question.can_be_new(),
        "others": others,
    })
}

fn letter(letter: &DeadLetter) -> Value {
    json!({
        "id": letter.id,
        "key": letter.key,
        "side": letter.side.name(),
        "reason": letter.reason,
        "attempts": letter.attempts,
        "firstAt": time::told(letter.first_at),
        "lastAt": time::told(letter.last_at),
    })
}

fn hold(hold: &Hold) -> Value {
    json!({
        "id": hold.id,
        "class": hold.class,
        "count": hold.count,
        "openedAt": time::told(hold.opened_at),
        "expiresAt": time::told(hold.opened_at + PATIENCE),
    })
}
