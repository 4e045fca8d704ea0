//! `POST /hooks/crm`: a delivery of the CRM's webhooks.
//!
//! Its signature alone says whose it is; neither its type nor what it says of
//! itself is looked at. No body is read before it names a webhook that is known.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;

use super::{Outcome, field};
use crate::actions::hooks::crm::{LONGEST, Signed, delivered};
use crate::http::site::Site;

const REFUSED: Outcome = Outcome::Refused(StatusCode::FORBIDDEN);

pub(super) async fn deliver(State(site): State<Arc<Site>>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let outcome = take(&site, &parts.headers, body).await.unwrap_or_else(|outcome| outcome);
    site.metrics.hooked("crm", outcome.word());
    outcome.status()
}

async fn take(site: &Site, headers: &HeaderMap, body: Body) -> Result<Outcome, Outcome> {
    let signed = Signed { signature: field(headers, "signature"), legacy: field(headers, "x-signature") };
    let secret = site.webhooks.secret(&site.store, signed).await?.ok_or(REFUSED)?;
    let body = read(headers, body).await?;
    let ours = delivered(&site.store, signed, &secret, &body).await?;
    Ok(if ours { Outcome::Taken } else { REFUSED })
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Outcome> {
    let told = field(headers, CONTENT_LENGTH.as_str()).and_then(|length| length.parse::<u64>().ok());
    if told.is_some_and(|length| length > LONGEST as u64) {
        return Err(Outcome::TooLarge);
    }
    // With a length that was told it is no longer; without one it may be too long.
    let failed = if told.is_some() { Outcome::CutOff } else { Outcome::TooLarge };
    to_bytes(body, LONGEST).await.map_err(|_| failed)
}
