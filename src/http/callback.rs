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
use super::page::{Page, Tone, Tongue, refusal};
use super::site::Site;
use crate::actions::consent::{Connected, ConsentFault, Refused};
use crate::tasks::Phase;
use crate::texts::{Lang, Sentence, Text};

pub(super) async fn page(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    method: Method,
    RawQuery(query): RawQuery,
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
    // A browser that closes must not take a grant with it that Google has just given.
    let finishing = site.tasks.spawn(Phase::Work, async move {
        consents.finish(&Actor::Owner, &state, shown.as_deref(), answer).await
    });
    let mut response = match finishing.await {
        Ok(Ok(connected)) => welcome(lang, &connected),
        Ok(Err(refused)) => sorry(lang, &refused),
        Err(_) => refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown),
    };
    cookie::clear(&site, &mut response);
    response
}

type Answer = Result<Secret, String>;

fn read(query: &str) -> Option<(String, Answer)> {
    let of = |name| parameter(query.as_bytes(), name);
    let answer = match (of("error"), of("code")) {
        (Some(error), _) => Err(error),
        (None, Some(code)) => Ok(Secret::new(code)),
        (None, None) => return None,
    };
    Some((of("state")?, answer))
}

fn welcome(lang: Lang, connected: &Connected) -> Response {
    let mut page = Page::new(lang, Tone::Good, Text::ConnectedTitle)
        .say(Sentence::from(Text::ConnectedBody).with("address", &connected.address));
    if let Some(new) = &connected.renamed {
        let told =
            Sentence::from(Text::ConnectedRenamed).with("address", &connected.address).with("new", new);
        page = page.say(told);
    }
    page.say(Text::ConnectedClose).answer(StatusCode::OK)
}

fn sorry(lang: Lang, refused: &Refused) -> Response {
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
    page.reference(&refused.reference).answer(status)
}
