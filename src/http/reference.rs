//! `/r/<ref>`: what an error text leads to, in words and, where a consent
//! helps, with the button.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::page::{Button, Page, Tone, Tongue, refusal};
use super::products;
use super::site::Site;
use super::start;
use crate::actions::consent::Help;
use crate::texts::{Lang, Owner, Text};

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(reference): Path<String>,
) -> Response {
    match site.consents.help(&reference).await {
        Ok(Some(help)) => explained(&site, lang, &reference, &help),
        Ok(None) => Page::new(lang, Tone::Calm, Text::HelpUnknownTitle)
            .say(Text::HelpUnknownBody)
            .answer(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::error!(%error, "a reference could not be looked up");
            refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)
        }
    }
}

pub(super) async fn press(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(reference): Path<String>,
    body: Bytes,
) -> Response {
    let chosen = products::chosen(&body);
    start::go(&site, lang, None, site.consents.start_by_reference(&reference, chosen.as_deref()).await)
}

fn explained(site: &Site, lang: Lang, reference: &str, help: &Help) -> Response {
    let page = Page::new(lang, Tone::Calm, Text::HelpTitle).mailbox(&help.address).say(help.told());
    let page = match (help.needs_consent, help.has_client) {
        (false, _) => page,
        (true, false) => page.say(Text::NoClient),
        (true, true) => {
            let button = Button::new(site.at(&format!("/r/{reference}/connect")), Text::StartButton);
            let ticks = products::ticks(lang, &help.products);
            start::asked(site, page, &help.offer()).button(Button { ticks, ..button })
        }
    };
    let page = if help.switched_off { page.onward(site.at("/me"), Owner::ToOwnPage) } else { page };
    page.reference(reference).answer(StatusCode::OK)
}
