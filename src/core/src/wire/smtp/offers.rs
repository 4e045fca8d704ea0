//! EHLO: what Gmail offers, what we offer.
//!
//! Our list is composed, never rewritten from Gmail's: before login a fixed
//! one, after login what both sides can. CHUNKING is not on it (BDAT would pass
//! the end-of-data scanner by), CRAM-MD5 is not (tokens are stored hashed).

use super::answer::Answer;

/// Gmail's own limit; ours is never above it.
pub const GMAIL_SIZE: u64 = 35_882_577;

/// The extensions that matter to a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offers {
    /// RFC 1870: the largest message, 0 and absent are "no limit said".
    pub size: Option<u64>,
    /// RFC 6152.
    pub eight_bit: bool,
    /// RFC 6531.
    pub utf8: bool,
    /// RFC 2034.
    pub enhanced: bool,
}

/// What an EHLO answer says about logging in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// `AUTH PLAIN LOGIN`
    Login,
    /// `STARTTLS`, nothing to log in with.
    StartTls,
    /// Neither: the client is in.
    Granted,
}

impl Offers {
    /// What we offer before Gmail has been asked.
    #[must_use]
    pub fn ours(size_limit: u64) -> Self {
        Self { size: Some(size_limit.min(GMAIL_SIZE)), eight_bit: true, utf8: true, enhanced: true }
    }

    /// Reads an EHLO answer; its first line is the greeting.
    #[must_use]
    pub fn heard(answer: &Answer) -> Self {
        let mut offers = Self { size: None, eight_bit: false, utf8: false, enhanced: false };
        for line in answer.lines().skip(1) {
            let mut words = line.split(|b| *b == b' ');
            let keyword = words.next().unwrap_or_default().to_ascii_uppercase();
            match keyword.as_slice() {
                b"SIZE" => offers.size = words.next().and_then(number).filter(|size| *size > 0),
                b"8BITMIME" => offers.eight_bit = true,
                b"SMTPUTF8" => offers.utf8 = true,
                b"ENHANCEDSTATUSCODES" => offers.enhanced = true,
                _ => {}
            }
        }
        offers
    }

    /// What both sides can.
    #[must_use]
    pub fn shared(self, other: Self) -> Self {
        Self {
            size: match (self.size, other.size) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            eight_bit: self.eight_bit && other.eight_bit,
            utf8: self.utf8 && other.utf8,
            enhanced: self.enhanced && other.enhanced,
        }
    }

    /// The largest message that may pass.
    #[must_use]
    pub fn size_limit(&self) -> u64 {
        self.size.unwrap_or(GMAIL_SIZE)
    }

    /// The whole answer to EHLO. PIPELINING is ours to offer whatever Gmail
    /// says: the client's group waits with us, upstream gets one command at a time.
    pub(super) fn answer(&self, hostname: &str, access: Access) -> Vec<u8> {
        let size = format!("SIZE {}", self.size_limit());
        let mut lines = vec![hostname, &size, "PIPELINING"];
        let optional = [
            (self.eight_bit, "8BITMIME"),
            (self.utf8, "SMTPUTF8"),
            (self.enhanced, "ENHANCEDSTATUSCODES"),
            (access == Access::Login, "AUTH PLAIN LOGIN"),
            (access == Access::StartTls, "STARTTLS"),
        ];
        lines.extend(optional.into_iter().filter_map(|(offered, line)| offered.then_some(line)));
        super::reply::many(250, &lines)
    }
}

/// Whether an EHLO answer offers `AUTH XOAUTH2`; `AUTH=` is the old spelling.
pub(super) fn offers_xoauth2(answer: &Answer) -> bool {
    answer.lines().skip(1).any(|line| {
        let mut words = line.split(|b| matches!(b, b' ' | b'='));
        words.next().is_some_and(|keyword| keyword.eq_ignore_ascii_case(b"AUTH"))
            && words.any(|mechanism| mechanism.eq_ignore_ascii_case(b"XOAUTH2"))
    })
}

/// A decimal of at most 15 digits, which cannot overflow.
pub(super) fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 15 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
