//! `/oauth/google/callback`: Google's answer, carried by the browser.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use postern_core::model::actor::Actor;
use postern_core::model::refusal::{Blame, Retry};
use postern_core::model::scope::Product;
use postern_core::model::secret::Secret;
use zeroize::Zeroizing;

use super::cookie;
use super::form::parameter;
use super::gate::Peer;
use super::own::sign_in::came_back;
use super::page::{Button, Page, Tone, Tongue, refusal};
use super::site::Site;
use super::web::sign_in::agent;
use crate::actions::By;
use crate::actions::consent::{Browser, Connected, ConsentFault, Refused, SignedIn};
use crate::tasks::Phase;
use crate::texts::{Connect, Lang, Owner, Sentence, Text};

/// How long a page waits for the list of calendars.
const READING: Duration = Duration::from_secs(5);

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    method: Method,
    RawQuery(query): RawQuery,
    Peer(peer): Peer,
    headers: HeaderMap,
) -> Response {
    // Who only asks for the headers must not use the answer up.
    if method == Method::HEAD {
        return StatusCode::NO_CONTENT.into_response();
    }
    let query = Zeroizing::new(query.unwrap_or_default());
    let Some((state, answer)) = read(&query) else {
        return refusal(lang, StatusCode::BAD_REQUEST, Text::BadRequestBody);
    };
    let shown = cookie::shown(&site, &headers);
    let own = Arc::clone(&site);
    let browser = Browser { peer, agent: agent(&headers) };
    // A browser that closes must not take a grant with it that Google has just given.
    let finishing = site.tasks.spawn(Phase::Work, async move {
        let (shown, consents) = (shown.as_deref(), &own.consents);
        if let Some(signed_in) = consents.finish_sign_in(&state, shown, &answer, &browser).await {
            return Finished::SignIn(signed_in);
        }
        let outcome = consents.finish(&Actor::OwnerAt(browser.peer), &state, shown, answer).await;
        // Who has just proven to be the owner need not do so again; without a session they can.
        let word = match &outcome {
            Ok(connected) => {
                read_calendars(&own, connected, browser.peer).await;
                consents.open_session(connected.account, &browser).await.ok()
            }
            Err(_) => None,
        };
        Finished::Consent(outcome, word)
    });
    let mut response = match finishing.await {
        Ok(Finished::SignIn(Ok(signed_in))) => came_back(&site, &signed_in),
        Ok(Finished::SignIn(Err(fault))) => sorry(&site, lang, &Refused { fault, reference: String::new() }),
        Ok(Finished::Consent(Ok(connected), word)) => welcome(&site, lang, &connected, word.as_ref()),
        Ok(Finished::Consent(Err(refused), _)) => sorry(&site, lang, &refused),
        Err(_) => refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown),
    };
    cookie::clear(&site, &mut response);
    response
}

/// Has the list of calendars there when the owner opens the page about them.
/// Where Google is slow or says nothing, the page has a button for it.
async fn read_calendars(site: &Site, connected: &Connected, peer: IpAddr) {
    if !connected.products.contains(&Product::Calendar) {
        return;
    }
    let Ok(by) = By::new(Actor::OwnerAt(peer), site.store.dice()) else { return };
    let reading = site.calendars.refresh(&site.store, &by, connected.account);
    match tokio::time::timeout(READING, reading).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the calendars of a new consent were not read"),
        Err(_) => tracing::warn!("Google was too slow to show the calendars of a new consent"),
    }
}

type Answer = Result<Secret, String>;

/// What Google's answer was for.
enum Finished {
    SignIn(Result<SignedIn, ConsentFault>),
    Consent(Result<Connected, Refused>, Option<Secret>),
}

fn read(query: &str) -> Option<(String, Answer)> {
    let of = |name| parameter(query.as_bytes(), name);
    let answer = match (of("error"), of("code")) {
        (Some(error), _) => Err(error),
        (None, Some(code)) => Ok(Secret::new(code)),
        (None, None) => return None,
    };
    Some((of("state")?, answer))
}

fn welcome(site: &Site, lang: Lang, connected: &Connected, word: Option<&Secret>) -> Response {
    let mut page = Page::new(lang, Tone::Good, Text::ConnectedTitle)
        .say(Sentence::from(Text::ConnectedBody).with("address", &connected.address));
    if let Some(new) = &connected.renamed {
        let told =
            Sentence::from(Text::ConnectedRenamed).with("address", &connected.address).with("new", new);
        page = page.say(told);
    }
    let page = page.say(Text::ConnectedClose);
    let Some(word) = word else { return page.answer(StatusCode::OK) };
    let mut response = page.onward(site.at("/me"), Owner::ToOwnPage).answer(StatusCode::OK);
    cookie::give_owner(site, &mut response, word.reveal());
    response
}

fn sorry(site: &Site, lang: Lang, refused: &Refused) -> Response {
    let status = match refused.fault.blame() {
        Blame::Client => StatusCode::BAD_REQUEST,
        Blame::Account => StatusCode::FORBIDDEN,
        Blame::Upstream => StatusCode::BAD_GATEWAY,
        Blame::Gateway => StatusCode::SERVICE_UNAVAILABLE,
    };
    if let ConsentFault::Store(error) = &refused.fault {
        tracing::error!(reference = refused.reference, %error, "a consent could not be stored");
    }
    let mut page = Page::new(lang, Tone::Bad, Text::RefusedTitle).say(refused.fault.told());
    if refused.fault.retry() == Retry::Later {
        page = page.say(Text::TryAgain);
    }
    let reference = &refused.reference;
    if refused.fault.asked_again_by().is_some() && !reference.is_empty() {
        page = page.button(Button::new(site.at(&format!("/r/{reference}/connect")), Connect::AskAgain));
    }
    page.reference(reference).answer(status)
}
