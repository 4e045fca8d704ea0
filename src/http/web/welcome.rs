//! `/admin/welcome?link=…`: an admin chooses a password.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use postern_core::model::secret::Secret;
use zeroize::Zeroizing;

use super::frame::{answer, onward};
use super::sign_in::agent;
use crate::actions::admin::{AdminFault, link};
use crate::auth::password::Unfit;
use crate::http::cookie;
use crate::http::form::parameter;
use crate::http::gate::Peer;
use crate::http::page::{Page, Tone, Tongue, refusal};
use crate::http::site::Site;
use crate::texts::{Desk, Lang, Sentence, Text};

/// The form.
#[derive(Template)]
#[template(path = "welcome.html", config = "src/http/askama.toml")]
struct Welcome<'a> {
    lang: Lang,
    action: String,
    body: String,
    said: Option<Desk>,
    name: &'a str,
    word: &'a str,
}

/// Shows the form. Nothing changes: programs open links to look behind them.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
) -> Response {
    let word = query.as_deref().and_then(|query| parameter(query.as_bytes(), "link")).unwrap_or_default();
    form(&site, lang, &word, None).await
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
    let (word, password, again) = (of("link"), Secret::new(of("password")), Secret::new(of("again")));
    if password != again {
        return form(&site, lang, &word, Some(Desk::PasswordsDiffer)).await;
    }
    let admin = match site.entrance.accept(&word, &password, peer).await {
        Ok(admin) => admin,
        Err(AdminFault::Unfit(unfit)) => return form(&site, lang, &word, Some(told(unfit))).await,
        Err(fault) => return gone(lang, &fault),
    };
    match site.entrance.welcome(&admin, peer, &agent(&headers)).await {
        Ok(session) => {
            let mut response = onward(&site, "/admin");
            cookie::give_session(&site, &mut response, session.reveal());
            response
        }
        Err(error) => {
            tracing::error!(%error, "a session could not be opened");
            onward(&site, "/admin/sign-in")
        }
    }
}

pub(super) fn told(unfit: Unfit) -> Desk {
    match unfit {
        Unfit::Short => Desk::PasswordShort,
        Unfit::Long => Desk::PasswordLong,
        Unfit::Easy => Desk::PasswordEasy,
    }
}

async fn form(site: &Site, lang: Lang, word: &str, said: Option<Desk>) -> Response {
    let admin = match link::look(&site.store, word).await {
        Ok(admin) => admin,
        Err(fault) => return gone(lang, &fault),
    };
    let body = Sentence::from(Desk::WelcomeBody).with("name", &admin.name).say(lang);
    let (action, name) = (site.at(link::PATH), admin.name.as_str());
    let status = if said.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    answer(&Welcome { lang, action, body, said, name, word }, status)
}

fn gone(lang: Lang, fault: &AdminFault) -> Response {
    if matches!(fault, AdminFault::Link) {
        return Page::new(lang, Tone::Bad, Desk::WelcomeGoneTitle)
            .say(Desk::WelcomeGone)
            .answer(StatusCode::GONE);
    }
    tracing::error!(error = %fault, "a password could not be set");
    refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)
}
