//! People of the CRM by their e-mail addresses, many at a time.

use postern_core::plan::calendar::people::Kind;
use serde_json::Value;

use super::client::Client;
use super::fault::Fault;
use super::query::{Filter, Query};
use super::records::Record;

/// Octets that the addresses of one question may fill of the web address.
const FILLS: usize = 6_000;
/// What stands before each of them there.
const BEFORE: usize = "&whereGroup[0][value][]=".len();
/// Pages of one answer; a CRM that has more people of a hundred addresses is asked no further.
const PAGES: usize = 5;
const PAGE: usize = 200;

/// A person's record, and the addresses that the CRM tells of it, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its identity.
    pub id: String,
    /// The first address, and where the list tells them, the others.
    pub addresses: Vec<String>,
}

/// Addresses as they may be asked for at once.
#[must_use]
pub fn portions(addresses: &[String]) -> Vec<&[String]> {
    let mut portions = Vec::new();
    let (mut from, mut filled) = (0, 0);
    for (at, address) in addresses.iter().enumerate() {
        let fills =
            BEFORE + url::form_urlencoded::byte_serialize(address.as_bytes()).map(str::len).sum::<usize>();
        if at > from && (at - from >= Filter::MOST_VALUES || filled + fills > FILLS) {
            portions.extend(addresses.get(from..at));
            (from, filled) = (at, 0);
        }
        filled += fills;
    }
    portions.extend(addresses.get(from..).filter(|rest| !rest.is_empty()));
    portions
}

impl Client {
    /// Those of a kind who have one of the addresses: of users only those who may sign in, of others
    /// only those that are assigned to the user `of`. None when there are too many to be told apart.
    ///
    /// # Errors
    /// When the CRM does not tell, or they are more than one of [`portions`].
    pub async fn people(
        &self,
        kind: Kind,
        of: &str,
        addresses: &[String],
    ) -> Result<Option<Vec<Found>>, Fault> {
        let mut found = Vec::new();
        for page in 0..PAGES {
            let query = shown(kind, of)
                .filter(Filter::In("emailAddress".to_owned(), addresses.to_vec()))
                .page(page * PAGE, PAGE)
                .without_total();
            let page = self.list(kind.name(), &query).await?;
            found.extend(page.records.iter().filter(|record| kind != Kind::User || works(record)).map(read));
            if !page.more {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The addresses of those of a kind who have one of the identities, of each the one first that the
    /// CRM calls so; only of whom [`Self::people`] would show.
    ///
    /// # Errors
    /// When the CRM does not tell, or they are more than [`Filter::MOST_VALUES`].
    pub async fn addresses(&self, kind: Kind, of: &str, ids: &[String]) -> Result<Vec<Found>, Fault> {
        let query = shown(kind, of).filter(Filter::ids(ids.iter().map(String::as_str)));
        let page = self.list(kind.name(), &query.page(0, PAGE).without_total()).await?;
        let shown = page.records.iter().filter(|record| kind != Kind::User || works(record));
        Ok(shown.map(told).collect())
    }
}

fn shown(kind: Kind, of: &str) -> Query {
    let query = Query::new().select(&["id", "emailAddress", "emailAddressData", "isActive", "type"]);
    match kind {
        Kind::User => query,
        Kind::Contact | Kind::Lead => {
            query.filter(Filter::Equals("assignedUserId".to_owned(), of.to_owned()))
        }
    }
}

// Neither one who has left, nor a customer or a program.
fn works(user: &Record) -> bool {
    let left = user.as_map().get("isActive").and_then(Value::as_bool) == Some(false);
    !left && user.text("type").is_none_or(|kind| matches!(kind, "regular" | "admin"))
}

fn read(record: &Record) -> Found {
    let mut found = told(record);
    found.addresses.sort();
    found.addresses.dedup();
    found
}

fn told(record: &Record) -> Found {
    let rows = record.as_map().get("emailAddressData").and_then(Value::as_array);
    let others = rows.into_iter().flatten().filter_map(|row| row.get("emailAddress")?.as_str());
    let addresses = record.text("emailAddress").into_iter().chain(others).map(str::to_lowercase).collect();
    Found { id: record.id().as_str().to_owned(), addresses }
}

#[cfg(test)]
mod tests {
    use super::portions;

    #[test]
    fn k_2_a_question_holds_a_hundred_addresses_or_what_fits_in_an_address() {
        let of = |count: usize, length: usize| -> Vec<String> {
            (0..count).map(|n| format!("{n:0>length$}@example.com")).collect()
        };
        let sizes = |all: &[String]| portions(all).iter().map(|portion| portion.len()).collect::<Vec<_>>();
        assert_eq!(sizes(&of(250, 4)), [100, 100, 50]);
        assert_eq!(sizes(&[]), Vec::<usize>::new());
        let long = of(100, 200);
        assert!(portions(&long).iter().all(|portion| portion.len() < 30));
        assert_eq!(portions(&long).concat(), long);
        assert_eq!(sizes(&of(2, 9_000)), [1, 1]);
    }
}
