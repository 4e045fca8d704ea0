//! Going on after the key file is lost for good.
//!
//! What it sealed opens never again. A new key ring is made, everything sealed is removed, and every
//! account that was connected has to be connected anew; accounts, choices, links and CRM tokens stay.
//! It is refused while the key file is there and fits, and while anything serves on the database.
//!
//! The new key file stands before the database knows of it: cut off in between, it fits nothing, and
//! the next run says so. The chains of the journal begin anew behind their last rows, which nobody can
//! check any more.

use std::fs;
use std::path::PathBuf;

use postern_core::model::account::{Happening, State};
use postern_core::model::event::Event;

use super::setup::{SetupError, forge};
use super::{By, Place};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::seal::Pair;
use crate::seal::chain::Beginning;
use crate::store::lost::{Lost, forget};
use crate::store::{
    Act, Alone, NotAlone, Store, StoreError, Write as _, accounts, audit, audit_checkpoints, keys, meta,
    nodes,
};

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLost {
    /// Accounts that have to be connected anew.
    pub accounts: usize,
    /// What else has to be entered anew.
    pub lost: Lost,
    /// Rows of the journal that nobody can check any more.
    pub rows: i64,
}

/// Why the key is not given up.
#[derive(Debug, thiserror::Error)]
pub enum LostError {
    /// It is there.
    #[error("the key file {0} opens this database: nothing is lost")]
    NotLost(PathBuf),
    /// Another one is there.
    #[error(
        "the key file {0} does not belong to this database. Restore the right one from your backup; only if it \
         is lost for good, move this one away and run the command again"
    )]
    Foreign(PathBuf),
    /// There is nothing to go on with.
    #[error("the database holds no installation: run `postern setup`")]
    Empty,
    /// The database is served.
    #[error(
        "{} still running: stop every `postern serve` first. A node that was killed counts as running for a minute",
        running(.0)
    )]
    Served(Vec<String>),
    /// The SQLite file is served.
    #[error(transparent)]
    NotAlone(#[from] NotAlone),
    /// The key file cannot be made.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn running(nodes: &[String]) -> String {
    format!("{} {}", nodes.join(", "), if nodes.len() == 1 { "is" } else { "are" })
}

/// Whether the key may be given up, before anybody is asked for a word about it.
///
/// # Errors
/// Says why not, and what to do instead.
pub fn missing(place: &Place<'_>) -> Result<(), LostError> {
    if place.key_file.exists() { Err(LostError::Foreign(place.key_file.to_owned())) } else { Ok(()) }
}

/// Makes a new key ring and forgets everything that was sealed. `file` is the SQLite file.
///
/// # Errors
/// Then nothing has changed. Where the database has not said so, the new key file stays: it may be the one
/// that the database knows by now.
pub async fn give_up(
    place: &Place<'_>,
    file: Option<&PathBuf>,
    by: &By,
    (clock, dice): (&Clock, &Dice),
) -> Result<KeyLost, LostError> {
    let _alone = file.map(|file| Alone::take(file)).transpose()?;
    let Some(ring) = forge(place, dice)? else { return Err(fits(place, clock, dice).await) };
    let store = match place.open(ring, clock, dice).await {
        Ok(store) => store,
        Err(error) => {
            let _gone = fs::remove_file(place.key_file);
            return Err(error.into());
        }
    };
    let done = begin_anew(&store, by).await;
    store.close().await;
    // A commit without an answer may have happened: then the file is the only key.
    let untouched = matches!(&done, Err(LostError::Empty | LostError::Served(_)));
    if untouched {
        let _gone = fs::remove_file(place.key_file);
    }
    done
}

// Whether the key file that is there fits.
async fn fits(place: &Place<'_>, clock: &Clock, dice: &Dice) -> LostError {
    let path = place.key_file.to_owned();
    let Ok(ring) = place.ring() else { return LostError::Foreign(path) };
    match place.open(ring, clock, dice).await {
        Ok(store) => {
            let ready = store.ready().await;
            store.close().await;
            match ready {
                Err(StoreError::Seal(_)) => LostError::Foreign(path),
                Ok(()) | Err(StoreError::NotMigrated(_)) => LostError::NotLost(path),
                Err(error) => error.into(),
            }
        }
        Err(error) => error.into(),
    }
}

async fn begin_anew(store: &Store, by: &By) -> Result<KeyLost, LostError> {
    if store.pending().await?.applied == 0 || !meta::founded(store).await? {
        return Err(LostError::Empty);
    }
    let nodes = nodes::all(&mut store.read().await?).await?;
    let alive: Vec<_> = nodes.into_iter().filter(nodes::Node::lives).map(|node| node.card.name).collect();
    if !store.embedded() && !alive.is_empty() {
        return Err(LostError::Served(alive));
    }
    store.migrate().await?;
    let first = store.ring().first().ok_or_else(|| StoreError::Seal("the key ring is empty".to_owned()))?;
    let mut act = by.open(store).await?;
    keys::activate(&mut act, &first).await?;
    keys::end(&mut act).await?;
    let rows = new_chains(&mut act).await?;
    let lost = forget(&mut act).await?;
    let accounts = disconnect_all(&mut act).await?;
    let Pair { seal, audit } = first;
    act.commit(Event::KeysLost { seal, audit, accounts }).await?;
    Ok(KeyLost { accounts, lost, rows })
}

async fn new_chains(act: &mut Act) -> Result<i64, StoreError> {
    let (mut rows, now) = (0, act.store().clock().now());
    for head in audit::heads(act).await?.into_iter().filter(|head| head.seq > 0) {
        rows += audit_checkpoints::rows(act, &head.node).await?;
        let beginning = Beginning { node: &head.node, seq: head.seq, mac: &head.mac, at: now };
        audit_checkpoints::vouch(act, &beginning).await?;
    }
    Ok(rows)
}

// One that was never connected, is switched off or waits for an admin, stays so.
async fn disconnect_all(act: &mut Act) -> Result<usize, StoreError> {
    let mut count = 0;
    for account in accounts::all(act).await? {
        if let Some(state) = account.state.after(Happening::GrantRefused) {
            accounts::set_state(act, account.id, state).await?;
            act.also(Event::StateChanged {
                account: account.id,
                address: account.address,
                from: account.state,
                to: state,
                why: "key_lost",
            });
        }
        count +=
            usize::from(!matches!(account.state, State::New | State::Disabled | State::AwaitingApproval));
    }
    Ok(count)
}
