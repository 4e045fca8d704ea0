//! Filling an empty database from a backup.
//!
//! The key comes from the backup, or stands in its place already; without the one that belongs to the
//! database nothing is left behind. What was revoked after the backup was made would live again, so
//! whoever restores says what becomes of the CRM tokens. The synchronisation is held until
//! [`adopt`](super::adopt).

use std::fs;
use std::path::{Path, PathBuf};

use postern_core::model::event::Event;

use super::backup::{About, BackupError, KEY, fault, private, synced};
use super::{By, Place};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::seal::{Ring, RingFault};
use crate::store::{Alone, NotAlone, Store, StoreError, dump, home};

/// What was brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The backup.
    pub about: About,
    /// The key file came with it.
    pub new_key: bool,
    /// CRM tokens that open nothing any more.
    pub revoked: u64,
}

/// Why nothing was brought back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The database is in use.
    #[error("{0} holds an installation already: move it away, or name another database in the configuration")]
    Occupied(String),
    /// It is of the other kind.
    #[error(
        "the backup is one of {backup}, and the configuration names {here}: a backup goes back into the kind of \
         database that it was made of"
    )]
    OtherKind {
        /// The backup's.
        backup: &'static str,
        /// The configuration's.
        here: &'static str,
    },
    /// Neither here nor in the backup.
    #[error("the backup was made without the key file, and {0} is missing: put the key file there first")]
    NoKey(PathBuf),
    /// Two keys, and they differ.
    #[error(
        "{0} is another key file than the one in the backup: move it away, and the one of the backup takes its \
         place"
    )]
    OtherKey(PathBuf),
    /// The service manager's folder cannot be written.
    #[error("the key file {0} is a credential of the service; set POSTERN__SECRETS__KEY_FILE to its source")]
    Guarded(PathBuf),
    /// Files.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The key ring.
    #[error(transparent)]
    Ring(#[from] RingFault),
    /// The SQLite file is served.
    #[error(transparent)]
    NotAlone(#[from] NotAlone),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where it goes.
#[derive(Debug, Clone, Copy)]
pub struct Destination<'a> {
    /// Database and key.
    pub place: Place<'a>,
    /// The SQLite file, if it is one.
    pub file: Option<&'a Path>,
    /// The database as it may be printed.
    pub shown: &'a str,
}

/// Fills the database; with `revoke` no CRM token that comes back opens anything.
///
/// # Errors
/// Then nothing is left of it.
pub async fn restore(
    into: &Destination<'_>,
    by: &By,
    (folder, revoke): (&Path, bool),
    (clock, dice): (&Clock, &Dice),
) -> Result<Restored, RestoreError> {
    let about = About::read(folder)?;
    let kind = |embedded| if embedded { "SQLite" } else { "PostgreSQL" };
    if about.embedded() != into.file.is_some() {
        let (backup, here) = (kind(about.embedded()), kind(into.file.is_some()));
        return Err(RestoreError::OtherKind { backup, here });
    }
    let _alone = into.file.map(Alone::take).transpose()?;
    vacant(into, clock, dice).await?;
    let new_key = key(into, folder, &about)?;
    let file = folder.join(&about.database);
    let filled = match into.file {
        Some(path) => copied(&file, path),
        None => dump::load(into.place.database_url.reveal(), &file).await.map_err(RestoreError::from),
    };
    let done = match filled {
        Ok(()) => settle(into, by, &about, revoke, (clock, dice)).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(revoked) => Ok(Restored { about, new_key, revoked }),
        Err(error) => {
            // What PostgreSQL was filled with stays, and no key that would seem to belong to it.
            if new_key {
                let _gone = fs::remove_file(into.place.key_file);
            }
            into.file.into_iter().for_each(swept);
            Err(error)
        }
    }
}

async fn vacant(into: &Destination<'_>, clock: &Clock, dice: &Dice) -> Result<(), RestoreError> {
    let occupied = || RestoreError::Occupied(into.shown.to_owned());
    if let Some(path) = into.file {
        return if path.exists() { Err(occupied()) } else { Ok(()) };
    }
    let store = into.place.open(Ring::blank(), clock, dice).await?;
    let applied = store.pending().await;
    store.close().await;
    if applied?.applied == 0 { Ok(()) } else { Err(occupied()) }
}

// Whether the one of the backup was put into its place.
fn key(into: &Destination<'_>, folder: &Path, about: &About) -> Result<bool, RestoreError> {
    let at = into.place.key_file;
    let read = |path: &Path| fs::read(path).map_err(|why| fault(path, why));
    match (about.with_key, at.exists()) {
        (false, false) => Err(RestoreError::NoKey(at.to_owned())),
        (false, true) => Ok(false),
        (true, true) if read(&folder.join(KEY))? == read(at)? => Ok(false),
        (true, true) => Err(RestoreError::OtherKey(at.to_owned())),
        (true, false) if into.place.guarded => Err(RestoreError::Guarded(at.to_owned())),
        (true, false) => {
            private(at, &read(&folder.join(KEY))?)?;
            Ok(true)
        }
    }
}

fn copied(from: &Path, to: &Path) -> Result<(), RestoreError> {
    let part = to.with_extension("part");
    let _older = fs::remove_file(&part);
    // The folder may be new, and nobody else may read what comes into it.
    private(&part, &[])?;
    fs::copy(from, &part).map_err(|why| fault(from, why))?;
    synced(&part)?;
    fs::rename(&part, to).map_err(|why| fault(to, why))?;
    Ok(())
}

fn swept(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _gone = fs::remove_file(PathBuf::from(name));
    }
}

async fn settle(
    into: &Destination<'_>,
    by: &By,
    about: &About,
    revoke: bool,
    (clock, dice): (&Clock, &Dice),
) -> Result<u64, RestoreError> {
    let store = into.place.open(into.place.ring()?, clock, dice).await?;
    let done = begin(&store, by, about, revoke).await;
    store.close().await;
    done
}

async fn begin(store: &Store, by: &By, about: &About, revoke: bool) -> Result<u64, RestoreError> {
    dump::whole(store).await?;
    store.migrate().await?;
    store.ready().await?;
    let mut act = by.open(store).await?;
    let revoked = home::restored(&mut act, revoke).await?;
    act.commit(Event::Restored { made_at: about.made_at.clone(), revoked }).await?;
    Ok(revoked)
}
