//! Connecting from the panel: the press, and the window that it opens.
//!
//! The window begins as a form of the panel, so its ticket stands in no
//! address. It lets go of the frame that opened it before it leads to Google.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::{LONGEST_WORD, Seen, Sorry};
use crate::actions::{ActError, panel};
use crate::http::form::parameter;
use crate::http::page::{Page, Tone, Tongue, refusal};
use crate::http::site::Site;
use crate::http::start;
use crate::texts::{Lang, Owner, Panel, Text};

/// `POST /panel/connect`: the ticket of a window.
pub(super) async fn press(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    seen: Seen,
) -> Result<Json<Value>, Sorry> {
    let account = seen.0.may_connect().map_err(|bar| Sorry::barred(lang, bar))?;
    let offered = async { panel::offer(&site.store, &seen.by(&site)?, &seen.0, account).await };
    let ticket = offered.await.map_err(|error| Sorry::of(lang, &error))?;
    Ok(Json(json!({ "ticket": ticket.reveal() })))
}

/// `POST /panel/consent`: the window, with the button that leads to Google.
pub(super) async fn page(State(site): State<Arc<Site>>, Tongue(lang): Tongue, body: Bytes) -> Response {
    let ticket = parameter(&body, "ticket").filter(|ticket| ticket.len() <= LONGEST_WORD);
    let accepted = match ticket {
        Some(ticket) => panel::accept(&site.store, &ticket).await,
        None => Ok(None),
    };
    let mut response = match accepted {
        Ok(Some(link)) => start::offered(&site, lang, link.reveal()).await,
        Ok(None) => late(lang),
        Err(ActError::Disabled(_) | ActError::AwaitingApproval(_)) => {
            Page::new(lang, Tone::Bad, Text::LinkTitle).say(Owner::Barred).answer(StatusCode::FORBIDDEN)
        }
        Err(error) => {
            tracing::error!(%error, "a window of a panel was not opened");
            refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)
        }
    };
    let alone = HeaderValue::from_static("same-origin");
    response.headers_mut().insert("cross-origin-opener-policy", alone);
    response
}

fn late(lang: Lang) -> Response {
    Page::new(lang, Tone::Bad, Panel::WindowOverTitle).say(Panel::WindowOver).answer(StatusCode::GONE)
}
