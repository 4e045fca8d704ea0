//! `POST /panel/session`: a bearer for a ticket.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{LONGEST_WORD, Sorry, from};
use crate::actions::panel;
use crate::http::gate::Peer;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::texts::Text;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    ticket: String,
}

pub(super) async fn enter(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    Peer(peer): Peer,
    body: Bytes,
) -> Result<Json<Value>, Sorry> {
    let unread = |_| Sorry::new(lang, StatusCode::BAD_REQUEST, Text::BadRequestBody);
    let Shown { ticket } = serde_json::from_slice(&body).map_err(unread)?;
    if ticket.len() > LONGEST_WORD {
        return Err(Sorry::over(lang));
    }
    let bearer = panel::enter(&site.store, &ticket, &from(peer)).await;
    let bearer = bearer.map_err(|error| Sorry::of(lang, &error))?.ok_or_else(|| Sorry::over(lang))?;
    Ok(Json(json!({ "bearer": bearer.reveal() })))
}
