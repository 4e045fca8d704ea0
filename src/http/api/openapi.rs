//! `openapi.json`: what the API is, for programs.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

/// The document, kept by hand; a test compares it with the table of routes.
const TEXT: &str = include_str!("openapi.json");

pub(super) async fn answer() -> impl IntoResponse {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], TEXT)
}
