//! The key ring: a text file with one `id:purpose:base64` a line.
//!
//! Lines that start with `#` are comments. The first key of a purpose is the
//! active one; the others still open what they sealed. The file is never
//! rewritten in place: a temporary file beside it is synced and renamed.

use std::fmt;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::dice::{Dice, NoRandomness};

/// The installation's keys. It cannot be printed or copied.
pub struct Ring {
    seal: Vec<SealKey>,
    audit: Vec<AuditKey>,
}

pub(super) struct SealKey {
    pub(super) id: String,
    pub(super) key: RandomizedNonceKey,
}

struct AuditKey {
    id: String,
    key: hmac::Key,
}

/// Why there is no ring.
#[derive(Debug, thiserror::Error)]
pub enum RingFault {
    /// The file does not exist.
    #[error(
        "the key file {0} does not exist; restore it from your backup, or run `postern setup` for a new installation"
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
    /// No randomness for a new key.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
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
        let text = match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(RingFault::Missing(path.into()));
            }
            Err(e) => return Err(RingFault::Io { path: path.into(), why: e.to_string() }),
        };
        if !shared_ok && readable_by_others(path)? {
            return Err(RingFault::Open(path.into()));
        }
        Self::parse(&text, path)
    }

    /// A ring without keys: it opens and seals nothing, but lets a database be
    /// looked at.
    #[must_use]
    pub fn blank() -> Self {
        Self { seal: Vec::new(), audit: Vec::new() }
    }

    /// Makes a ring with one key of each purpose and writes its file, which
    /// must not exist.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path, dice: &Dice) -> Result<Self, RingFault> {
        let mut text = Zeroizing::new(String::from(
            "# Postern's keys. Without this file the database opens nothing: back it up apart from the database.\n",
        ));
        for purpose in ["seal", "audit"] {
            let key = Zeroizing::new(dice.bytes::<32>()?);
            let line = Zeroizing::new(format!("k1:{purpose}:{}\n", STANDARD.encode(key.as_slice())));
            text.push_str(&line);
        }
        write_new(path, text.as_bytes(), dice)?;
        Self::parse(&text, path)
    }

    /// The identities of all keys, `seal/k1`, for logs.
    pub fn ids(&self) -> impl Iterator<Item = String> {
        let seal = self.seal.iter().map(|k| format!("seal/{}", k.id));
        seal.chain(self.audit.iter().map(|k| format!("audit/{}", k.id)))
    }

    pub(super) fn active_seal(&self) -> Option<&SealKey> {
        self.seal.first()
    }

    pub(super) fn seal_key(&self, id: &str) -> Option<&SealKey> {
        self.seal.iter().find(|k| k.id == id)
    }

    pub(super) fn audit_keys(&self) -> impl Iterator<Item = &hmac::Key> {
        self.audit.iter().map(|k| &k.key)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, RingFault> {
        let mut ring = Self { seal: Vec::new(), audit: Vec::new() };
        for (n, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            ring.add(line).map_err(|why| RingFault::Line { path: path.into(), line: n + 1, why })?;
        }
        if ring.seal.is_empty() {
            return Err(RingFault::NoKey(path.into(), "seal"));
        }
        if ring.audit.is_empty() {
            return Err(RingFault::NoKey(path.into(), "audit"));
        }
        Ok(ring)
    }

    fn add(&mut self, line: &str) -> Result<(), &'static str> {
        let mut parts = line.splitn(3, ':');
        let (Some(id), Some(purpose), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("expected id:purpose:base64");
        };
        if id.is_empty() || id.len() > 32 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err("an id has 1 to 32 letters and digits");
        }
        let bytes = Zeroizing::new(STANDARD.decode(key).map_err(|_| "the key is not base64")?);
        if bytes.len() != 32 {
            return Err("a key has 32 octets");
        }
        match purpose {
            "seal" if self.seal.iter().any(|k| k.id == id) => Err("this id stands twice"),
            "audit" if self.audit.iter().any(|k| k.id == id) => Err("this id stands twice"),
            "seal" => {
                let key =
                    RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| "the key cannot be used")?;
                self.seal.push(SealKey { id: id.to_owned(), key });
                Ok(())
            }
            "audit" => {
                self.audit
                    .push(AuditKey { id: id.to_owned(), key: hmac::Key::new(hmac::HMAC_SHA256, &bytes) });
                Ok(())
            }
            _ => Err("the purpose is seal or audit"),
        }
    }
}

#[cfg(unix)]
fn readable_by_others(path: &Path) -> Result<bool, RingFault> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta = fs::metadata(path).map_err(|e| RingFault::Io { path: path.into(), why: e.to_string() })?;
    Ok(meta.permissions().mode() & 0o077 != 0)
}

// Two processes that found an installation at once: the second one's key must
// not take the place of the first one's, which is in use already.
fn write_new(path: &Path, content: &[u8], dice: &Dice) -> Result<(), RingFault> {
    let fault = |e: std::io::Error| RingFault::Io { path: path.into(), why: e.to_string() };
    let temporary = path.with_extension(format!("new-{}", dice.reference()?));
    let written = write_private(&temporary, content).and_then(|()| fs::hard_link(&temporary, path));
    let _gone = fs::remove_file(&temporary);
    match written {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Err(fault(e)),
        // Not every file system has links.
        Err(_) => write_private(path, content).map_err(fault),
        Ok(()) => Ok(()),
    }?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(fault)
}

fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
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
}
