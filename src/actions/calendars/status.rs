//! How the calendars of the installation stand.

use postern_core::model::address::Address;
use postern_core::model::id::{CalendarId, RunId};

use crate::clock::Micros;
use crate::store::sync::calendar_users::{self, Kind};
use crate::store::sync::{calendars, dead_letters, links, sync_journal};
use crate::store::{Store, StoreError, accounts};

/// A calendar that is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whose.
    pub address: Address,
    /// Which.
    pub calendar: CalendarId,
    /// Its name.
    pub name: String,
    /// What for.
    pub kind: Kind,
    /// `new`, `ok` or `failing`.
    pub status: String,
    /// Why the last run failed, a word.
    pub fault: Option<String>,
    /// When it was last brought in step.
    pub last_ok_at: Option<Micros>,
    /// When it is due.
    pub next_at: Micros,
    /// Pairs that are kept in step.
    pub pairs: i64,
    /// What could not be done for the account.
    pub dead_letters: i64,
    /// The last run that changed something for the account.
    pub last_run: Option<RunId>,
}

/// Every calendar that is used, by account.
///
/// # Errors
/// When the database does not answer.
pub async fn status(store: &Store) -> Result<Vec<Standing>, StoreError> {
    let mut read = store.read().await?;
    let mut all = Vec::new();
    for account in accounts::all(&mut read).await? {
        let users = calendar_users::of_account(&mut read, account.id).await?;
        for user in users.into_iter().filter(|user| user.active && user.kind != Kind::Offered) {
            let Some(calendar) = calendars::get(store, &mut read, user.calendar).await? else { continue };
            all.push(Standing {
                address: account.address.clone(),
                calendar: calendar.id,
                pairs: links::active(&mut read, calendar.id).await?,
                last_run: sync_journal::last_run(&mut read, calendar.id, account.id).await?,
                dead_letters: dead_letters::count(&mut read, account.id).await?,
                name: calendar.name,
                kind: user.kind,
                status: calendar.status,
                fault: calendar.fault,
                last_ok_at: calendar.last_ok_at,
                next_at: calendar.next_at,
            });
        }
    }
    Ok(all)
}
