//! The store: whether it opens, whose key it has, how far its schema is,
//! whether it can be written and how much room is left.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use postern_core::model::finding::Finding;
use url::Url;

use super::files;
use crate::clock::Clock;
use crate::config::{Config, DatabaseKind};
use crate::dice::Dice;
use crate::net::fault::io_words;
use crate::net::lookup;
use crate::net::target::Target;
use crate::node::heartbeat::machine;
use crate::seal::{Ring, RingFault};
use crate::store::{Opening, Standing, Store, StoreError};

const LIMIT: Duration = Duration::from_secs(5);
/// Longest wait for the write lock.
const LOCK: Duration = Duration::from_secs(3);
/// Below this SQLite may fail in the middle of a day.
const ROOM: u64 = 256 * 1024 * 1024;

/// What was found, and the store when it can be worked with.
pub async fn look(config: &Config, clock: &Clock, dice: &Dice) -> (Vec<Finding>, Option<Store>) {
    let mut findings = Vec::new();
    if let Some(path) = config.database.sqlite_path() {
        findings.extend(room(&path));
        if !path.exists() {
            let seen = format!("there is no database at {}", path.display());
            findings.push(Finding::fault("store.open", seen, "run `postern setup`, or correct database.url"));
        }
    }
    let ring = Ring::load(&config.secrets.key_file, config.secrets.from_credentials);
    let whole = ring.is_ok();
    findings.extend(ring.as_ref().err().and_then(of_ring));
    if !files::may_open(config) {
        return (findings, None);
    }
    if let Some(finding) = away(config).await {
        findings.push(finding);
        return (findings, None);
    }
    let opening = Opening {
        url: config.database.url.reveal().to_owned(),
        // Without its keys the database can still tell how far it is.
        ring: Arc::new(ring.unwrap_or_else(|_| Ring::blank())),
        clock: clock.clone(),
        dice: dice.clone(),
        node: config.node.name.clone(),
    };
    let opened = tokio::time::timeout(LIMIT, Store::open(opening)).await;
    match opened.unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".to_owned()))) {
        Ok(store) => {
            let good = schema(&store, &mut findings).await && whole && usable(&store, &mut findings).await;
            if good {
                findings.push(home(config, &store).await);
                return (findings, Some(store));
            }
            close(&store).await;
        }
        Err(error) => findings.push(unopened(config, &error)),
    }
    (findings, None)
}

// That others can read the key file is told with the other files.
fn of_ring(fault: &RingFault) -> Option<Finding> {
    let remedy = match fault {
        RingFault::Open(_) => return None,
        RingFault::Missing(_) => {
            "restore it from your backup; for a new installation run `postern setup`; if it is lost for good, `postern key lost`"
        }
        RingFault::Io { .. } => "let the user that Postern runs as read it",
        RingFault::Line { .. } | RingFault::NoKey(..) => "restore the file from your backup",
        RingFault::Copy(_) | RingFault::NoFile => "set [secrets] key_file to a file that can be written",
        RingFault::NoRandomness(_) => "restart the machine: it gives no random numbers",
    };
    Some(Finding::fault("store.key", fault.to_string(), remedy))
}

fn unopened(config: &Config, error: &StoreError) -> Finding {
    let remedy = match config.database.kind {
        DatabaseKind::Sqlite => "let the user that Postern runs as read and write the file and its folder",
        DatabaseKind::Postgres => {
            "check that the server's pg_hba.conf lets this machine in, and the user, password, \
             database and sslmode in database.url"
        }
    };
    Finding::fault("store.open", format!("{}: {error}", config.database.shown()), remedy)
}

// Whom the driver would ask again and again until its own patience ends.
async fn away(config: &Config) -> Option<Finding> {
    let url = Url::parse(config.database.url.reveal()).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty() && !host.starts_with("%2F"))?;
    let by_socket = url.query_pairs().any(|(name, _)| name == "host");
    if config.database.kind != DatabaseKind::Postgres || by_socket {
        return None;
    }
    let target = Target { host: host.trim_matches(['[', ']']).to_owned(), port: url.port().unwrap_or(5432) };
    let why = match tokio::time::timeout(LIMIT, lookup::reaches(&target)).await {
        Ok(Ok(())) => return None,
        Ok(Err(error)) => io_words(&error).to_owned(),
        Err(_) => "no connection in time".to_owned(),
    };
    let seen = format!("the database server {target} cannot be reached: {why}");
    let remedy = "start the server; check its listen_addresses, the firewall, and the host in database.url";
    Some(Finding::fault("store.open", seen, remedy))
}

async fn schema(store: &Store, findings: &mut Vec<Finding>) -> bool {
    match store.pending().await {
        Ok(pending) if pending.missing == 0 => {
            findings.push(Finding::ok("store.schema", format!("schema {}", pending.applied)));
            true
        }
        Ok(pending) => {
            let seen = format!(
                "{} migration(s) are missing (schema {} of {})",
                pending.missing, pending.applied, pending.known
            );
            findings.push(Finding::fault(
                "store.schema",
                seen,
                "stop older nodes if any, then run `postern migrate`",
            ));
            false
        }
        Err(error @ StoreError::TooNew { .. }) => {
            findings.push(Finding::fault("store.schema", error.to_string(), "install the newer Postern"));
            false
        }
        Err(error) => {
            let remedy = "look at the database server's own log";
            findings.push(Finding::fault("store.schema", error.to_string(), remedy));
            false
        }
    }
}

// A copy of a database writes nothing by itself.
async fn home(config: &Config, store: &Store) -> Finding {
    let known = async {
        store.is_at(config.http.public_url.as_str(), &machine()).await?;
        store.standing().await
    };
    let remedy =
        "run `postern adopt` if this installation takes over; a copy for trying things out stays as it is";
    let held = "calendars, contacts and notices are held";
    match known.await {
        Ok(Standing::Here) => Finding::ok("store.home", "the database is at home here"),
        Ok(Standing::Restored) => {
            Finding::warning("store.home", format!("the database was restored: {held}"), remedy)
        }
        Ok(Standing::Elsewhere { before, now }) => {
            let seen = format!(
                "the database was served at {} ({}) before, and this is {} ({}): {held}",
                before.public_url, before.place, now.public_url, now.place
            );
            Finding::warning("store.home", seen, remedy)
        }
        Err(error) => {
            Finding::fault("store.home", error.to_string(), "look at the database server's own log")
        }
    }
}

async fn usable(store: &Store, findings: &mut Vec<Finding>) -> bool {
    if let Err(error) = store.ready().await {
        let remedy = "restore the key file that was made with this database from your backup; if it is lost for good, move this one away and run `postern key lost`";
        findings.push(Finding::fault("store.key", error.to_string(), remedy));
        return false;
    }
    findings.push(Finding::ok("store.key", "the key file opens this database"));
    let free = tokio::time::timeout(LOCK, store.writable()).await;
    let free =
        free.unwrap_or_else(|_| Err(StoreError::Unavailable(format!("locked for {} s", LOCK.as_secs()))));
    match free {
        Ok(()) => {
            findings.push(Finding::ok("store.write", "the database takes writes"));
            true
        }
        Err(error) => {
            let remedy = "end what holds the lock: a copy that is being made, a sqlite3 shell, a hung transaction; \
                          lsof names it";
            findings.push(Finding::fault("store.write", error.to_string(), remedy));
            false
        }
    }
}

/// Closes the store, or leaves it to the end of the process: a connection that
/// waits for a lock closes late.
pub async fn close(store: &Store) {
    let _late = tokio::time::timeout(Duration::from_secs(1), store.close()).await;
}

fn room(path: &Path) -> Option<Finding> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let disk = rustix::fs::statvfs(folder).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let seen = format!("{} MiB are free for {}", free / 1_048_576, path.display());
    Some(if free < ROOM {
        Finding::fault("store.disk", seen, "make room: what is received can otherwise not be stored")
    } else {
        Finding::ok("store.disk", seen)
    })
}
