//! One `serve` for one SQLite file.
//!
//! A lock of the operating system on a file beside the database, held as long
//! as [`Alone`] lives. It ends with its process, however that ends, so nothing
//! has to be cleaned up after a crash. The file itself stays.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::error::StoreError;
use super::open::private_file;

/// Why this process may not serve.
#[derive(Debug, thiserror::Error)]
pub enum NotAlone {
    /// Another process serves.
    #[error(
        "another `postern serve`{} runs on {}; one SQLite file is served by one process: stop that one first, \
         or move to PostgreSQL, which serves any number",
        .process.as_deref().map(|id| format!(" (process {id})")).unwrap_or_default(), .database.display()
    )]
    Served {
        /// The database.
        database: PathBuf,
        /// Its process id, where it could be read.
        process: Option<String>,
    },
    /// The lock cannot be taken, and nobody knows who else serves.
    #[error("{} cannot be locked: {why}; without that lock two processes could serve one database", .file.display())]
    NoLock {
        /// The lock's file.
        file: PathBuf,
        /// The system's words.
        why: std::io::Error,
    },
    /// The folder or the file cannot be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The right to serve an SQLite file, until it is dropped.
#[derive(Debug)]
pub struct Alone {
    _lock: File,
}

impl Alone {
    /// Takes the right to serve the database at `path`, which need not exist.
    ///
    /// # Errors
    /// When another process has it.
    pub fn take(path: &Path) -> Result<Self, NotAlone> {
        let file = lock_file(path);
        private_file(&file)?;
        let fault = |why| NotAlone::NoLock { file: file.clone(), why };
        let mut lock = OpenOptions::new().read(true).write(true).open(&file).map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(NotAlone::Served { database: path.to_owned(), process: process(&mut lock) });
            }
            Err(TryLockError::Error(why)) => return Err(fault(why)),
        }
        // Only for the words of a refusal.
        let _told = lock.set_len(0).and_then(|()| lock.rewind());
        let _told = writeln!(lock, "{}", std::process::id());
        Ok(Self { _lock: lock })
    }
}

// One file has one lock, by whatever path it is reached.
fn lock_file(path: &Path) -> PathBuf {
    let mut real = path.canonicalize().unwrap_or_else(|_| {
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        path.file_name().map_or_else(|| path.to_owned(), |name| folder.join(name))
    });
    real.as_mut_os_string().push(".lock");
    real
}

fn process(lock: &mut File) -> Option<String> {
    let mut text = String::new();
    lock.take(20).read_to_string(&mut text).ok()?;
    let id = text.trim();
    (!id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Alone, NotAlone};
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn one_at_a_time_by_whatever_path() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data/postern.db");
        let first = Alone::take(&path).unwrap();
        let id = std::process::id().to_string();
        let refused = Alone::take(&path).unwrap_err();
        assert!(
            matches!(&refused, NotAlone::Served { process: Some(process), .. } if *process == id),
            "{refused:?}"
        );
        assert!(refused.to_string().contains("postern.db") && refused.to_string().contains(&id));

        std::fs::write(&path, "").unwrap();
        let (other, folder) = (dir.path().join("other.db"), dir.path().join("folder"));
        symlink(&path, &other).unwrap();
        symlink(dir.path().join("data"), &folder).unwrap();
        for way in [other, folder.join("postern.db")] {
            assert!(matches!(Alone::take(&way), Err(NotAlone::Served { .. })), "{}", way.display());
        }
        assert!(Alone::take(&dir.path().join("data/another.db")).is_ok());

        drop(first);
        let _again = Alone::take(&path).unwrap();
        let lock = std::fs::metadata(dir.path().join("data/postern.db.lock")).unwrap();
        assert_eq!(lock.permissions().mode() & 0o777, 0o600);
    }
}
