//! Rotating the keys: add, wait, activate, seal anew, report.
//!
//! - The new keys are added to the key file of this machine; the files of other
//!   nodes are the admin's to copy. Nothing uses a key before every node that
//!   lives says that it has it.
//! - The activation is one act: from its commit on every process seals and
//!   chains with the new keys.
//! - Each step can be cut off anywhere; the next run goes on where it stands:
//!   keys in the file that are not active, a row that says where a rotation
//!   goes, values that are not sealed anew.
//! - No key is ever removed: the report says which are needed no more.

use std::collections::BTreeMap;
use std::time::Duration;

use postern_core::model::event::Event;
use tokio::time::{Instant, sleep};

use super::By;
use crate::seal::chain::START;
use crate::seal::{Pair, RingFault};
use crate::store::audit::chain;
use crate::store::reseal::{self, Progress};
use crate::store::{Source, Store, StoreError, audit_checkpoints, keys, nodes};

const LOOK: Duration = Duration::from_millis(500);
// Between two pages, so that logins get the database's one writer too.
const PAUSE: Duration = Duration::from_millis(5);

/// What a rotation has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// The keys that seal and chain now.
    pub active: Pair,
    /// Values that this run sealed anew.
    pub values: u64,
    /// Values that open with no key of the ring.
    pub broken: u64,
    /// Keys that nothing needs any more, as `seal/k1`.
    pub unused: Vec<String>,
    /// Other keys, and what still needs them.
    pub needed: Vec<(String, &'static str)>,
}

/// What a rotation is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// New keys stand in the key file.
    Added(Pair),
    /// An earlier run was cut off; this one goes on to these keys.
    Resumed(Pair),
    /// These nodes have not read the new keys yet.
    Waiting(Vec<String>),
    /// The new keys are in use everywhere.
    Activated,
    /// So many values are sealed anew.
    Sealed(u64),
}

/// Why a rotation has not ended.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// Nodes lack the keys.
    #[error(
        "{} not read the new keys: copy this machine's key file over theirs (they read it again by themselves), \
         then run this command again; it goes on where it stands and nothing uses the new keys before",
        lacking(.0)
    )]
    Waiting(Vec<String>),
    /// The rotation that is under way goes to keys that are not here.
    #[error(
        "a rotation to {} is under way, and this machine's key file lacks that key: copy the key file of the \
         machine where it was begun, then run this command again",
        .0.names().join(" and ")
    )]
    Elsewhere(Pair),
    /// The key file.
    #[error(transparent)]
    Ring(#[from] RingFault),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn lacking(nodes: &[String]) -> String {
    let verb = if nodes.len() == 1 { "has" } else { "have" };
    format!("{} {verb}", nodes.join(", "))
}

/// Rotates both keys, or goes on with a rotation that was cut off. Waits at
/// most `patience` for the other nodes.
///
/// # Errors
/// Says what to do; run again, it goes on.
pub async fn rotate(
    store: &Store,
    by: &By,
    patience: Duration,
    mut told: impl FnMut(Step),
) -> Result<Rotated, RotateError> {
    store.ring().renew()?;
    let to = target(store, &mut told).await?;
    if keys::active(store, &mut store.read().await?).await? != to {
        bring_in(store, by, &to, patience, &mut told).await?;
    }
    told(Step::Activated);
    let sealed = seal_anew(store, &mut told).await?;
    finish(store, by, &to, &sealed).await?;
    report(store, to, &sealed).await
}

/// The keys to go to; from here on every run goes there.
async fn target(store: &Store, told: &mut impl FnMut(Step)) -> Result<Pair, RotateError> {
    let mut read = store.read().await?;
    let under_way = keys::rotation(&mut read).await?;
    let active = keys::active(store, &mut read).await?;
    drop(read);
    if let Some(to) = under_way {
        if !store.ring().has(&to) {
            return Err(RotateError::Elsewhere(to));
        }
        told(Step::Resumed(to.clone()));
        return Ok(to);
    }
    let ours = store.ring().extend(&active, store.dice())?;
    let mut batch = store.batch().await?;
    let to = keys::begin(&mut batch, &ours).await?;
    batch.commit().await?;
    if !store.ring().has(&to) {
        return Err(RotateError::Elsewhere(to));
    }
    told(Step::Added(to.clone()));
    Ok(to)
}

/// Waits until every node has the keys, then activates them.
async fn bring_in(
    store: &Store,
    by: &By,
    to: &Pair,
    patience: Duration,
    told: &mut impl FnMut(Step),
) -> Result<(), RotateError> {
    let end = Instant::now() + patience;
    let mut said = Vec::new();
    loop {
        let mut act = by.open(store).await?;
        let without = without(&mut act, to).await?;
        if without.is_empty() {
            keys::activate(&mut act, to).await?;
            let Pair { seal, audit } = to.clone();
            return Ok(act.commit(Event::KeysActivated { seal, audit }).await?);
        }
        drop(act);
        if Instant::now() >= end {
            return Err(RotateError::Waiting(without));
        }
        if said != without {
            told(Step::Waiting(without.clone()));
            said = without;
        }
        sleep(LOOK).await;
    }
}

async fn without(on: &mut impl Source, to: &Pair) -> Result<Vec<String>, StoreError> {
    let has = |node: &nodes::Node| to.names().iter().all(|name| node.card.keys.contains(name));
    let nodes = nodes::all(on).await?;
    Ok(nodes.into_iter().filter(|node| node.lives() && !has(node)).map(|node| node.card.name).collect())
}

// Twice: a transaction that began before the activation may store a value behind the first pass.
async fn seal_anew(store: &Store, told: &mut impl FnMut(Step)) -> Result<Progress, StoreError> {
    let mut sum = Progress::default();
    for _ in 0..2 {
        let mut progress = Progress::default();
        while reseal::page(store, &mut progress).await? {
            sleep(PAUSE).await;
        }
        sum.done += progress.done;
        sum.broken = progress.broken;
    }
    told(Step::Sealed(sum.done));
    Ok(sum)
}

async fn finish(store: &Store, by: &By, to: &Pair, sealed: &Progress) -> Result<(), StoreError> {
    let mut act = by.open(store).await?;
    keys::end(&mut act).await?;
    let Pair { seal, audit } = to.clone();
    act.commit(Event::KeysRotated { seal, audit, values: sealed.done, broken: sealed.broken }).await
}

async fn report(store: &Store, active: Pair, sealed: &Progress) -> Result<Rotated, RotateError> {
    let mut rotated = Rotated {
        active,
        values: sealed.done,
        broken: sealed.broken,
        unused: Vec::new(),
        needed: Vec::new(),
    };
    let oldest = oldest_chaining(store).await?;
    let mut place = 0;
    for name in store.ring().ids() {
        if let Some(id) = name.strip_prefix("seal/") {
            let values = reseal::sealed_by(&mut store.read().await?, id).await?;
            rotated.sort(&name, values == 0, "values that do not open are sealed with it");
        } else {
            rotated.sort(&name, place < oldest, "rows of the journal were chained with it");
            place += 1;
        }
    }
    Ok(rotated)
}

impl Rotated {
    fn sort(&mut self, name: &str, unused: bool, why: &'static str) {
        if self.active.names().iter().any(|active| active == name) {
            return;
        }
        if unused {
            self.unused.push(name.to_owned());
        } else {
            self.needed.push((name.to_owned(), why));
        }
    }
}

// A chain never goes back to an earlier key, so the beginnings of the chains tell.
async fn oldest_chaining(store: &Store) -> Result<usize, StoreError> {
    let mut read = store.read().await?;
    let mut oldest = BTreeMap::new();
    for node in audit_checkpoints::chains(&mut read).await? {
        let checkpoint = audit_checkpoints::of(&mut read, &node).await?;
        let (seq, mac) = checkpoint.as_ref().map_or((0, START.to_vec()), |c| (c.seq, c.mac.clone()));
        let first = chain(&mut read, &node, seq).await?.into_iter().next();
        // One that does not hold is not judged: its keys stay.
        let first = first.map(|row| store.ring().linked_by(&mac, &row.covered(), &row.mac, 0).unwrap_or(0));
        let vouched = checkpoint.map(|checkpoint| checkpoint.made_by(store).unwrap_or(0));
        oldest.extend(first.into_iter().chain(vouched).map(|key| (key, ())));
    }
    Ok(oldest.into_keys().next().unwrap_or(0))
}
