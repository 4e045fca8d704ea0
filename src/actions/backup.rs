//! A backup: the whole database in one file, what it is, and the key file where that is wanted.
//!
//! It is made while the gateway serves, and is consistent. Without the key file whoever finds it reads
//! no secret: keep the key apart from it.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use postern_core::model::event::Event;
use serde::{Deserialize, Serialize};

use super::{By, Place};
use crate::clock::written;
use crate::store::{Store, StoreError, meta};

/// What is in the folder.
pub const ABOUT: &str = "backup.json";
/// The key file, where it is part of it.
pub const KEY: &str = "postern.key";
/// The database.
const SQLITE: &str = "postern.db";
const POSTGRES: &str = "postern.dump";

/// What a backup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The version that made it.
    pub version: String,
    /// The schema of its database.
    pub schema: i64,
    /// The installation.
    pub installation: String,
    /// When it was begun.
    pub made_at: String,
    /// The file of the database beside it.
    pub database: String,
    /// Whether the key file is part of it.
    pub with_key: bool,
}

impl About {
    /// Whether it is a copy of an SQLite file.
    #[must_use]
    pub fn embedded(&self) -> bool {
        self.database == SQLITE
    }

    /// What is in a folder.
    ///
    /// # Errors
    /// When it is no backup.
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(ABOUT);
        let text = fs::read_to_string(&path).map_err(|why| fault(&path, why))?;
        let about: Self =
            serde_json::from_str(&text).map_err(|_| BackupError::NoBackup(folder.to_owned()))?;
        let known = [SQLITE, POSTGRES].contains(&about.database.as_str());
        // It is shown at a terminal.
        let plain = about.made_at.chars().all(|c| c.is_ascii_graphic());
        if known && plain { Ok(about) } else { Err(BackupError::NoBackup(folder.to_owned())) }
    }
}

/// Why there is no backup, or nothing can be made of one.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder is in use.
    #[error("{0} is not empty: name a new folder for each backup")]
    Occupied(PathBuf),
    /// A file or folder.
    #[error("{}: {why}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// The system's words.
        why: io::Error,
    },
    /// The folder holds something else.
    #[error("{} holds no backup that `postern backup` has made", .0.display())]
    NoBackup(PathBuf),
    /// There is nothing to save.
    #[error("the database holds no installation: run `postern setup`")]
    Empty,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(super) fn fault(path: &Path, why: io::Error) -> BackupError {
    BackupError::Io { path: path.to_owned(), why }
}

/// Makes one in a folder that is new or empty.
///
/// # Errors
/// Then what was written of it is removed.
pub async fn backup(
    store: &Store,
    place: &Place<'_>,
    by: &By,
    (folder, with_key): (&Path, bool),
) -> Result<About, BackupError> {
    empty(folder)?;
    let made = fill(store, place, by, (folder, with_key)).await;
    if made.is_err() {
        for name in [ABOUT, KEY, SQLITE, POSTGRES] {
            let _gone = fs::remove_file(folder.join(name));
        }
    }
    made
}

fn empty(folder: &Path) -> Result<(), BackupError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|why| fault(folder, why))?;
    let mut within = fs::read_dir(folder).map_err(|why| fault(folder, why))?;
    if within.next().is_some() { Err(BackupError::Occupied(folder.to_owned())) } else { Ok(()) }
}

async fn fill(
    store: &Store,
    place: &Place<'_>,
    by: &By,
    (folder, with_key): (&Path, bool),
) -> Result<About, BackupError> {
    let installation = meta::get(&mut store.read().await?, meta::INSTALLATION).await?;
    let about = About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema: store.pending().await?.applied,
        installation: installation.ok_or(BackupError::Empty)?,
        made_at: written(store.clock().now()),
        database: if store.embedded() { SQLITE } else { POSTGRES }.to_owned(),
        with_key,
    };
    // The row is part of what is saved.
    let act = by.open(store).await?;
    act.commit(Event::BackupMade { with_key }).await?;
    let file = folder.join(&about.database);
    store.dump(place.database_url.reveal(), &file).await?;
    synced(&file)?;
    if with_key {
        let key = fs::read(place.key_file).map_err(|why| fault(place.key_file, why))?;
        private(&folder.join(KEY), &key)?;
    }
    // Last, so that what was cut off is no backup.
    let text = serde_json::to_vec_pretty(&about).map_err(|why| fault(folder, io::Error::other(why)))?;
    private(&folder.join(ABOUT), &text)?;
    synced(folder)?;
    // Only what is whole counts as one.
    meta::backed_up(store).await?;
    Ok(about)
}

/// Writes a file that must not exist, for its owner only, and durably.
pub(super) fn private(path: &Path, content: &[u8]) -> Result<(), BackupError> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(|why| fault(path, why))?;
    let done = io::Write::write_all(&mut file, content).and_then(|()| file.sync_all());
    done.map_err(|why| fault(path, why))
}

pub(super) fn synced(path: &Path) -> Result<(), BackupError> {
    fs::File::open(path).and_then(|file| file.sync_all()).map_err(|why| fault(path, why))
}
