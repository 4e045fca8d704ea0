//! `GoogleContacts`: records of the CRM pushed into the group of a mailbox, and how far that is.
//!
//! Whoever pushes few records is told what came of them; of more, under which identity they are
//! done. A signed request that names the CRM's user and the records vouches that the user may see
//! them; without that only what the CRM shows the user is pushed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State as Of};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use postern_core::model::address::Address;
use postern_core::model::id::{AccountId, PushId};
use postern_core::plan::contacts::card::Entity;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::account::create::REPLAYED;
use super::body::Sent;
use super::caller::Caller;
use super::error::Fault;
use super::{list, time};
use crate::actions::contacts::push::{self, AT_ONCE, Terms, View, Which, cancel};
use crate::actions::once::Creation;
use crate::http::site::Site;
use crate::store::accounts;
use crate::store::contacts::pushes::Line;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    account: String,
    entity_type: Entity,
    ids: Option<Vec<String>>,
    r#where: Option<Value>,
    group: Option<String>,
    user: Option<String>,
}

pub(super) async fn push(
    Of(site): Of<Arc<Site>>,
    caller: Caller,
    sent: Sent<Wanted>,
) -> Result<Response, Fault> {
    let Wanted { account, entity_type, ids, r#where, group, user } = sent.value;
    let account = named(&site, &caller, &account).await?;
    let which = match (ids, r#where) {
        (Some(ids), None) => Which::Ids(ids),
        (None, Some(conditions)) => Which::Where(conditions),
        _ => return Err(Fault::at("ids", "name either ids, or where")),
    };
    let terms = Terms { user: user.as_deref(), group: group.as_deref(), signed: caller.signed };
    let (by, whose) = (caller.by(&site)?, (account, entity_type));
    let made = site.pushing.push_once(&site.store, &by, whose, (&which, terms), sent.once.as_ref()).await?;
    let (id, replayed) = match made {
        Creation::Fresh(id) => (id, false),
        Creation::Replayed { made, .. } => (made.parse().map_err(|_| Fault::NotFound)?, true),
        Creation::OtherRequest => return Err(Fault::OtherRequest),
    };
    let view = site.pushing.wait(&site.store, account, id).await?;
    let lines = if few(&view) { lines(&site, account, id, (all(&view), 0)).await? } else { Vec::new() };
    let status = if view.push.ended_at.is_some() { StatusCode::OK } else { StatusCode::ACCEPTED };
    let mut answer = (status, Json(record(&view, &lines))).into_response();
    if replayed {
        answer.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(answer)
}

/// How far a push is, with a page of what came of its records.
pub(super) async fn progress(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Json<Value>, Fault> {
    let (account, id) = known(&site, &caller, &id).await?;
    let page = list::asked::<()>(query.as_deref(), &[])?;
    let lines = lines(&site, account, id, (page.limit, page.offset)).await?;
    Ok(Json(record(&site.pushing.view(&site.store, account, id).await?, &lines)))
}

/// Gives up what still waits. Doing it again is no fault.
pub(super) async fn give_up(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, Fault> {
    let (account, id) = known(&site, &caller, &id).await?;
    cancel(&site.store, &caller.by(&site)?, account, id).await?;
    Ok(Json(record(&site.pushing.view(&site.store, account, id).await?, &[])))
}

// To a key that does not reach the mailbox, its pushes are not there.
async fn known(site: &Site, caller: &Caller, id: &str) -> Result<(AccountId, PushId), Fault> {
    let id: PushId = id.parse().map_err(|_| Fault::NotFound)?;
    let account = push::whose(&site.store, id).await?;
    caller.known(site, &account.to_string()).await?;
    Ok((account, id))
}

// By address or identity.
async fn named(site: &Site, caller: &Caller, text: &str) -> Result<AccountId, Fault> {
    let mut read = site.store.read().await?;
    let found = match (text.parse(), Address::parse(text)) {
        (Ok(id), _) => accounts::by_id(&mut read, id).await?,
        (Err(_), Ok(address)) => match accounts::by_address(&mut read, &address).await? {
            None => accounts::by_alias(&mut read, &address).await?,
            own => own,
        },
        (Err(_), Err(error)) => return Err(Fault::at("account", error.to_string())),
    };
    let found = found.filter(|found| caller.key.terms.reach.holds(found.id, &found.address));
    found
        .map(|found| found.id)
        .ok_or_else(|| Fault::at("account", "there is no such mailbox that this key may see"))
}

fn all(view: &View) -> i64 {
    view.push.total
}

fn few(view: &View) -> bool {
    usize::try_from(view.push.total).is_ok_and(|total| total <= AT_ONCE)
}

async fn lines(site: &Site, account: AccountId, id: PushId, page: (i64, i64)) -> Result<Vec<Line>, Fault> {
    Ok(push::lines(&site.store, account, id, page).await?)
}

fn record(view: &View, lines: &[Line]) -> Value {
    let push = &view.push;
    let words: Map<String, Value> =
        view.words.iter().map(|(word, count)| (word.clone(), json!(count))).collect();
    json!({
        "id": push.id,
        "externalAccountId": push.account_id,
        "askedBy": push.asked_by,
        "askedAt": time::told(push.asked_at),
        "endedAt": push.ended_at.map(time::told),
        "vouched": push.vouched != 0,
        "total": push.total,
        "done": push.done,
        "leastSeconds": view.rest.map(|rest| rest.as_secs()),
        "words": words,
        "list": lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn line(line: &Line) -> Value {
    json!({
        "entityType": line.entity,
        "recordId": line.record_id,
        "word": line.word,
        "endedAt": line.ended_at.map(time::told),
    })
}
