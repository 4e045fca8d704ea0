//! Cuts `COMPRESS=…` out of a capability list that passes byte by byte.
//!
//! The relay must be able to read what passes, and COMPRESS would hide it. At
//! most a blank and `COMPRESS=` are held back until it is clear what they are.

const CUT: &[u8; 10] = b" COMPRESS=";

/// Where in a list the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Cutter {
    /// In no list.
    #[default]
    Off,
    /// In a list; `bracket` when a `]` ends it.
    List {
        /// Whether it stands in a response code.
        bracket: bool,
        /// What the current token is.
        token: Token,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// Begins like [`CUT`]; that many octets of `held` are held back.
    Maybe { held: [u8; CUT.len()], length: usize },
    /// Passes.
    Kept,
    /// Is cut.
    Cut,
}

impl Cutter {
    /// Whether the next byte has to go through [`byte`](Self::byte).
    pub(super) fn is_on(self) -> bool {
        matches!(self, Self::List { .. })
    }

    /// Starts at the blank behind the word CAPABILITY.
    pub(super) fn start(bracket: bool) -> Self {
        Self::List { bracket, token: Token::Kept }
    }

    /// Takes the next byte; what leaves is added to `out`.
    pub(super) fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        let Self::List { bracket, token } = *self else {
            out.push(byte);
            return;
        };
        if let Token::Maybe { mut held, length } = token {
            if CUT.get(length).is_some_and(|wanted| byte.eq_ignore_ascii_case(wanted)) {
                if let Some(place) = held.get_mut(length) {
                    *place = byte;
                }
                let length = length.saturating_add(1);
                let token = if length == CUT.len() { Token::Cut } else { Token::Maybe { held, length } };
                *self = Self::List { bracket, token };
                return;
            }
            out.extend_from_slice(held.get(..length).unwrap_or_default());
        }
        *self = match byte {
            b' ' => {
                let mut held = [0; CUT.len()];
                held[0] = byte;
                Self::List { bracket, token: Token::Maybe { held, length: 1 } }
            }
            b'\r' | b'\n' => Self::Off,
            b']' if bracket => Self::Off,
            _ if token == Token::Cut => return,
            _ => Self::List { bracket, token: Token::Kept },
        };
        if byte != b' ' {
            out.push(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cutter;

    fn cut(list: &str, bracket: bool) -> String {
        let mut cutter = Cutter::start(bracket);
        let mut out = Vec::new();
        for byte in list.bytes() {
            cutter.byte(byte, &mut out);
        }
        assert!(!cutter.is_on(), "{list}");
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_compress_is_cut() {
        let rows = [
            (" IMAP4rev1 COMPRESS=DEFLATE ENABLE\r\n", " IMAP4rev1 ENABLE\r\n"),
            (" compress=Deflate IMAP4rev1\r\n", " IMAP4rev1\r\n"),
            (" A COMPRESS=A COMPRESS=B\r\n", " A\r\n"),
            (" A COMPRESS=\r\n", " A\r\n"),
            (
                " A XCOMPRESS=DEFLATE COMPRESSOR COMPRES COMPRESS\r\n",
                " A XCOMPRESS=DEFLATE COMPRESSOR COMPRES COMPRESS\r\n",
            ),
            ("  A  B \r\n", "  A  B \r\n"),
            ("\r\n", "\r\n"),
        ];
        for (list, expected) in rows {
            assert_eq!(cut(list, false), expected);
        }
        assert_eq!(cut(" A COMPRESS=DEFLATE] COMPRESS=x is text\r\n", true), " A] COMPRESS=x is text\r\n");
        assert_eq!(cut(" A] COMPRESS=DEFLATE B\r\n", false), " A] B\r\n");
    }
}
