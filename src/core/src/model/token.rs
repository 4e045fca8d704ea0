//! CRM tokens: the secret a mail client logs in with.
//!
//! `pst_` + 43 base62 digits of 256 random bits + 6 base62 digits of a CRC-32
//! over what stands before. 53 characters of `[A-Za-z0-9_]`: short enough for
//! every CRM's password column, and a typing mistake is told from an unknown
//! token without asking the database.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::secret::Secret;

const PREFIX: &str = "pst_";
const KEY_PREFIX: &str = "pak_";
const BODY: usize = 43;
const CHECK: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Which protocols a token may log in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocols {
    /// IMAP only.
    Imap,
    /// SMTP only.
    Smtp,
    /// Both.
    Both,
}

/// One mail protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Reading.
    Imap,
    /// Sending.
    Smtp,
}

impl Protocol {
    /// Lower-case name for logs, audit and metric labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Imap => "imap",
            Self::Smtp => "smtp",
        }
    }
}

impl Protocols {
    /// Whether `protocol` is among them.
    #[must_use]
    pub fn allows(self, protocol: Protocol) -> bool {
        matches!(
            (self, protocol),
            (Self::Both, _) | (Self::Imap, Protocol::Imap) | (Self::Smtp, Protocol::Smtp)
        )
    }

    /// The word of the command line and of the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Imap => "imap",
            Self::Smtp => "smtp",
            Self::Both => "both",
        }
    }
}

impl fmt::Display for Protocols {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Protocols {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "imap" => Ok(Self::Imap),
            "smtp" => Ok(Self::Smtp),
            "both" => Ok(Self::Both),
            _ => Err("imap, smtp or both is expected".to_owned()),
        }
    }
}

/// Writes the token for 256 random bits.
#[must_use]
pub fn compose(random: &[u8; 32]) -> Secret {
    written(PREFIX, random)
}

/// Writes the key of the REST API for 256 random bits: the same form with
/// `pak_` in front.
#[must_use]
pub fn compose_key(random: &[u8; 32]) -> Secret {
    written(KEY_PREFIX, random)
}

fn written(prefix: &str, random: &[u8; 32]) -> Secret {
    let mut text = String::with_capacity(prefix.len() + BODY + CHECK);
    text.push_str(prefix);
    text.push_str(&base62(random, BODY));
    let check = crc32(text.as_bytes());
    text.push_str(&base62(&check.to_be_bytes(), CHECK));
    Secret::new(text)
}

/// Whether `text` can be a token at all: prefix, alphabet, length, checksum.
#[must_use]
pub fn well_formed(text: &str) -> bool {
    checks(PREFIX, text)
}

/// Whether `text` can be a key of the REST API at all.
#[must_use]
pub fn well_formed_key(text: &str) -> bool {
    checks(KEY_PREFIX, text)
}

fn checks(prefix: &str, text: &str) -> bool {
    if text.len() != prefix.len() + BODY + CHECK || !text.starts_with(prefix) || !text.is_ascii() {
        return false;
    }
    let (body, check) = text.split_at(prefix.len() + BODY);
    base62(&crc32(body.as_bytes()).to_be_bytes(), CHECK) == check
}

// Long division of a big-endian number, least significant digit first.
fn base62(number: &[u8], digits: usize) -> String {
    let mut number = number.to_vec();
    let mut out = vec![b'0'; digits];
    for place in out.iter_mut().rev() {
        let mut rest = 0_u32;
        for byte in &mut number {
            let value = (rest << 8) | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(0);
            rest = value % 62;
        }
        *place = DIGITS.get(rest as usize).copied().unwrap_or(b'0');
    }
    String::from_utf8(out).unwrap_or_default()
}

// CRC-32 (IEEE 802.3), bit by bit: 47 octets per login need no table.
fn crc32(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::{Protocol, Protocols, compose, compose_key, crc32, well_formed, well_formed_key};

    #[test]
    fn known_checksum() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn a_token_is_short_plain_and_well_formed() {
        for random in [[0_u8; 32], [255_u8; 32], [7_u8; 32]] {
            let token = compose(&random);
            let text = token.reveal();
            assert_eq!(text.len(), 53);
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
            assert!(well_formed(text));
        }
        assert_ne!(compose(&[1; 32]), compose(&[2; 32]));
    }

    #[test]
    fn every_single_typing_mistake_is_seen() {
        let token = compose(&[42; 32]);
        let text = token.reveal();
        for at in 0..text.len() {
            let mut wrong = text.as_bytes().to_vec();
            wrong[at] = if wrong[at] == b'x' { b'y' } else { b'x' };
            assert!(!well_formed(std::str::from_utf8(&wrong).unwrap()), "at {at}");
        }
        assert!(!well_formed(""));
        assert!(!well_formed(&text[1..]));
    }

    #[test]
    fn a_key_is_no_token() {
        let (key, token) = (compose_key(&[7; 32]), compose(&[7; 32]));
        assert!(key.reveal().starts_with("pak_") && key.reveal().len() == 53);
        assert!(well_formed_key(key.reveal()) && !well_formed(key.reveal()));
        assert!(!well_formed_key(token.reveal()));
    }

    #[test]
    fn protocols() {
        assert!(Protocols::Both.allows(Protocol::Smtp));
        assert!(!Protocols::Imap.allows(Protocol::Smtp));
    }
}
