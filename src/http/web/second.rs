//! `/admin/sign-in/code`: the code that follows a right password.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use postern_core::model::secret::Secret;
use zeroize::Zeroizing;

use super::frame::answer;
use super::sign_in::{again, agent, inside, ours};
use crate::actions::admin::enter::{Attempt, EntryFault};
use crate::http::form::parameter;
use crate::http::gate::Peer;
use crate::http::page::{Page, Tone, Tongue, refusal};
use crate::http::site::Site;
use crate::texts::{Admins, Lang, Text};

/// The form.
#[derive(Template)]
#[template(path = "code.html", config = "src/http/askama.toml")]
struct Code<'a> {
    lang: Lang,
    action: String,
    step: &'a str,
    then: &'a str,
    wrong: bool,
}

pub(super) async fn press(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = Zeroizing::new(body.to_vec());
    let of = |field| parameter(&body, field).unwrap_or_default();
    let (step, then) =
        (Secret::new(of("step")), Some(of("then")).filter(|then| ours(then)).unwrap_or_default());
    let password = Secret::new(of("code"));
    let attempt = Attempt { name: String::new(), password, peer, agent: agent(&headers) };
    match site.entrance.code(step.reveal(), attempt).await {
        Ok(word) => inside(&site, &word, &then),
        Err(EntryFault::Wrong(delay)) => {
            tokio::time::sleep(delay).await;
            form(&site, lang, &step, &then, true)
        }
        Err(EntryFault::TooMany) => too_many(lang),
        Err(EntryFault::Over) => again(&site, lang, Admins::CodeOver, &then),
        Err(error) => {
            tracing::error!(%error, "a code could not be checked");
            refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)
        }
    }
}

pub(super) fn form(site: &Site, lang: Lang, step: &Secret, then: &str, wrong: bool) -> Response {
    let action = site.at("/admin/sign-in/code");
    let status = if wrong { StatusCode::FORBIDDEN } else { StatusCode::OK };
    answer(&Code { lang, action, step: step.reveal(), then, wrong }, status)
}

/// The answer while no code is looked at.
pub(in crate::http) fn too_many(lang: Lang) -> Response {
    Page::new(lang, Tone::Bad, Admins::TooManyTitle)
        .say(Admins::TooMany)
        .answer(StatusCode::TOO_MANY_REQUESTS)
}
