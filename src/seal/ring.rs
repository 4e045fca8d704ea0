//! The key ring: what the key file holds, read again when the file changes.
//!
//! Which key of a purpose is the active one stands in the database, so that it
//! is one for all processes; a database that was never rotated uses the first.
//! The others still open what they sealed. Keys stand in the order in which
//! they came into use.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::file::{KeyFile, Stamp};
use super::held::Held;
use crate::dice::{Dice, NoRandomness};

/// The installation's keys. It cannot be printed or copied.
pub struct Ring {
    file: Option<KeyFile>,
    seen: Mutex<Option<Stamp>>,
    held: RwLock<Arc<Held>>,
}

/// Why there is no ring.
#[derive(Debug, thiserror::Error)]
pub enum RingFault {
    /// The file does not exist.
    #[error(
        "the key file {0} does not exist; restore it from your backup, or run `postern setup` for a new \
         installation; where it is lost for good, `postern key lost` goes on without it"
    )]
    Missing(PathBuf),
    /// The file cannot be read or written.
    #[error("the key file {path}: {why}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// Somebody else on the machine could read it.
    #[error("the key file {0} can be read by others; run chmod 600 on it")]
    Open(PathBuf),
    /// A line that is no key.
    #[error("the key file {path}, line {line}: {why}")]
    Line {
        /// The file.
        path: PathBuf,
        /// Line number from 1.
        line: usize,
        /// What is wrong.
        why: &'static str,
    },
    /// A purpose has no key.
    #[error("the key file {0} holds no {1} key")]
    NoKey(PathBuf, &'static str),
    /// The service manager made the file as a copy.
    #[error(
        "the key file {0} is a copy that the service manager made; rotate its source instead: run this command \
         with POSTERN__SECRETS__KEY_FILE set to the file that the credential is made of, and restart the service \
         when it waits for it"
    )]
    Copy(PathBuf),
    /// The ring was not read from a file.
    #[error("there is no key file")]
    NoFile,
    /// No randomness for a new key.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The identities of one key of each purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Seals.
    pub seal: String,
    /// Chains the journal.
    pub audit: String,
}

impl Pair {
    /// As [`Ring::ids`] names them.
    #[must_use]
    pub fn names(&self) -> [String; 2] {
        [format!("seal/{}", self.seal), format!("audit/{}", self.audit)]
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring").field("keys", &self.ids().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

impl Ring {
    /// Reads the file; `shared_ok` only for a credentials directory that the
    /// service manager guards.
    ///
    /// # Errors
    /// Names the file, the line and the remedy.
    pub fn load(path: &Path, shared_ok: bool) -> Result<Self, RingFault> {
        let file = KeyFile::new(path, shared_ok);
        let (held, stamp) = file.read()?;
        Ok(Self { file: Some(file), seen: Mutex::new(Some(stamp)), held: RwLock::new(Arc::new(held)) })
    }

    /// A ring without keys: it opens and seals nothing, but lets a database be
    /// looked at.
    #[must_use]
    pub fn blank() -> Self {
        Self { file: None, seen: Mutex::default(), held: RwLock::default() }
    }

    /// Makes a ring with one key of each purpose and writes its file, which
    /// must not exist.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path, dice: &Dice) -> Result<Self, RingFault> {
        KeyFile::create(path, dice)?;
        Self::load(path, false)
    }

    /// Reads the file again if it has changed; whether it now holds other keys.
    ///
    /// # Errors
    /// When it cannot be read; then the ring stays as it was.
    pub fn renew(&self) -> Result<bool, RingFault> {
        let Some(file) = &self.file else { return Ok(false) };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == Some(file.stamp()?) {
            return Ok(false);
        }
        let (fresh, stamp) = file.read()?;
        let before: Vec<String> = self.ids().collect();
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        *seen = Some(stamp);
        Ok(self.ids().ne(before))
    }

    /// Adds a new key of each purpose to the file, unless it holds newer ones
    /// than the active already. Returns the newest.
    ///
    /// # Errors
    /// When the file cannot be written; then it is as it was.
    pub fn extend(&self, active: &Pair, dice: &Dice) -> Result<Pair, RingFault> {
        let file = self.file.as_ref().ok_or(RingFault::NoFile)?;
        let newest = file.extend(active, dice)?;
        self.renew()?;
        Ok(newest)
    }

    /// The identities of all keys, `seal/k1`.
    pub fn ids(&self) -> std::vec::IntoIter<String> {
        self.held().ids().into_iter()
    }

    /// Whether it holds both keys.
    #[must_use]
    pub fn has(&self, pair: &Pair) -> bool {
        let held = self.held();
        held.seal_key(&pair.seal).is_some() && held.audit_key(&pair.audit).is_some()
    }

    /// The first key of each purpose: active in a database that was never
    /// rotated.
    #[must_use]
    pub fn first(&self) -> Option<Pair> {
        self.held().first()
    }

    pub(super) fn held(&self) -> Arc<Held> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What `found` finds in the ring or, when it is not there, in the file as
    /// it is now.
    pub(super) fn seek<T>(&self, found: impl Fn(&Held) -> Option<T>) -> Option<T> {
        found(&self.held()).or_else(|| {
            // What is wrong with the file is told where it is watched.
            self.renew().ok()?.then(|| found(&self.held())).flatten()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Ring, RingFault};
    use crate::dice::Dice;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn created_once_private_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("postern.key");
        let ring = Ring::create(&path, &Dice::default()).unwrap();
        assert_eq!(ring.ids().collect::<Vec<_>>(), ["seal/k1", "audit/k1"]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(Ring::load(&path, false).is_ok());
        assert!(matches!(Ring::create(&path, &Dice::default()), Err(RingFault::Io { .. })));
    }

    #[test]
    fn of_many_that_create_at_once_one_does_and_its_key_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("postern.key");
        let start = std::sync::Barrier::new(8);
        let made = std::thread::scope(|all| {
            let one = || {
                start.wait();
                Ring::create(&path, &Dice::default()).ok().map(|_| fs::read(&path).unwrap())
            };
            let threads: Vec<_> = (0..8).map(|_| all.spawn(one)).collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(made, [fs::read(&path).unwrap()]);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("postern.key");
        Ring::create(&path, &Dice::default()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Ring::load(&path, false), Err(RingFault::Open(_))));
        assert!(Ring::load(&path, true).is_ok());
    }

    #[test]
    fn a_wrong_line_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k");
        for (text, line) in [
            ("# c\nk1:seal", 2),
            ("k1:seal:AAAA", 1),
            ("k1:other:AAAA", 1),
            ("k1:seal:!!", 1),
            ("k 1:seal:AAAA", 1),
        ] {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            match Ring::load(&path, false) {
                Err(RingFault::Line { line: at, .. }) => assert_eq!(at, line, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
        fs::write(&path, "").unwrap();
        assert!(matches!(Ring::load(&path, false), Err(RingFault::NoKey(..))));
    }

    fn ring(dir: &std::path::Path) -> Ring {
        Ring::create(&dir.join("postern.key"), &Dice::default()).unwrap()
    }

    fn left(dir: &std::path::Path) -> usize {
        fs::read_dir(dir).unwrap().count()
    }

    #[test]
    fn a_key_that_was_added_is_seen_and_nothing_else_changes() {
        let dir = tempfile::tempdir().unwrap();
        let ring = ring(dir.path());
        let path = dir.path().join("postern.key");
        let before = fs::read_to_string(&path).unwrap();
        let other = Ring::load(&path, false).unwrap();
        let first = ring.first().unwrap();
        let newest = ring.extend(&first, &Dice::default()).unwrap();
        assert_ne!(newest, first);
        assert_eq!(ring.first().unwrap(), first);
        assert!(ring.has(&newest) && !other.has(&newest));
        assert!(other.renew().unwrap() && other.has(&newest));
        assert!(!other.renew().unwrap());
        assert!(fs::read_to_string(&path).unwrap().starts_with(&before), "what stood there stands");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(left(dir.path()), 1);
        // Keys that wait for their activation are not added to.
        assert_eq!(other.extend(&first, &Dice::default()).unwrap(), newest);
        assert_ne!(other.extend(&newest, &Dice::default()).unwrap(), newest);
    }

    #[test]
    fn of_many_that_add_at_once_one_does() {
        let dir = tempfile::tempdir().unwrap();
        let first = ring(dir.path()).first().unwrap();
        let path = dir.path().join("postern.key");
        let start = std::sync::Barrier::new(8);
        let made = std::thread::scope(|all| {
            let one = || {
                start.wait();
                Ring::load(&path, false).unwrap().extend(&first, &Dice::default()).unwrap()
            };
            let threads: Vec<_> = (0..8).map(|_| all.spawn(one)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(made.iter().all(|pair| *pair == made[0]), "{made:?}");
        assert_eq!(Ring::load(&path, false).unwrap().ids().count(), 4);
        assert_eq!(left(dir.path()), 1);
    }

    #[test]
    fn a_link_to_the_key_file_stays_one() {
        let dir = tempfile::tempdir().unwrap();
        let first = ring(dir.path()).first().unwrap();
        let link = dir.path().join("link.key");
        std::os::unix::fs::symlink(dir.path().join("postern.key"), &link).unwrap();
        Ring::load(&link, false).unwrap().extend(&first, &Dice::default()).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().file_type().is_symlink());
        assert_eq!(Ring::load(&dir.path().join("postern.key"), false).unwrap().ids().count(), 4);
    }

    #[test]
    fn a_file_that_went_bad_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let ring = ring(dir.path());
        let path = dir.path().join("postern.key");
        fs::write(&path, "nonsense").unwrap();
        assert!(matches!(ring.renew(), Err(RingFault::Line { .. })));
        assert_eq!(ring.ids().count(), 2);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(ring.renew(), Err(RingFault::Open(_))));
        fs::remove_file(&path).unwrap();
        assert!(matches!(ring.renew(), Err(RingFault::Missing(_))));
        assert_eq!(ring.ids().count(), 2);
    }
}
