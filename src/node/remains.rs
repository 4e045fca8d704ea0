//! What a process that died has left on this machine under the name of this node.
//!
//! A node holds a lock of the operating system on a file while it lives, and the file says who it is.
//! Whoever gets the lock knows that the process named there is dead, and need not wait until it has been
//! silent for a minute; only for two beats, since all this also stands on a copy of the whole machine.
//!
//! It saves time and nothing else: where the file cannot be written, the minute is waited for.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Longest incarnation that is read, in octets.
const LONGEST: u64 = 128;

/// The lock, until it is dropped, and who had it.
#[derive(Debug)]
pub struct Remains {
    file: File,
    dead: String,
}

impl Remains {
    /// Takes the lock of the node in `folder`; none when another process has it, or nothing can be
    /// written there.
    #[must_use]
    pub fn take(folder: &Path, node: &str) -> Option<Self> {
        let path = folder.join(format!("node-{node}.lock"));
        let taken = || {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(&path)?;
            file.try_lock()?;
            let mut dead = Vec::new();
            (&mut file).take(LONGEST).read_to_end(&mut dead)?;
            let dead = String::from_utf8_lossy(&dead).trim_end().to_owned();
            std::io::Result::Ok(Self { file, dead })
        };
        taken()
            .inspect_err(|error| {
                tracing::debug!(path = %path.display(), %error, "nobody will know on this machine when this node dies");
            })
            .ok()
    }

    /// The incarnation of the process that had it; empty where nobody had.
    #[must_use]
    pub fn dead(&self) -> &str {
        &self.dead
    }

    /// Writes down that this process is that one.
    pub fn sign(&mut self, incarnation: &str) {
        let signed = self
            .file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .and_then(|()| writeln!(self.file, "{incarnation}"));
        if let Err(error) = signed {
            tracing::debug!(%error, "nobody will know on this machine when this node dies");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Remains;

    #[test]
    fn who_gets_the_lock_knows_who_had_it() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = Remains::take(dir.path(), "main").unwrap();
        assert_eq!(first.dead(), "");
        first.sign("one");
        assert!(Remains::take(dir.path(), "main").is_none(), "it lives");
        assert!(Remains::take(dir.path(), "other").is_some());
        drop(first);
        let mut second = Remains::take(dir.path(), "main").unwrap();
        assert_eq!(second.dead(), "one");
        second.sign("2");
        drop(second);
        assert_eq!(Remains::take(dir.path(), "main").unwrap().dead(), "2");
    }

    #[test]
    fn what_others_wrote_there_is_not_read_without_end() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("node-main.lock"), "x".repeat(1_000_000)).unwrap();
        assert!(Remains::take(dir.path(), "main").unwrap().dead().len() < 1_000);
        std::fs::write(dir.path().join("node-main.lock"), [0xff, 0xfe]).unwrap();
        let mut unreadable = Remains::take(dir.path(), "main").unwrap();
        unreadable.sign("one");
        drop(unreadable);
        assert_eq!(Remains::take(dir.path(), "main").unwrap().dead(), "one");
        assert!(Remains::take(&dir.path().join("not/there"), "main").is_none());
    }
}
