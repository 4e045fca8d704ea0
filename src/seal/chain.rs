//! The link of the audit chain: each row's code covers the row and the code
//! before it, so a changed, removed or reordered row breaks every later one.

use aws_lc_rs::hmac;

use super::ring::Ring;

/// The columns of an audit row that its code covers.
#[derive(Debug, Clone, Copy)]
pub struct Covered<'a> {
    /// Chain.
    pub node: &'a str,
    /// Place in the chain, from 1.
    pub seq: i64,
    /// Microseconds since 1970.
    pub at: i64,
    /// Who.
    pub actor: &'a str,
    /// What.
    pub event: &'a str,
    /// JSON.
    pub detail: &'a str,
    /// Reference.
    pub request: &'a str,
}

/// Where a chain begins whose first rows were removed on purpose.
#[derive(Debug, Clone, Copy)]
pub struct Beginning<'a> {
    /// Chain.
    pub node: &'a str,
    /// Place of the last row that was removed.
    pub seq: i64,
    /// Its code.
    pub mac: &'a [u8],
    /// Its time, microseconds since 1970.
    pub at: i64,
}

/// Code of the row before the first.
pub const START: [u8; 32] = [0; 32];

impl Ring {
    /// The code of a row that follows `previous`; `None` only without a key.
    #[must_use]
    pub fn link(&self, previous: &[u8], row: &Covered<'_>) -> Option<Vec<u8>> {
        let key = self.audit_keys().next()?;
        Some(hmac::sign(key, &message(previous, row)).as_ref().to_vec())
    }

    /// Whether `code` is the code of this row after `previous`, with any audit
    /// key of the ring.
    #[must_use]
    pub fn links(&self, previous: &[u8], row: &Covered<'_>, code: &[u8]) -> bool {
        self.linked_by(previous, row, code, 0).is_some()
    }

    /// Which audit key, from the `from`th on, made `code` for this row after
    /// `previous`. Keys stand in the order in which they came into use, so a
    /// chain never goes back to an earlier one.
    #[must_use]
    pub fn linked_by(&self, previous: &[u8], row: &Covered<'_>, code: &[u8], from: usize) -> Option<usize> {
        let message = message(previous, row);
        self.audit_keys()
            .enumerate()
            .skip(from)
            .find(|(_, key)| hmac::verify(key, &message, code).is_ok())
            .map(|(at, _)| at)
    }

    /// The code of a beginning; `None` only without a key.
    #[must_use]
    pub fn vouch(&self, beginning: &Beginning<'_>) -> Option<Vec<u8>> {
        let key = self.audit_keys().next()?;
        Some(hmac::sign(key, &checkpoint(beginning)).as_ref().to_vec())
    }

    /// Whether `code` is the code of this beginning, with any audit key of the
    /// ring.
    #[must_use]
    pub fn vouches(&self, beginning: &Beginning<'_>, code: &[u8]) -> bool {
        let message = checkpoint(beginning);
        self.audit_keys().any(|key| hmac::verify(key, &message, code).is_ok())
    }
}

fn message(previous: &[u8], row: &Covered<'_>) -> Vec<u8> {
    let (seq, at) = (row.seq.to_be_bytes(), row.at.to_be_bytes());
    joined(&[
        previous,
        row.node.as_bytes(),
        &seq,
        &at,
        row.actor.as_bytes(),
        row.event.as_bytes(),
        row.detail.as_bytes(),
        row.request.as_bytes(),
    ])
}

// Its first part is shorter than a code, so it is no row's message.
fn checkpoint(beginning: &Beginning<'_>) -> Vec<u8> {
    let (seq, at) = (beginning.seq.to_be_bytes(), beginning.at.to_be_bytes());
    joined(&[b"checkpoint", beginning.node.as_bytes(), &seq, beginning.mac, &at])
}

// Every part with its length, so that no text can move from one to the next.
fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    for part in parts {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Beginning, Covered, START};
    use crate::dice::Dice;
    use crate::seal::Ring;

    #[test]
    fn every_covered_part_counts() {
        let dir = tempfile::tempdir().unwrap();
        let ring = Ring::create(&dir.path().join("k"), &Dice::default()).unwrap();
        let row = Covered {
            node: "main",
            seq: 1,
            at: 2,
            actor: "cli:root",
            event: "e",
            detail: "{}",
            request: "r",
        };
        let code = ring.link(&START, &row).unwrap();
        assert!(ring.links(&START, &row, &code));
        let changed = [
            Covered { node: "mai", actor: "ncli:root", ..row },
            Covered { seq: 2, ..row },
            Covered { at: 3, ..row },
            Covered { event: "f", ..row },
            Covered { detail: "{ }", ..row },
            Covered { request: "", ..row },
        ];
        for other in &changed {
            assert!(!ring.links(&START, other, &code), "{other:?}");
        }
        assert!(!ring.links(&[1; 32], &row, &code));
    }

    #[test]
    fn a_beginning_is_vouched_for_as_a_whole() {
        let dir = tempfile::tempdir().unwrap();
        let ring = Ring::create(&dir.path().join("k"), &Dice::default()).unwrap();
        let beginning = Beginning { node: "main", seq: 7, mac: &[3; 32], at: 9 };
        let code = ring.vouch(&beginning).unwrap();
        assert!(ring.vouches(&beginning, &code));
        for other in [
            Beginning { node: "other", ..beginning },
            Beginning { seq: 8, ..beginning },
            Beginning { mac: &[4; 32], ..beginning },
            Beginning { at: 8, ..beginning },
        ] {
            assert!(!ring.vouches(&other, &code), "{other:?}");
        }
    }
}
