//! The key file: read whole, never rewritten in place.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::held::Held;
use super::ring::{Pair, RingFault};
use crate::dice::Dice;

/// Where the keys are.
pub(super) struct KeyFile {
    path: PathBuf,
    guarded: bool,
}

/// What tells a changed file from the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: (u64, u64),
    size: u64,
    changed: (i64, i64),
    mode: u32,
}

impl KeyFile {
    pub(super) fn new(path: &Path, guarded: bool) -> Self {
        Self { path: path.to_owned(), guarded }
    }

    pub(super) fn stamp(&self) -> Result<Stamp, RingFault> {
        let meta = fs::metadata(&self.path).map_err(|e| self.fault(&e))?;
        Ok(Stamp {
            inode: (meta.dev(), meta.ino()),
            size: meta.size(),
            changed: (meta.ctime(), meta.ctime_nsec()),
            mode: meta.permissions().mode(),
        })
    }

    pub(super) fn read(&self) -> Result<(Held, Stamp), RingFault> {
        // Asked first: a file that changes meanwhile is read again.
        let stamp = self.stamp()?;
        if !self.guarded && stamp.mode & 0o077 != 0 {
            return Err(RingFault::Open(self.path.clone()));
        }
        Ok((Held::parse(&self.text()?, &self.path)?, stamp))
    }

    /// Writes a file with one key of each purpose, which must not exist.
    pub(super) fn create(path: &Path, dice: &Dice) -> Result<(), RingFault> {
        let mut text = Zeroizing::new(String::from(
            "# Postern's keys. Without this file the database opens nothing: back it up apart from the database.\n",
        ));
        for purpose in ["seal", "audit"] {
            text.push_str(&line("k1", purpose, dice)?);
        }
        write_new(path, text.as_bytes(), dice)
    }

    /// Adds a key of each purpose unless newer ones than `active` stand there.
    pub(super) fn extend(&self, active: &Pair, dice: &Dice) -> Result<Pair, RingFault> {
        // A link to the file stays a link.
        let path = fs::canonicalize(&self.path).map_err(|e| self.fault(&e))?;
        let folder = folder_of(&path)?;
        // Of two that add at once the second must see what the first has added.
        folder.lock().map_err(|e| self.fault(&e))?;
        let (held, _) = self.read()?;
        if let Some(last) = held.last().filter(|last| last.seal != active.seal && last.audit != active.audit)
        {
            return Ok(last);
        }
        if self.guarded {
            return Err(RingFault::Copy(self.path.clone()));
        }
        let id = format!("k{}{}", held.ids().len() / 2 + 1, dice.reference()?);
        let mut text = self.text()?;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        for purpose in ["seal", "audit"] {
            text.push_str(&line(&id, purpose, dice)?);
        }
        replace(&path, text.as_bytes(), dice)?;
        folder.sync_all().map_err(|e| self.fault(&e))?;
        Ok(Pair { seal: id.clone(), audit: id })
    }

    fn text(&self) -> Result<Zeroizing<String>, RingFault> {
        fs::read_to_string(&self.path).map(Zeroizing::new).map_err(|e| self.fault(&e))
    }

    fn fault(&self, error: &std::io::Error) -> RingFault {
        if error.kind() == std::io::ErrorKind::NotFound {
            return RingFault::Missing(self.path.clone());
        }
        io_fault(&self.path, error)
    }
}

fn line(id: &str, purpose: &str, dice: &Dice) -> Result<Zeroizing<String>, RingFault> {
    let key = Zeroizing::new(dice.bytes::<32>()?);
    let text = Zeroizing::new(STANDARD.encode(key.as_slice()));
    Ok(Zeroizing::new(format!("{id}:{purpose}:{}\n", text.as_str())))
}

fn io_fault(path: &Path, error: &std::io::Error) -> RingFault {
    RingFault::Io { path: path.into(), why: error.to_string() }
}

fn folder_of(path: &Path) -> Result<fs::File, RingFault> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).map_err(|e| io_fault(path, &e))
}

// A run as root must not take the file from the user that the service runs as.
fn replace(path: &Path, content: &[u8], dice: &Dice) -> Result<(), RingFault> {
    let temporary = path.with_extension(format!("new-{}", dice.reference()?));
    let written = fs::metadata(path).and_then(|was| {
        write_private(&temporary, content)?;
        let ours = fs::metadata(&temporary)?;
        if (ours.uid(), ours.gid()) != (was.uid(), was.gid()) {
            std::os::unix::fs::chown(&temporary, Some(was.uid()), Some(was.gid()))?;
        }
        fs::set_permissions(&temporary, was.permissions())?;
        fs::rename(&temporary, path)
    });
    written.map_err(|e| {
        let _gone = fs::remove_file(&temporary);
        io_fault(path, &e)
    })
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
    folder_of(path)?.sync_all().map_err(fault)
}

fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
