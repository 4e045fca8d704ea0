//! `POST ExternalAccount/action/writeToCrm` and `undoWriteToCrm`: the mail
//! accounts of these mailboxes in the CRM.
//!
//! Both belong to `token:issue`, as a token goes into the CRM. The work goes on
//! when the answer does not wait for its end; asking again with `check` tells.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State as Of;
use postern_core::model::id::AccountId;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::actions::provision::view::{self, View};
use crate::actions::provision::{Deed, MOST, Outlook, ProvisionFault};
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::api::time;
use crate::http::site::Site;
use crate::texts::{Lang, Provision};

/// An answer that takes longer is told before its end.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct Wanted {
    ids: Vec<String>,
    /// Looks what is in the way and changes nothing.
    #[serde(default)]
    check: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct Those {
    ids: Vec<String>,
}

pub(in crate::http::api) async fn write(
    Of(site): Of<Arc<Site>>,
    caller: Caller,
    sent: Sent<Wanted>,
) -> Result<Json<Value>, Fault> {
    let known = known(&site, &caller, &sent.value.ids).await?;
    if sent.value.check {
        let outlooks = site.provision.look(&site.store, &known).await?;
        return Ok(list(&outlooks.iter().map(outlook).collect::<Vec<_>>()));
    }
    run(&site, &caller, &known, Deed::Write).await
}

pub(in crate::http::api) async fn undo(
    Of(site): Of<Arc<Site>>,
    caller: Caller,
    sent: Sent<Those>,
) -> Result<Json<Value>, Fault> {
    let known = known(&site, &caller, &sent.value.ids).await?;
    run(&site, &caller, &known, Deed::Undo).await
}

async fn run(site: &Site, caller: &Caller, known: &[AccountId], deed: Deed) -> Result<Json<Value>, Fault> {
    let working = site.provision(caller.by(site)?, known, deed).await?;
    // Whatever becomes of it stands in the store.
    let _ = tokio::time::timeout(PATIENCE, working).await;
    Ok(list(&view::some(&site.store, known).await?.iter().map(record).collect::<Vec<_>>()))
}

/// All of them, or none when one is not there for this key.
async fn known(site: &Site, caller: &Caller, ids: &[String]) -> Result<Vec<AccountId>, Fault> {
    if ids.is_empty() {
        return Err(Fault::at("ids", "name at least one mailbox"));
    }
    if ids.len() > MOST {
        return Err(ProvisionFault::TooMany.into());
    }
    let mut known = Vec::with_capacity(ids.len());
    for id in ids {
        caller.known(site, id).await?;
        known.extend(id.parse::<AccountId>().ok());
    }
    known.dedup();
    Ok(known)
}

fn list(rows: &[Value]) -> Json<Value> {
    Json(json!({ "total": rows.len(), "list": rows }))
}

fn record(view: &View) -> Value {
    json!({
        "id": view.id,
        "emailAddress": view.address,
        "userId": view.crm_user,
        "state": view.state,
        "reason": view.word,
        "message": view.word.as_deref().and_then(|word| said(word, view.detail.as_deref())),
        "recordType": view.entity,
        "recordId": view.record,
        "writtenAt": view.written_at.as_deref().map(time::of),
    })
}

fn outlook(outlook: &Outlook) -> Value {
    let warning = |(word, detail): &(&'static str, Option<String>)| json!({ "reason": word, "message": said(word, detail.as_deref()) });
    let mut told = record(&outlook.view);
    told["plan"] = json!(outlook.plan);
    told["warnings"] = outlook.warnings.iter().map(warning).collect();
    told
}

fn said(word: &str, detail: Option<&str>) -> Option<String> {
    Provision::of_word(word, detail).map(|sentence| sentence.say(Lang::English))
}
