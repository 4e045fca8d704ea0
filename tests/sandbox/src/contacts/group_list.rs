//! `contactGroups.list`, `.get` and `.batchGet`. A group is there at once for who asks for it by
//! name; its members are as lists show them.

use serde_json::{Value, json};

use super::etag;
use super::lagging::Listed;
use super::mask;
use super::refusal::Refusal;
use super::show::stamp;
use super::store::{Book, Group, World};
use super::token::{Listing, written};
use crate::api::{Answer, Call};

const FIELDS: [&str; 5] = ["clientData", "groupType", "memberCount", "metadata", "name"];
const USUAL: &str = "metadata,groupType,memberCount,name";
/// The most groups of a batch.
const MOST: usize = 200;

/// The fields to be shown.
pub(super) fn fields<'a>(text: Option<&'a str>, parameter: &str) -> Result<Vec<&'a str>, Refusal> {
    let text = text.filter(|it| !it.trim().is_empty()).unwrap_or(USUAL);
    let fields: Vec<&str> = text.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    match fields.iter().find(|field| !FIELDS.contains(field)) {
        None => Ok(fields),
        Some(field) => Err(Refusal::invalid(&format!("Invalid {parameter} mask path: \"{field}\"."))),
    }
}

/// A group with so many of its members.
pub(super) fn show(book: &Book, group: &Group, fields: &[&str], members: usize) -> Value {
    let mut shown = json!({"resourceName": group.name, "etag": etag::of_group(group.version)});
    for field in fields {
        match *field {
            "clientData" if !group.client_data.is_empty() => shown["clientData"] = json!(group.client_data),
            "groupType" => {
                let kind = if group.system { "SYSTEM_CONTACT_GROUP" } else { "USER_CONTACT_GROUP" };
                shown["groupType"] = json!(kind);
            }
            "memberCount" => {
                let count = book.listed_members(&group.name).count();
                if count > 0 {
                    shown["memberCount"] = json!(count);
                }
            }
            "metadata" if !group.system => shown["metadata"] = json!({"updateTime": stamp(group.updated)}),
            "name" => {
                shown["name"] = json!(group.title);
                shown["formattedName"] = json!(group.formatted);
            }
            _ => {}
        }
    }
    let names: Vec<&String> = book.listed_members(&group.name).map(|it| &it.name).take(members).collect();
    if !names.is_empty() {
        shown["memberResourceNames"] = json!(names);
    }
    shown
}

/// `GET contactGroups/{id}`
pub(super) fn get(world: &World, call: &Call, name: &str) -> Result<Answer, Refusal> {
    let fields = fields(call.one("groupFields"), "groupFields")?;
    let members = mask::number(call, "maxMembers")?;
    let book = world.book(&call.user)?;
    Ok(Answer::of(show(book, book.group(name)?, &fields, members)))
}

/// `GET contactGroups:batchGet`
pub(super) fn batch(world: &World, call: &Call) -> Result<Answer, Refusal> {
    let fields = fields(call.one("groupFields"), "groupFields")?;
    let members = mask::number(call, "maxMembers")?;
    let book = world.book(&call.user)?;
    let names: Vec<&str> = call.all("resourceNames").collect();
    if names.is_empty() || names.len() > MOST {
        return Err(Refusal::invalid("Request must specify between 1 and 200 resource names."));
    }
    let response = |name: &&str| match book.group(name) {
        Ok(group) => {
            let group = show(book, group, &fields, members);
            json!({"requestedResourceName": name, "status": {}, "contactGroup": group})
        }
        Err(refusal) => json!({"requestedResourceName": name, "status": refusal.inner()}),
    };
    Ok(Answer::of(json!({"responses": names.iter().map(response).collect::<Vec<_>>()})))
}

/// `GET contactGroups`
pub(super) fn list(world: &World, call: &Call) -> Result<Answer, Refusal> {
    let fields = fields(call.one("groupFields"), "groupFields")?;
    let size = mask::page_size(call, 30)?;
    let book = world.book(&call.user)?;
    let listing = Listing {
        of: format!("groups of {}", call.user),
        epoch: book.epoch,
        change: book.groups.change(),
        parameters: format!("{fields:?} {size}"),
        policy: &world.policy,
        call,
    };
    let token = listing.begin()?;
    let mut rows = rows(book, token.since);
    let total = rows.len();
    rows.retain(|group| group.name.as_str() > token.after());
    let more = rows.len() > size;
    rows.truncate(size);
    let mut body = json!({"totalItems": total});
    if !rows.is_empty() {
        body["contactGroups"] = rows.iter().map(|group| line(book, group, &fields)).collect();
    }
    if more {
        let last = rows.pop().map(|group| group.name.clone()).unwrap_or_default();
        body["nextPageToken"] = json!(written(&token.next_page(last)));
    } else {
        body["nextSyncToken"] = json!(written(&token.next_sync()));
    }
    Ok(Answer::of(body))
}

/// All groups, or those that have changed since, by name.
fn rows(book: &Book, since: Option<u64>) -> Vec<&Group> {
    let takes = |it: &&Listed<Group>| match since {
        None => !it.value.deleted,
        Some(since) => it.change > since,
    };
    book.groups.listed().filter(takes).map(|it| &it.value).collect()
}

/// A line of the list. Of a group that is gone, only that.
fn line(book: &Book, group: &Group, fields: &[&str]) -> Value {
    if !group.deleted {
        return show(book, group, fields, 0);
    }
    let mut line = json!({"resourceName": group.name, "etag": etag::of_group(group.version)});
    if fields.contains(&"metadata") {
        line["metadata"] = json!({"deleted": true, "updateTime": stamp(group.updated)});
    }
    line
}
