//! Founding an installation: key ring, schema, identity. Done again, it
//! changes nothing.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use postern_core::model::event::Event;

use super::{By, Place};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::seal::{Ring, RingFault};
use crate::store::{Store, StoreError, meta};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founded {
    /// Identity of the installation.
    pub installation: String,
    /// The key ring was made.
    pub new_key: bool,
    /// The database had no identity before.
    pub new_database: bool,
    /// Migrations that were applied.
    pub migrated: usize,
}

/// Why an installation was not founded.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The database belongs to a ring that is not here.
    #[error(
        "the database is in use already, but its key file {0} is missing: restore it from your backup. \
         A new key would open nothing of what is stored. Where it is lost for good, `postern key lost` says so"
    )]
    KeyMissing(PathBuf),
    /// The service manager's folder cannot be written.
    #[error("the key file {0} is missing in the credentials directory; add the credential to the service")]
    CredentialMissing(PathBuf),
    /// A folder or file could not be made.
    #[error("{path} cannot be written: {why}")]
    Io {
        /// What was to be written.
        path: PathBuf,
        /// The system's words.
        why: std::io::Error,
    },
    /// The key ring.
    #[error(transparent)]
    Ring(#[from] RingFault),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the key ring where there is none, migrates the database and ties both
/// together.
///
/// # Errors
/// When the database has content but its key file is missing; then no key file
/// is left behind.
pub async fn found(place: &Place<'_>, by: &By, clock: &Clock, dice: &Dice) -> Result<Founded, SetupError> {
    let (ring, new_key) = match forge(place, dice) {
        Ok(Some(ring)) => (ring, true),
        // It was there, or another process has just made it.
        Ok(None) => (place.ring()?, false),
        Err(_) if place.key_file.exists() => (place.ring()?, false),
        Err(error) => return Err(error),
    };
    match establish(place, ring, new_key, clock, dice).await {
        Ok((store, founded)) => {
            let told = tell(&store, by, &founded).await;
            store.close().await;
            told.map(|()| founded).map_err(SetupError::from)
        }
        Err(error) => {
            // A key that this database does not know would look like the right one later. After
            // another failure it may be in use already, by a process that found it meanwhile.
            let foreign = matches!(error, SetupError::KeyMissing(_) | SetupError::Store(StoreError::Seal(_)));
            if new_key && foreign {
                let _gone = fs::remove_file(place.key_file);
            }
            Err(error)
        }
    }
}

async fn establish(
    place: &Place<'_>,
    ring: Ring,
    new_key: bool,
    clock: &Clock,
    dice: &Dice,
) -> Result<(Store, Founded), SetupError> {
    let store = place.open(ring, clock, dice).await?;
    let before = store.pending().await?;
    if new_key && before.applied > 0 && meta::founded(&store).await? {
        store.close().await;
        return Err(SetupError::KeyMissing(place.key_file.to_owned()));
    }
    store.migrate().await?;
    let (installation, new_database) = meta::found(&store).await?;
    // After it, because another process may have founded it with its own key.
    store.ready().await?;
    Ok((store, Founded { installation, new_key, new_database, migrated: before.missing }))
}

async fn tell(store: &Store, by: &By, founded: &Founded) -> Result<(), StoreError> {
    if !founded.new_database {
        return Ok(());
    }
    let act = by.open(store).await?;
    act.commit(Event::InstallationSetUp { installation: founded.installation.clone() }).await
}

/// Makes the key ring; none when there is a key file.
pub(super) fn forge(place: &Place<'_>, dice: &Dice) -> Result<Option<Ring>, SetupError> {
    if place.key_file.exists() {
        return Ok(None);
    }
    if place.guarded {
        return Err(SetupError::CredentialMissing(place.key_file.to_owned()));
    }
    folder_for(place.key_file)?;
    Ok(Some(Ring::create(place.key_file, dice)?))
}

/// Writes a file that must not exist, for its owner only.
///
/// # Errors
/// When it exists or cannot be written.
pub fn write_new(path: &Path, text: &str) -> Result<(), SetupError> {
    let fault = |why| SetupError::Io { path: path.to_owned(), why };
    folder_for(path)?;
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(fault)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fault)
}

fn folder_for(path: &Path) -> Result<(), SetupError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    let fault = |why| SetupError::Io { path: folder.to_owned(), why };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(fault)
}
