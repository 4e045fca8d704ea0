//! Who has which e-mail address in the CRM. What was found, and that nobody was, is
//! remembered for an hour.
//!
//! An address is that of a user, else of a contact, else of a lead. One that several of
//! a kind have is nobody's: nothing tells which of them is meant. Contacts and leads count
//! for whom they are assigned to only, whatever the CRM's user of the gateway may see: nobody
//! learns by an invitation whom others know.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use postern_core::plan::calendar::people::{Kind, Person};

use crate::clock::{Micros, micros};
use crate::crm::client::Client;
use crate::crm::fault::Fault;
use crate::crm::people::portions;
use crate::sync::remembered::Remembered;

const HOLDS: Duration = Duration::from_secs(3_600);
/// Questions of each kind in one call: a run must not lose its lease over them.
const AT_ONCE: usize = 50;
/// Longest address that is asked for, in octets.
const LONGEST: usize = 254;

/// What is remembered by user and address: until when, and whose the address is.
#[derive(Default)]
pub(super) struct Directory(Remembered<Asked, Option<Person>>);

/// For which user, and for whose address.
type Asked = (String, String);

impl Directory {
    /// Whose the addresses are, which stand in lower case, as far as the user `of` of the CRM may know;
    /// of those that are nobody's, nothing. None when they are too many to be asked for at once: what was
    /// asked is remembered, and the next call goes on.
    ///
    /// # Errors
    /// When the CRM does not tell.
    pub async fn find(
        &self,
        client: &Client,
        of: &str,
        addresses: &BTreeSet<String>,
        now: Micros,
    ) -> Result<Option<BTreeMap<String, Person>>, Fault> {
        let mut found = BTreeMap::new();
        let mut open = Vec::new();
        for address in addresses.iter().filter(|address| address.len() <= LONGEST) {
            match self.0.known(&(of.to_owned(), address.clone()), now) {
                Some(person) => found.extend(person.map(|person| (address.clone(), person))),
                None => open.push(address.clone()),
            }
        }
        let portions = portions(&open);
        for portion in portions.iter().take(AT_ONCE) {
            let mut answers: BTreeMap<String, Option<Person>> = BTreeMap::new();
            for kind in Kind::ALL {
                let open: Vec<_> =
                    portion.iter().filter(|address| !answers.contains_key(*address)).cloned().collect();
                look_up(client, (kind, of), &open, &mut answers).await?;
            }
            let told = |address: &String| answers.get(address).cloned().flatten();
            let of_all = portion.iter().map(|address| ((of.to_owned(), address.clone()), told(address)));
            self.0.keep(of_all, now, now + micros(HOLDS));
            found.extend(answers.into_iter().filter_map(|(address, person)| Some((address, person?))));
        }
        Ok((portions.len() <= AT_ONCE).then_some(found))
    }
}

// An address that several have is answered with nobody, and looked for no further.
async fn look_up(
    client: &Client,
    (kind, of): (Kind, &str),
    addresses: &[String],
    answers: &mut BTreeMap<String, Option<Person>>,
) -> Result<(), Fault> {
    for portion in portions(addresses) {
        let people = match client.people(kind, of, portion).await {
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
