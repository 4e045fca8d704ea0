//! The one writer of notes: gathers batches and turns them into rows. At the
//! end of the process the queue is drained.

use std::collections::BTreeMap;
use std::time::Duration;

use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::TokenId;
use postern_core::model::token::Protocol;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::note::{Losses, Note, Notes};
use super::patience::Keeper;
use super::verify::written;
use crate::clock::Micros;
use crate::store::audit::{Entry, append, heads};
use crate::store::logins as store_logins;
use crate::store::{Batch, Store, StoreError, accounts, help_refs};

// Five hundred logins a second while the database is away for a minute and a half.
const QUEUE: usize = 50_000;
const BATCH: usize = 1_000;
const GATHER: Duration = Duration::from_millis(200);
const HOUR: Micros = 3_600 * 1_000_000;

/// When, under which reference, what.
type Row = (Micros, String, Event);

/// The way to a new writer, and the queue that [`run`] empties.
#[must_use]
pub fn writer() -> (Notes, mpsc::Receiver<Note>) {
    let (queue, notes) = mpsc::channel(QUEUE);
    (Notes::new(queue), notes)
}

/// Stores notes until `stop`, then what is left.
pub async fn run(store: Store, mut queue: mpsc::Receiver<Note>, losses: Losses, stop: CancellationToken) {
    let mut keeper = Keeper::new(&store, &stop);
    let mut closed_hour = 0;
    while !stop.is_cancelled() {
        let batch = gather(&mut queue, &stop).await;
        keeper.keep(&losses, batch).await;
        let hour = hour_of(store.clock().now());
        if hour != closed_hour && close_hour(&store, hour).await {
            closed_hour = hour;
        }
    }
    queue.close();
    while let Some(note) = queue.recv().await {
        let mut batch = vec![note];
        while batch.len() < BATCH {
            let Ok(note) = queue.try_recv() else { break };
            batch.push(note);
        }
        keeper.keep(&losses, batch).await;
    }
    // The last word of this process, so that a tail that is cut later can be found.
    if let Err(error) = say_heads(&store).await {
        tracing::warn!(error = %error, "the ends of the audit chains cannot be read");
    }
}

// Waits for a first note as long as it takes, then for more at most 200 ms.
async fn gather(queue: &mut mpsc::Receiver<Note>, stop: &CancellationToken) -> Vec<Note> {
    let mut batch = Vec::new();
    let first = tokio::select! {
        () = stop.cancelled() => return batch,
        () = tokio::time::sleep(Duration::from_secs(60)) => return batch,
        note = queue.recv() => note,
    };
    batch.extend(first);
    let until = tokio::time::sleep(GATHER);
    tokio::pin!(until);
    while batch.len() < BATCH {
        tokio::select! {
            () = &mut until => break,
            () = stop.cancelled() => break,
            note = queue.recv() => match note {
                Some(note) => batch.push(note),
                None => break,
            },
        }
    }
    batch
}

pub(super) async fn write(store: &Store, notes: &[Note]) -> Result<(), StoreError> {
    let mut batch = store.batch().await?;
    let mut rows = logins(&mut batch, notes).await?;
    for note in notes {
        rows.extend(apply(&mut batch, note).await?);
    }
    record(&mut batch, store, &rows).await?;
    batch.commit().await
}

// Counted together and in the tokens' order: two nodes that count the same
// tokens lock their rows in one order.
async fn logins(batch: &mut Batch, notes: &[Note]) -> Result<Vec<Row>, StoreError> {
    let mut counts: BTreeMap<(TokenId, Micros), i64> = BTreeMap::new();
    let mut peers: BTreeMap<(TokenId, &str), (Micros, Protocol, &Address)> = BTreeMap::new();
    for note in notes {
        if let Note::Login { at, token, address, protocol, peer } = note {
            *counts.entry((*token, hour_of(*at))).or_default() += 1;
            peers.entry((*token, peer)).or_insert((*at, *protocol, address));
        }
    }
    let mut used = BTreeMap::new();
    for ((token, hour), count) in counts {
        if let Some(account) = store_logins::count(batch, token, hour, count).await? {
            used.insert(account, hour);
        }
    }
    // After all counts and in the accounts' order, for the same reason.
    for (account, hour) in used {
        store_logins::used(batch, account, hour).await?;
    }
    let mut rows = Vec::new();
    for ((token, peer), (at, protocol, address)) in peers {
        if store_logins::first_from(batch, token, peer, at).await? {
            let (peer, address) = (peer.to_owned(), address.clone());
            rows.push((at, String::new(), Event::LoginFromNewPeer { protocol, token, peer, address }));
        }
    }
    Ok(rows)
}

async fn record(
    batch: &mut Batch,
    store: &Store,
    rows: &[(Micros, String, Event)],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let actor = Actor::Gateway.label();
    let entries: Vec<_> =
        rows.iter().map(|(at, request, event)| Entry { at: *at, actor: &actor, request, event }).collect();
    append(batch, store, &entries).await
}

async fn apply(batch: &mut Batch, note: &Note) -> Result<Option<Row>, StoreError> {
    match note {
        Note::Event { at, request, event } => Ok(Some((*at, request.clone(), event.clone()))),
        Note::Login { .. } => Ok(None),
        Note::Help { reference, account, cause, expires_at } => {
            help_refs::put(batch, reference, *account, cause, *expires_at).await?;
            Ok(None)
        }
        Note::Noted { account, words } => {
            accounts::note(batch, *account, words.as_deref()).await?;
            Ok(None)
        }
        Note::Throttled { account, until } => {
            accounts::throttle(batch, *account, *until).await?;
            Ok(None)
        }
    }
}

// Turns the counts of past hours into rows and says the heads in the log, so
// that a cut tail can be found with the log alone.
async fn close_hour(store: &Store, hour: Micros) -> bool {
    let closed = async {
        let mut batch = store.batch().await?;
        let counts = store_logins::close(&mut batch, hour).await?;
        let now = store.clock().now();
        let rows: Vec<_> = counts
            .into_iter()
            .map(|(token, hour, count)| (now, String::new(), Event::LoginsCounted { token, hour, count }))
            .collect();
        record(&mut batch, store, &rows).await?;
        batch.commit().await?;
        say_heads(store).await
    };
    match closed.await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(error = %error, "the login counts of the last hour are not in the audit yet");
            false
        }
    }
}

async fn say_heads(store: &Store) -> Result<(), StoreError> {
    for head in heads(&mut store.read().await?).await? {
        tracing::info!(audit.head = %written(&head), "audit chain");
    }
    Ok(())
}

fn hour_of(at: Micros) -> Micros {
    at.div_euclid(HOUR) * HOUR
}
