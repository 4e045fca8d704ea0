//! The Gmail panel that the CRM shows in a record of a mailbox.
//!
//! The page is the same for everybody and holds nothing. Its script exchanges
//! the ticket that stands behind the `#` of its address, which no server sees,
//! for a bearer that it keeps in memory: cookies are neither set nor read, so
//! a browser that keeps them from frames changes nothing. What a press may do
//! is decided from the rows at each press ([`Opened`]): issuing a token and
//! disconnecting are for the CRM user who owns the mailbox. Connecting is for
//! that user too, or for anybody while nobody owns it; whoever starts it,
//! Google then wants the account of that address, so that nobody connects a
//! mailbox of somebody else, and a stranger is not even sent there.

mod connect;
mod page;
mod press;
mod session;
mod state;

use std::net::IpAddr;

use axum::Json;
use axum::extract::{FromRequestParts, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::site::Site;
use super::table::{Access, Table};
use crate::actions::panel::author;
use crate::actions::{ActError, By};
use crate::auth::panel::{Bar, Opened, PER_MINUTE, recognise};
use crate::dice::NoRandomness;
use crate::texts::{Lang, Owner, Panel, Sentence, Text};

/// Where the panel is.
pub(super) const PATH: &str = "/panel";
/// No word of ours is longer.
const LONGEST_WORD: usize = 64;

/// Adds the routes of the panel.
pub(super) fn routes(table: Table) -> Table {
    table
        .get(PATH, Access::Anyone, page::page)
        .post("/panel/session", Access::Anyone, session::enter)
        .post("/panel/consent", Access::Anyone, connect::page)
        .get("/panel/state", Access::Panel, state::answer)
        .post("/panel/connect", Access::Panel, connect::press)
        .post("/panel/token", Access::Panel, press::issue)
        .post("/panel/disconnect", Access::Panel, press::disconnect)
}

/// What the script shows when it does not get what it asked for.
pub(super) struct Sorry(StatusCode, String);

impl Sorry {
    fn new(lang: Lang, status: StatusCode, why: impl Into<Sentence>) -> Self {
        Self(status, why.into().say(lang))
    }

    fn over(lang: Lang) -> Self {
        Self::new(lang, StatusCode::UNAUTHORIZED, Panel::Over)
    }

    fn barred(lang: Lang, bar: Bar) -> Self {
        Self::new(lang, StatusCode::FORBIDDEN, words(bar))
    }

    fn of(lang: Lang, error: &ActError) -> Self {
        match error {
            ActError::NoAccount(_) => Self::over(lang),
            ActError::Disabled(_) | ActError::AwaitingApproval(_) => {
                Self::new(lang, StatusCode::CONFLICT, Owner::Barred)
            }
            ActError::StillGranted(_) => Self::new(lang, StatusCode::BAD_GATEWAY, Text::GoogleDown),
            _ => {
                tracing::error!(%error, "a request of a panel was not answered");
                Self::new(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)
            }
        }
    }
}

impl IntoResponse for Sorry {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "message": self.1 }))).into_response()
    }
}

fn words(bar: Bar) -> Panel {
    match bar {
        Bar::NotRegistered => Panel::NotRegistered,
        Bar::Foreign => Panel::Foreign,
        Bar::Nobodys => Panel::Nobodys,
        Bar::KeyLacksIssue => Panel::KeyLacksIssue,
    }
}

/// A panel that was let through.
pub(super) struct Seen(pub Opened);

impl Seen {
    /// The author of what is pressed in it.
    fn by(&self, site: &Site) -> Result<By, NoRandomness> {
        By::new(author(&self.0), site.store.dice())
    }
}

/// Lets a panel through that shows a live bearer, at its pace.
pub(super) async fn admit(site: &Site, lang: Lang, mut request: Request) -> Result<Request, Sorry> {
    let bearer = shown(request.headers()).ok_or_else(|| Sorry::over(lang))?;
    let opened = recognise(&site.store, bearer).await.map_err(|error| Sorry::of(lang, &error.into()))?;
    let opened = opened.ok_or_else(|| Sorry::over(lang))?;
    let now = site.store.clock().now();
    if site.panel_pace.take(opened.panel.id, PER_MINUTE, now).is_err() {
        return Err(Sorry::new(lang, StatusCode::TOO_MANY_REQUESTS, Panel::TooFast));
    }
    request.extensions_mut().insert(opened);
    Ok(request)
}

fn shown(headers: &HeaderMap) -> Option<&str> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else { return None };
    field.to_str().ok()?.strip_prefix("Bearer ").filter(|word| word.len() <= LONGEST_WORD)
}

/// The peer as the journal has it.
fn from(peer: IpAddr) -> String {
    peer.to_canonical().to_string()
}

impl<S: Sync> FromRequestParts<S> for Seen {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Opened>().cloned().map(Self).ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
