//! `/me`: how the own mailbox stands, connecting it and ending that.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::scope::Product;

use crate::actions::account::product::switch;
use crate::actions::account::view::{self, Granted, View};
use crate::actions::{ActError, By};
use crate::clock::written;
use crate::http::cookie;
use crate::http::form::Form;
use crate::http::gate::Owned;
use crate::http::page::{Page, Tone, Tongue, refusal};
use crate::http::products::{Line, lines};
use crate::http::site::Site;
use crate::http::start;
use crate::http::web::frame::{answer, onward};
use crate::store::logins;
use crate::texts::{Desk, Lang, Owner, Sentence, Text};

use super::sign_in;

/// The page.
#[derive(Template)]
#[template(path = "mailbox.html", config = "src/http/askama.toml")]
struct Mailbox {
    lang: Lang,
    title: String,
    stands: Owner,
    good: bool,
    connect: Option<Owner>,
    connected: bool,
    products: Vec<Line>,
    view: View,
    used: Option<String>,
    tokens: String,
    fresh: bool,
    form_token: String,
    base: String,
}

pub(super) async fn page(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, owned: Owned) -> Response {
    let looked = async {
        let view = view::one(&site.store, &owned.account.address).await?;
        let used = logins::last_used(&mut site.store.read().await?, view.id).await?;
        Ok::<_, ActError>((view, used))
    };
    let (view, used) = match looked.await {
        Ok(looked) => looked,
        Err(error) => return failed(lang, &error),
    };
    let products = lines(lang, &view, &site.google().products);
    let connected = products.iter().any(|line| line.granted);
    let off = products.iter().any(|line| line.off && line.product == Product::Gmail.name());
    let (stands, connect) = match standing(view.state, connected) {
        (Owner::Connected, connect) if off => (Owner::MailOff, connect),
        (Owner::Connected, connect) if view.gmail == Granted::Missing => (Owner::WithoutMail, connect),
        standing => standing,
    };
    let page = Mailbox {
        lang,
        title: Sentence::from(Owner::Title).with("address", &view.address).say(lang),
        good: matches!(stands, Owner::Connected | Owner::WithoutMail),
        stands,
        connect,
        connected,
        products,
        used: used.map(written),
        tokens: Sentence::from(Owner::Tokens).with("count", &view.tokens).say(lang),
        fresh: owned.visit.is_fresh(),
        form_token: owned.visit.token,
        base: site.base.clone(),
        view,
    };
    answer(&page, StatusCode::OK)
}

/// What is said, and what the button for Google is called.
pub(in crate::http) fn standing(state: State, connected: bool) -> (Owner, Option<Owner>) {
    match state {
        State::Active if connected => (Owner::Connected, Some(Owner::Reconnect)),
        State::New | State::Active => (Owner::NotConnected, Some(Owner::Connect)),
        State::NeedsConsent => (Owner::NeedsConsent, Some(Owner::Reconnect)),
        State::NeedsSignIn => (Owner::NeedsSignIn, Some(Owner::Reconnect)),
        State::AwaitingApproval | State::Disabled => (Owner::Barred, None),
    }
}

/// On to Google's consent page.
pub(super) async fn connect(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, owned: Owned) -> Response {
    let actor = Actor::OwnerAt(owned.peer);
    start::go(&site, lang, None, site.consents.start_by_admin(&actor, owned.account.id, None).await)
}

/// Switches a product off or on, here only.
pub(super) async fn product(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    owned: Owned,
    form: Form,
) -> Response {
    let named = Product::named(&form.text("product"));
    let on = match form.text("switch").as_str() {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    };
    let (Some(product), Some(on)) = (named, on) else {
        return refusal(lang, StatusCode::BAD_REQUEST, Text::BadRequestBody);
    };
    let by = match By::new(Actor::OwnerAt(owned.peer), site.store.dice()) {
        Ok(by) => by,
        Err(error) => return failed(lang, &error.into()),
    };
    match switch(&site.store, &by, owned.account.id, product, on).await {
        Ok(_) => onward(&site, "/me"),
        Err(error) => failed(lang, &error),
    }
}

/// Ends the grant at Google; wants a sign-in from a short while ago.
pub(super) async fn disconnect(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, owned: Owned) -> Response {
    if !owned.visit.is_fresh() {
        return sign_in::asked(&site, lang, Some(Owner::NotFresh), StatusCode::FORBIDDEN);
    }
    let by = match By::new(Actor::OwnerAt(owned.peer), site.store.dice()) {
        Ok(by) => by,
        Err(error) => return failed(lang, &error.into()),
    };
    match site.disconnect(by, owned.account.id).await {
        Ok(_) => {
            let mut response = Page::new(lang, Tone::Good, Owner::Disconnected).answer(StatusCode::OK);
            cookie::clear_owner(&site, &mut response);
            response
        }
        Err(error) => failed(lang, &error),
    }
}

fn failed(lang: Lang, error: &ActError) -> Response {
    tracing::warn!(%error, "an owner's wish was not done");
    match error {
        ActError::StillGranted(_) => refusal(lang, StatusCode::BAD_GATEWAY, Text::GoogleDown),
        _ => refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown),
    }
}
