//! The cookie that binds Google's answer to the browser of the press.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use super::site::Site;
use crate::actions::consent::STATE_LIFE;

// The CRM may live on the same host: the cookie goes to our consent paths only,
// so the prefix that would want the path "/" cannot be used.
fn name(site: &Site) -> &'static str {
    if site.secure { "__Secure-postern_consent" } else { "postern_consent" }
}

/// Gives the browser the cookie.
pub(super) fn give(site: &Site, response: &mut Response, value: &str) {
    set(site, response, value, STATE_LIFE.as_secs());
}

/// Takes it away.
pub(super) fn clear(site: &Site, response: &mut Response) {
    set(site, response, "", 0);
}

fn set(site: &Site, response: &mut Response, value: &str, seconds: u64) {
    let (name, path) = (name(site), site.at("/oauth"));
    let secure = if site.secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(field) = HeaderValue::try_from(text) {
        response.headers_mut().append(SET_COOKIE, field);
    }
}

/// What the browser shows.
pub(super) fn shown(site: &Site, headers: &HeaderMap) -> Option<String> {
    let fields = headers.get_all(COOKIE).iter().filter_map(|field| field.to_str().ok());
    let mut pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name(site)).map(|(_, value)| value.to_owned())
}
