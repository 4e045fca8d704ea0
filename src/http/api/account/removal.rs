//! `ExternalAccount/{id}/calendar/removal`: what removing everything that was made
//! for a mailbox would do, and having it done. It is told like an undo.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Of};
use serde_json::Value;

use super::calendar::known;
use super::undo::{Confirmed, told};
use crate::actions::calendars::removal::{preview, remove};
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::site::Site;

/// What removing everything would do.
pub(in crate::http::api) async fn look(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    Ok(Json(told(&preview(&site.store, account).await?)))
}

/// Has everything removed as it was shown.
pub(in crate::http::api) async fn ask(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
    sent: Sent<Confirmed>,
) -> Result<Json<Value>, Fault> {
    let account = known(&site, &id, &caller).await?;
    remove(&site.store, &caller.by(&site)?, account, &sent.value.mark()?).await?;
    Ok(Json(told(&preview(&site.store, account).await?)))
}
