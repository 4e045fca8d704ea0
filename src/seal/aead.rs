//! AES-256-GCM with the place as associated data: a ciphertext that was moved
//! to another row, column or table opens nothing.
//!
//! Form: `1`, length of the key id, key id, 12 octets of nonce, ciphertext
//! with tag.

use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};
use postern_core::model::secret::Secret;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::held::SealKey;
use super::ring::Ring;

const VERSION: u8 = 1;

/// Where a sealed value lives.
#[derive(Debug, Clone)]
pub struct Place {
    table: &'static str,
    column: &'static str,
    row: Vec<u8>,
}

impl Place {
    /// Column `column` of `table` in the row that `row` identifies.
    #[must_use]
    pub fn new(table: &'static str, column: &'static str, row: &[u8]) -> Self {
        Self { table, column, row: row.to_vec() }
    }

    /// The same for a row identified by a UUID.
    #[must_use]
    pub fn row(table: &'static str, column: &'static str, row: Uuid) -> Self {
        Self::new(table, column, row.as_bytes())
    }

    // Lengths keep ("a", "bc") and ("ab", "c") apart.
    fn aad(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for part in [self.table.as_bytes(), self.column.as_bytes(), &self.row] {
            out.extend_from_slice(&(part.len() as u64).to_be_bytes());
            out.extend_from_slice(part);
        }
        out
    }
}

/// A sealed value as it stands in a column.
pub type Sealed = Vec<u8>;

/// Why a sealed value does not open, or nothing can be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsealable {
    /// Wrong place, changed, or sealed with another installation's key.
    #[error(
        "a sealed value does not open: it was moved or changed, or the key file is of another installation"
    )]
    Broken,
    /// The ring has no key of that identity, nor has its file now.
    #[error("the key {0} is not in the key file of this node: copy its line from a node that has it")]
    NoKey(String),
}

/// What a value begins with that was sealed with the key `id`.
#[must_use]
pub fn prefix(id: &str) -> Vec<u8> {
    let length = u8::try_from(id.len()).unwrap_or(u8::MAX);
    [&[VERSION, length], id.as_bytes()].concat()
}

impl Ring {
    /// Seals with the key `id`, or with the first.
    ///
    /// # Errors
    /// When the ring has no such key.
    pub fn seal(&self, id: Option<&str>, place: &Place, secret: &Secret) -> Result<Sealed, Unsealable> {
        let sealed = self.seek(|held| held.sealing(id).map(|key| sealed(key, place, secret)));
        sealed.unwrap_or_else(|| Err(Unsealable::NoKey(format!("seal/{}", id.unwrap_or("k1")))))
    }

    /// Opens what was sealed at the same place with any key of the ring.
    ///
    /// # Errors
    /// One kind for every cause.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Secret, Unsealable> {
        let (id, nonce, text) = parts(sealed).ok_or(Unsealable::Broken)?;
        let opened = self.seek(|held| held.seal_key(id).map(|key| opened(key, place, nonce, text)));
        opened.unwrap_or_else(|| Err(Unsealable::NoKey(format!("seal/{id}"))))
    }
}

fn sealed(key: &SealKey, place: &Place, secret: &Secret) -> Result<Sealed, Unsealable> {
    let mut text = secret.reveal().as_bytes().to_vec();
    let nonce = key
        .key
        .seal_in_place_append_tag(Aad::from(place.aad()), &mut text)
        .map_err(|_| Unsealable::Broken)?;
    Ok([&prefix(&key.id)[..], nonce.as_ref(), &text[..]].concat())
}

fn parts(sealed: &[u8]) -> Option<(&str, &[u8], &[u8])> {
    let (&version, rest) = sealed.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (id, rest) = rest.split_at_checked(usize::from(length)).filter(|_| version == VERSION)?;
    let (nonce, text) = rest.split_at_checked(NONCE_LEN)?;
    let known = id.iter().all(u8::is_ascii_alphanumeric);
    Some((std::str::from_utf8(id).ok().filter(|_| known)?, nonce, text))
}

fn opened(key: &SealKey, place: &Place, nonce: &[u8], text: &[u8]) -> Result<Secret, Unsealable> {
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable::Broken)?;
    let mut text = Zeroizing::new(text.to_vec());
    let plain =
        key.key.open_in_place(nonce, Aad::from(place.aad()), &mut text).map_err(|_| Unsealable::Broken)?;
    std::str::from_utf8(plain).map(Secret::new).map_err(|_| Unsealable::Broken)
}

#[cfg(test)]
mod tests {
    use super::{Place, Unsealable};
    use crate::dice::Dice;
    use crate::seal::Ring;
    use postern_core::model::secret::Secret;
    use uuid::Uuid;

    fn ring() -> Ring {
        let dir = tempfile::tempdir().unwrap();
        Ring::create(&dir.path().join("k"), &Dice::default()).unwrap()
    }

    #[test]
    fn opens_only_at_its_place_with_its_key_unchanged() {
        let ring = ring();
        let place = Place::row("grants", "refresh_sealed", Uuid::from_u128(1));
        let sealed = ring.seal(None, &place, &Secret::new("1//refresh")).unwrap();
        assert_eq!(ring.open(&place, &sealed).unwrap().reveal(), "1//refresh");

        let elsewhere = [
            Place::row("grants", "refresh_sealed", Uuid::from_u128(2)),
            Place::row("grants", "other_sealed", Uuid::from_u128(1)),
            Place::row("clients", "refresh_sealed", Uuid::from_u128(1)),
        ];
        for place in &elsewhere {
            assert_eq!(ring.open(place, &sealed), Err(Unsealable::Broken));
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(ring.open(&place, &changed).is_err(), "octet {at}");
        }
        for length in 0..sealed.len() {
            assert!(ring.open(&place, &sealed[..length]).is_err());
        }
        assert_eq!(self::ring().open(&place, &sealed), Err(Unsealable::Broken), "another ring");
    }

    #[test]
    fn the_same_value_never_looks_the_same_twice() {
        let ring = ring();
        let place = Place::row("t", "c", Uuid::nil());
        let secret = Secret::new("x");
        let once = || ring.seal(None, &place, &secret).unwrap();
        assert_ne!(once(), once());
    }

    #[test]
    fn an_unknown_key_is_looked_for_in_the_file_once_more() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k");
        let ring = Ring::create(&path, &Dice::default()).unwrap();
        let early = Ring::load(&path, false).unwrap();
        let newest = ring.extend(&ring.first().unwrap(), &Dice::default()).unwrap();
        let place = Place::row("t", "c", Uuid::nil());
        let sealed = ring.seal(Some(&newest.seal), &place, &Secret::new("x")).unwrap();
        assert!(sealed.starts_with(&super::prefix(&newest.seal)));

        let aside = dir.path().join("aside");
        std::fs::rename(&path, &aside).unwrap();
        let missing = Unsealable::NoKey(format!("seal/{}", newest.seal));
        assert_eq!(early.open(&place, &sealed), Err(missing.clone()));
        assert_eq!(early.seal(Some(&newest.seal), &place, &Secret::new("x")), Err(missing));
        std::fs::rename(&aside, &path).unwrap();
        assert_eq!(early.open(&place, &sealed).unwrap().reveal(), "x");
    }
}
