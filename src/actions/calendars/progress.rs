//! How far the runs of calendars are, for somebody who has asked for them.

use std::collections::BTreeMap;

use postern_core::model::id::{AccountId, CalendarId};
use uuid::Uuid;

use crate::clock::Micros;
use crate::store::sync::calendars;
use crate::store::sync::runs::{self, Run};
use crate::store::{Store, StoreError};

/// The runs since somebody asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The last run of each calendar, with the calendar's name.
    pub runs: Vec<(String, Run)>,
    /// How many calendars wait for their run.
    pub due: i64,
}

impl Progress {
    /// Whether there is nothing to wait for.
    #[must_use]
    pub fn over(&self) -> bool {
        self.due == 0 && self.runs.iter().all(|(_, run)| run.ended_at.is_some())
    }
}

/// What ran since, and still does: of the calendars of an account, or of all.
///
/// # Errors
/// When the database does not answer, or a name does not open.
pub async fn since(store: &Store, account: Option<AccountId>, asked: Micros) -> Result<Progress, StoreError> {
    let mut read = store.read().await?;
    let due = calendars::due_of(&mut read, store.clock().now(), account).await?;
    let mut last: BTreeMap<Uuid, Run> = BTreeMap::new();
    for run in runs::since(&mut read, asked, account).await? {
        last.insert(run.calendar_id, run);
    }
    let mut named = Vec::new();
    for (id, run) in last {
        let calendar = calendars::get(store, &mut read, CalendarId(id)).await?;
        named.push((calendar.map_or_else(String::new, |calendar| calendar.name), run));
    }
    Ok(Progress { runs: named, due })
}
