//! `/oauth/google/start?link=…`: the button, and its press.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::cookie;
use super::form::parameter;
use super::page::{Button, Page, Tone, Tongue, refusal};
use super::site::Site;
use crate::actions::consent::{LinkFault, START_PATH, Started};
use crate::texts::{Lang, Sentence, Text};

/// Shows the button. Nothing changes: mail programs and chats open links to
/// show what is behind them.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(link) = query.as_deref().and_then(|q| parameter(q.as_bytes(), "link")) else {
        return refused(lang, &LinkFault::Unknown);
    };
    match site.consents.look(&link).await {
        Ok(offer) => Page::new(lang, Tone::Calm, Text::StartTitle)
            .say(Sentence::from(Text::StartBody).with("address", &offer.address))
            .say(Text::StartMay)
            .say(Text::StartMayNot)
            .say(Sentence::from(Text::StartPick).with("address", &offer.address))
            .button(Button { link: Some(link), ..Button::new(site.at(START_PATH), Text::StartButton) })
            .answer(StatusCode::OK),
        Err(fault) => refused(lang, &fault),
    }
}

/// The press: on to Google.
pub(super) async fn press(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return refusal(lang, rejection.status(), Text::BadRequestBody),
    };
    let in_query = || query.as_deref().and_then(|q| parameter(q.as_bytes(), "link"));
    let Some(link) = parameter(&body, "link").or_else(in_query) else {
        return refused(lang, &LinkFault::Unknown);
    };
    go(&site, lang, site.consents.start(&link).await)
}

/// Sends the browser to Google with its cookie, or says why not.
pub(super) fn go(site: &Site, lang: Lang, started: Result<Started, LinkFault>) -> Response {
    let started = match started {
        Ok(started) => started,
        Err(fault) => return refused(lang, &fault),
    };
    let Ok(location) = HeaderValue::try_from(started.url.as_str()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    cookie::give(site, &mut response, &started.cookie);
    response
}

fn refused(lang: Lang, fault: &LinkFault) -> Response {
    let status = match fault {
        LinkFault::Unknown => StatusCode::NOT_FOUND,
        LinkFault::Used | LinkFault::Expired => StatusCode::GONE,
        LinkFault::Barred(_) => StatusCode::FORBIDDEN,
        LinkFault::NotNeeded => StatusCode::CONFLICT,
        LinkFault::NoClient | LinkFault::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    if let LinkFault::Store(error) = fault {
        tracing::error!(%error, "a consent could not be started");
    }
    Page::new(lang, Tone::Bad, Text::LinkTitle).say(fault.told()).answer(status)
}
