//! `/oauth/google/start?link=…`: the button, and its press; and what a link that
//! is over offers instead, a new one by mail.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use postern_core::model::scope::Product;

use super::cookie;
use super::form::parameter;
use super::gate::Peer;
use super::page::{Button, Page, Tone, Tongue, refusal};
use super::products;
use super::site::Site;
use crate::actions::consent::{AGAIN_PATH, LinkFault, Offer, START_PATH, Started};
use crate::texts::{Connect, Lang, Sentence, Text};

/// Shows the button. Nothing changes: mail programs and chats open links to
/// show what is behind them.
pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(link) = query.as_deref().and_then(|q| parameter(q.as_bytes(), "link")) else {
        return refused(&site, lang, None, &LinkFault::Unknown);
    };
    offered(&site, lang, &link).await
}

/// The page with the button that belongs to this link.
pub(super) async fn offered(site: &Site, lang: Lang, link: &str) -> Response {
    match site.consents.look(link).await {
        Ok(offer) => asked(site, Page::new(lang, Tone::Calm, Text::StartTitle), &offer)
            .button(Button {
                link: Some(link.to_owned()),
                ticks: products::ticks(lang, &offer.products),
                ..Button::new(site.at(START_PATH), Text::StartButton)
            })
            .answer(StatusCode::OK),
        Err(fault) => refused(site, lang, Some(link.to_owned()), &fault),
    }
}

/// What is asked for, and who will see it; before any button that leads to Google.
pub(super) fn asked(site: &Site, page: Page, offer: &Offer) -> Page {
    let Offer { address, crm_user, products: offered } = offer;
    let page = match &site.crm {
        Some(crm) => page.say(Sentence::from(Connect::BodyAt).with("address", address).with("crm", crm)),
        None => page.say(Sentence::from(Text::StartBody).with("address", address)),
    };
    let page = match crm_user {
        Some(user) => page.say(Sentence::from(Connect::SeenBy).with("user", user)),
        None => page.say(Connect::SeenByMany),
    };
    let each = |page: Page, product: &Product| page.item(products::asked(*product));
    offered
        .iter()
        .fold(page.say(Connect::Asked), each)
        .say(Connect::NoPassword)
        .say(products::may_not(offered))
        .say(products::pick(offered).with("address", address))
}

/// The press: on to Google.
pub(super) async fn press(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let chosen = body.as_ref().ok().and_then(|body| products::chosen(body));
    let link = match sent(body, query.as_deref()) {
        Ok(Some(link)) => link,
        Ok(None) => return refused(&site, lang, None, &LinkFault::Unknown),
        Err(status) => return refusal(lang, status, Text::BadRequestBody),
    };
    let started = site.consents.start(&link, chosen.as_deref()).await;
    go(&site, lang, Some(link), started)
}

/// The press under a link that is over: a new one goes to the mailbox. The
/// answer says nothing about the link.
pub(super) async fn again(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    Peer(peer): Peer,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let link = match sent(body, None) {
        Ok(link) => link.unwrap_or_default(),
        Err(status) => return refusal(lang, status, Text::BadRequestBody),
    };
    if !site.turns.take(peer, site.store.clock().now()) {
        let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(Connect::TooOften);
        return page.answer(StatusCode::TOO_MANY_REQUESTS);
    }
    if site.mails
        && let Err(error) = site.consents.ask_again(&link, peer).await
    {
        tracing::error!(%error, "a new link could not be asked for");
        return refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown);
    }
    Page::new(lang, Tone::Calm, Connect::SentTitle).say(Connect::SentBody).answer(StatusCode::OK)
}

/// The link in the form or in the address.
fn sent(body: Result<Bytes, BytesRejection>, query: Option<&str>) -> Result<Option<String>, StatusCode> {
    let body = body.map_err(|rejection| rejection.status())?;
    let in_query = || query.and_then(|q| parameter(q.as_bytes(), "link"));
    Ok(parameter(&body, "link").or_else(in_query))
}

/// Sends the browser to Google with its cookie, or says why not.
pub(super) fn go(
    site: &Site,
    lang: Lang,
    link: Option<String>,
    started: Result<Started, LinkFault>,
) -> Response {
    let started = match started {
        Ok(started) => started,
        Err(fault) => return refused(site, lang, link, &fault),
    };
    let Ok(location) = HeaderValue::try_from(started.url.as_str()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response();
    cookie::give(site, &mut response, &started.cookie);
    response
}

fn refused(site: &Site, lang: Lang, link: Option<String>, fault: &LinkFault) -> Response {
    let status = match fault {
        LinkFault::Unknown => StatusCode::NOT_FOUND,
        LinkFault::Used | LinkFault::Expired => StatusCode::GONE,
        LinkFault::Barred(_) | LinkFault::Closed => StatusCode::FORBIDDEN,
        LinkFault::NotNeeded => StatusCode::CONFLICT,
        LinkFault::NothingChosen => StatusCode::BAD_REQUEST,
        LinkFault::NoClient | LinkFault::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    if let LinkFault::Store(error) = fault {
        tracing::error!(%error, "a consent could not be started");
    }
    let page = Page::new(lang, Tone::Bad, Text::LinkTitle);
    let over = match fault {
        LinkFault::Expired => Some(Connect::LinkOld),
        LinkFault::Used => Some(Connect::LinkSpent),
        _ => None,
    };
    match (over, link) {
        (Some(over), Some(link)) if site.mails => {
            let button = Button::new(site.at(AGAIN_PATH), Connect::AgainButton);
            let button = Button { link: Some(link), ..button };
            page.say(over).say(Connect::AgainBody).button(button).answer(status)
        }
        _ => page.say(fault.told()).answer(status),
    }
}
