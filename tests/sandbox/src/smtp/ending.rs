//! Where a message ends: strictly, or the way that lets messages be smuggled.

/// The end of a message in what has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ending {
    /// Octets before the final dot.
    pub(super) message: usize,
    /// Octets with the dot and its line end.
    pub(super) consumed: usize,
}

/// Looks for the dot line from `start` on (an offset whose past has been searched already).
pub(super) fn find(data: &[u8], start: usize, lax: bool) -> Option<Ending> {
    let dots = data.iter().enumerate().skip(start);
    let mut dots = dots.filter(|(_, byte)| **byte == b'.').map(|(at, _)| at);
    dots.find_map(|at| ending_at(data, at, lax))
}

fn ending_at(data: &[u8], dot: usize, lax: bool) -> Option<Ending> {
    let (before, rest) = data.split_at_checked(dot)?;
    let starts = before.is_empty() || before.ends_with(if lax { b"\n" } else { b"\r\n" });
    let behind = rest.get(1..)?;
    let ends = if behind.starts_with(b"\r\n") {
        2
    } else if lax && behind.starts_with(b"\n") {
        1
    } else {
        return None;
    };
    starts.then_some(Ending { message: dot, consumed: dot + 1 + ends })
}

/// Takes the stuffed dots out.
pub(super) fn unstuffed(raw: &[u8]) -> Vec<u8> {
    let lines = raw.split_inclusive(|byte| *byte == b'\n');
    let lines = lines.map(|line| line.strip_prefix(b".").unwrap_or(line));
    lines.flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::{Ending, find, unstuffed};

    fn at(data: &[u8], lax: bool) -> Option<usize> {
        find(data, 0, lax).map(|ending| ending.message)
    }

    #[test]
    fn only_crlf_dot_crlf_ends_strictly() {
        assert_eq!(at(b"a\r\n.\r\nMAIL", false), Some(3));
        assert_eq!(at(b".\r\n", false), Some(0));
        for smuggled in [&b"a\n.\nx"[..], b"a\n.\r\nx", b"a\r\n.\nx"] {
            assert_eq!(at(smuggled, false), None);
            assert!(at(smuggled, true).is_some());
        }
        assert_eq!(at(b"a\r\n..\r\n", true), None);
        let lax = Ending { message: 2, consumed: 4 };
        assert_eq!(find(b"a\n.\nMAIL", 0, true), Some(lax));
    }

    #[test]
    fn stuffed_dots_go() {
        assert_eq!(unstuffed(b"..a\r\nb.\r\n..\r\n"), b".a\r\nb.\r\n.\r\n");
    }
}
