//! The link of the audit chain: each row's code covers the row and the code
//! before it, so a changed, removed or reordered row breaks every later one.

use aws_lc_rs::hmac;

use super::aead::Unsealable;
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
    /// The code of a row that follows `previous`, by the key `id` or by the
    /// first.
    ///
    /// # Errors
    /// When the ring has no such key.
    pub fn link(&self, id: Option<&str>, previous: &[u8], row: &Covered<'_>) -> Result<Vec<u8>, Unsealable> {
        self.sign(id, &message(previous, row))
    }

    fn sign(&self, id: Option<&str>, message: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let code = self.seek(|held| held.chaining(id).map(|key| hmac::sign(key, message).as_ref().to_vec()));
        code.ok_or_else(|| Unsealable::NoKey(format!("audit/{}", id.unwrap_or("k1"))))
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
        self.signed_by(&message(previous, row), code, from)
    }

    /// The code of a beginning, by the key `id` or by the first.
    ///
    /// # Errors
    /// When the ring has no such key.
    pub fn vouch(&self, id: Option<&str>, beginning: &Beginning<'_>) -> Result<Vec<u8>, Unsealable> {
        self.sign(id, &checkpoint(beginning))
    }

    /// Which audit key made `code` for this beginning.
    #[must_use]
    pub fn vouched_by(&self, beginning: &Beginning<'_>, code: &[u8]) -> Option<usize> {
        self.signed_by(&checkpoint(beginning), code, 0)
    }

    fn signed_by(&self, message: &[u8], code: &[u8], from: usize) -> Option<usize> {
        self.seek(|held| {
            let signed = |key| hmac::verify(key, message, code).is_ok();
            held.audit_keys().enumerate().skip(from).find(|(_, key)| signed(key)).map(|(at, _)| at)
        })
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
        let code = ring.link(None, &START, &row).unwrap();
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
        let code = ring.vouch(None, &beginning).unwrap();
        assert_eq!(ring.vouched_by(&beginning, &code), Some(0));
        for other in [
            Beginning { node: "other", ..beginning },
            Beginning { seq: 8, ..beginning },
            Beginning { mac: &[4; 32], ..beginning },
            Beginning { at: 8, ..beginning },
        ] {
            assert_eq!(ring.vouched_by(&other, &code), None, "{other:?}");
        }
    }

    #[test]
    fn a_chain_goes_on_with_a_later_key_and_never_back() {
        let dir = tempfile::tempdir().unwrap();
        let ring = Ring::create(&dir.path().join("k"), &Dice::default()).unwrap();
        let newest = ring.extend(&ring.first().unwrap(), &Dice::default()).unwrap();
        let row = Covered { node: "main", seq: 1, at: 2, actor: "a", event: "e", detail: "{}", request: "r" };
        let early = ring.link(None, &START, &row).unwrap();
        let late = ring.link(Some(&newest.audit), &START, &row).unwrap();
        assert_eq!(ring.linked_by(&START, &row, &early, 0), Some(0));
        assert_eq!(ring.linked_by(&START, &row, &late, 0), Some(1));
        assert_eq!(ring.linked_by(&START, &row, &early, 1), None);
        assert!(ring.link(Some("k9"), &START, &row).is_err());
    }
}
