//! Bounded CRLF framing.
//!
//! [`LineBuf`] takes bytes in any chunking and gives lines (without their
//! CRLF) or counted octets, and keeps the rest. It promises: memory up to what
//! was pushed and not yet taken; a verdict that depends on the bytes only, not
//! on their chunking; consumed bytes, which may be passwords, are overwritten.
//! It refuses lines above its limit, and a bare CR, a bare LF and NUL, which
//! peers read differently and which therefore smuggle commands.

use zeroize::{Zeroize, Zeroizing};

/// Bytes that arrived and were not taken yet.
pub struct LineBuf {
    bytes: Vec<u8>,
    start: usize,
    scanned: usize,
    limit: usize,
}

/// What [`LineBuf::next_line`] found.
#[derive(Debug, PartialEq, Eq)]
pub enum Framed {
    /// A whole line, without its CRLF.
    Line(Zeroizing<Vec<u8>>),
    /// No line end yet.
    Partial,
    /// The bytes are no line; they will never become one.
    Fault(LineFault),
}

/// Why bytes are no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// More octets than the limit before a CRLF.
    #[error("line too long")]
    TooLong,
    /// A CR that no LF follows.
    #[error("bare CR in a line")]
    BareCr,
    /// An LF that follows no CR.
    #[error("lines must end in CRLF")]
    BareLf,
    /// A NUL octet.
    #[error("NUL in a line")]
    Nul,
}

impl LineBuf {
    /// An empty buffer for lines of at most `limit` octets without CRLF.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), start: 0, scanned: 0, limit }
    }

    /// How many octets wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len().saturating_sub(self.start)
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends what arrived.
    pub fn push(&mut self, more: &[u8]) {
        self.compact();
        let needed = self.bytes.len().saturating_add(more.len());
        if needed > self.bytes.capacity() {
            // Vec would leave the old copy behind in freed memory.
            let mut grown = Vec::with_capacity(needed.max(self.bytes.capacity().saturating_mul(2)));
            grown.extend_from_slice(&self.bytes);
            self.bytes.zeroize();
            self.bytes = grown;
        }
        self.bytes.extend_from_slice(more);
    }

    /// The next line, looked for where the last search ended.
    pub fn next_line(&mut self) -> Framed {
        let waiting = self.waiting();
        let fresh = waiting.get(self.scanned..).unwrap_or_default();
        let previous = self.scanned.checked_sub(1).and_then(|at| waiting.get(at)).copied();
        let end = match line_end(fresh, self.scanned, previous, self.limit) {
            Ok(Some(end)) => self.scanned.saturating_add(end),
            Ok(None) => {
                self.scanned = waiting.len();
                return Framed::Partial;
            }
            Err(fault) => return Framed::Fault(fault),
        };
        let mut line = self.consume(end.saturating_add(1));
        line.truncate(end.saturating_sub(1));
        Framed::Line(line)
    }

    /// Exactly `count` octets of whatever content, once that many wait.
    pub fn octets(&mut self, count: usize) -> Option<Zeroizing<Vec<u8>>> {
        (self.len() >= count).then(|| self.consume(count))
    }

    /// Everything that waits; the buffer is empty afterwards.
    pub fn drain(&mut self) -> Vec<u8> {
        let rest = self.waiting().to_vec();
        self.clear();
        rest
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.bytes.zeroize();
        self.start = 0;
        self.scanned = 0;
    }

    fn waiting(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    fn consume(&mut self, count: usize) -> Zeroizing<Vec<u8>> {
        let taken = Zeroizing::new(self.waiting().get(..count).unwrap_or_default().to_vec());
        let end = self.start.saturating_add(taken.len());
        if let Some(used) = self.bytes.get_mut(self.start..end) {
            used.zeroize();
        }
        self.start = end;
        self.scanned = 0;
        if self.is_empty() {
            self.bytes.clear();
            self.start = 0;
        }
        taken
    }

    fn compact(&mut self) {
        if self.start == 0 {
            return;
        }
        let left = self.len();
        self.bytes.copy_within(self.start.., 0);
        if let Some(stale) = self.bytes.get_mut(left..) {
            stale.zeroize();
        }
        self.bytes.truncate(left);
        self.start = 0;
    }
}

/// Where in `fresh` the LF of a line's CRLF stands. `before` octets of the same
/// line came earlier, the last of them was `previous`.
///
/// # Errors
/// The bytes are no line.
pub(super) fn line_end(
    fresh: &[u8],
    before: usize,
    mut previous: Option<u8>,
    limit: usize,
) -> Result<Option<usize>, LineFault> {
    for (at, &byte) in fresh.iter().enumerate() {
        match (previous, byte) {
            (Some(b'\r'), b'\n') => return Ok(Some(at)),
            (Some(b'\r'), _) => return Err(LineFault::BareCr),
            (_, b'\n') => return Err(LineFault::BareLf),
            (_, 0) => return Err(LineFault::Nul),
            (_, b'\r') => {}
            (_, _) if at.saturating_add(before) >= limit => return Err(LineFault::TooLong),
            (_, _) => {}
        }
        previous = Some(byte);
    }
    Ok(None)
}

impl Drop for LineBuf {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::{Framed, LineBuf, LineFault};

    fn verdicts(input: &[u8], chunk: usize) -> (Vec<String>, Option<LineFault>) {
        let mut buf = LineBuf::new(8);
        let mut lines = Vec::new();
        for piece in input.chunks(chunk) {
            buf.push(piece);
            loop {
                match buf.next_line() {
                    Framed::Line(line) => lines.push(String::from_utf8_lossy(&line).into_owned()),
                    Framed::Partial => break,
                    Framed::Fault(fault) => return (lines, Some(fault)),
                }
            }
        }
        (lines, None)
    }

    #[test]
    fn any_chunking_gives_the_same_lines() {
        let cases: [(&[u8], &[&str], Option<LineFault>); 8] = [
            (b"a\r\n\r\nbc\r\nd", &["a", "", "bc"], None),
            (b"12345678\r\n", &["12345678"], None),
            (b"a\r\n123456789\r\n", &["a"], Some(LineFault::TooLong)),
            (b"12345678\rx", &[], Some(LineFault::BareCr)),
            (b"a\nb\r\n", &[], Some(LineFault::BareLf)),
            (b"\nb\r\n", &[], Some(LineFault::BareLf)),
            (b"a\r\r\n", &[], Some(LineFault::BareCr)),
            (b"a\0\r\n", &[], Some(LineFault::Nul)),
        ];
        for (input, lines, fault) in cases {
            for chunk in 1..=input.len() {
                let (got, trouble) = verdicts(input, chunk);
                assert_eq!((got.as_slice(), trouble), (lines.map_str().as_slice(), fault), "{input:?}");
            }
        }
    }

    trait MapStr {
        fn map_str(&self) -> Vec<String>;
    }

    impl MapStr for &[&str] {
        fn map_str(&self) -> Vec<String> {
            self.iter().map(|s| (*s).to_owned()).collect()
        }
    }

    #[test]
    fn octets_may_hold_anything_and_the_rest_stays() {
        let mut buf = LineBuf::new(8);
        buf.push(b"a\r\n\0\r\n");
        assert_eq!(buf.next_line(), Framed::Line(b"a".to_vec().into()));
        assert_eq!(buf.octets(4), None);
        buf.push(b"xrest");
        assert_eq!(buf.octets(4), Some(b"\0\r\nx".to_vec().into()));
        assert_eq!(buf.drain(), b"rest");
        assert!(buf.is_empty());
    }
}
