//! Who has which e-mail address in the CRM. What was found, and that nobody was, is
//! remembered for an hour.
//!
//! An address is that of a user, else of a contact, else of a lead. One that several of
//! a kind have is nobody's: nothing tells which of them is meant. What the CRM's user of
//! the gateway may not see is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use postern_core::plan::calendar::people::{Kind, Person};

use crate::clock::{Micros, micros};
use crate::crm::client::Client;
use crate::crm::fault::Fault;
use crate::crm::people::portions;

const HOLDS: Duration = Duration::from_secs(3_600);
/// Addresses that are remembered.
const MOST: usize = 50_000;
/// Longest address that is asked for, in octets.
const LONGEST: usize = 254;

/// What is remembered: until when, and whose the address is.
#[derive(Default)]
pub(super) struct Directory(std::sync::Mutex<BTreeMap<String, (Micros, Option<Person>)>>);

impl Directory {
    /// Whose the addresses are, which stand in lower case; of those that are nobody's, nothing.
    ///
    /// # Errors
    /// When the CRM does not tell.
    pub async fn find(
        &self,
        client: &Client,
        addresses: &BTreeSet<String>,
        now: Micros,
    ) -> Result<BTreeMap<String, Person>, Fault> {
        let mut found = BTreeMap::new();
        let mut asked = Vec::new();
        for address in addresses.iter().filter(|address| address.len() <= LONGEST) {
            match self.known(address, now) {
                Some(person) => found.extend(person.map(|person| (address.clone(), person))),
                None => asked.push(address.clone()),
            }
        }
        if asked.is_empty() {
            return Ok(found);
        }
        let mut answers: BTreeMap<String, Option<Person>> = BTreeMap::new();
        for kind in Kind::ALL {
            let open: Vec<_> =
                asked.iter().filter(|address| !answers.contains_key(*address)).cloned().collect();
            look_up(client, kind, &open, &mut answers).await?;
        }
        self.keep(asked.iter().map(|address| (address, answers.get(address).cloned().flatten())), now);
        found.extend(answers.into_iter().filter_map(|(address, person)| Some((address, person?))));
        Ok(found)
    }

    fn known(&self, address: &str, now: Micros) -> Option<Option<Person>> {
        let known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.get(address).filter(|(until, _)| now < *until).map(|(_, person)| person.clone())
    }

    fn keep<'a>(&self, all: impl Iterator<Item = (&'a String, Option<Person>)>, now: Micros) {
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, (until, _)| now < *until);
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.extend(all.map(|(address, person)| (address.clone(), (now + micros(HOLDS), person))));
    }
}

// An address that several have is answered with nobody, and looked for no further.
async fn look_up(
    client: &Client,
    kind: Kind,
    addresses: &[String],
    answers: &mut BTreeMap<String, Option<Person>>,
) -> Result<(), Fault> {
    for portion in portions(addresses) {
        let people = match client.people(kind, portion).await {
            Ok(Some(people)) => people,
            Ok(None) => {
                answers.extend(portion.iter().map(|address| (address.clone(), None)));
                continue;
            }
            // The role does not open this kind, or the CRM has none of it.
            Err(fault @ (Fault::NoAccess { .. } | Fault::NoSuchEntity)) => {
                tracing::debug!(kind = kind.name(), %fault, "guests are not looked for among these");
                return Ok(());
            }
            Err(fault) => return Err(fault),
        };
        for address in portion {
            let mut of = people.iter().filter(|found| found.addresses.contains(address));
            match (of.next(), of.next()) {
                (None, _) => {}
                (Some(one), None) => {
                    let person = Person { kind, id: one.id.clone() };
                    answers.insert(address.clone(), Some(person));
                }
                (Some(_), Some(_)) => {
                    answers.insert(address.clone(), None);
                }
            }
        }
    }
    Ok(())
}
