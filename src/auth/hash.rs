//! Hashing of secrets that carry 256 random bits: no salt, no stretching
//! needed, so a login costs microseconds and a lost key ring loses no token.

use aws_lc_rs::digest::{SHA256, digest};

/// SHA-256.
#[must_use]
pub fn of(secret: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    out
}

/// Whether `secret` hashes to `hash`, compared in constant time.
#[must_use]
pub fn matches(secret: &str, hash: &[u8]) -> bool {
    crate::seal::same(&of(secret), hash)
}
