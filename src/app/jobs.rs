//! The recurring work of the installation.

use std::time::Duration;

use super::Parts;
use crate::actions::ActError;
use crate::actions::account::{absent, offboard};
use crate::audit::retention;
use crate::clock::micros;
use crate::node::jobs::{self, Recurring};
use crate::node::sweep;
use crate::store::StoreError;
use crate::sync::{self, Contacts, Sync};
use crate::tasks::Phase;

const HOUR: Duration = Duration::from_secs(3_600);

/// Starts a loop for each job.
pub(super) fn start(parts: &Parts, calendars: &Sync, contacts: &Contacts) {
    let store = parts.store.clone();
    spawn(parts, "CleanUp", HOUR, move || {
        let store = store.clone();
        async move {
            sweep::sweep(&store).await?;
            // A copy of a database forgets nobody whom the original has not forgotten.
            if !store.standing().await?.holds() {
                offboard::forget(&store).await.map_err(of_act)?;
            }
            Ok(None)
        }
    });
    let (store, audit) = (parts.store.clone(), parts.tuning.audit());
    spawn(parts, "AuditRetention", HOUR, move || {
        let (store, keep) = (store.clone(), audit.now().retention);
        async move {
            let before = store.clock().now().saturating_sub(micros(keep));
            let rows = retention::prune(&store, before).await?;
            if rows > 0 {
                tracing::info!(rows, "audit rows were removed, they are older than [audit] retention");
            }
            Ok(Some(rows))
        }
    });
    if let Some(crm) = super::serve::crm(parts) {
        let store = parts.store.clone();
        spawn(parts, "CheckCrmUsers", HOUR, move || {
            let (store, crm) = (store.clone(), crm.clone());
            async move { absent::look(&store, &crm).await.map_err(of_act) }
        });
    }
    if parts.config.crm.url.is_some() {
        let calendars = calendars.clone();
        spawn(parts, sync::JOB, parts.config.sync.calendar_interval, move || {
            let calendars = calendars.clone();
            async move { calendars.called().await }
        });
        let contacts = contacts.clone();
        spawn(parts, sync::CONTACTS_JOB, parts.config.sync.contacts_interval, move || {
            let contacts = contacts.clone();
            async move { contacts.called().await }
        });
    }
}

// Nothing else can keep the gateway itself from such an act.
fn of_act(error: ActError) -> StoreError {
    match error {
        ActError::Store(error) => error,
        other => StoreError::inconsistent("accounts", other),
    }
}

fn spawn<W>(
    parts: &Parts,
    name: &'static str,
    beat: Duration,
    work: impl Fn() -> W + Send + std::marker::Sync + 'static,
) where
    W: Future<Output = Result<Option<u64>, StoreError>> + Send + 'static,
{
    let (job, stop) = (Recurring { name, beat }, parts.tasks.stop(Phase::Work));
    parts.tasks.spawn(Phase::Work, jobs::run(parts.store.clone(), job, work, stop));
}
