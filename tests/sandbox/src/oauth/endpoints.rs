//! The other OAuth addresses over HTTP: consent, revocation, token information, keys.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::authorize::{Decision, Request, Unacceptable};
use super::policy::Tokeninfo;
use super::{page, scopes, signing};
use crate::google::Google;

/// GET /o/oauth2/v2/auth
pub(crate) async fn show_consent(State(google): State<Arc<Google>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    match Request::read(&google, &query) {
        Ok(request) => Html(page::consent(&google, &request, &query)).into_response(),
        Err(unacceptable) => refused(&unacceptable),
    }
}

/// POST /o/oauth2/v2/auth
pub(crate) async fn take_consent(State(google): State<Arc<Google>>, body: String) -> Response {
    let mut query = String::new();
    let mut decision = Decision { account: String::new(), scopes: Vec::new(), allowed: false };
    for (name, value) in form_urlencoded::parse(body.as_bytes()).into_owned() {
        match name.as_str() {
            "request" => query = value,
            "account" => decision.account = value,
            "scope" => decision.scopes.push(value),
            "decision" => decision.allowed = value == "allow",
            _ => {}
        }
    }
    let request = Request::read(&google, &query);
    match request.and_then(|request| request.decide(&google, &decision)) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(unacceptable) => refused(&unacceptable),
    }
}

fn refused(unacceptable: &Unacceptable) -> Response {
    let status = StatusCode::from_u16(unacceptable.status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, Html(page::error(unacceptable))).into_response()
}

/// POST /revoke: drops every grant of the person in the whole project.
pub(crate) async fn revoke(
    State(google): State<Arc<Google>>,
    Query(query): Query<HashMap<String, String>>,
    body: String,
) -> Response {
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let Some(token) = form.get("token").or_else(|| query.get("token")) else {
        let body =
            json!({"error": "invalid_request", "error_description": "Missing required parameter: token"});
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    };
    let behind = google.oauth.tokens.lock().person_behind(token);
    match behind {
        Some((_, true)) => google.oauth.tokens.lock().kill_access(token),
        Some((sub, false)) => {
            let now = google.clock.now();
            google.oauth.tokens.lock().revoke_person(&sub, now);
        }
        None => {
            let body = json!({"error": "invalid_token", "error_description": "Token expired or revoked"});
            return (StatusCode::BAD_REQUEST, Json(body)).into_response();
        }
    }
    Json(json!({})).into_response()
}

/// GET /tokeninfo
pub(crate) async fn tokeninfo(
    State(google): State<Arc<Google>>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let shape = google.oauth.policy.lock().tokeninfo;
    let token = query.get("access_token").map(String::as_str);
    match token.and_then(|token| information(&google, token, shape)) {
        Some(body) => Json(body).into_response(),
        None => {
            let body = json!({"error": "invalid_token", "error_description": "Invalid Value"});
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    }
}

fn information(google: &Google, token: &str, shape: Tokeninfo) -> Option<Value> {
    let (email, granted, expires) = google.bearer(token)?;
    let (sub, client_id) = {
        let tokens = google.oauth.tokens.lock();
        let grant = &tokens.access(token, google.clock.now())?.grant;
        (grant.sub.clone(), grant.client_id.clone())
    };
    let left = expires.saturating_sub(google.clock.now()).as_secs();
    let scope = granted.join(" ");
    let mut body = if shape.v2 {
        json!({"issued_to": client_id, "audience": client_id, "user_id": sub,
               "scope": scope, "expires_in": left, "access_type": "offline"})
    } else {
        json!({"azp": client_id, "aud": client_id, "sub": sub, "scope": scope,
               "exp": expires.as_secs().to_string(), "expires_in": left.to_string(),
               "access_type": "offline"})
    };
    if shape.always_email || granted.iter().any(|scope| scope == scopes::EMAIL) {
        body["email"] = json!(email);
        if shape.v2 {
            body["verified_email"] = json!(true);
        } else {
            body["email_verified"] = json!("true");
        }
    }
    Some(body)
}

/// GET /oauth2/v3/certs
pub(crate) async fn certs() -> Json<Value> {
    Json(signing::key_set())
}
