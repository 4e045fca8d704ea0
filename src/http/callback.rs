//! `/oauth/google/callback`: Google's answer, carried by the browser.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use postern_core::model::actor::Actor;
use postern_core::model::refusal::{Blame, Retry};
use postern_core::model::secret::Secret;
use zeroize::Zeroizing;

use super::cookie;
use super::form::parameter;
use super::gate::Peer;
use super::own::sign_in::came_back;
use super::page::{Button, Page, Tone, Tongue, refusal};
use super::site::Site;
use super::web::sign_in::agent;
use crate::actions::consent::{Browser, Connected, ConsentFault, Refused, SignedIn};
use crate::tasks::Phase;
use crate::texts::{Connect, Lang, Owner, Sentence, Text};

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
    let consents = Arc::clone(&site.consents);
    let browser = Browser { peer, agent: agent(&headers) };
    // A browser that closes must not take a grant with it that Google has just given.
    let finishing = site.tasks.spawn(Phase::Work, async move {
        let shown = shown.as_deref();
        if let Some(signed_in) = consents.finish_sign_in(&state, shown, &answer, &browser).await {
            return Finished::SignIn(signed_in);
        }
        let outcome = consents.finish(&Actor::OwnerAt(browser.peer), &state, shown, answer).await;
        // Who has just proven to be the owner need not do so again; without a session they can.
        let word = match &outcome {
            Ok(connected) => consents.open_session(connected.account, &browser).await.ok(),
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
