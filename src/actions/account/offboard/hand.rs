//! Handing over what a leaver had: meetings and calls to come are reassigned in the CRM, from where
//! the next run carries them into the successor's calendar; contacts and leads are pushed into the
//! successor's contacts, as far as the successor may see them.

use std::collections::BTreeMap;
use std::time::Duration;

use postern_core::model::event::Event;
use postern_core::plan::contacts::card::Entity;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::Ways;
use super::preview::{Heir, upcoming};
use crate::actions::contacts::push::{Pushing, Which};
use crate::actions::{ActError, By};
use crate::crm::client::Client;
use crate::crm::fault::Fault;
use crate::crm::records::{Lookup, RecordId};
use crate::store::accounts::Account;
use crate::store::contacts::pushes::MOST;
use crate::store::sync::crm_seen::Seen;
use crate::store::{Store, offboarded};

/// What a successor got.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Handed {
    /// Meetings and calls that were reassigned.
    pub records: usize,
    /// Those that were not: the same call goes on with them.
    pub left: usize,
    /// Contacts and leads that are pushed; what comes of each is told by the push.
    pub people: usize,
    /// What the CRM had against the first that was not reassigned.
    pub refused: Option<String>,
}

/// Hands over for `within` at most.
pub(super) async fn over(
    store: &Store,
    by: &By,
    ways: Ways<'_>,
    (leaver, heir): (&Account, &Heir),
    within: Duration,
) -> Result<Handed, ActError> {
    let records = upcoming(store, &mut store.read().await?, leaver.id).await?;
    let mut handed = reassigned(ways, (leaver, heir), &records, Instant::now() + within).await;
    if heir.takes_people {
        let people = offboarded::people(&mut store.read().await?, leaver.id).await?;
        handed.people = pushed(store, by, ways.pushing, heir, people).await;
    }
    if handed.records + handed.people > 0 {
        let act = by.open(store).await?;
        let (account, address) = (leaver.id, leaver.address.clone());
        let (records, people, successor) = (handed.records, handed.people, heir.address.clone());
        act.commit(Event::RecordsHandedOver { account, address, successor, records, people }).await?;
    }
    Ok(handed)
}

async fn reassigned(
    ways: Ways<'_>,
    (leaver, heir): (&Account, &Heir),
    records: &[Seen],
    until: Instant,
) -> Handed {
    let mut handed = Handed { left: records.len(), ..Handed::default() };
    let (Some(crm), Some(user)) = (ways.pushing.crm(), &heir.crm_user) else { return handed };
    let before = leaver.crm_user.as_deref();
    let mut change = Map::new();
    change.insert("assignedUserId".to_owned(), json!(user));
    for record in records {
        let Some(id) = RecordId::parse(&record.record) else { continue };
        if Instant::now() >= until {
            break;
        }
        match given(crm, (&record.entity, &id), (before, user), &change).await {
            Ok(Given::Now) => handed.records += 1,
            Ok(Given::NotTheirs) => {}
            Ok(Given::Refused) => {
                refuse(&mut handed, "it left the record with whom it was");
                continue;
            }
            Err(fault) => {
                refuse(&mut handed, &fault.to_string());
                if stops(&fault) {
                    break;
                }
                continue;
            }
        }
        handed.left -= 1;
    }
    handed
}

/// What became of a record.
enum Given {
    /// It is the successor's.
    Now,
    /// It is gone, or somebody else has been given it meanwhile.
    NotTheirs,
    /// The CRM answered, and left it as it was.
    Refused,
}

// What we have seen of it may be old: who has it now decides.
async fn given(
    crm: &Client,
    (entity, id): (&str, &RecordId),
    (before, user): (Option<&str>, &str),
    change: &Map<String, Value>,
) -> Result<Given, Fault> {
    match crm.get(entity, id).await? {
        Lookup::Found(now) if now.text("assignedUserId") == before => {}
        Lookup::Found(_) | Lookup::Gone => return Ok(Given::NotTheirs),
        Lookup::NoAccess => return Ok(Given::Refused),
    }
    match crm.update(entity, id, change).await {
        Ok(told) if told.text("assignedUserId") == Some(user) => Ok(Given::Now),
        Ok(_) => Ok(Given::Refused),
        Err(Fault::NotFound) => Ok(Given::NotTheirs),
        Err(fault) => Err(fault),
    }
}

fn refuse(handed: &mut Handed, why: &str) {
    handed.refused.get_or_insert_with(|| why.to_owned());
}

// What concerns one record alone stops no other; whatever else is wrong is so for all of them, and a
// key that is refused again and again shuts this address out.
fn stops(fault: &Fault) -> bool {
    !matches!(
        fault,
        Fault::NoAccess { .. }
            | Fault::Duplicate(_)
            | Fault::Modified
            | Fault::Invalid { .. }
            | Fault::NoUser
    )
}

async fn pushed(
    store: &Store,
    by: &By,
    pushing: &Pushing,
    heir: &Heir,
    people: Vec<(Entity, String)>,
) -> usize {
    let mut of: BTreeMap<&str, (Entity, Vec<String>)> = BTreeMap::new();
    for (entity, record) in people {
        of.entry(entity.name()).or_insert_with(|| (entity, Vec::new())).1.push(record);
    }
    let mut count = 0;
    for (entity, records) in of.into_values() {
        for portion in records.chunks(MOST) {
            let which = Which::Ids(portion.to_vec());
            match pushing.push(store, by, (heir.account, entity), &which, false).await {
                Ok(_) => count += portion.len(),
                Err(error) => {
                    tracing::warn!(%error, "contacts of a leaver were not pushed for the successor");
                }
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::{Handed, refuse};

    #[test]
    fn the_first_refusal_is_told() {
        let mut handed = Handed::default();
        refuse(&mut handed, "one");
        refuse(&mut handed, "two");
        assert_eq!(handed.refused.as_deref(), Some("one"));
    }
}
