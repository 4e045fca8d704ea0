//! The token endpoint over HTTP: reading the form, keeping the journal, putting in faults.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::time::sleep;
use url::form_urlencoded;

use super::error::Refused;
use super::exchange::{self, Form};
use super::fault::TokenFault;
use super::journal::TokenRequest;
use super::{assertion, scopes};
use crate::google::Google;
use crate::http::CloseInstead;

const JWT_GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// POST /token
pub(crate) async fn token(State(google): State<Arc<Google>>, headers: HeaderMap, body: String) -> Response {
    let mut form: Form = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    add_basic(&headers, &mut form);
    let request = note(&google, &form);
    let latency = google.oauth.policy.lock().latency;
    sleep(latency).await;
    let faults = &google.oauth.token_faults;
    match faults.take(request.account.as_deref(), |_| true) {
        None => answer(exchange(&google, &form)),
        Some(TokenFault::Answer { status, headers, body }) => given(status, &headers, body),
        Some(TokenFault::Huge(size)) => given(200, &[], format!("\"{}\"", "x".repeat(size))),
        Some(TokenFault::Hang) => std::future::pending().await,
        Some(TokenFault::Close) => closed(),
        Some(TokenFault::LoseAnswer) => {
            // Done on Google's side, never heard of on the other.
            let _ = exchange(&google, &form);
            closed()
        }
        Some(TokenFault::Delay(by)) => delayed(&google, &form, by).await,
        Some(TokenFault::TellLate(by)) => {
            let done = exchange(&google, &form);
            sleep(by).await;
            answer(done)
        }
        Some(TokenFault::ExpiresInString) => answer(exchange(&google, &form).map(as_string)),
    }
}

async fn delayed(google: &Google, form: &Form, by: Duration) -> Response {
    sleep(by).await;
    answer(exchange(google, form))
}

fn exchange(google: &Google, form: &Form) -> Result<Value, Refused> {
    match form.get("grant_type").map(String::as_str) {
        Some("authorization_code") => exchange::code(google, form),
        Some("refresh_token") => exchange::refresh(google, form),
        Some(JWT_GRANT) => assertion::exchange(google, form),
        Some(other) => {
            Err(Refused::new(400, "unsupported_grant_type", &format!("Invalid grant_type: {other}")))
        }
        None => Err(Refused::missing("grant_type")),
    }
}

fn as_string(mut answer: Value) -> Value {
    answer["expires_in"] = json!(answer["expires_in"].to_string());
    answer
}

/// Client credentials may come in a Basic header.
fn add_basic(headers: &HeaderMap, form: &mut Form) {
    let credentials = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Basic "))
        .and_then(|encoded| String::from_utf8(STANDARD.decode(encoded).ok()?).ok());
    let Some(credentials) = credentials else {
        return;
    };
    if let Some((id, secret)) = credentials.split_once(':') {
        let decoded = |text: &str| -> String {
            let pair = form_urlencoded::parse(text.as_bytes()).next();
            pair.map_or_else(String::new, |(name, _)| name.into_owned())
        };
        form.insert("client_id".into(), decoded(id));
        form.insert("client_secret".into(), decoded(secret));
    }
}

fn note(google: &Google, form: &Form) -> TokenRequest {
    let request = TokenRequest {
        grant_type: form.get("grant_type").cloned().unwrap_or_default(),
        client_id: form.get("client_id").cloned(),
        refresh_token: form.get("refresh_token").cloned(),
        account: account(google, form),
        at: google.clock.now(),
    };
    google.oauth.journal.lock().push(request.clone());
    request
}

fn account(google: &Google, form: &Form) -> Option<String> {
    if let Some(assertion) = form.get("assertion") {
        return assertion::speaks_for(assertion);
    }
    let sub = {
        let tokens = google.oauth.tokens.lock();
        let refresh = form.get("refresh_token").and_then(|it| tokens.refresh(it));
        let coded = form.get("code").and_then(|it| tokens.person_of_code(it));
        refresh.map(|it| it.grant.sub.clone()).or(coded.map(str::to_owned))?
    };
    google.email_of(&sub)
}

fn answer(result: Result<Value, Refused>) -> Response {
    match result {
        Ok(body) => (no_store(), Json(body)).into_response(),
        Err(refused) => {
            let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_REQUEST);
            (status, no_store(), Json(refused.body())).into_response()
        }
    }
}

fn no_store() -> [(HeaderName, &'static str); 1] {
    [(header::CACHE_CONTROL, "no-cache, no-store, max-age=0")]
}

fn given(status: u16, extra: &[(String, String)], body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    for (name, value) in extra {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn closed() -> Response {
    let mut response = StatusCode::OK.into_response();
    response.extensions_mut().insert(CloseInstead);
    response
}

impl Google {
    /// The address of a person today.
    pub(crate) fn email_of(&self, sub: &str) -> Option<String> {
        let people = self.people.lock();
        let mut users = people.users.values();
        let user = users.find(|user| user.sub == sub)?;
        Some(user.email.clone())
    }

    /// What a live access token opens: the person's address, the scopes, and the token's end.
    pub(crate) fn bearer(&self, token: &str) -> Option<(String, Vec<String>, Duration)> {
        let access = {
            let tokens = self.oauth.tokens.lock();
            tokens.access(token, self.clock.now())?.clone()
        };
        let email = self.email_of(&access.grant.sub)?;
        Some((email, access.grant.scopes, access.expires))
    }

    /// The address behind a token, if the token opens mail: what IMAP and SMTP check.
    pub(crate) fn mail_bearer(&self, user: &str, token: &str) -> Option<(String, Duration)> {
        let (email, granted, expires) = self.bearer(token)?;
        let opens = granted.iter().any(|scope| scope == crate::MAIL_SCOPE);
        (opens && email.eq_ignore_ascii_case(user)).then_some((email, expires))
    }
}

/// The scopes of a list of names, in Google's spelling.
pub(crate) fn spelled(list: &[&str]) -> Vec<String> {
    scopes::parse(&list.join(" "))
}
