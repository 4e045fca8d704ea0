//! Bounded CRLF framing over bytes the driver holds.
//!
//! A line is taken only when it is whole; nothing is copied. A line that
//! outgrows its limit is dropped up to its LF and reported once; a peer that
//! never ends a line is reported after [`ENDLESS`] octets.

const ENDLESS: usize = 128 * 1024;

/// What stood before one LF.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// The octets before CRLF: no CR, LF or NUL among them.
    Whole(&'a [u8]),
    /// A line with a bare CR, a bare LF or a NUL. Taken for a line so that the
    /// peer gets an answer, never repaired (RFC 5321 2.3.8).
    Broken,
    /// Longer than the limit.
    TooLong,
    /// Far longer than the limit and still no LF.
    Endless,
}

/// Where the framing stands: inside an oversized line or not.
#[derive(Debug, Default)]
pub(super) struct Lines {
    dropped: usize,
}

impl Lines {
    /// The next line of `unread`, CRLF not counted in `limit`; none when more
    /// bytes are needed.
    pub(super) fn next<'a>(&mut self, unread: &mut &'a [u8], limit: usize) -> Option<Line<'a>> {
        let room = limit.saturating_add(2);
        if self.dropped > 0 {
            return self.drop_rest(unread);
        }
        let window = unread.get(..room).unwrap_or(unread);
        let Some(end) = window.iter().position(|b| *b == b'\n') else {
            if window.len() < room {
                return None;
            }
            self.dropped = window.len();
            *unread = unread.get(window.len()..).unwrap_or_default();
            return self.drop_rest(unread);
        };
        let line = window.get(..end).unwrap_or_default();
        *unread = unread.get(end.saturating_add(1)..).unwrap_or_default();
        Some(match line.strip_suffix(b"\r") {
            Some(text) if !text.iter().any(|b| matches!(b, b'\r' | 0)) => Line::Whole(text),
            Some(_) | None => Line::Broken,
        })
    }

    fn drop_rest(&mut self, unread: &mut &[u8]) -> Option<Line<'static>> {
        // Bounded per call, so that one large read and many small ones end alike.
        let left = ENDLESS.saturating_sub(self.dropped);
        let window = unread.get(..left).unwrap_or(unread);
        let end = window.iter().position(|b| *b == b'\n').map(|at| at.saturating_add(1));
        let used = end.unwrap_or(window.len());
        *unread = unread.get(used..).unwrap_or_default();
        self.dropped = self.dropped.saturating_add(used);
        match end {
            Some(_) => {
                self.dropped = 0;
                Some(Line::TooLong)
            }
            None if self.dropped >= ENDLESS => Some(Line::Endless),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ENDLESS, Line, Lines};

    #[test]
    fn only_crlf_ends_a_good_line() {
        let mut unread: &[u8] = b"NOOP\r\nNO\rOP\r\nNOOP\nA\0\r\nRS";
        let mut lines = Lines::default();
        assert_eq!(lines.next(&mut unread, 10), Some(Line::Whole(b"NOOP")));
        for _ in 0..3 {
            assert_eq!(lines.next(&mut unread, 10), Some(Line::Broken));
        }
        assert_eq!(lines.next(&mut unread, 10), None);
        assert_eq!(unread, b"RS");
    }

    #[test]
    fn the_limit_is_the_same_for_every_chunking() {
        let input = [vec![b'x'; 11], b"\r\nok\r\n".to_vec()].concat();
        for size in 1..input.len() {
            let mut lines = Lines::default();
            let mut held: Vec<u8> = Vec::new();
            let mut found = Vec::new();
            for chunk in input.chunks(size) {
                held.extend_from_slice(chunk);
                let mut rest = &held[..];
                while let Some(line) = lines.next(&mut rest, 10) {
                    found.push(format!("{line:?}"));
                }
                held = rest.to_vec();
            }
            assert_eq!(found, ["TooLong".to_owned(), format!("{:?}", Line::Whole(b"ok"))], "{size}");
        }
    }

    #[test]
    fn a_line_that_never_ends_is_given_up() {
        let mut lines = Lines::default();
        let endless = vec![b'x'; ENDLESS + 1];
        let mut unread = &endless[..];
        assert_eq!(lines.next(&mut unread, 10), Some(Line::Endless));
    }
}
