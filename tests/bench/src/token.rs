//! Access tokens of the stand-in: they name their mailbox, so that nobody has
//! to keep a table of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// All mailboxes are in it.
pub const DOMAIN: &str = "bench.example";

/// Address of mailbox `n`.
pub fn mailbox(n: usize) -> String {
    format!("user{n:05}@{DOMAIN}")
}

/// The access token of a mailbox, about as long as Google's.
pub fn access(mailbox: &str) -> String {
    format!("ya29.{}.{mailbox}", "b".repeat(180))
}

/// The mailbox that an access token opens.
pub fn opens(token: &str) -> Option<&str> {
    token.strip_prefix("ya29.")?.rsplit_once("b.").map(|(_, mailbox)| mailbox)
}

/// What is said to log in with an access token.
pub fn xoauth2(mailbox: &str) -> String {
    STANDARD.encode(format!("user={mailbox}\x01auth=Bearer {}\x01\x01", access(mailbox)))
}

/// Whether this logs in.
pub fn is_good(xoauth2: &str) -> bool {
    let Some(text) = STANDARD.decode(xoauth2).ok().and_then(|raw| String::from_utf8(raw).ok()) else {
        return false;
    };
    let mut parts = text.split('\x01');
    let user = parts.next().and_then(|part| part.strip_prefix("user="));
    let token = parts.next().and_then(|part| part.strip_prefix("auth=Bearer "));
    user.is_some() && token.and_then(opens) == user
}
