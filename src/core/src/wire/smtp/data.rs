//! The body of a message over its dot-stuffed octets, in constant memory.
//!
//! [`Scanner`] says how much of the input may pass unchanged. It never lets a
//! CR without its LF or a dot at the start of a line pass before it has seen
//! what follows, so nothing that an upstream could take for an end of data
//! leaves before it is verified. Only CRLF.CRLF ends a message; bare CR, bare
//! LF and NUL are faults, never repaired (SMTP smuggling, CVE-2023-51764).
//!
//! [`Drain`] reads a refused message to the client's own end.

/// What ends a message, after the CRLF that belongs to the message.
pub(super) const FINAL_DOT: &[u8] = b".\r\n";

/// Why a message cannot pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyFault {
    BareCr,
    BareLf,
    Nul,
    TooLarge,
}

/// What stands at the front of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// So many octets may pass.
    Text(usize),
    /// [`FINAL_DOT`].
    End,
    /// Nothing can be said before more has come; at most two octets wait.
    More,
    /// The message is refused.
    Fault(BodyFault),
}

/// Where the scan stands.
#[derive(Debug, Clone)]
pub(super) struct Scanner {
    line_start: bool,
    octets: u64,
    limit: u64,
}

enum Look {
    Pass { octets: usize, counted: bool, line_start: bool },
    Stop(Scan),
}

impl Scanner {
    /// A scan from the start of a body; the CRLF after DATA counts as its line start.
    pub(super) fn new(limit: u64) -> Self {
        Self { line_start: true, octets: 0, limit }
    }

    /// Octets of the message so far, stuffed dots not counted (RFC 1870 section 5).
    pub(super) fn octets(&self) -> u64 {
        self.octets
    }

    /// Looks at `input`; what it lets pass counts as passed.
    pub(super) fn scan(&mut self, input: &[u8]) -> Scan {
        let mut at = 0_usize;
        loop {
            let rest = input.get(at..).unwrap_or_default();
            match self.look(rest) {
                Look::Pass { octets, counted, line_start } => {
                    self.line_start = line_start;
                    if counted {
                        self.octets = self.octets.saturating_add(octets as u64);
                    }
                    at = at.saturating_add(octets);
                }
                Look::Stop(_) if at > 0 => return Scan::Text(at),
                Look::Stop(stop) => return stop,
            }
        }
    }

    fn look(&self, rest: &[u8]) -> Look {
        match rest {
            [] | [b'\r'] => Look::Stop(Scan::More),
            [b'.', tail @ ..] if self.line_start => match tail {
                [] | [b'\r'] => Look::Stop(Scan::More),
                [b'\r', b'\n', ..] => Look::Stop(Scan::End),
                [b'\r', ..] => Look::Stop(Scan::Fault(BodyFault::BareCr)),
                [b'\n', ..] => Look::Stop(Scan::Fault(BodyFault::BareLf)),
                [0, ..] => Look::Stop(Scan::Fault(BodyFault::Nul)),
                _ => Look::Pass { octets: 1, counted: false, line_start: false },
            },
            [b'\r', b'\n', ..] => self.within(2, 2, true),
            [b'\r', ..] => Look::Stop(Scan::Fault(BodyFault::BareCr)),
            [b'\n', ..] => Look::Stop(Scan::Fault(BodyFault::BareLf)),
            [0, ..] => Look::Stop(Scan::Fault(BodyFault::Nul)),
            _ => self.within(run(rest), 1, false),
        }
    }

    fn within(&self, octets: usize, least: usize, line_start: bool) -> Look {
        let left = usize::try_from(self.limit.saturating_sub(self.octets)).unwrap_or(usize::MAX);
        if left < least {
            return Look::Stop(Scan::Fault(BodyFault::TooLarge));
        }
        Look::Pass { octets: octets.min(left), counted: true, line_start }
    }

    /// Goes on without an upstream.
    pub(super) fn drain(&self, budget: u64) -> Drain {
        Drain { matched: if self.line_start { 2 } else { 0 }, left: budget }
    }
}

fn run(rest: &[u8]) -> usize {
    rest.iter().position(|b| matches!(b, b'\r' | b'\n' | 0)).unwrap_or(rest.len())
}

/// Drops a body up to CRLF.CRLF, whatever else is in it.
#[derive(Debug)]
pub(super) struct Drain {
    /// How much of CRLF.CRLF the last octets match.
    matched: u8,
    left: u64,
}

/// How far a drain came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drained {
    /// All input is dropped, the end has not come.
    More,
    /// The client's own end was reached.
    End,
    /// The client sent more than is worth reading.
    TooMuch,
}

impl Drain {
    /// Drops from the front of `unread`.
    pub(super) fn take(&mut self, unread: &mut &[u8]) -> Drained {
        let mut used = 0_usize;
        for byte in *unread {
            if self.left == 0 {
                return Drained::TooMuch;
            }
            self.left = self.left.saturating_sub(1);
            used = used.saturating_add(1);
            self.matched = match (self.matched, *byte) {
                (1, b'\n') => 2,
                (2, b'.') => 3,
                (3, b'\r') => 4,
                (4, b'\n') => {
                    *unread = unread.get(used..).unwrap_or_default();
                    return Drained::End;
                }
                (_, b'\r') => 1,
                (_, _) => 0,
            };
        }
        *unread = &[];
        Drained::More
    }
}

#[cfg(test)]
mod tests {
    use super::{BodyFault, Drain, Drained, Scan, Scanner};

    #[test]
    fn waits_where_an_end_could_begin() {
        let mut scanner = Scanner::new(100);
        assert_eq!(scanner.scan(b"."), Scan::More);
        assert_eq!(scanner.scan(b".\r"), Scan::More);
        assert_eq!(scanner.scan(b".\r\n"), Scan::End);
        assert_eq!(scanner.scan(b"a.\r"), Scan::Text(2));
        assert_eq!(scanner.scan(b"\r\n."), Scan::Text(2));
        assert_eq!(scanner.scan(b"..\r\n.\r\n"), Scan::Text(4));
        assert_eq!(scanner.scan(b".\r\n"), Scan::End);
        assert_eq!(scanner.octets(), 7);
    }

    #[test]
    fn faults_by_kind() {
        for (input, fault) in [
            (&b"\n"[..], BodyFault::BareLf),
            (b"\rx", BodyFault::BareCr),
            (b"\0", BodyFault::Nul),
            (b".\n", BodyFault::BareLf),
            (b".\rx", BodyFault::BareCr),
            (b".\0", BodyFault::Nul),
        ] {
            assert_eq!(Scanner::new(100).scan(input), Scan::Fault(fault), "{}", input.escape_ascii());
        }
        let mut small = Scanner::new(4);
        assert_eq!(small.scan(b"..abc\r\n"), Scan::Text(5));
        assert_eq!(small.scan(b"\r\n"), Scan::Fault(BodyFault::TooLarge));
    }

    #[test]
    fn drains_to_the_clients_own_end() {
        let mut drain = Scanner::new(9).drain(100);
        let mut unread: &[u8] = b"\n.\n\r.\r\r\n..\r\n\r\n.\r\nQUIT";
        assert_eq!(drain.take(&mut unread), Drained::End);
        assert_eq!(unread, b"QUIT");
        let mut short = Drain { matched: 0, left: 3 };
        assert_eq!(short.take(&mut &b"abcd"[..]), Drained::TooMuch);
    }
}
