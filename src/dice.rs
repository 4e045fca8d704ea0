//! The only source of randomness.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

use crate::clock::Clock;

/// The operating system gave no randomness; nothing secret can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random numbers")]
pub struct NoRandomness;

/// Draws secrets and identities.
#[derive(Debug, Clone, Default)]
pub struct Dice(SystemRandom);

impl Dice {
    /// `N` random octets.
    ///
    /// # Errors
    /// When the operating system gives none; a secret is never made of less.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        let mut out = [0; N];
        self.0.fill(&mut out).map_err(|_| NoRandomness)?;
        Ok(out)
    }

    /// 256 random bits as 43 characters that need no escaping in a URL.
    ///
    /// # Errors
    /// See [`Dice::bytes`].
    pub fn word(&self) -> Result<String, NoRandomness> {
        use base64::Engine as _;
        Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.bytes::<32>()?))
    }

    /// A short identity for references: 10 characters of `[a-z0-9]`.
    ///
    /// # Errors
    /// See [`Dice::bytes`].
    pub fn reference(&self) -> Result<String, NoRandomness> {
        const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        Ok(self
            .bytes::<10>()?
            .iter()
            .filter_map(|b| LETTERS.get(usize::from(b & 31)))
            .map(|b| char::from(*b))
            .collect())
    }

    /// A time-ordered identity.
    ///
    /// # Errors
    /// See [`Dice::bytes`].
    pub fn id(&self, clock: &Clock) -> Result<Uuid, NoRandomness> {
        let at = clock.now().max(0).unsigned_abs();
        let stamp = uuid::Timestamp::from_unix_time(
            at / 1_000_000,
            u32::try_from(at % 1_000_000).unwrap_or(0) * 1_000,
            0,
            0,
        );
        let (seconds, nanos) = stamp.to_unix();
        let millis = seconds * 1_000 + u64::from(nanos) / 1_000_000;
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes::<10>()?).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;
    use crate::clock::Clock;

    #[test]
    fn identities_are_version_7_and_ordered_in_time() {
        let dice = Dice::default();
        let clock = Clock::manual(1_700_000_000_000_000);
        let first = dice.id(&clock).unwrap();
        clock.advance(std::time::Duration::from_millis(5));
        let second = dice.id(&clock).unwrap();
        assert_eq!(first.get_version_num(), 7);
        assert!(first < second);
        assert_eq!(dice.reference().unwrap().len(), 10);
        assert_eq!(dice.word().unwrap().len(), 43);
    }
}
