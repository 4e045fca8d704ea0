//! `POST ExternalAccount/{id}/consentLink`: the link by which the owner
//! connects the mailbox. Whoever has it may connect it, so it is told once.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::actions::account::create::consent_link;
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::api::{once, time};
use crate::http::site::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct Nothing {}

pub(in crate::http::api) async fn answer(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
    sent: Sent<Nothing>,
) -> Result<Response, Fault> {
    let Nothing {} = sent.value;
    let address = caller.known(&site, &id).await?;
    let by = caller.by(&site)?;
    let public_url = site.public_url();
    let made = consent_link(&site.store, &by, &address, public_url, sent.once.as_ref()).await?;
    let link = once::secret(made)?;
    let told = json!({ "id": id, "url": link.url.reveal(), "expiresAt": time::told(link.expires_at) });
    Ok((StatusCode::CREATED, Json(told)).into_response())
}
