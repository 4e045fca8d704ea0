//! Requests that a program signs instead of showing its key.
//!
//! The header holds base64 of `ID:CODE`: the key's id (or the key itself, as
//! the CRM's own clients have it) and HMAC-SHA256 in hex over one of two texts.
//! The full one covers method, path with query, time, a word of its own and the
//! body, and each such request is taken once. The CRM's bare one covers method
//! and path alone, so it may only read.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_core::model::id::ApiKeyId;
use postern_core::model::secret::Secret;
use postern_core::model::token::well_formed_key;

use super::hash;
use crate::clock::{Micros, micros};
use crate::store::api_keys::{self, ApiKey};
use crate::store::{Store, StoreError, api_nonces};

/// How far the program's clock may be from ours.
pub const WINDOW: Duration = Duration::from_secs(300);
/// Longest header that is read.
const LONGEST: usize = 512;
/// Octets of a code.
const CODE: usize = 32;

/// Why a signed request is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SignatureFault {
    /// No such key, or one that signs nothing.
    #[error("the signing key is unknown, revoked, or was made without --hmac")]
    Unknown,
    /// The code is not the one of this request.
    #[error("the signature does not fit this request")]
    Wrong,
    /// The CRM's bare form where it says too little.
    #[error(
        "sign the time, a nonce and the body too, by X-Timestamp and X-Nonce; without them only GET is taken"
    )]
    Bare,
    /// Time or word cannot be read.
    #[error("X-Timestamp is in seconds since 1970, X-Nonce has 16 to 64 printable characters")]
    Form,
    /// Too old, or from the future.
    #[error("X-Timestamp is more than five minutes from the time here")]
    Stale,
    /// It was taken before.
    #[error("this request was taken before; sign the next one with another X-Nonce")]
    Replayed,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who signed, and the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    by: Signer,
    code: [u8; CODE],
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Signer {
    Id(ApiKeyId),
    Key(Secret),
}

impl Shown {
    /// Reads the header; none when it is none.
    #[must_use]
    pub fn read(field: &str) -> Option<Self> {
        if field.len() > LONGEST {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(field.trim()).ok()?).ok()?;
        let (by, code) = text.rsplit_once(':')?;
        let by =
            if well_formed_key(by) { Signer::Key(Secret::new(by)) } else { Signer::Id(by.parse().ok()?) };
        Some(Self { by, code: octets(code)? })
    }
}

fn octets(hex: &str) -> Option<[u8; CODE]> {
    let hex = hex.as_bytes();
    if hex.len() != 2 * CODE {
        return None;
    }
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut code = [0; CODE];
    for (octet, pair) in code.iter_mut().zip(hex.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *octet = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(code)
}

/// What is signed, as it stood in the request.
#[derive(Debug, Clone, Copy)]
pub struct Said<'r> {
    /// `GET`.
    pub method: &'r str,
    /// From `/api/v1` on, with the query.
    pub path: &'r str,
    /// The same without `/api/v1` and without the query.
    pub resource: &'r str,
    /// `X-Timestamp` and `X-Nonce`.
    pub stamp: Option<Stamp<'r>>,
}

/// What makes a request this one.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'r> {
    /// Seconds since 1970, as it was written.
    pub time: &'r str,
    /// A word that no other request has.
    pub nonce: &'r str,
}

/// The key that signed; its secret is known to the caller only for the check.
#[derive(Debug, Clone)]
pub struct Signing {
    /// The key.
    pub key: ApiKey,
    secret: Secret,
    code: [u8; CODE],
}

/// The key behind a signature.
///
/// # Errors
/// When there is none that signs.
pub async fn signing(store: &Store, shown: Shown) -> Result<Signing, SignatureFault> {
    let mut read = store.read().await?;
    let found = match shown.by {
        Signer::Id(id) => api_keys::by_id(&mut read, id).await?,
        Signer::Key(key) => api_keys::by_hash(&mut read, &hash::of(key.reveal())).await?,
    };
    let key = found.filter(|key| key.revoked_at.is_none()).ok_or(SignatureFault::Unknown)?;
    let secret = api_keys::secret(store, &mut read, key.id).await?.ok_or(SignatureFault::Unknown)?;
    Ok(Signing { key, secret, code: shown.code })
}

impl Signing {
    /// Whether the code is the one of this request.
    ///
    /// # Errors
    /// When it is not, or says too little of it.
    pub fn check(&self, said: &Said<'_>, body: &[u8]) -> Result<(), SignatureFault> {
        let text = match said.stamp {
            Some(stamp) => {
                stamp.seconds().ok_or(SignatureFault::Form)?;
                full(said, stamp, body)
            }
            None if said.method == "GET" => format!("{} {}", said.method, said.resource),
            None => return Err(SignatureFault::Bare),
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.reveal().as_bytes());
        hmac::verify(&key, text.as_bytes(), &self.code).map_err(|_| SignatureFault::Wrong)
    }

    /// Whether the request is of this time, and of which.
    ///
    /// # Errors
    /// When it is not: one that was seen on its way is of no use later.
    pub fn timely(&self, store: &Store, stamp: Stamp<'_>) -> Result<Micros, SignatureFault> {
        let at = stamp.seconds().and_then(|at| at.checked_mul(1_000_000)).ok_or(SignatureFault::Form)?;
        let near = store.clock().now().abs_diff(at) <= micros(WINDOW).unsigned_abs();
        if near { Ok(at) } else { Err(SignatureFault::Stale) }
    }

    /// Takes the request once.
    ///
    /// # Errors
    /// When it is too old, or was taken before.
    pub async fn take(&self, store: &Store, stamp: Stamp<'_>) -> Result<(), SignatureFault> {
        let (at, window) = (self.timely(store, stamp)?, micros(WINDOW));
        let mut batch = store.batch().await?;
        // Longer than the request is good for by the clock of any node.
        let fresh = api_nonces::spend(&mut batch, self.key.id, stamp.nonce, at + 2 * window).await?;
        batch.commit().await?;
        if fresh { Ok(()) } else { Err(SignatureFault::Replayed) }
    }
}

impl Stamp<'_> {
    fn seconds(&self) -> Option<i64> {
        let digits = (1..=12).contains(&self.time.len()) && self.time.bytes().all(|b| b.is_ascii_digit());
        let word = (16..=64).contains(&self.nonce.len()) && self.nonce.bytes().all(|b| b.is_ascii_graphic());
        if digits && word { self.time.parse().ok() } else { None }
    }
}

fn full(said: &Said<'_>, stamp: Stamp<'_>, body: &[u8]) -> String {
    let sum = hex(digest(&SHA256, body).as_ref());
    [said.method, said.path, stamp.time, stamp.nonce, &sum].join("\n")
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A program for tests: it signs a text, and sums a body up.
#[cfg(test)]
pub mod trial {
    use base64::Engine as _;

    use super::{SHA256, STANDARD, digest, hex, hmac};

    /// The header of a text that is signed so.
    pub fn header(by: &str, secret: &str, text: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        STANDARD.encode(format!("{by}:{}", hex(hmac::sign(&key, text.as_bytes()).as_ref())))
    }

    /// The sum of a body, as the signed text has it.
    pub fn sum(body: &str) -> String {
        hex(digest(&SHA256, body.as_bytes()).as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::{Shown, Signer, octets};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn a_header_names_a_key_and_its_code() {
        let code = "0f".repeat(32);
        let id = "01933b5e-7b4c-7000-8000-000000000001";
        let read = |text: &str| Shown::read(&STANDARD.encode(text));
        let shown = read(&format!("{id}:{code}")).unwrap();
        assert_eq!((shown.by, shown.code), (Signer::Id(id.parse().unwrap()), [15; 32]));
        assert_eq!(octets(&code.to_uppercase()), Some([15; 32]));
        for text in ["", ":", id, &format!("{id}:"), &format!("{id}:{code}0"), &format!("pak_x:{code}")] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Shown::read(&"A".repeat(513)), None);
        assert_eq!(Shown::read("not base64"), None);
        assert_eq!(octets(&format!("{}+f", "0f".repeat(31))), None);
    }
}
