//! Contacts and leads of the CRM: which attributes are asked for, how lists of them are read, and
//! which of them a user may see.
//!
//! A list tells the first address and the first number of each record, and in which teams it is.
//! All addresses and numbers (`emailAddressData`, `phoneNumberData`) are told of a single record:
//! that is how the CRM's code has it in all versions; what a list answers when it is asked for them
//! was not recorded. They are asked for all the same, and [`Told::is_whole`] says whether they
//! came. Who needs them of a record that is not whole reads it by [`Client::get_card`].

use std::collections::BTreeSet;

use postern_core::plan::contacts::card::{self, Card, Entity};
use serde_json::{Map, Value};

use super::client::Client;
use super::fault::Fault;
use super::query::{Filter, MOST, Order, Query};
use super::records::{Page, Record};

pub mod alike;
pub mod chosen;
pub mod written;

/// What a decision reads of either kind.
const READ: [&str; 20] = [
    "id",
    "salutationName",
    "firstName",
    "middleName",
    "lastName",
    "title",
    "accountName",
    "description",
    "emailAddress",
    "phoneNumber",
    "addressStreet",
    "addressCity",
    "addressState",
    "addressPostalCode",
    "addressCountry",
    "assignedUserId",
    "createdById",
    "createdAt",
    "modifiedAt",
    "modifiedById",
];
/// What only a lead has.
const LEAD: [&str; 3] = ["website", "status", "createdContactId"];
/// All addresses and numbers.
const WHOLE: [&str; 2] = ["emailAddressData", "phoneNumberData"];
/// The teams of a record.
const TEAMS: &str = "teamsIds";
/// Whose a record is.
const WHOSE: [&str; 3] = ["id", "assignedUserId", TEAMS];

/// Attributes of a list: everything that a list can tell of what [`card::read`] reads.
#[must_use]
pub fn attributes(entity: Entity) -> Vec<&'static str> {
    let lead = if entity == Entity::Lead { &LEAD[..] } else { &[] };
    READ.iter().chain(lead).chain(&WHOLE).copied().chain([TEAMS]).collect()
}

/// A record: as a decision reads it, and as it was told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What it says.
    pub card: Card,
    /// Every attribute.
    pub raw: Map<String, Value>,
}

impl Told {
    /// Reads a record; none without an identity.
    #[must_use]
    pub fn read(entity: Entity, record: Record) -> Option<Self> {
        let raw = record.into_map();
        Some(Self { card: card::read(entity, &raw)?, raw })
    }

    /// Whether all addresses and numbers were told.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        WHOLE.iter().all(|name| self.raw.get(*name).is_some_and(Value::is_array))
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Cards {
    /// The records, in order.
    pub all: Vec<Told>,
    /// Whether others follow. Never true of a part without records.
    pub more: bool,
}

fn cards(entity: Entity, page: Page) -> Cards {
    let all = page.records.into_iter().filter_map(|record| Told::read(entity, record)).collect();
    Cards { all, more: page.more }
}

/// What a user may see: what is assigned to them, and what is in one of their teams, as
/// [`Client::user`] tells them.
///
/// It is decided here, by what the CRM tells of each record, and not left to a filter: the CRM
/// refuses to filter by a team that our own user may not read (its code does so since 9.2; that was
/// not recorded). What does not tell its teams is in none. Records that are shared in
/// another way, by a role or by several assigned users, are not seen here.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// The user's identity in the CRM.
    pub user: &'a str,
    /// Identities of the user's teams.
    pub teams: &'a [String],
}

impl Sight<'_> {
    /// Whether the record is one of them.
    #[must_use]
    pub fn shows(&self, card: &Card) -> bool {
        let own = card.user.as_deref().is_some_and(|user| user == self.user);
        own || card.teams.as_ref().is_some_and(|teams| self.teams.iter().any(|team| teams.contains(team)))
    }

    /// The same as a filter, which saves pages; none of more teams than a filter may name.
    fn filter(&self) -> Option<Filter> {
        let own = Filter::equals("assignedUserId", self.user);
        match self.teams.len() {
            0 => Some(own),
            1..=Filter::MOST_VALUES => {
                Some(Filter::Or(vec![own, Filter::LinkedWith("teams".to_owned(), self.teams.to_vec())]))
            }
            _ => None,
        }
    }
}

impl Client {
    /// What was changed since then, that second included, in the order of the changes: `skip` of them
    /// left out, at most a page.
    ///
    /// # Errors
    /// When the CRM does not tell.
    pub async fn changed_since(
        &self,
        entity: Entity,
        since: Option<&str>,
        skip: usize,
    ) -> Result<Cards, Fault> {
        let query = Query::new().select(&attributes(entity)).order("modifiedAt", Order::Asc);
        let query = query.page(skip, MOST).without_total();
        let query = match since {
            Some(since) => query.filter(Filter::at_least("modifiedAt", since)),
            None => query,
        };
        Ok(cards(entity, self.list(entity.name(), &query).await?))
    }

    /// The records with these identities that our user may read. One that is missing is not proven
    /// gone.
    ///
    /// # Errors
    /// When the CRM does not tell, or they are more than [`Filter::MOST_VALUES`].
    pub async fn cards_by_id(&self, entity: Entity, ids: &[String]) -> Result<Vec<Told>, Fault> {
        Ok(cards(entity, self.named(entity, &attributes(entity), ids).await?).all)
    }

    /// Which of these records are in sight. One that is missing may be gone, or not be in sight.
    ///
    /// # Errors
    /// When the CRM does not tell, or they are more than [`Filter::MOST_VALUES`].
    pub async fn visible(
        &self,
        entity: Entity,
        sight: Sight<'_>,
        ids: &[String],
    ) -> Result<BTreeSet<String>, Fault> {
        let told = cards(entity, self.named(entity, &WHOSE, ids).await?).all;
        // A database that folds letters would answer for another identity.
        let seen = told.into_iter().filter(|told| sight.shows(&told.card) && ids.contains(&told.card.id));
        Ok(seen.map(|told| told.card.id).collect())
    }

    async fn named(&self, entity: Entity, select: &[&str], ids: &[String]) -> Result<Page, Fault> {
        if ids.is_empty() {
            return Ok(Page { records: Vec::new(), more: false });
        }
        let query = Query::new().select(select).filter(Filter::ids(ids.iter().map(String::as_str)));
        self.list(entity.name(), &query.page(0, MOST).without_total()).await
    }
}
