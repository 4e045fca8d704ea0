//! `/me/sign-in`: an owner comes back by Google, and leaves.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::actions::consent::SignedIn;
use crate::http::cookie;
use crate::http::gate::Owned;
use crate::http::page::{Button, Page, Tone, Tongue, refusal};
use crate::http::site::Site;
use crate::http::start;
use crate::http::web::frame::onward;
use crate::texts::{Desk, Lang, Owner, Text};

/// Shows the button.
pub(super) async fn page(State(site): State<Arc<Site>>, Tongue(lang): Tongue) -> Response {
    asked(&site, lang, None, StatusCode::OK)
}

/// The press: on to Google.
pub(super) async fn press(State(site): State<Arc<Site>>, Tongue(lang): Tongue) -> Response {
    start::go(&site, lang, None, site.consents.start_sign_in().await)
}

/// Google has told who it is.
pub(in crate::http) fn came_back(site: &Site, signed_in: &SignedIn) -> Response {
    let mut response = onward(site, "/me");
    cookie::give_owner(site, &mut response, signed_in.word.reveal());
    response
}

/// Ends the session.
pub(super) async fn out(State(site): State<Arc<Site>>, Tongue(lang): Tongue, owned: Owned) -> Response {
    let (account, session) = (&owned.account, owned.visit.session.id);
    match site.entrance.sign_out_owner(account, session, owned.peer).await {
        Ok(()) => {
            let mut response = Page::new(lang, Tone::Calm, Desk::SignedOut).answer(StatusCode::OK);
            cookie::clear_owner(&site, &mut response);
            response
        }
        Err(error) => {
            tracing::error!(%error, "a session could not be ended");
            refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)
        }
    }
}

/// The button, with what is to be said before it.
pub(in crate::http) fn asked(site: &Site, lang: Lang, said: Option<Owner>, status: StatusCode) -> Response {
    let mut page = Page::new(lang, Tone::Calm, Owner::SignInTitle);
    if let Some(said) = said {
        page = page.say(said);
    }
    page.say(Owner::SignInBody)
        .button(Button::new(site.at("/me/sign-in"), Owner::SignInButton))
        .answer(status)
}
