//! AES-256-GCM with the place as associated data: a ciphertext that was moved
//! to another row, column or table opens nothing.
//!
//! Form: `1`, length of the key id, key id, 12 octets of nonce, ciphertext
//! with tag.

use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};
use postern_core::model::secret::Secret;
use uuid::Uuid;
use zeroize::Zeroizing;

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

/// A sealed value does not open: wrong key, wrong place, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open: it was moved or changed, or its key is not in the key file")]
pub struct Unsealable;

impl Ring {
    /// Seals with the active key.
    ///
    /// # Errors
    /// Only when the crypto library refuses to work.
    pub fn seal(&self, place: &Place, secret: &Secret) -> Result<Sealed, Unsealable> {
        let key = self.active_seal().ok_or(Unsealable)?;
        let mut text = secret.reveal().as_bytes().to_vec();
        let nonce =
            key.key.seal_in_place_append_tag(Aad::from(place.aad()), &mut text).map_err(|_| Unsealable)?;
        let mut out = vec![VERSION, u8::try_from(key.id.len()).map_err(|_| Unsealable)?];
        out.extend_from_slice(key.id.as_bytes());
        out.extend_from_slice(nonce.as_ref());
        out.extend_from_slice(&text);
        Ok(out)
    }

    /// Opens what was sealed at the same place with any key of the ring.
    ///
    /// # Errors
    /// One kind for every cause.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Secret, Unsealable> {
        let (&version, rest) = sealed.split_first().ok_or(Unsealable)?;
        let (&length, rest) = rest.split_first().ok_or(Unsealable)?;
        if version != VERSION || rest.len() < usize::from(length) + NONCE_LEN {
            return Err(Unsealable);
        }
        let (id, rest) = rest.split_at(usize::from(length));
        let (nonce, text) = rest.split_at(NONCE_LEN);
        let id = std::str::from_utf8(id).map_err(|_| Unsealable)?;
        let key = self.seal_key(id).ok_or(Unsealable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unsealable)?;
        let mut text = Zeroizing::new(text.to_vec());
        let plain =
            key.key.open_in_place(nonce, Aad::from(place.aad()), &mut text).map_err(|_| Unsealable)?;
        std::str::from_utf8(plain).map(Secret::new).map_err(|_| Unsealable)
    }
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
        let sealed = ring.seal(&place, &Secret::new("1//refresh")).unwrap();
        assert_eq!(ring.open(&place, &sealed).unwrap().reveal(), "1//refresh");

        let elsewhere = [
            Place::row("grants", "refresh_sealed", Uuid::from_u128(2)),
            Place::row("grants", "other_sealed", Uuid::from_u128(1)),
            Place::row("clients", "refresh_sealed", Uuid::from_u128(1)),
        ];
        for place in &elsewhere {
            assert_eq!(ring.open(place, &sealed), Err(Unsealable));
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(ring.open(&place, &changed), Err(Unsealable), "octet {at}");
        }
        for length in 0..sealed.len() {
            assert_eq!(ring.open(&place, &sealed[..length]), Err(Unsealable));
        }
        assert_eq!(self::ring().open(&place, &sealed), Err(Unsealable), "another ring");
    }

    #[test]
    fn the_same_value_never_looks_the_same_twice() {
        let ring = ring();
        let place = Place::row("t", "c", Uuid::nil());
        let secret = Secret::new("x");
        assert_ne!(ring.seal(&place, &secret).unwrap(), ring.seal(&place, &secret).unwrap());
    }
}
