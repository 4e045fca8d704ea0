//! The root, and what is nowhere.

use axum::http::StatusCode;
use axum::response::Response;

use super::page::{Page, Tone, Tongue, refusal};
use crate::texts::Text;

pub(super) async fn page(Tongue(lang): Tongue) -> Response {
    Page::new(lang, Tone::Calm, Text::HomeTitle).say(Text::HomeBody).answer(StatusCode::OK)
}

pub(super) async fn not_found(Tongue(lang): Tongue) -> Response {
    Page::new(lang, Tone::Bad, Text::NotFoundTitle).say(Text::NotFoundBody).answer(StatusCode::NOT_FOUND)
}

pub(super) async fn not_allowed(Tongue(lang): Tongue) -> Response {
    refusal(lang, StatusCode::METHOD_NOT_ALLOWED, Text::MethodBody)
}
