//! Figures of the installation, looked up in the database once a minute by every node: how mailboxes,
//! calendars and contacts stand, what waits for somebody, and how old the last backup is.

use std::time::Duration;

use postern_core::model::account::State;
use tokio_util::sync::CancellationToken;

use crate::clock::Micros;
use crate::metrics::{Gauge, Gauges, Registry};
use crate::store::census::{self, Synced};
use crate::store::{Store, StoreError, accounts, crm_absent, meta};

const BEAT: Duration = Duration::from_secs(60);
const STATES: [State; 6] = [
    State::New,
    State::Active,
    State::NeedsConsent,
    State::NeedsSignIn,
    State::AwaitingApproval,
    State::Disabled,
];
const STATUSES: [&str; 3] = ["new", "ok", "failing"];

/// The figures, and where they come from.
pub(super) struct Census {
    store: Store,
    accounts: Gauges<1>,
    absent: Gauge,
    synced: Gauges<2>,
    late: Gauges<1>,
    waiting: Gauges<1>,
    failed_jobs: Gauge,
    held: Gauge,
    backup: Gauge,
}

impl Census {
    pub(super) fn register(store: Store, registry: &Registry) -> Self {
        Self {
            store,
            accounts: registry.gauges("postern_accounts", "Mailboxes by state", ["state"]),
            absent: registry.gauge("postern_crm_users_gone", "Mailboxes whose user the CRM has no more"),
            synced: registry.gauges(
                "postern_synced",
                "Calendars and address books that are kept in step, by status",
                ["what", "status"],
            ),
            late: registry.gauges(
                "postern_sync_late_seconds",
                "How long the one that is due longest has waited for its run",
                ["what"],
            ),
            waiting: registry.gauges("postern_sync_waiting", "What waits for somebody's word", ["what"]),
            failed_jobs: registry.gauge("postern_jobs_failed", "Jobs whose last run failed"),
            held: registry
                .gauge("postern_sync_held", "1 while this database may not write to Google or the CRM"),
            backup: registry.gauge(
                "postern_backup_timestamp_seconds",
                "When the last backup was made, since 1970; 0 when none was",
            ),
        }
    }

    /// Looks until `stop`.
    pub(super) async fn run(self, stop: CancellationToken) {
        loop {
            // While the database is away the last figures stand; that it is away is told elsewhere.
            if let Err(error) = self.look().await {
                tracing::debug!(%error, "the figures of the installation stay as they are");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(BEAT) => {}
            }
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        let held = self.store.standing().await?.holds();
        let mut read = self.store.read().await?;
        let counts = accounts::counts(&mut read).await?;
        for state in STATES {
            let count = counts.iter().find(|(of, _)| *of == state).map_or(0, |(_, count)| *count);
            self.accounts.of([state.name()]).set(count);
        }
        self.absent.set(crm_absent::count(&mut read).await?);
        let now = self.store.clock().now();
        self.tell("calendar", &census::calendars(&mut read).await?, now);
        self.tell("contacts", &census::books(&mut read).await?, now);
        let waiting = census::waiting(&mut read).await?;
        self.waiting.of(["holds"]).set(waiting.holds);
        self.waiting.of(["dead_letters"]).set(waiting.letters);
        self.waiting.of(["questions"]).set(waiting.questions);
        self.failed_jobs.set(waiting.failed_jobs);
        self.held.set(i64::from(held));
        let made_at = meta::get(&mut read, meta::BACKUP).await?;
        self.backup.set(made_at.and_then(|text| text.parse().ok()).unwrap_or(0));
        Ok(())
    }

    fn tell(&self, what: &'static str, synced: &Synced, now: Micros) {
        for status in STATUSES {
            let count = synced.statuses.iter().find(|(of, _)| of == status).map_or(0, |(_, count)| *count);
            self.synced.of([what, status]).set(count);
        }
        let late = synced.due.map_or(0, |due| (now - due).max(0) / 1_000_000);
        self.late.of([what]).set(late);
    }
}
