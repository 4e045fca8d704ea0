//! The body of a request: JSON, and nothing in it that is not known.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use super::caller::Caller;
use super::error::Fault;
use super::once;
use crate::actions::once::Once;

/// Longest body, in octets.
pub(super) const LONGEST: usize = 64 * 1024;

/// What was sent, and the word under which it is created once.
pub(super) struct Sent<T> {
    pub value: T,
    pub once: Option<Once>,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Fault> {
        let (parts, body) = request.into_parts();
        let octets = to_bytes(body, LONGEST).await.map_err(|_| Fault::TooLarge)?;
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|field| field.to_str().ok());
        // What needs no body may come without one.
        let kind = if octets.is_empty() { "application/json" } else { kind.unwrap_or_default() };
        if kind.split(';').next().is_none_or(|kind| !kind.trim().eq_ignore_ascii_case("application/json")) {
            return Err(Fault::MediaType);
        }
        let text = std::str::from_utf8(&octets).map_err(|error| Fault::Body(error.to_string()))?;
        let text = if text.trim().is_empty() { "{}" } else { text };
        let value = serde_json::from_str(text).map_err(|error| Fault::Body(error.to_string()))?;
        let key = parts.extensions.get::<Caller>().map(|caller| caller.key.id);
        let once = match key {
            Some(key) => once::wanted(&parts, key, text)?,
            None => None,
        };
        Ok(Self { value, once })
    }
}
