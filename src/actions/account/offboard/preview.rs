//! What offboarding a mailbox would end, and what a successor would get.

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::actions::ActError;
use crate::actions::account::named;
use crate::clock::{Micros, written};
use crate::store::contacts::books;
use crate::store::sync::crm_seen::Seen;
use crate::store::{
    Read, Store, StoreError, crm_absent, crm_mail, crm_tokens, grants, mail_sessions, offboarded,
};

/// What there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The mailbox.
    pub address: Address,
    /// When its owner left, where that was said before.
    pub left_at: Option<Micros>,
    /// Open mail sessions.
    pub sessions: usize,
    /// CRM tokens that open it.
    pub tokens: usize,
    /// Whether a consent is ended at Google, with everything that this person gave the project.
    pub consent: bool,
    /// Whether its mail account in the CRM was written by the gateway.
    pub crm_mail: bool,
    /// Pairs of an event and a record.
    pub events: i64,
    /// Those of them that were born in Google: nobody can take them over.
    pub from_google: i64,
    /// Meetings and calls to come that were born in the CRM and are assigned to whoever leaves.
    pub upcoming: usize,
    /// Contacts and leads that are kept in step with people at Google.
    pub people: usize,
    /// Who goes on.
    pub successor: Option<Heir>,
}

/// A successor, and what they can take over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heir {
    /// Identity of the mailbox.
    #[serde(skip)]
    pub account: AccountId,
    /// The mailbox.
    pub address: Address,
    /// Who that is in the CRM: records are reassigned to nobody else.
    pub crm_user: Option<String>,
    /// Whether people are pushed into their contacts: a group is chosen, and changes go to Google.
    pub takes_people: bool,
}

/// What offboarding would end, and what the successor would get.
///
/// # Errors
/// When there is no such account, or the successor cannot take over.
pub async fn preview(
    store: &Store,
    address: &Address,
    successor: Option<&Address>,
) -> Result<Preview, ActError> {
    let successor = match successor {
        Some(successor) => Some(heir(store, address, successor).await?),
        None => None,
    };
    let mut read = store.read().await?;
    let account = named(&mut read, address).await?;
    let (events, from_google) = offboarded::events(&mut read, account.id).await?;
    Ok(Preview {
        left_at: offboarded::since(&mut read, account.id).await?,
        sessions: mail_sessions::of(&mut read, account.id).await?.len(),
        tokens: live(&mut read, account.id).await?,
        consent: grants::of(store, &mut read, account.id).await?.is_some(),
        crm_mail: crm_mail::of(&mut read, account.id).await?.is_some(),
        upcoming: upcoming(store, &mut read, account.id).await?.len(),
        people: offboarded::people(&mut read, account.id).await?.len(),
        events,
        from_google,
        successor,
        address: account.address,
    })
}

async fn live(read: &mut Read, account: AccountId) -> Result<usize, StoreError> {
    let all = crm_tokens::of(read, account).await?;
    Ok(all.iter().filter(|token| token.revoked_at.is_none()).count())
}

/// Who goes on.
///
/// # Errors
/// When it is the same mailbox, there is no such account, or it is not connected itself.
pub(super) async fn heir(store: &Store, leaver: &Address, successor: &Address) -> Result<Heir, ActError> {
    let mut read = store.read().await?;
    let (leaver, account) = (named(&mut read, leaver).await?, named(&mut read, successor).await?);
    let absent = crm_absent::of(&mut read, account.id).await?.is_some();
    if account.id == leaver.id || account.state != State::Active || absent {
        return Err(ActError::NoSuccessor(account.address));
    }
    let book = books::of(store, &mut read, account.id).await?;
    let takes = |book: &books::Book| book.choices.group.is_some() && book.choices.direction.writes();
    Ok(Heir {
        takes_people: account.crm_user.is_some() && book.as_ref().is_some_and(takes),
        account: account.id,
        address: account.address,
        crm_user: account.crm_user,
    })
}

/// Records to come that are assigned to the user of the mailbox, and that its calendar has shown.
pub(super) async fn upcoming(
    store: &Store,
    read: &mut Read,
    account: AccountId,
) -> Result<Vec<Seen>, StoreError> {
    let now = store.clock().now();
    let all = offboarded::records(store, read, account).await?;
    Ok(all
        .into_iter()
        .filter(|record| record.content.as_deref().is_some_and(|it| to_come(it, now)))
        .collect())
}

// The CRM writes times in UTC, digit for digit comparable, and the last day of whole days.
fn to_come(content: &str, now: Micros) -> bool {
    let Ok(record) = serde_json::from_str::<Map<String, Value>>(content) else { return false };
    let now = written(now);
    let after = |key: &str, digits: usize| {
        let end = record.get(key).and_then(Value::as_str).filter(|end| end.len() >= digits);
        end.map(|end| end.replacen(' ', "T", 1).as_str() >= now.get(..digits).unwrap_or_default())
    };
    after("dateEndDate", 10).or_else(|| after("dateEnd", 19)).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::to_come;

    #[test]
    fn what_ends_later_is_to_come_and_whole_days_are_until_they_are_over() {
        let now = 1_796_000_000_000_000; // 2026-11-30T00:53:20Z
        let of = |text: &str| to_come(text, now);
        assert!(of("{\"dateEnd\":\"2026-11-30 00:53:20\"}"));
        assert!(!of("{\"dateEnd\":\"2026-11-30 00:53:19\"}"));
        assert!(of("{\"dateEnd\":\"2026-11-01 00:00:00\",\"dateEndDate\":\"2026-11-30\"}"));
        assert!(!of("{\"dateEndDate\":\"2026-11-29\"}"));
        assert!(of("{\"dateEndDate\":null,\"dateEnd\":\"2027-01-01 08:00:00\"}"));
        assert!(!of("{}") && !of("no JSON"));
    }
}
