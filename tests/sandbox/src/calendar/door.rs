//! Every request to `/calendar/v3/`: token, faults and quota, before anything is done; then
//! the answer, or what a fault makes of it.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::time::sleep;
use url::form_urlencoded;

use super::call::{Answer, Call};
use super::fault::CalendarTrouble;
use super::refusal::Refusal;
use super::routes;
use crate::google::Google;
use crate::http::CloseInstead;

const BASE: &str = "/calendar/v3/";
const PATCH_UNITS: u64 = 3;

/// Who holds the token, what it opens, and whose quota it uses.
struct Bearer {
    user: String,
    scopes: Vec<String>,
    bucket: String,
}

/// Any method, any path.
pub(super) async fn serve(
    State(google): State<Arc<Google>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answered = match bearer(&google, &headers) {
        Err(refusal) => Err(refusal),
        Ok(bearer) => match call(&google, &bearer, &method, &uri, &headers, &body) {
            Err(refusal) => Err(refusal),
            Ok(call) => return admitted(&google, &bearer, &call).await,
        },
    };
    written(answered)
}

async fn admitted(google: &Google, bearer: &Bearer, call: &Call) -> Response {
    let path = call.path.join("/");
    count(google, call);
    let faults = &google.calendar.faults;
    let fault = faults.take(Some(&call.user), |fault| fault.fits(&call.method, &path));
    match fault.map(|it| it.trouble) {
        None => written(perform(google, bearer, call)),
        Some(CalendarTrouble::Answer { status, headers, body }) => given(status, &headers, body),
        Some(CalendarTrouble::Hang) => std::future::pending().await,
        Some(CalendarTrouble::Close) => closed(),
        Some(CalendarTrouble::LoseAnswer) => {
            // Done on Google's side, never heard of on the other.
            let _ = perform(google, bearer, call);
            closed()
        }
        Some(CalendarTrouble::Delay(by)) => {
            sleep(by).await;
            written(perform(google, bearer, call))
        }
        Some(CalendarTrouble::TellLate(by)) => {
            let done = perform(google, bearer, call);
            sleep(by).await;
            written(done)
        }
    }
}

fn perform(google: &Google, bearer: &Bearer, call: &Call) -> Result<Answer, Refusal> {
    let mut world = google.calendar.world.lock();
    let policy = world.policy.clone();
    let bucket = call.one("quotaUser").unwrap_or(&bearer.bucket);
    world.quota.admit(bucket, call.now, &policy)?;
    if call.writes() {
        world.quota.may_write(&call.user, call.now)?;
    }
    let done = routes::answer(&mut world, call, Some(&bearer.scopes));
    if done.is_ok() && call.writes() {
        world.counters.writes += 1;
    }
    world.ring(call.now);
    drop(world);
    google.calendar.bell.notify_one();
    done
}

fn count(google: &Google, call: &Call) {
    let calendar = match call.path.first().map(String::as_str) {
        Some("calendars") => call.path.get(1).cloned().unwrap_or_default(),
        _ => String::new(),
    };
    let calendar = if calendar == "primary" { call.user.clone() } else { calendar };
    let key = (call.user.clone(), call.method.clone(), calendar);
    let mut world = google.calendar.world.lock();
    *world.counters.requests.entry(key).or_default() += 1;
    world.counters.units += if call.method == "PATCH" { PATCH_UNITS } else { 1 };
}

fn bearer(google: &Google, headers: &HeaderMap) -> Result<Bearer, Refusal> {
    let field = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let token = field.and_then(|it| it.strip_prefix("Bearer "));
    let login = || Refusal::global(401, "required", "Login Required").at("header", "Authorization");
    let token = token.ok_or_else(login)?.trim();
    let (user, scopes, _) = google.bearer(token).ok_or_else(Refusal::credentials)?;
    let tokens = google.oauth.tokens.lock();
    // All that one service account asks for counts as one user's, whoever it speaks for.
    let robot = tokens.access(token, google.clock.now()).filter(|it| it.robot);
    let bucket = robot.map_or_else(|| user.clone(), |it| it.grant.client_id.clone());
    Ok(Bearer { user, scopes, bucket })
}

fn call(
    google: &Google,
    bearer: &Bearer,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Call, Refusal> {
    let body = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(body).map_err(|_| Refusal::global(400, "parseError", "Parse Error"))?
    };
    let header = |name: HeaderName| headers.get(name).and_then(|it| it.to_str().ok()).map(str::to_owned);
    let path = uri.path().strip_prefix(BASE).unwrap_or_default();
    let method =
        headers.get("x-http-method-override").and_then(|it| it.to_str().ok()).unwrap_or(method.as_str());
    Ok(Call {
        user: bearer.user.clone(),
        now: google.clock.now(),
        method: method.to_ascii_uppercase(),
        path: path.split('/').map(decoded).collect::<Option<_>>().ok_or_else(Refusal::not_found)?,
        query: form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        if_match: header(header::IF_MATCH),
        if_none_match: header(header::IF_NONE_MATCH),
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

fn written(answered: Result<Answer, Refusal>) -> Response {
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
            let mut response = (code(refusal.status), Json(refusal.body())).into_response();
            if refusal.status == 401 {
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
