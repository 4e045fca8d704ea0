//! `ExternalAccount/{id}/contacts/run/…` and `…/contacts/removal`: the last runs that have changed
//! something, what taking one back, or removing everybody who was made, would do, and having it done.
//! It is told like that of calendars.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State as Of};
use axum::response::Response;
use postern_core::model::id::RunId;
use serde_json::Value;

use super::calendar::known;
use super::undo::{Confirmed, list_of, told};
use crate::actions::contacts::removal::{self, remove};
use crate::actions::contacts::undo::{changed, preview, undo};
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::api::list;
use crate::http::site::Site;

/// The last runs that have changed something for the mailbox.
pub(in crate::http::api) async fn runs(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let account = known(&site, &id, &caller).await?;
    let page = list::asked::<()>(query.as_deref(), &[])?;
    Ok(list_of(&changed(&site.store, account, (page.limit, page.offset)).await?))
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
    undo(&site.store, &caller.by(&site)?, account, run, &sent.value.mark()?).await?;
    Ok(Json(told(&preview(&site.store, account, run).await?)))
}

/// What removing everybody would do.
pub(in crate::http::api) async fn everybody(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    Ok(Json(told(&removal::preview(&site.store, account).await?)))
}

/// Has everybody removed as it was shown.
pub(in crate::http::api) async fn remove_all(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
    sent: Sent<Confirmed>,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    remove(&site.store, &caller.by(&site)?, account, &sent.value.mark()?).await?;
    Ok(Json(told(&removal::preview(&site.store, account).await?)))
}
