//! Effects at Google, each under the version that was planned for.
//!
//! Google changes the version of a person by itself: where only that is another, the write is tried
//! again under the new one; where the person shows something else, it is planned for again.

use postern_core::model::id::AccountId;
use postern_core::plan::contacts::apply::{apply, body};
use postern_core::plan::contacts::person::{self, Person};
use postern_core::plan::record::Record;
use serde_json::{Map, Value as Json};

use super::ledger::Answered;
use crate::google::people::People;
use crate::google::people::fault::Fault;
use crate::google::people::person as api;
use crate::sync::missed::Missed;

/// Tries of one write under ever newer versions.
const TRIES: usize = 3;

/// The people of an account, for writing.
#[derive(Clone, Copy)]
pub(super) struct Google<'a> {
    pub client: &'a People,
    pub account: AccountId,
}

impl Google<'_> {
    /// The person as it is now.
    pub async fn get(&self, resource: &str) -> Result<Answered, Missed> {
        read(self.client.get(self.account, resource).await?)
    }

    /// Writes fields of a person that still shows what was planned for.
    pub async fn update(
        &self,
        planned: &Person,
        raw: &Map<String, Json>,
        changes: &Record,
    ) -> Result<Answered, Missed> {
        let mut now = raw.clone();
        for _ in 0..TRIES {
            let mask = apply(&mut now, changes);
            if mask.is_empty() {
                return Err(Missed::Changed);
            }
            let sent = body(&now, &mask);
            match self.client.update(self.account, &planned.resource, &mask.text(), &sent).await {
                Ok(written) => return read(written),
                Err(Fault::Stale | Fault::Conflict) => {
                    let answered = self.get(&planned.resource).await?;
                    if answered.person.fingerprint() != planned.fingerprint() {
                        return Err(Missed::Changed);
                    }
                    now = answered.raw;
                }
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(Missed::Changed)
    }

    /// Deletes a person that still shows what was planned for.
    pub async fn delete(&self, planned: &Person) -> Result<(), Missed> {
        match self.get(&planned.resource).await {
            Ok(now) if now.person.fingerprint() == planned.fingerprint() => {}
            Ok(_) => return Err(Missed::Changed),
            Err(Missed::Gone) => return Ok(()),
            Err(other) => return Err(other),
        }
        match self.client.delete(self.account, &planned.resource).await {
            Ok(()) | Err(Fault::NotFound) => Ok(()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Deletes a person that still shows what was planned for, and of whom nobody has written more.
    pub async fn delete_ours(&self, planned: &Person) -> Result<(), Missed> {
        match self.get(&planned.resource).await {
            Ok(now) if person::says_more(&now.raw) => return Err(Missed::Changed),
            Ok(_) => {}
            Err(Missed::Gone) => return Ok(()),
            Err(other) => return Err(other),
        }
        match self.client.has_more(self.account, &planned.resource).await {
            Ok(false) | Err(Fault::NotFound) => self.delete(planned).await,
            Ok(true) => Err(Missed::Changed),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Puts people into the group; whom Google does not find is told.
    pub async fn join(&self, group: &str, people: &[String]) -> Result<Vec<String>, Missed> {
        Ok(self.client.modify_members(self.account, group, (people, &[])).await?.not_found)
    }
}

/// Reads what Google answered.
pub(super) fn read(answered: api::Person) -> Result<Answered, Missed> {
    let raw = answered.into_map();
    match person::read(&raw) {
        Some(person) if person.deleted => Err(Missed::Gone),
        Some(person) => Ok(Answered { person, raw }),
        None => Err(Missed::Unknown("a person without a name".to_owned())),
    }
}
