//! Before each route: who comes, whether they may, and whether a form is ours.
//!
//! A change wants, in this order: a session, the right, the session's form
//! token, and where the route asks for it a proof of who it is. The proof is the
//! password, or a code, in the same form, so that it works without scripts in
//! one step.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use postern_core::model::actor::Actor;
use postern_core::model::role::Right;
use postern_core::model::secret::Secret;

use super::api::caller::admit as admit_program;
use super::cookie;
use super::form::Form;
use super::own;
use super::page::{Page, Tone, Tongue, refusal};
use super::panel;
use super::peer::{Connected, address};
use super::site::Site;
use super::table::Access;
use super::web::{frame, second, sign_in};
use crate::actions::By;
use crate::actions::admin::enter::{Attempt, EntryFault};
use crate::auth::visit::{Guest, Visit, visit};
use crate::dice::NoRandomness;
use crate::store::StoreError;
use crate::store::accounts::{self, Account};
use crate::store::admins::Admin;
use crate::store::totp;
use crate::texts::{Admins, Desk, Lang, Owner, Sentence, Text};

/// Longest form of somebody who is signed in, in octets.
const LONGEST_FORM: usize = 1024 * 1024;

/// The state of the gate before one route.
#[derive(Clone)]
pub(super) struct Gate {
    pub site: Arc<Site>,
    pub access: Access,
}

/// The address of whoever asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub IpAddr);

/// An admin who was let through.
#[derive(Debug, Clone)]
pub(super) struct Admitted {
    pub visit: Visit,
    pub admin: Admin,
    pub peer: IpAddr,
}

impl Admitted {
    /// The language they chose.
    pub fn lang(&self) -> Option<Lang> {
        self.admin.taste.lang.as_deref().and_then(Lang::of_tag)
    }

    /// The author of what this admin does.
    pub fn by(&self, site: &Site) -> Result<By, NoRandomness> {
        let actor = Actor::Admin { name: self.admin.name.clone(), peer: self.peer };
        By::new(actor, site.store.dice())
    }
}

/// The owner of a mailbox who was let through.
#[derive(Debug, Clone)]
pub(super) struct Owned {
    pub visit: Visit,
    pub account: Account,
    pub peer: IpAddr,
}

pub(super) async fn gate(
    State(Gate { site, access }): State<Gate>,
    Tongue(lang): Tongue,
    mut request: Request,
    next: Next,
) -> Response {
    let connected = request.extensions().get::<Connected>().map_or(IpAddr::from([0, 0, 0, 0]), |c| c.0);
    let peer = address(connected, request.headers(), &site.trusted_proxies);
    request.extensions_mut().insert(Peer(peer));
    let (right, proven) = match access {
        Access::Anyone => return next.run(request).await,
        Access::Owner => {
            let (parts, body) = request.into_parts();
            return match admit_owner(&site, lang, parts, body, peer).await {
                Ok(request) => next.run(request).await,
                Err(response) => *response,
            };
        }
        Access::Panel => {
            return match panel::admit(&site, lang, request).await {
                Ok(request) => next.run(request).await,
                Err(sorry) => sorry.into_response(),
            };
        }
        Access::Key(scope) => {
            return match admit_program(&site, scope, peer, request).await {
                Ok(request) => next.run(request).await,
                Err(fault) => fault.into_response(),
            };
        }
        Access::Admin(right) => (right, false),
        Access::Proven(right) => (right, true),
    };
    let (parts, body) = request.into_parts();
    match admit(&site, lang, parts, body, Wanted { right, proven, peer }).await {
        Ok(request) => next.run(request).await,
        Err(response) => *response,
    }
}

/// What a route asks of whoever comes from `peer`.
struct Wanted {
    right: Right,
    proven: bool,
    peer: IpAddr,
}

async fn admit(
    site: &Site,
    lang: Lang,
    mut parts: Parts,
    body: Body,
    wanted: Wanted,
) -> Result<Request, Box<Response>> {
    let admitted = recognise(site, lang, &parts, wanted.peer).await?;
    let lang = admitted.lang().unwrap_or(lang);
    if !admitted.visit.may(wanted.right) {
        return Err(Box::new(no(lang, Desk::NotYours)));
    }
    if wanted.right != Right::Own {
        codes_first(site, lang, &admitted, &parts.method).await?;
    }
    let mut rest = Some(body);
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        let form = check(lang, &admitted.visit, &parts.headers, rest.take().unwrap_or_default()).await?;
        if wanted.proven && !admitted.visit.is_fresh() {
            prove(site, lang, &admitted, &form, &parts).await?;
        }
        parts.extensions.insert(form);
    }
    parts.extensions.insert(admitted);
    Ok(Request::from_parts(parts, rest.unwrap_or_default()))
}

async fn admit_owner(
    site: &Site,
    lang: Lang,
    mut parts: Parts,
    body: Body,
    peer: IpAddr,
) -> Result<Request, Box<Response>> {
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    let stranger = || {
        let status = if reads { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
        Box::new(own::sign_in::asked(site, lang, (!reads).then_some(Owner::SessionOver), status))
    };
    let word = cookie::owner(site, &parts.headers).ok_or_else(stranger)?;
    let found = async {
        let Some(visit) = visit(&site.store, &word).await? else { return Ok(None) };
        let Guest::Owner(id) = visit.guest else { return Ok(None) };
        let account = accounts::by_id(&mut site.store.read().await?, id).await?;
        Ok::<_, StoreError>(account.map(|account| Owned { visit, account, peer }))
    };
    let owned = match found.await {
        Ok(owned) => owned.ok_or_else(stranger)?,
        Err(error) => {
            tracing::error!(%error, "a session could not be looked up");
            return Err(Box::new(refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)));
        }
    };
    let mut rest = Some(body);
    if !reads {
        parts
            .extensions
            .insert(check(lang, &owned.visit, &parts.headers, rest.take().unwrap_or_default()).await?);
    }
    parts.extensions.insert(owned);
    Ok(Request::from_parts(parts, rest.unwrap_or_default()))
}

async fn recognise(site: &Site, lang: Lang, parts: &Parts, peer: IpAddr) -> Result<Admitted, Box<Response>> {
    let Some(word) = cookie::session(site, &parts.headers) else {
        return Err(Box::new(sign_in::wanted(site, lang, parts)));
    };
    match visit(&site.store, &word).await {
        Ok(Some(visit)) => match &visit.guest {
            Guest::Admin(admin) => Ok(Admitted { admin: admin.clone(), visit, peer }),
            Guest::Owner(_) => Err(Box::new(no(lang, Desk::NotYours))),
        },
        Ok(None) => Err(Box::new(sign_in::wanted(site, lang, parts))),
        Err(error) => {
            tracing::error!(%error, "a session could not be looked up");
            Err(Box::new(refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)))
        }
    }
}

// Where every admin must enter codes, who has none sets them up before anything else.
async fn codes_first(
    site: &Site,
    lang: Lang,
    admitted: &Admitted,
    method: &Method,
) -> Result<(), Box<Response>> {
    if admitted.admin.totp_at.is_some() {
        return Ok(());
    }
    let mandatory = async { totp::mandatory(&mut site.store.read().await?).await };
    match mandatory.await {
        Ok(false) => Ok(()),
        Ok(true) if matches!(*method, Method::GET | Method::HEAD) => {
            Err(Box::new(frame::onward(site, "/admin/me")))
        }
        Ok(true) => {
            let page = Page::new(lang, Tone::Bad, Admins::FirstCodesTitle).say(Admins::FirstCodes);
            Err(Box::new(page.answer(StatusCode::FORBIDDEN)))
        }
        Err(error) => {
            tracing::error!(%error, "nobody knows whether codes are asked");
            Err(Box::new(refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)))
        }
    }
}

async fn check(lang: Lang, visit: &Visit, headers: &HeaderMap, body: Body) -> Result<Form, Box<Response>> {
    let Ok(octets) = to_bytes(body, LONGEST_FORM).await else {
        return Err(Box::new(no_at(lang, StatusCode::PAYLOAD_TOO_LARGE, Desk::TooMuch)));
    };
    let form = Form::new(headers, octets);
    let ours = form.get("form_token").is_some_and(|token| same(&token, &visit.token));
    if ours { Ok(form) } else { Err(Box::new(no(lang, Desk::StaleForm))) }
}

async fn prove(
    site: &Site,
    lang: Lang,
    admitted: &Admitted,
    form: &Form,
    parts: &Parts,
) -> Result<(), Box<Response>> {
    let attempt = Attempt {
        name: admitted.admin.name.clone(),
        password: Secret::new(form.get("password").unwrap_or_default()),
        peer: admitted.peer,
        agent: sign_in::agent(&parts.headers),
    };
    match site.entrance.confirm(&admitted.admin, admitted.visit.session.id, &attempt).await {
        Ok(()) => Ok(()),
        Err(EntryFault::Wrong(delay)) => {
            tokio::time::sleep(delay).await;
            Err(Box::new(no(lang, Desk::ConfirmWrong)))
        }
        Err(EntryFault::TooMany) => Err(Box::new(second::too_many(lang))),
        Err(error) => {
            tracing::error!(%error, "a password could not be checked");
            Err(Box::new(refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)))
        }
    }
}

fn same(a: &str, b: &str) -> bool {
    crate::auth::hash::matches(a, &crate::auth::hash::of(b))
}

fn no(lang: Lang, why: Desk) -> Response {
    no_at(lang, StatusCode::FORBIDDEN, why)
}

fn no_at(lang: Lang, status: StatusCode, why: Desk) -> Response {
    let title =
        if why == Desk::NotYours { Desk::NotYoursTitle.into() } else { Sentence::from(Text::RequestTitle) };
    Page::new(lang, Tone::Bad, title).say(why).answer(status)
}

impl<S: Sync> FromRequestParts<S> for Admitted {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl<S: Sync> FromRequestParts<S> for Owned {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl<S: Sync> FromRequestParts<S> for Form {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().copied().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
