//! Filling an empty database from a backup.
//!
//! The key comes from the backup, or stands in its place already; it has to belong to the database.
//! What was revoked after the backup was made would live again, so whoever restores says what becomes
//! of CRM tokens and API keys. The synchronisation is held until [`adopt`](super::adopt).
//!
//! The first that is done with what was filled is to hold and revoke. An SQLite file comes into its
//! place after that, so a restore that is cut off leaves none that works; PostgreSQL is filled at once.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use postern_core::model::event::Event;
use postern_core::model::secret::Secret;

use super::backup::{About, BackupError, KEY, fault, private, synced};
use super::{By, Place};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::seal::{Ring, RingFault};
use crate::store::home::Revoked;
use crate::store::{Alone, NotAlone, Store, StoreError, dump, home};

/// What was brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The backup.
    pub about: About,
    /// The key file came with it.
    pub new_key: bool,
    /// What opens nothing any more.
    pub revoked: Revoked,
}

/// Why nothing was brought back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The database is in use.
    #[error(
        "{0} holds an installation already, or files of one: move it away with its -wal, -shm and -journal files, \
         or name another database in the configuration. A PostgreSQL database is dropped and created anew"
    )]
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

/// Fills the database; with `revoke` no CRM token and no API key that comes back opens anything.
///
/// # Errors
/// Then SQLite is as it was. A PostgreSQL database that was filled already stays so, held.
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
    let key = key(into, folder, &about)?;
    let filling = Filling { into, key: &key, about: &about, revoke };
    // What is filled without a key to open it would stand there unheld.
    filling.place(into.place.database_url).ring()?;
    let file = folder.join(&about.database);
    let revoked = match into.file {
        Some(path) => {
            let part = beside(path, ".restoring");
            let done = filling.aside(by, (&file, &part), (clock, dice)).await;
            let done = done.and_then(|revoked| {
                placed(&key, into.place.key_file)?;
                fs::rename(&part, path).map_err(|why| fault(path, why))?;
                Ok(revoked)
            });
            swept(&part);
            done?
        }
        None => {
            let url = into.place.database_url;
            dump::load(url.reveal(), &file).await?;
            let revoked = filling.settle(by, url, (clock, dice)).await?;
            placed(&key, into.place.key_file)?;
            revoked
        }
    };
    Ok(Restored { about, new_key: matches!(key, Key::Brought(_)), revoked })
}

async fn vacant(into: &Destination<'_>, clock: &Clock, dice: &Dice) -> Result<(), RestoreError> {
    let occupied = || RestoreError::Occupied(into.shown.to_owned());
    if let Some(path) = into.file {
        // A log that is left beside it would be written into the file that comes.
        let any = OF_SQLITE.into_iter().any(|suffix| beside(path, suffix).exists());
        return if any { Err(occupied()) } else { Ok(()) };
    }
    let store = into.place.open(Ring::blank(), clock, dice).await?;
    let applied = store.pending().await;
    store.close().await;
    if applied?.applied == 0 { Ok(()) } else { Err(occupied()) }
}

/// The key file that the database is to be opened with.
enum Key {
    /// It stands in its place.
    Here(PathBuf),
    /// It is part of the backup.
    Brought(PathBuf),
}

fn key(into: &Destination<'_>, folder: &Path, about: &About) -> Result<Key, RestoreError> {
    let (at, brought) = (into.place.key_file, folder.join(KEY));
    let read = |path: &Path| fs::read(path).map_err(|why| fault(path, why));
    match (about.with_key, at.exists()) {
        (false, false) => Err(RestoreError::NoKey(at.to_owned())),
        (false, true) => Ok(Key::Here(at.to_owned())),
        (true, true) if read(&brought)? == read(at)? => Ok(Key::Here(at.to_owned())),
        (true, true) => Err(RestoreError::OtherKey(at.to_owned())),
        (true, false) if into.place.guarded => Err(RestoreError::Guarded(at.to_owned())),
        (true, false) => Ok(Key::Brought(brought)),
    }
}

// Before the database, which is of no use without it.
fn placed(key: &Key, at: &Path) -> Result<(), RestoreError> {
    let Key::Brought(from) = key else { return Ok(()) };
    let content = fs::read(from).map_err(|why| fault(from, why))?;
    let part = beside(at, ".restoring");
    let _older = fs::remove_file(&part);
    private(&part, &content)?;
    fs::rename(&part, at).map_err(|why| fault(at, why))?;
    Ok(())
}

struct Filling<'a> {
    into: &'a Destination<'a>,
    key: &'a Key,
    about: &'a About,
    revoke: bool,
}

impl Filling<'_> {
    async fn aside(
        &self,
        by: &By,
        (from, part): (&Path, &Path),
        tools: (&Clock, &Dice),
    ) -> Result<Revoked, RestoreError> {
        swept(part);
        let mut source = fs::File::open(from).map_err(|why| fault(from, why))?;
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(part)
            .map_err(|why| fault(part, why))?;
        io::copy(&mut source, &mut file).map_err(|why| fault(part, why))?;
        drop(file);
        let url = Secret::new(format!("sqlite://{}", part.display()));
        let revoked = self.settle(by, &url, tools).await?;
        synced(part)?;
        Ok(revoked)
    }

    fn place<'a>(&'a self, url: &'a Secret) -> Place<'a> {
        let (key_file, guarded) = match self.key {
            Key::Here(path) => (path, self.into.place.guarded),
            Key::Brought(path) => (path, false),
        };
        Place { database_url: url, key_file, guarded, ..self.into.place }
    }

    async fn settle(
        &self,
        by: &By,
        url: &Secret,
        (clock, dice): (&Clock, &Dice),
    ) -> Result<Revoked, RestoreError> {
        let place = self.place(url);
        let store = place.open(place.ring()?, clock, dice).await?;
        let done = self.begin(&store, by).await;
        store.close().await;
        done
    }

    async fn begin(&self, store: &Store, by: &By) -> Result<Revoked, RestoreError> {
        dump::whole(store).await?;
        let revoked = home::restored(store, self.revoke).await?;
        store.migrate().await?;
        store.ready().await?;
        let (made_at, Revoked { tokens, api_keys }) = (self.about.made_at.clone(), revoked);
        by.open(store).await?.commit(Event::Restored { made_at, tokens, api_keys }).await?;
        Ok(revoked)
    }
}

/// What an SQLite database is made of.
const OF_SQLITE: [&str; 4] = ["", "-wal", "-shm", "-journal"];

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

// Nothing but what a restore has put there.
fn swept(part: &Path) {
    for suffix in OF_SQLITE {
        let _gone = fs::remove_file(beside(part, suffix));
    }
}
