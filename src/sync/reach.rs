//! By which e-mail addresses people of the CRM can be invited; what was found is remembered for a
//! minute, and that somebody has none is not.
//!
//! It is told of whom a user of the CRM may know, like whose an address is, see `directory`: users who
//! work with it, and contacts and leads that are assigned to that user. One whom the CRM does not show
//! has no address.

use std::collections::BTreeSet;
use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::plan::calendar::invite;
use postern_core::plan::calendar::people::{Kind, Person};

use crate::clock::{Micros, micros};
use crate::crm::client::Client;
use crate::crm::fault::Fault;
use crate::crm::query::Filter;
use crate::sync::remembered::Remembered;

const HOLDS: Duration = Duration::from_secs(60);
/// People who are asked for in one call: a run must not lose its lease over them.
const AT_ONCE: usize = 2_000;

/// What is remembered by user and person: until when, and the addresses.
#[derive(Default)]
pub(super) struct Reach(Remembered<Asked, Vec<String>>);

/// For which user, and of whom.
type Asked = (String, Person);

impl Reach {
    /// The addresses of people, as far as the user `of` of the CRM may know. None when they are too
    /// many to be asked for at once: what was asked is remembered, and the next call goes on.
    ///
    /// # Errors
    /// When the CRM does not tell.
    pub async fn find(
        &self,
        client: &Client,
        of: &str,
        people: &BTreeSet<Person>,
        now: Micros,
    ) -> Result<Option<invite::Reach>, Fault> {
        let mut found = invite::Reach::new();
        let mut open = Vec::new();
        for person in people {
            match self.0.known(&(of.to_owned(), person.clone()), now) {
                Some(addresses) => drop(found.insert(person.clone(), addresses)),
                None => open.push(person),
            }
        }
        let all = open.len() <= AT_ONCE;
        open.truncate(AT_ONCE);
        for kind in Kind::ALL {
            let ids: Vec<_> = open.iter().filter(|it| it.kind == kind).map(|it| it.id.clone()).collect();
            for ids in ids.chunks(Filter::MOST_VALUES) {
                let told = look_up(client, (kind, of), ids).await?;
                let some = told.iter().filter(|(_, addresses)| !addresses.is_empty());
                let all =
                    some.map(|(person, addresses)| ((of.to_owned(), person.clone()), addresses.clone()));
                self.0.keep(all, now, now + micros(HOLDS));
                found.extend(told);
            }
        }
        Ok(all.then_some(found))
    }
}

async fn look_up(client: &Client, (kind, of): (Kind, &str), ids: &[String]) -> Result<invite::Reach, Fault> {
    let person = |id: &String| Person { kind, id: id.clone() };
    let mut told: invite::Reach = ids.iter().map(|id| (person(id), Vec::new())).collect();
    match client.addresses(kind, of, ids).await {
        Ok(shown) => {
            for one in shown {
                // What is no address is nobody's.
                let good = one.addresses.into_iter().filter(|address| Address::parse(address).is_ok());
                told.insert(person(&one.id), good.collect());
            }
            Ok(told)
        }
        // The role does not open this kind, or the CRM has none of it.
        Err(fault @ (Fault::NoAccess { .. } | Fault::NoSuchEntity)) => {
            tracing::debug!(kind = kind.name(), %fault, "nobody among these is invited");
            Ok(told)
        }
        Err(fault) => Err(fault),
    }
}
