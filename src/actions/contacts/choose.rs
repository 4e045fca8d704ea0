//! Which group a mailbox keeps in step, and how.

use postern_core::model::event::Event;
use postern_core::model::id::AccountId;
use postern_core::plan::contacts::choices::Choices;
use serde_json::Value;

use super::{ContactsFault, open};
use crate::actions::By;
use crate::store::contacts::groups::Group;
use crate::store::contacts::{books, groups};
use crate::store::{Store, StoreError};

/// Google's own groups that people can be put into.
pub const OPEN: [&str; 2] = ["contactGroups/myContacts", "contactGroups/starred"];

/// Whether people can be put into it.
#[must_use]
pub fn takes_people(group: &Group) -> bool {
    group.active && (group.listed.own || OPEN.contains(&group.listed.resource.as_str()))
}

/// Makes the choices, which were made on the sight of `version` (0 where nobody had chosen). False
/// when they stood so before.
///
/// # Errors
/// When somebody was faster, the group is none of the mailbox's, or the choices make no sense.
pub async fn choose(
    store: &Store,
    by: &By,
    account: AccountId,
    wanted: &Choices,
    version: i64,
) -> Result<bool, ContactsFault> {
    wanted.check()?;
    let mut act = by.open(store).await?;
    let account = open(&mut act, account).await?;
    let book = books::of(store, &mut act, account.id).await?;
    let had = book.as_ref().map_or(0, |book| book.version);
    if had != version {
        return Err(ContactsFault::Stale { by: book.map(|book| book.changed_by) });
    }
    let before = book.map(|book| book.choices).unwrap_or_default();
    // What is chosen already may stay, also where Google has taken it away meanwhile.
    if let Some(group) = wanted.group.as_ref().filter(|group| before.group.as_ref() != Some(group)) {
        let known = groups::of(store, &mut act, account.id).await?;
        let listed = known.iter().any(|known| known.listed.resource == *group && takes_people(known));
        if !listed {
            return Err(ContactsFault::NotListed);
        }
    }
    let changed = differing(&before, wanted)?;
    if changed.is_empty() {
        return Ok(false);
    }
    if !books::choose(&mut act, account.id, wanted, version, &by.actor).await? {
        return Err(ContactsFault::Stale { by: None });
    }
    let (account, address) = (account.id, account.address);
    act.commit(Event::ContactChoicesSet { account, address, version: version + 1, changed }).await?;
    Ok(true)
}

fn differing(before: &Choices, after: &Choices) -> Result<Vec<String>, StoreError> {
    let written = |choices: &Choices| {
        serde_json::to_value(choices).map_err(|_| StoreError::inconsistent("address_books", "content"))
    };
    let (before, after) = (written(before)?, written(after)?);
    let all = after.as_object().into_iter().flatten();
    let differs = |(name, value): &(&String, &Value)| before.get(name.as_str()) != Some(*value);
    Ok(all.filter(differs).map(|(name, _)| name.clone()).collect())
}
