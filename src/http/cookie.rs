//! Our cookies: the one that binds Google's answer to the browser of the press,
//! and those that name an admin's and an owner's session.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use super::site::Site;
use crate::actions::consent::STATE_LIFE;
use crate::auth::visit::LIFE;

// The CRM may live on the same host: a cookie goes to our own paths only, so
// the prefix that would want the path "/" cannot be used.
struct Cookie {
    name: &'static str,
    secure_name: &'static str,
    path: &'static str,
}

const CONSENT: Cookie =
    Cookie { name: "postern_consent", secure_name: "__Secure-postern_consent", path: "/oauth" };
const SESSION: Cookie =
    Cookie { name: "postern_session", secure_name: "__Secure-postern_session", path: "/admin" };
// Of its own name and path: a link that somebody opens never touches an admin's session.
const OWNER: Cookie = Cookie { name: "postern_owner", secure_name: "__Secure-postern_owner", path: "/me" };

impl Cookie {
    fn name(&self, site: &Site) -> &'static str {
        if site.secure { self.secure_name } else { self.name }
    }

    fn set(&self, site: &Site, response: &mut Response, value: &str, seconds: u64) {
        let (name, path) = (self.name(site), site.at(self.path));
        let secure = if site.secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        if let Ok(field) = HeaderValue::try_from(text) {
            response.headers_mut().append(SET_COOKIE, field);
        }
    }

    fn shown(&self, site: &Site, headers: &HeaderMap) -> Option<String> {
        let fields = headers.get_all(COOKIE).iter().filter_map(|field| field.to_str().ok());
        let mut pairs =
            fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(key, _)| *key == self.name(site)).map(|(_, value)| value.to_owned())
    }
}

/// Gives the browser the cookie of a consent.
pub(super) fn give(site: &Site, response: &mut Response, value: &str) {
    CONSENT.set(site, response, value, STATE_LIFE.as_secs());
}

/// Takes it away.
pub(super) fn clear(site: &Site, response: &mut Response) {
    CONSENT.set(site, response, "", 0);
}

/// What the browser shows of it.
pub(super) fn shown(site: &Site, headers: &HeaderMap) -> Option<String> {
    CONSENT.shown(site, headers)
}

/// Gives the browser an admin's session.
pub(super) fn give_session(site: &Site, response: &mut Response, word: &str) {
    SESSION.set(site, response, word, LIFE.as_secs());
}

/// Takes it away.
pub(super) fn clear_session(site: &Site, response: &mut Response) {
    SESSION.set(site, response, "", 0);
}

/// The word of an admin's session.
pub(super) fn session(site: &Site, headers: &HeaderMap) -> Option<String> {
    SESSION.shown(site, headers)
}

/// Gives the browser an owner's session.
pub(super) fn give_owner(site: &Site, response: &mut Response, word: &str) {
    OWNER.set(site, response, word, LIFE.as_secs());
}

/// Takes it away.
pub(super) fn clear_owner(site: &Site, response: &mut Response) {
    OWNER.set(site, response, "", 0);
}

/// The word of an owner's session.
pub(super) fn owner(site: &Site, headers: &HeaderMap) -> Option<String> {
    OWNER.shown(site, headers)
}
