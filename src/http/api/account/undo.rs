//! `ExternalAccount/{id}/calendar/run/…`: the last runs that have changed
//! something, what taking one back would do, and having it done.
//!
//! A confirmation names what was shown by its mark, so that nobody has more
//! undone than they have seen.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State as Of};
use axum::response::Response;
use postern_core::model::id::{RunId, SyncedId};
use postern_core::model::scope::Product;
use postern_core::plan::undo::{Act, Left};
use serde::Deserialize;
use serde_json::{Value, json};

use super::calendar::known;
use super::waiting::said;
use crate::actions::calendars::undo::{changed, preview, undo};
use crate::actions::undoing::{Changed, Preview, Runs, What};
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::api::list::{self, answer};
use crate::http::api::time;
use crate::http::site::Site;
use crate::store::sync::taken_back::Part;
use crate::store::sync::undos::Undo;
use crate::texts::{Lang, Undos};

/// Longest mark, in octets.
const LONGEST: usize = 64;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http::api) struct Confirmed {
    confirm: String,
}

impl Confirmed {
    /// What was shown.
    pub(super) fn mark(self) -> Result<String, Fault> {
        if self.confirm.is_empty() || self.confirm.len() > LONGEST {
            return Err(Fault::at("confirm", "name what was shown"));
        }
        Ok(self.confirm)
    }
}

/// The last runs that have changed something for the mailbox.
pub(in crate::http::api) async fn runs(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let account = known(&site, &id, &caller).await?;
    let page = list::asked::<()>(query.as_deref(), &[])?;
    let runs = changed(&site.store, account, (page.limit, page.offset)).await?;
    Ok(list_of(&runs))
}

/// Some of the runs, and how many there are.
pub(super) fn list_of(runs: &Runs) -> Response {
    let place = place(runs.product);
    let all: Vec<Value> = runs.list.iter().map(|one| listed(place, one)).collect();
    answer(&all, runs.total)
}

// What names where a run was.
fn place(product: Product) -> &'static str {
    if product == Product::Contacts { "googleContactsUserId" } else { "googleCalendarId" }
}

/// What taking a run back would do.
pub(in crate::http::api) async fn look(
    Of(site): Of<Arc<Site>>,
    Path((id, run)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    let run: RunId = run.parse().map_err(|_| Fault::NotFound)?;
    Ok(Json(told(&preview(&site.store, account, run).await?)))
}

/// Has a run taken back as it was shown.
pub(in crate::http::api) async fn ask(
    Of(site): Of<Arc<Site>>,
    Path((id, run)): Path<(String, String)>,
    caller: Caller,
    sent: Sent<Confirmed>,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    let run: RunId = run.parse().map_err(|_| Fault::NotFound)?;
    let confirm = sent.value.mark()?;
    undo(&site.store, &caller.by(&site)?, account, run, &confirm).await?;
    Ok(Json(told(&preview(&site.store, account, run).await?)))
}

fn listed(place: &str, changed: &Changed) -> Value {
    let run = &changed.run;
    json!({
        "id": run.run_id,
        place: run.calendar_id,
        "status": run.status,
        "startedAt": time::told(run.began_at),
        "endedAt": time::told(run.ended_at),
        "people": run.people,
        "made": run.made,
        "written": run.written,
        "removed": run.removed,
        "undo": changed.asked.as_ref().map(|undo| asked(place, undo)),
    })
}

/// A preview, of a run or of everything.
pub(super) fn told(preview: &Preview) -> Value {
    let pairs: Vec<Value> = preview.parts.iter().map(part).collect();
    let (id, synced) = match preview.what {
        What::Run(run, synced) => (Some(run), Some(synced)),
        What::Everything => (None, None),
    };
    let place = place(preview.product);
    let lost = if preview.product == Product::Contacts { Undos::LostPeople } else { Undos::LostBody };
    json!({
        "id": id,
        place: synced,
        "more": preview.more,
        "acts": preview.acts(),
        "left": preview.left(),
        "confirm": (preview.acts() > 0).then(|| preview.mark()),
        "mails": preview.mails,
        "lost": preview.brings().then(|| lost.say(Lang::English)),
        "pairs": pairs,
        "asked": preview.asked.iter().map(|undo| asked(place, undo)).collect::<Vec<_>>(),
    })
}

fn part(part: &Part<SyncedId>) -> Value {
    json!({
        "pairId": part.id,
        "title": part.title,
        "acts": part.acts.iter().map(act).collect::<Vec<_>>(),
        "left": part.left.iter().map(left).collect::<Vec<_>>(),
    })
}

fn act(act: &Act) -> Value {
    let field = |(field, shows, becomes): (_, Option<_>, Option<_>)| {
        let field: postern_core::plan::record::Field = field;
        json!({ "field": field.name(), "shows": shows.map(said), "becomes": becomes.map(said) })
    };
    let mut fields: Vec<Value> = act.fields().into_iter().map(field).collect();
    if let Act::Turn { from, to } = act {
        fields.push(json!({ "field": "status", "shows": from, "becomes": to }));
    }
    json!({ "kind": act.name(), "side": act.side().name(), "fields": fields })
}

fn left(left: &Left) -> Value {
    json!({
        "side": left.side.name(),
        "field": left.field.map(|field| field.name()),
        "reason": left.why.name(),
        "why": Undos::from(left.why).say(Lang::English),
    })
}

fn asked(place: &str, undo: &Undo) -> Value {
    json!({
        "id": undo.id,
        place: undo.synced,
        "state": undo.state.name(),
        "askedBy": undo.asked_by,
        "askedAt": time::told(undo.asked_at),
        "endedAt": undo.ended_at.map(time::told),
        "acts": undo.acts,
        "done": undo.done,
        "failed": undo.failed,
    })
}
