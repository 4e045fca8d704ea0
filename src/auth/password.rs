//! Passwords of those who run the installation: argon2id, in few places at
//! once.
//!
//! A check takes 19 MiB and tens of milliseconds on purpose, so only
//! two run at a time and the rest wait: whoever tries passwords by the
//! thousand gets slow answers, not the machine.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use postern_core::model::secret::Secret;
use tokio::sync::Semaphore;

use crate::dice::{Dice, NoRandomness};
use crate::tasks::{Phase, Tasks};

const AT_ONCE: usize = 2;
/// Fewest characters of a password.
pub const SHORTEST: usize = 12;
const LONGEST: usize = 128;

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Too few characters.
    #[error("a password has {SHORTEST} characters at least")]
    Short,
    /// Too many.
    #[error("a password has {LONGEST} characters at most")]
    Long,
    /// The name, or one character over and over.
    #[error("this password is too easy to guess")]
    Easy,
}

/// Hashes and checks.
#[derive(Debug, Clone)]
pub struct Passwords {
    tasks: Tasks,
    places: Arc<Semaphore>,
}

/// The work could not be done: the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the gateway is shutting down")]
pub struct Ending;

impl Passwords {
    /// Works in tasks of `tasks`.
    #[must_use]
    pub fn new(tasks: Tasks) -> Self {
        Self { tasks, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The text to store for a password: PHC form, with a salt of its own.
    ///
    /// # Errors
    /// Without randomness, or when the process ends.
    pub async fn hash(&self, password: &Secret, dice: &Dice) -> Result<Secret, HashFault> {
        let salt = dice.bytes::<16>()?;
        let password = password.clone();
        let hashed = self.compute(move || {
            let hash = Argon2::default().hash_password_with_salt(password.reveal().as_bytes(), &salt);
            hash.map(|hash| Secret::new(hash.to_string())).ok()
        });
        hashed.await?.ok_or(HashFault::Ending(Ending))
    }

    /// Whether a password belongs to what is stored. Nothing stored takes as
    /// long and is never right, so that the time tells nobody who exists.
    ///
    /// # Errors
    /// When the process ends.
    pub async fn matches(&self, password: &Secret, stored: Option<&Secret>) -> Result<bool, Ending> {
        let (password, stored) = (password.clone(), stored.cloned());
        self.compute(move || {
            let argon = Argon2::default();
            let octets = password.reveal().as_bytes();
            let Some(stored) = stored else {
                let _decoy = argon.hash_password_with_salt(octets, &[0; 16]);
                return false;
            };
            PasswordHash::new(stored.reveal()).is_ok_and(|hash| argon.verify_password(octets, &hash).is_ok())
        })
        .await
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Ending> {
        let _place = self.places.acquire().await.map_err(|_| Ending)?;
        self.tasks.compute(Phase::Work, work).await.map_err(|_| Ending)
    }
}

/// Why a password was not hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashFault {
    /// No salt.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The process ends.
    #[error(transparent)]
    Ending(#[from] Ending),
}

/// Judges a new password of the admin called `name`.
///
/// # Errors
/// Says what is wrong with it.
pub fn fit(password: &Secret, name: &str) -> Result<(), Unfit> {
    let text = password.reveal();
    let mut letters = text.chars();
    let first = letters.next();
    match text.chars().count() {
        count if count < SHORTEST => Err(Unfit::Short),
        count if count > LONGEST => Err(Unfit::Long),
        _ if text.eq_ignore_ascii_case(name) || letters.all(|c| Some(c) == first) => Err(Unfit::Easy),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Passwords, Unfit, fit};
    use crate::dice::Dice;
    use crate::tasks::Tasks;
    use postern_core::model::secret::Secret;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let passwords = Passwords::new(Tasks::default());
        let (right, wrong) = (Secret::new("correct horse battery"), Secret::new("correct horse batterz"));
        let stored = passwords.hash(&right, &Dice::default()).await.unwrap();
        assert!(stored.reveal().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.reveal());
        assert_ne!(stored, passwords.hash(&right, &Dice::default()).await.unwrap(), "salted");
        assert_eq!(passwords.matches(&right, Some(&stored)).await, Ok(true));
        assert_eq!(passwords.matches(&wrong, Some(&stored)).await, Ok(false));
        assert_eq!(passwords.matches(&right, None).await, Ok(false));
        assert_eq!(passwords.matches(&right, Some(&Secret::new("damaged"))).await, Ok(false));
    }

    #[test]
    fn what_is_easy_to_guess_is_not_taken() {
        for (password, verdict) in [
            ("elevenchars", Err(Unfit::Short)),
            ("aaaaaaaaaaaaaaaa", Err(Unfit::Easy)),
            ("Administrator1", Err(Unfit::Easy)),
            ("twelve chars", Ok(())),
            ("žluťoučký kůň", Ok(())),
        ] {
            assert_eq!(fit(&Secret::new(password), "administrator1"), verdict, "{password}");
        }
        assert_eq!(fit(&Secret::new("ab".repeat(65)), "x"), Err(Unfit::Long));
    }
}
