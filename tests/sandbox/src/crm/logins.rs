//! Who comes in: keys, signed requests, passwords; and the door that closes after too many failures.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use aws_lc_rs::hmac;
use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer::{Answer, Shown};
use super::world::{API_USER, Actor, Standing, World};

/// More failures than this from one address, and everything from there is refused.
const FAILURES: usize = 10;
/// How long a failure counts, in seconds.
const PERIOD: u64 = 60;

/// Failures by address, and passwords of people.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    failures: BTreeMap<IpAddr, VecDeque<u64>>,
    /// By user name: identity and password.
    pub(crate) passwords: BTreeMap<String, (String, String)>,
    pub(crate) key: String,
    /// What signed requests are signed with.
    pub(crate) secret: String,
}

impl Logins {
    fn blocked(&mut self, from: IpAddr, now: u64) -> bool {
        let failures = self.failures.entry(from).or_default();
        while failures.front().is_some_and(|at| at + PERIOD <= now) {
            failures.pop_front();
        }
        failures.len() > FAILURES
    }
}

impl World {
    /// Who sends a request. A refused one does not prolong the block.
    pub(crate) fn log_in(
        &mut self,
        from: IpAddr,
        line: (&str, &str),
        headers: &HeaderMap,
    ) -> Result<Actor, Answer> {
        let now = self.clock.seconds();
        if self.logins.blocked(from, now) {
            return Err(Answer::bare(403));
        }
        let given = ["x-api-key", "x-hmac-authorization", "espo-authorization", "authorization"];
        if !given.iter().any(|name| headers.contains_key(*name)) {
            return Err(Answer { status: 401, reason: None, body: Shown::Challenge });
        }
        self.who(line, headers).ok_or_else(|| {
            self.logins.failures.entry(from).or_default().push_back(now);
            Answer::bare(401)
        })
    }

    fn who(&self, line: (&str, &str), headers: &HeaderMap) -> Option<Actor> {
        let field = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(signed) = field("x-hmac-authorization") {
            return self.signed(line, signed).then(api);
        }
        if let Some(key) = field("x-api-key") {
            return (key == self.logins.key).then(api);
        }
        let basic = field("espo-authorization")
            .or_else(|| field("authorization").and_then(|value| value.strip_prefix("Basic ")))?;
        let pair = String::from_utf8(STANDARD.decode(basic).ok()?).ok()?;
        let (login, password) = pair.split_once(':')?;
        let (id, expected) = self.logins.passwords.get(login)?;
        let user = self.record("User", id).filter(|_| password == expected)?;
        let standing = match user.text("type") {
            Some("admin") => Standing::Admin,
            _ => Standing::Person,
        };
        Some(Actor { id: id.clone(), standing })
    }

    /// `base64(key ":" digest)`; the digest of `METHOD /path` is raw or hexadecimal.
    fn signed(&self, (method, path): (&str, &str), header: &str) -> bool {
        let Ok(octets) = STANDARD.decode(header) else { return false };
        let Some(colon) = octets.iter().position(|octet| *octet == b':') else { return false };
        let (key, digest) = octets.split_at(colon);
        let digest = digest.get(1..).unwrap_or_default();
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.logins.secret.as_bytes());
        let expected = hmac::sign(&secret, format!("{method} /{path}").as_bytes());
        let right = digest == expected.as_ref() || digest == hex(expected.as_ref()).as_bytes();
        right && key == self.logins.key.as_bytes()
    }
}

/// The API user.
pub(crate) fn api() -> Actor {
    Actor { id: API_USER.to_owned(), standing: Standing::Api }
}

/// Octets as lower-case hexadecimal digits.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
