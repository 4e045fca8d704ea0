//! Removing rows that are older than the configuration keeps.
//!
//! Rows go from the beginning of a chain only, and only rows that hold: a
//! break is evidence and stays. What was removed is vouched for by a
//! checkpoint, from which `verify` starts, and told in a row of its own; all
//! three commit together. One process at a time does it, under a lease.

use std::time::Duration;

use postern_core::model::actor::Actor;
use postern_core::model::event::Event;

use crate::clock::Micros;
use crate::seal::chain::{Beginning, START};
use crate::store::audit::{Entry, Row, append, chain};
use crate::store::leases::{self, Lease};
use crate::store::{Batch, Source, Store, StoreError, audit_checkpoints};

const LEASE: Duration = Duration::from_secs(60);
// Pages of 500 rows in one transaction, so that others can write in between.
const PAGES: usize = 4;
const PAUSE: Duration = Duration::from_millis(100);

/// Removes the rows from before `before` at the beginning of every chain.
/// Returns how many there were; none when another process is at it.
///
/// # Errors
/// When the database does not answer.
pub async fn prune(store: &Store, before: Micros) -> Result<u64, StoreError> {
    let mut removed = 0;
    for node in audit_checkpoints::chains(&mut store.read().await?).await? {
        // A lease for each part: one that was lost ends the work, and none is long.
        while let Some(lease) = leases::take(store, "audit-retention", LEASE).await? {
            let rows = some(store, &node, before, &lease).await;
            leases::give_back(store, &lease).await?;
            match rows? {
                0 => break,
                rows => removed += rows,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok(removed)
}

async fn some(store: &Store, node: &str, before: Micros, lease: &Lease) -> Result<u64, StoreError> {
    let mut batch = store.batch().await?;
    leases::hold(&mut batch, lease).await?;
    let Some(last) = last_of(&mut batch, store, node, before).await? else {
        return Ok(0);
    };
    let beginning = Beginning { node, seq: last.seq, mac: &last.mac, at: last.at };
    let rows = audit_checkpoints::cut(&mut batch, &beginning).await?;
    let event = Event::AuditPruned { chain: node.to_owned(), rows, last: last.seq };
    let (at, actor) = (store.clock().now(), Actor::Gateway.label());
    append(&mut batch, store, &[Entry { at, actor: &actor, request: "", event: &event }]).await?;
    batch.commit().await?;
    Ok(rows)
}

/// The last of the rows that may go now.
async fn last_of(
    on: &mut Batch,
    store: &Store,
    node: &str,
    before: Micros,
) -> Result<Option<Row>, StoreError> {
    let Some((mut seq, mut mac)) = beginning(on, store, node).await? else {
        return Ok(None);
    };
    let mut last = None;
    for _ in 0..PAGES {
        for row in chain(on, node, seq).await? {
            if row.at >= before {
                return Ok(last);
            }
            if row.seq != seq + 1 || !store.ring().links(&mac, &row.covered(), &row.mac) {
                tracing::error!(
                    chain = node,
                    row = seq + 1,
                    "an audit chain does not hold, nothing of it is removed"
                );
                return Ok(last);
            }
            (seq, mac) = (row.seq, row.mac.clone());
            last = Some(row);
        }
    }
    Ok(last)
}

async fn beginning(
    on: &mut impl Source,
    store: &Store,
    node: &str,
) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    Ok(match audit_checkpoints::of(on, node).await? {
        None => Some((0, START.to_vec())),
        Some(checkpoint) if checkpoint.holds(store) => Some((checkpoint.seq, checkpoint.mac)),
        Some(_) => {
            tracing::error!(
                chain = node,
                "the checkpoint of an audit chain was forged, nothing of it is removed"
            );
            None
        }
    })
}
