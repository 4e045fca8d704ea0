//! Forgetting what has ended: old change-feed entries, consent links and
//! states, references, sessions of the pages, leases, nodes, notices, holds,
//! runs, hints and what the synchronisation has written down.

use std::time::Duration;

use super::{requests as asked, tally};
use crate::clock::Micros;
use crate::store::contacts::books;
use crate::store::sync::{calendar_users, hints, holds, requests, runs, sync_journal, undos};
use crate::store::{
    Store, StoreError, admins, api_nonces, changes, consents, help_refs, hourly, idempotency, leases, nodes,
    outbox, panels, progress, sign_ins, web_sessions,
};

const DAY: Micros = 86_400 * 1_000_000;

/// Sweeps once.
///
/// # Errors
/// When the database does not answer; then everything stays.
pub async fn sweep(store: &Store) -> Result<(), StoreError> {
    let now = store.clock().now();
    let mut batch = store.batch().await?;
    changes::prune(&mut batch, now - DAY).await?;
    // A link that ended says so for a while, instead of being unknown.
    consents::prune(&mut batch, now - 30 * DAY).await?;
    help_refs::prune(&mut batch, now).await?;
    hourly::prune(&mut batch, now - tally::KEPT).await?;
    admins::prune(&mut batch, now).await?;
    sign_ins::prune(&mut batch, now).await?;
    panels::prune(&mut batch, now).await?;
    idempotency::prune(&mut batch, now - DAY).await?;
    progress::prune(&mut batch, now - DAY).await?;
    api_nonces::prune(&mut batch, now).await?;
    web_sessions::prune(&mut batch, now - DAY, now - DAY).await?;
    leases::prune(&mut batch).await?;
    // Dead after a minute; that it was there is worth knowing for a day.
    nodes::prune(&mut batch, Duration::from_secs(86_400)).await?;
    outbox::prune(&mut batch, Duration::from_secs(30 * 86_400)).await?;
    holds::expire(&mut batch, now - holds::PATIENCE).await?;
    // As long as the content of the journal: both are other people's data.
    holds::prune(&mut batch, now - 90 * DAY).await?;
    undos::expire(&mut batch, now - undos::PATIENCE).await?;
    calendar_users::left(&mut batch).await?;
    books::left(&mut batch).await?;
    undos::prune(&mut batch, now - 90 * DAY).await?;
    sync_journal::prune(&mut batch, now - sync_journal::KEPT, now - 365 * DAY).await?;
    runs::prune(&mut batch, now - 30 * DAY).await?;
    hints::prune(&mut batch, now - DAY).await?;
    requests::prune(&mut batch, asked::day(now - tally::KEPT)).await?;
    batch.commit().await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use postern_core::model::account::State;
    use postern_core::model::actor::Actor;
    use postern_core::model::address::Address;
    use postern_core::model::event::Event;
    use postern_core::model::id::HoldId;

    use super::sweep;
    use crate::clock::Clock;
    use crate::store::sync::calendars;
    use crate::store::sync::holds::{self, Status};
    use crate::store::{Store, accounts, meta, trial};

    async fn held(store: &Store) -> HoldId {
        let anna = Address::parse("anna@example.com").unwrap();
        let mut act = store.act(&Actor::Gateway, "").await.unwrap();
        let account = accounts::insert(&mut act, &anna, None, State::New).await.unwrap().id;
        let calendar = calendars::put(&mut act, "anna@example.com", "Name", "UTC").await.unwrap();
        act.commit(Event::ConsentLinkIssued { account, address: anna }).await.unwrap();
        let mut batch = store.batch().await.unwrap();
        let hold = holds::open(&mut batch, calendar, account, "delete", 12, "[]").await.unwrap();
        batch.commit().await.unwrap();
        hold
    }

    #[tokio::test]
    async fn a_hold_expires_after_seven_days_and_is_forgotten_ninety_days_later() {
        let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(1_700_000_000_000_000));
        let store = trial::store(folder.path(), clock.clone()).await;
        meta::found(&store).await.unwrap();
        let id = held(&store).await;
        let day = Duration::from_secs(86_400);
        let mut stood = Vec::new();
        for days in [7, 1, 90, 1] {
            clock.advance(day * days);
            sweep(&store).await.unwrap();
            let hold = holds::by_id(&store, &mut store.read().await.unwrap(), id).await.unwrap();
            stood.push(hold.map(|hold| hold.status));
        }
        assert_eq!(stood, [Some(Status::Pending), Some(Status::Expired), Some(Status::Expired), None]);
    }
}
