//! Literals at the end of lines: `{n}`, `{n+}` (RFC 3501, RFC 7888).
//!
//! [`announced`] reads a whole line; [`Tail`] reads the same from a stream of
//! bytes in constant memory. Neither knows any grammar: a quoted string cannot
//! hold a line end, so a line that ends in `{n}` announces a literal.

/// More digits than a 64-bit count can have.
const DIGITS_LIMIT: u8 = 20;

/// A literal that a line announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Literal {
    /// How many octets follow the line end.
    pub octets: u64,
    /// Whether the sender waits for a `+` line before it sends them.
    pub synchronising: bool,
}

/// A literal count that no 64-bit number can hold, or with more than 20 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("literal count out of range")]
pub struct CountOverflow;

/// The literal that a line (without CRLF) announces.
///
/// # Errors
/// The count is out of range.
pub fn announced(line: &[u8]) -> Result<Option<Literal>, CountOverflow> {
    let mut tail = Tail::default();
    for &byte in line.get(before_literal(line).len()..).unwrap_or_default() {
        tail.byte(byte);
    }
    tail.literal()
}

/// The line without its literal announcement.
#[must_use]
pub fn before_literal(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|&byte| byte == b'{').unwrap_or(line.len());
    line.get(..end).unwrap_or_default()
}

/// Follows the last bytes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tail {
    /// Not inside an announcement.
    #[default]
    Text,
    /// After `{` and perhaps digits.
    Count {
        /// The number so far; `None` once it does not fit.
        octets: Option<u64>,
        /// How many digits.
        digits: u8,
    },
    /// After the `+` of a non-synchronising literal.
    Plus {
        /// The number; `None` when it does not fit.
        octets: Option<u64>,
    },
    /// After `}`.
    Closed {
        /// The number; `None` when it does not fit.
        octets: Option<u64>,
        /// Whether there was no `+`.
        synchronising: bool,
    },
}

impl Tail {
    /// Takes the next byte of the line.
    pub fn byte(&mut self, byte: u8) {
        if byte != b'{' && matches!(self, Self::Text) {
            return;
        }
        *self = match (*self, byte) {
            (_, b'{') => Self::Count { octets: Some(0), digits: 0 },
            (Self::Count { octets, digits }, b'0'..=b'9') => Self::Count {
                octets: octets
                    .filter(|_| digits < DIGITS_LIMIT)
                    .and_then(|sum| sum.checked_mul(10))
                    .and_then(|sum| sum.checked_add(u64::from(byte - b'0'))),
                digits: digits.saturating_add(1),
            },
            (Self::Count { octets, digits: 1.. }, b'+') => Self::Plus { octets },
            (Self::Count { octets, digits: 1.. }, b'}') => Self::Closed { octets, synchronising: true },
            (Self::Plus { octets }, b'}') => Self::Closed { octets, synchronising: false },
            (_, _) => Self::Text,
        };
    }

    /// The literal, if the line ended here.
    ///
    /// # Errors
    /// The count is out of range.
    pub fn literal(self) -> Result<Option<Literal>, CountOverflow> {
        match self {
            Self::Closed { octets: Some(octets), synchronising } => {
                Ok(Some(Literal { octets, synchronising }))
            }
            Self::Closed { octets: None, .. } => Err(CountOverflow),
            Self::Text | Self::Count { .. } | Self::Plus { .. } => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CountOverflow, Literal, announced, before_literal};

    #[test]
    fn only_the_end_of_a_line_announces() {
        let sync = |octets| Ok(Some(Literal { octets, synchronising: true }));
        assert_eq!(announced(b"a LOGIN {5}"), sync(5));
        assert_eq!(announced(b"a APPEND x ~{0}"), sync(0));
        assert_eq!(announced(b"{00000000000000000007}"), sync(7));
        assert_eq!(announced(b"{18446744073709551615}"), sync(u64::MAX));
        assert_eq!(announced(b"x {12+}"), Ok(Some(Literal { octets: 12, synchronising: false })));
        for line in
            [&b""[..], b"{}", b"{+}", b"{5", b"5}", b"{5}x", b"\"{5}\"", b"{5+}{", b"{5 }", b"{-5}", b"{5-}"]
        {
            assert_eq!(announced(line), Ok(None), "{line:?}");
        }
        assert_eq!(before_literal(b"a LOGIN {5}"), b"a LOGIN ");
    }

    #[test]
    fn counts_out_of_range_are_told() {
        for line in
            ["{18446744073709551616}", "{000000000000000000001}", "{99999999999999999999999999999999+}"]
        {
            assert_eq!(announced(line.as_bytes()), Err(CountOverflow), "{line}");
        }
    }
}
