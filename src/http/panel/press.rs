//! What the owner of the mailbox presses in the panel.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use postern_core::model::account::State as Standing;
use postern_core::model::token::Protocols;
use serde_json::{Value, json};

use super::{Seen, Sorry};
use crate::actions::token::{self, Terms};
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::store::crm_tokens;
use crate::texts::{Owner, Panel, Sentence};

/// Tokens that a record may have at once.
const MOST: usize = 10;

/// `POST /panel/token`: a CRM token, shown once.
pub(super) async fn issue(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    seen: Seen,
) -> Result<Json<Value>, Sorry> {
    let account = seen.0.may_issue().map_err(|bar| Sorry::barred(lang, bar))?;
    if matches!(account.state, Standing::Disabled | Standing::AwaitingApproval) {
        return Err(Sorry::new(lang, StatusCode::CONFLICT, Owner::Barred));
    }
    let name = seen.0.panel.terms.record.clone();
    let held = async { crm_tokens::of(&mut site.store.read().await?, account.id).await };
    let held = held.await.map_err(|error| Sorry::of(lang, &error.into()))?;
    if held.iter().filter(|token| token.name == name && token.revoked_at.is_none()).count() >= MOST {
        let why = Sentence::from(Panel::Enough).with("count", &MOST);
        return Err(Sorry::new(lang, StatusCode::CONFLICT, why));
    }
    let terms = Terms { name, protocols: Protocols::Both, expires_at: None };
    let issued = async { token::issue(&site.store, &seen.by(&site)?, &account.address, &terms).await };
    let issued = issued.await.map_err(|error| Sorry::of(lang, &error))?;
    Ok(Json(json!({ "token": issued.token.reveal() })))
}

/// `POST /panel/disconnect`: ends the grant at Google.
pub(super) async fn disconnect(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    seen: Seen,
) -> Result<Json<Value>, Sorry> {
    let account = seen.0.own().map_err(|bar| Sorry::barred(lang, bar))?;
    let by = seen.by(&site).map_err(|error| Sorry::of(lang, &error.into()))?;
    site.disconnect(by, account.id).await.map_err(|error| Sorry::of(lang, &error))?;
    Ok(Json(json!({ "message": Owner::Disconnected.say(lang) })))
}
