//! `people.connections.list`, whole and of changes. Pages go by key, so that what changes meanwhile
//! is never lost: it is in the next list of changes, which begins where this one began.

use serde_json::{Value, json};

use super::lagging::Listed;
use super::mask::{self, Sources};
use super::refusal::Refusal;
use super::show::View;
use super::store::{Contact, World};
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

/// `GET people/me/connections`
pub(super) fn connections(world: &World, call: &Call, of: &str) -> Result<Answer, Refusal> {
    if of != "people/me" {
        return Err(Refusal::invalid("Resource name must be people/me."));
    }
    let mask = mask::required(call)?;
    let sources = Sources::asked(call)?;
    let order = Order::asked(call)?;
    let size = mask::page_size(call, 100)?;
    let parameters = format!("{mask:?} {sources:?} {order:?} {size}");
    let book = world.book(&call.user)?;
    let listing = Listing {
        of: format!("contacts of {}", call.user),
        epoch: book.epoch,
        change: book.people.change(),
        parameters,
        lifetime: world.policy.sync_token_lifetime,
        call,
    };
    let token = listing.begin()?;
    let mut rows: Vec<(String, &Contact)> = book
        .people
        .listed()
        .filter(|it| takes(it, token.since))
        .map(|it| (order.key(&it.value), &it.value))
        .collect();
    rows.sort_by(|one, two| one.0.cmp(&two.0));
    let total = rows.len();
    rows.retain(|(key, _)| key.as_str() > token.after());
    let size = if world.policy.short_pages { size.div_ceil(2) } else { size };
    let more = rows.len() > size;
    rows.truncate(size);
    let change = token.since.is_some();
    let view = View { mask: &mask, sources, listed: true, change, policy: &world.policy };
    let shown: Vec<Value> = rows.iter().map(|(_, contact)| view.show(contact)).collect();
    let mut body = json!({});
    if !shown.is_empty() {
        body["connections"] = json!(shown);
    }
    if !change {
        body["totalPeople"] = json!(total);
        body["totalItems"] = json!(total);
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
