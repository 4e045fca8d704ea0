//! Through whom a calendar is read, written and watched.

use std::collections::BTreeSet;

use postern_core::model::account::State;
use postern_core::model::id::{AccountId, CalendarId};
use postern_core::model::scope::Product;

use crate::google::calendar::access::AccessRole;
use crate::store::sync::calendar_users::{self, CalendarUser, Kind};
use crate::store::{Store, StoreError, accounts, crm_absent, switched_off};

/// A user of a calendar, for all of its users.
pub(super) struct Who {
    /// Whose account.
    pub account: AccountId,
    /// Its address, in lower case.
    pub address: String,
    /// Who that is in the CRM.
    pub user: Option<String>,
    /// Whether it is their main calendar.
    pub main: bool,
    /// Whether they do not use it any more, and what was made in it is being removed.
    pub leaving: bool,
    /// Whether they may write.
    pub writable: bool,
    /// The domains of everybody who uses it.
    pub domains: BTreeSet<String>,
}

/// Whose main one the calendar is, else the oldest; only who is connected, and who is there in the CRM.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn of(store: &Store, id: CalendarId) -> Result<Option<Who>, StoreError> {
    let mut read = store.read().await?;
    let mut domains = BTreeSet::new();
    let mut found: Option<(CalendarUser, String, Option<String>)> = None;
    for user in calendar_users::of_calendar(&mut read, id).await? {
        let Some(account) = accounts::by_id(&mut read, user.account).await? else { continue };
        let off = switched_off::of(&mut read, account.id).await?.contains(&Product::Calendar);
        let absent = crm_absent::of(&mut read, account.id).await?.is_some();
        if account.state != State::Active || off || absent {
            continue;
        }
        let address = account.address.as_str().to_lowercase();
        domains.extend(address.rsplit_once('@').map(|(_, domain)| domain.to_owned()));
        // One who is nobody in the CRM owns no record there.
        let better = found.as_ref().is_none_or(|(.., known)| known.is_none() && account.crm_user.is_some());
        if better {
            found = Some((user, address, account.crm_user));
        }
    }
    Ok(found.map(|(user, address, crm_user)| Who {
        account: user.account,
        address,
        main: user.kind == Kind::Main,
        leaving: user.kind == Kind::Leaving,
        writable: AccessRole::of(&user.role).writes(),
        user: crm_user,
        domains,
    }))
}
