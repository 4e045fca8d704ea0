//! The way in and out of an API: the token, the request, what a fault makes of it, the answer.

use axum::Json;
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::time::sleep;
use url::form_urlencoded;

use super::call::{Answer, Call};
use super::{Refused, Trouble};
use crate::google::Google;
use crate::http::CloseInstead;

/// Who holds the token, what it opens, and whose quota it uses.
pub(crate) struct Bearer {
    pub(crate) user: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) bucket: String,
}

/// Why nobody is let in.
pub(crate) enum Stranger {
    /// There is no token.
    NoToken,
    /// The token is none of ours, or no longer good.
    BadToken,
}

/// What of a request makes no sense.
pub(crate) enum Unread {
    /// Its path is not UTF-8.
    Path,
    /// Its body is not JSON.
    Body,
}

pub(crate) fn bearer(google: &Google, headers: &HeaderMap) -> Result<Bearer, Stranger> {
    let field = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let token = field.and_then(|it| it.strip_prefix("Bearer ")).ok_or(Stranger::NoToken)?.trim();
    let (user, scopes, _) = google.bearer(token).ok_or(Stranger::BadToken)?;
    let tokens = google.oauth.tokens.lock();
    // All that one service account asks for counts as one user's, whoever it speaks for.
    let robot = tokens.access(token, google.clock.now()).filter(|it| it.robot);
    let bucket = robot.map_or_else(|| user.clone(), |it| it.grant.client_id.clone());
    Ok(Bearer { user, scopes, bucket })
}

/// The request to the API at `base`.
pub(crate) fn call(
    google: &Google,
    user: &str,
    base: &str,
    head: &Parts,
    body: &Bytes,
) -> Result<Call, Unread> {
    let body =
        if body.is_empty() { Value::Null } else { serde_json::from_slice(body).map_err(|_| Unread::Body)? };
    let header = |name: HeaderName| head.headers.get(name).and_then(|it| it.to_str().ok());
    let path = head.uri.path().strip_prefix(base).unwrap_or_default();
    let method = header(HeaderName::from_static("x-http-method-override")).unwrap_or(head.method.as_str());
    let query = head.uri.query().unwrap_or_default().as_bytes();
    Ok(Call {
        user: user.to_owned(),
        now: google.clock.now(),
        method: method.to_ascii_uppercase(),
        path: path.split('/').map(decoded).collect::<Option<_>>().ok_or(Unread::Path)?,
        query: form_urlencoded::parse(query).into_owned().collect(),
        if_match: header(header::IF_MATCH).map(str::to_owned),
        if_none_match: header(header::IF_NONE_MATCH).map(str::to_owned),
        body,
        counted: true,
    })
}

/// A segment of a path without its percent signs; a plus stays a plus.
fn decoded(segment: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            octets.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        octets.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(octets).ok()
}

/// Performs a request, or what a fault makes of it.
pub(crate) async fn met(trouble: Option<Trouble>, perform: impl FnOnce() -> Response) -> Response {
    match trouble {
        None => perform(),
        Some(Trouble::Answer { status, headers, body }) => given(status, &headers, body),
        Some(Trouble::AnswerLate(by, status, body)) => {
            sleep(by).await;
            given(status, &[], body)
        }
        Some(Trouble::Hang) => std::future::pending().await,
        Some(Trouble::Close) => closed(),
        Some(Trouble::LoseAnswer) => {
            // Done on Google's side, never heard of on the other.
            let _ = perform();
            closed()
        }
        Some(Trouble::Delay(by)) => {
            sleep(by).await;
            perform()
        }
        Some(Trouble::TellLate(by)) => {
            let done = perform();
            sleep(by).await;
            done
        }
    }
}

/// An answer or a refusal as it is sent.
pub(crate) fn written(answered: Result<Answer, impl Refused>) -> Response {
    match answered {
        Ok(Answer { status, body: None }) => code(status).into_response(),
        Ok(Answer { status, body: Some(body) }) => {
            let etag = body.get("etag").and_then(Value::as_str).map(HeaderValue::from_str);
            let mut response = (code(status), Json(&body)).into_response();
            if let Some(Ok(etag)) = etag {
                response.headers_mut().insert(header::ETAG, etag);
            }
            response
        }
        Err(refusal) => {
            let mut response = (code(refusal.status()), Json(refusal.body())).into_response();
            if refusal.status() == 401 {
                let realm = HeaderValue::from_static(r#"Bearer realm="https://accounts.google.com/""#);
                response.headers_mut().insert(header::WWW_AUTHENTICATE, realm);
            }
            response
        }
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn given(status: u16, extra: &[(String, String)], body: String) -> Response {
    let mut response = (code(status), [(header::CONTENT_TYPE, "application/json")], body).into_response();
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
