//! Records that may be somebody whom Google knows: by an address, or by a number.

use std::collections::{BTreeMap, BTreeSet};

use postern_core::plan::contacts::card::{Card, Entity};
use postern_core::plan::record::Field;

use super::written::Looked;
use super::{Sight, Told, attributes, cards};
use crate::crm::client::Client;
use crate::crm::fault::Fault;
use crate::crm::query::{Filter, MOST, Order, Query};
use crate::crm::records::RecordId;

/// Pages of one answer; a CRM that has more records of a hundred addresses is asked no further.
const PAGES: usize = 5;
/// Records of one answer that are read one by one.
const SINGLES: usize = 50;

/// By what somebody is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Addresses, in lower case.
    Address,
    /// Numbers, as E.164: the CRM compares them letter by letter.
    Phone,
}

impl By {
    fn attribute(self) -> &'static str {
        match self {
            Self::Address => "emailAddress",
            Self::Phone => "phoneNumber",
        }
    }

    fn shows(self, card: &Card, wanted: &BTreeSet<String>) -> bool {
        let (first, field) = match self {
            Self::Address => (&card.email, Field::Emails),
            Self::Phone => (&card.phone, Field::Phones),
        };
        let others = card.record.several(field).into_iter().flat_map(|all| all.iter());
        let all = first.iter().map(String::as_str).chain(others.map(|item| item.text.as_str()));
        all.map(str::to_lowercase).any(|one| wanted.contains(&one))
    }
}

impl Client {
    /// Records in sight that have one of these addresses or numbers, which are one portion of
    /// [`portions`](crate::crm::people::portions). None when they are too many to be told apart.
    ///
    /// The CRM finds a record by each of its addresses and numbers. Where the list shows only others
    /// of them, the record is read by itself, so each that is told shows why it was found. Addresses
    /// were recorded to be found so; that `in` finds numbers in the same way is how the CRM's code
    /// has it.
    ///
    /// # Errors
    /// When the CRM does not tell, or they are more than one portion.
    pub async fn alike(
        &self,
        entity: Entity,
        sight: Sight<'_>,
        by: By,
        values: &[String],
    ) -> Result<Option<Vec<Told>>, Fault> {
        if values.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let wanted: BTreeSet<String> = values.iter().map(|value| value.to_lowercase()).collect();
        let filter = Filter::In(by.attribute().to_owned(), wanted.iter().cloned().collect());
        let query = Query::new().select(&attributes(entity)).filter(filter).order("createdAt", Order::Asc);
        let mut found = BTreeMap::new();
        for page in 0..PAGES {
            let query = query.clone().page(page * MOST, MOST).without_total();
            let page = cards(entity, self.list(entity.name(), &query).await?);
            let seen = page.all.into_iter().filter(|told| sight.shows(&told.card));
            found.extend(seen.map(|told| (told.card.id.clone(), told)));
            if !page.more {
                return self.shown(entity, sight, (by, &wanted), found.into_values().collect()).await;
            }
        }
        Ok(None)
    }

    async fn shown(
        &self,
        entity: Entity,
        sight: Sight<'_>,
        (by, wanted): (By, &BTreeSet<String>),
        found: Vec<Told>,
    ) -> Result<Option<Vec<Told>>, Fault> {
        let (mut shown, hidden): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|told| by.shows(&told.card, wanted));
        let hidden: Vec<_> = hidden.into_iter().filter(|told| !told.is_whole()).collect();
        if hidden.len() > SINGLES {
            return Ok(None);
        }
        for told in hidden {
            let Some(id) = RecordId::parse(&told.card.id) else { continue };
            if let Looked::Found(told) = self.get_card(entity, &id).await?
                && sight.shows(&told.card)
                && by.shows(&told.card, wanted)
            {
                shown.push(told);
            }
        }
        Ok(Some(shown))
    }
}
