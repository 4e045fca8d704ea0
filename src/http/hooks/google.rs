//! `POST /hooks/google`: Google says that a calendar changed.
//!
//! Everything is in its header fields; no body is read. Google gives a channel up
//! whose address does not exist.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use super::{Outcome, field};
use crate::actions::hooks::google::{Call, called};
use crate::http::site::Site;

pub(super) async fn call(State(site): State<Arc<Site>>, headers: HeaderMap) -> StatusCode {
    let text = |name| field(&headers, name).unwrap_or_default();
    let call = Call {
        channel: text("x-goog-channel-id"),
        token: text("x-goog-channel-token"),
        resource: text("x-goog-resource-id"),
        state: text("x-goog-resource-state"),
    };
    let outcome = match called(&site.store, call).await {
        Ok(true) => Outcome::Taken,
        Ok(false) => Outcome::Refused(StatusCode::NOT_FOUND),
        Err(error) => error.into(),
    };
    site.metrics.hooked("google", outcome.word());
    outcome.status()
}
