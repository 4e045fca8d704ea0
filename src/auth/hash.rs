//! Hashing of secrets that carry 256 random bits: no salt, no stretching
//! needed, so a login costs microseconds and a lost key ring loses no token.

use aws_lc_rs::digest::{Context, SHA256, digest};

/// SHA-256.
#[must_use]
pub fn of(secret: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    out
}

/// A short hash under a key, to tell wrong secrets apart: a person may have
/// typed a password, which a plain hash would give away.
#[must_use]
pub fn short(key: &[u8; 32], secret: &str) -> u64 {
    let mut context = Context::new(&SHA256);
    context.update(key);
    context.update(secret.as_bytes());
    context.finish().as_ref().iter().take(8).fold(0, |short, octet| (short << 8) | u64::from(*octet))
}

/// Whether `secret` hashes to `hash`, compared in constant time.
#[must_use]
pub fn matches(secret: &str, hash: &[u8]) -> bool {
    crate::seal::same(&of(secret), hash)
}
