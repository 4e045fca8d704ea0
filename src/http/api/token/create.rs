//! `POST CrmToken`: issues a token; its secret is told once.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use postern_core::model::token::Protocols;
use serde::Deserialize;
use serde_json::json;

use crate::actions::token::{Terms, issue_once};
use crate::clock::Micros;
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::api::{once, time};
use crate::http::site::Site;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http::api) struct Wanted {
    external_account_id: String,
    name: String,
    protocols: Option<Protocols>,
    expires_at: Option<String>,
}

pub(in crate::http::api) async fn answer(
    Of(site): Of<Arc<Site>>,
    caller: Caller,
    sent: Sent<Wanted>,
) -> Result<Response, Fault> {
    let wanted = sent.value;
    let address = caller.known(&site, &wanted.external_account_id).await.map_err(|fault| match fault {
        Fault::NotFound => Fault::at("externalAccountId", "there is no such mailbox that this key may see"),
        other => other,
    })?;
    let expires_at = wanted.expires_at.as_deref().map(|text| end(&site, text)).transpose()?;
    let protocols = wanted.protocols.unwrap_or(Protocols::Both);
    let terms = Terms { name: wanted.name, protocols, expires_at };
    let by = caller.by(&site)?;
    let issued = once::secret(issue_once(&site.store, &by, &address, &terms, sent.once.as_ref()).await?)?;
    let told = json!({
        "id": issued.id,
        "externalAccountId": wanted.external_account_id,
        "emailAddress": issued.address,
        "name": terms.name,
        "protocols": terms.protocols,
        "expiresAt": expires_at.map(time::told),
        "token": issued.token.reveal(),
    });
    Ok((StatusCode::CREATED, Json(told)).into_response())
}

fn end(site: &Site, text: &str) -> Result<Micros, Fault> {
    let end = time::read(text).filter(|end| *end > site.store.clock().now());
    end.ok_or_else(|| Fault::at("expiresAt", "a time to come, such as 2030-01-31 12:00:00, is expected"))
}
