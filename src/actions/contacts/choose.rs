//! Which groups a mailbox keeps in step, and how.

use std::collections::BTreeSet;

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
    let wanted = &beside_the_main_one(wanted);
    // What is chosen already may stay, also where Google has taken it away meanwhile.
    let had = |group: &&String| before.group.as_ref() == Some(*group) || before.monitored.contains(*group);
    let new: Vec<&String> =
        wanted.group.iter().chain(&wanted.monitored).filter(|group| !had(group)).collect();
    if !new.is_empty() {
        let known = groups::of(store, &mut act, account.id).await?;
        let listed =
            |group: &&String| known.iter().any(|it| it.listed.resource == **group && takes_people(it));
        if !new.iter().all(listed) {
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

// The group that takes people is read anyhow.
fn beside_the_main_one(wanted: &Choices) -> Choices {
    let mut wanted = wanted.clone();
    if let Some(main) = &wanted.group {
        wanted.monitored.remove(main);
    }
    wanted
}

fn differing(before: &Choices, after: &Choices) -> Result<Vec<String>, StoreError> {
    let written = |choices: &Choices| match serde_json::to_value(choices) {
        Ok(Value::Object(all)) => Ok(all),
        Ok(_) | Err(_) => Err(StoreError::inconsistent("address_books", "content")),
    };
    let (before, after) = (written(before)?, written(after)?);
    // Either may lack what the other has.
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    Ok(all.into_iter().filter(|name| before.get(*name) != after.get(*name)).cloned().collect())
}
