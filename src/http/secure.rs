//! What holds for every route: our own host name, forms of our own pages only,
//! an end in time, and headers that forbid everything a page does not need.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::asset::Lasting;
use super::page::{Tongue, refusal};
use super::policy::Needs;
use super::site::Site;
use crate::texts::Text;

/// Longer than a code's exchange and a slow database together.
const LIMIT: Duration = Duration::from_secs(45);
/// Longest path and query, in octets; Google's answer has less than 1,000.
const LONGEST_ADDRESS: usize = 4096;

pub(super) async fn guard(
    State(site): State<Arc<Site>>,
    Tongue(lang): Tongue,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match objection(&site, &request) {
        Some((status, why)) => refusal(lang, status, why),
        None => match tokio::time::timeout(LIMIT, next.run(request)).await {
            Ok(response) => response,
            Err(_) => refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::TooSlowBody),
        },
    };
    let policy = site.policies.of(response.extensions().get::<Needs>());
    let lasting = response.extensions().get::<Lasting>().is_some();
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !lasting {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

fn objection(site: &Site, request: &Request) -> Option<(StatusCode, Text)> {
    let uri = request.uri();
    if uri.path_and_query().is_some_and(|p| p.as_str().len() > LONGEST_ADDRESS) {
        return Some((StatusCode::URI_TOO_LONG, Text::BadRequestBody));
    }
    // A load balancer asks by the machine's address, and learns nothing of us.
    if uri.path() != site.at("/healthz") && !names_us(site, request) {
        return Some((StatusCode::MISDIRECTED_REQUEST, Text::WrongHostBody));
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !reads && !same_site(site, request.headers()) {
        return Some((StatusCode::FORBIDDEN, Text::CrossSiteBody));
    }
    None
}

/// Whether the request was meant for us: a name that somebody else points at
/// this address would make our pages theirs.
fn names_us(site: &Site, request: &Request) -> bool {
    let mut fields = request.headers().get_all(HOST).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else {
        return false;
    };
    let host = |text: &str| text.parse::<Authority>().ok().filter(|a| !a.as_str().contains('@'));
    let ours = |authority: &Authority| site.is_ours(&authority.host().to_ascii_lowercase());
    let named = field.to_str().ok().and_then(host);
    named.as_ref().is_some_and(ours) && request.uri().authority().is_none_or(ours)
}

/// Whether a form was sent from a page of ours. Browsers say where it came
/// from; what says nothing is no browser, and holds no cookie to abuse.
fn same_site(site: &Site, headers: &HeaderMap) -> bool {
    let text = |field: &HeaderValue| field.to_str().map(str::to_owned).unwrap_or_default();
    let fetch = headers.get("sec-fetch-site").map(text);
    let origin = headers.get(ORIGIN).map(text);
    if !matches!(fetch.as_deref(), None | Some("same-origin" | "none")) {
        return false;
    }
    match origin.as_deref() {
        None => true,
        // Our own pages send "null", because of their referrer policy.
        Some("null") => fetch.as_deref() == Some("same-origin"),
        Some(origin) => origin == site.origin,
    }
}
