//! `people.connections.list`, whole and of changes. Pages go by key, so that what changes meanwhile
//! is never lost: it is in the next list of changes, which begins where this one began.

use serde_json::{Value, json};

use super::lagging::Listed;
use super::mask::{self, Mask, Sources};
use super::refusal::Refusal;
use super::show::View;
use super::store::{Book, Contact, World};
use super::token::{Listing, written};
use crate::api::{Answer, Call};

#[derive(Debug, Clone, Copy)]
enum Order {
    Oldest,
    Newest,
    FirstName,
    LastName,
}

impl Order {
    fn asked(call: &Call) -> Result<Self, Refusal> {
        match call.one("sortOrder") {
            None | Some("LAST_MODIFIED_ASCENDING") => Ok(Self::Oldest),
            Some("LAST_MODIFIED_DESCENDING") => Ok(Self::Newest),
            Some("FIRST_NAME_ASCENDING") => Ok(Self::FirstName),
            Some("LAST_NAME_ASCENDING") => Ok(Self::LastName),
            Some(other) => {
                let message = format!("Invalid value at 'sort_order', \"{other}\"");
                Err(Refusal::violation("sort_order", &message))
            }
        }
    }

    /// What contacts are ordered by.
    fn key(self, contact: &Contact) -> String {
        let name = |part: &str| {
            let name = contact.fields.get("names").map(|it| &it[0][part]).and_then(Value::as_str);
            name.unwrap_or_default().to_lowercase()
        };
        let micros = u64::try_from(contact.updated.as_micros()).unwrap_or(u64::MAX);
        let order = match self {
            Self::Oldest => format!("{micros:020}"),
            Self::Newest => format!("{:020}", u64::MAX - micros),
            Self::FirstName => name("givenName"),
            Self::LastName => name("familyName"),
        };
        format!("{order} {}", contact.source)
    }
}

/// What is asked for.
struct Query {
    mask: Mask,
    sources: Sources,
    order: Order,
    size: usize,
}

impl Query {
    fn asked(call: &Call) -> Result<Self, Refusal> {
        let (mask, sources) = (mask::required(call)?, Sources::asked(call)?);
        Ok(Self { mask, sources, order: Order::asked(call)?, size: mask::page_size(call, 100)? })
    }

    /// What must be the same on every page and in every list of changes.
    fn parameters(&self) -> String {
        format!("{:?} {:?} {:?} {}", self.mask, self.sources, self.order, self.size)
    }

    fn listing<'a>(&self, world: &'a World, book: &Book, call: &'a Call) -> Listing<'a> {
        Listing {
            of: format!("contacts of {}", call.user),
            epoch: book.epoch,
            change: book.people.change(),
            parameters: self.parameters(),
            policy: &world.policy,
            call,
        }
    }

    /// Everybody the list has, in its order.
    fn rows<'a>(&self, book: &'a Book, since: Option<u64>) -> Vec<(String, &'a Contact)> {
        let listed = book.people.listed().filter(|it| takes(it, since));
        let mut rows: Vec<_> = listed.map(|it| (self.order.key(&it.value), &it.value)).collect();
        rows.sort_by(|one, two| one.0.cmp(&two.0));
        rows
    }
}

/// `GET people/me/connections`
pub(super) fn connections(world: &World, call: &Call, of: &str) -> Result<Answer, Refusal> {
    if of != "people/me" {
        return Err(Refusal::invalid("Resource name must be people/me."));
    }
    let query = Query::asked(call)?;
    let book = world.book(&call.user)?;
    let token = query.listing(world, book, call).begin()?;
    let mut rows = query.rows(book, token.since);
    let total = rows.len();
    rows.retain(|(key, _)| key.as_str() > token.after());
    let size = if world.policy.short_pages { query.size.div_ceil(2) } else { query.size };
    let more = rows.len() > size;
    rows.truncate(size);
    let (mask, sources, change) = (&query.mask, query.sources, token.since.is_some());
    let view = View { mask, sources, listed: true, change, policy: &world.policy };
    let mut body = json!({});
    if !rows.is_empty() {
        body["connections"] = rows.iter().map(|(_, contact)| view.show(contact)).collect();
    }
    if !change {
        (body["totalPeople"], body["totalItems"]) = (json!(total), json!(total));
    }
    if more {
        let last = rows.pop().map(|(key, _)| key).unwrap_or_default();
        body["nextPageToken"] = json!(written(&token.next_page(last)));
    } else if change || mask::flag(call, "requestSyncToken")? {
        body["nextSyncToken"] = json!(written(&token.next_sync()));
    }
    Ok(Answer::of(body))
}

/// Whether a whole list, or one of the changes since, has this contact.
fn takes(listed: &Listed<Contact>, since: Option<u64>) -> bool {
    match since {
        None => !listed.value.deleted,
        Some(since) => listed.change > since,
    }
}
