//! The groups of an account, which Google shows as labels.

use postern_core::model::id::AccountId;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::call::{LIST, read};
use super::client::People;
use super::fault::Fault;
use super::limits::MEMBERS;
use super::name;
use crate::net::exchange::Method;
use crate::store::contacts::groups::Listed;

/// Google gives 1,000 a page; nobody has this many.
const PAGES: usize = 10;
const FIELDS: &str = "name,groupType,memberCount,metadata";
const LONGEST_NAME: usize = 200;
/// Letters of a name that are kept.
const SHOWN_NAME: usize = 100;

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// `contactGroups/…`.
    pub resource_name: String,
    /// As the user calls it, or Google where it is Google's own.
    pub name: String,
    /// Whether the user has made it; Google's own are `myContacts`, `starred` and others.
    pub own: bool,
    /// How many people are in it, as far as Google has counted.
    pub members: u64,
}

/// As the store keeps it. Neither database need keep of a name what no page shows.
impl From<Group> for Listed {
    fn from(group: Group) -> Self {
        let name = group.name.chars().filter(|letter| !letter.is_control()).take(SHOWN_NAME).collect();
        let members = i64::try_from(group.members).unwrap_or(i64::MAX);
        Self { resource: group.resource_name, name, own: group.own, members }
    }
}

/// What became of a change of a group's people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Modified {
    /// Those that there are not.
    #[serde(default, rename = "notFoundResourceNames")]
    pub not_found: Vec<String>,
    /// Those that would be in no group any more, and stay.
    #[serde(default, rename = "canNotRemoveLastContactGroupResourceNames")]
    pub kept: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    contact_groups: Vec<Entry>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    resource_name: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    group_type: String,
    #[serde(default)]
    member_count: u64,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    member_resource_names: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    deleted: bool,
}

impl Entry {
    fn group(self) -> Result<Group, Fault> {
        if !name::is_group(&self.resource_name) {
            return Err(Fault::Malformed("a group without a name"));
        }
        let own = self.group_type == "USER_CONTACT_GROUP";
        Ok(Group { resource_name: self.resource_name, name: self.name, own, members: self.member_count })
    }
}

impl People {
    /// Every group of the account.
    ///
    /// # Errors
    /// See [`Fault`]; `TooLarge` for more than 10,000.
    pub async fn groups(&self, account: AccountId) -> Result<Vec<Group>, Fault> {
        let mut all = Vec::new();
        let mut page: Option<String> = None;
        for _ in 0..PAGES {
            let mut call = self
                .call("groups", Method::Get, &["contactGroups"])?
                .with("pageSize", "1000")
                .with("groupFields", FIELDS)
                .at_most(LIST);
            if let Some(token) = &page {
                call = call.with("pageToken", token);
            }
            let read: Page = read(&self.ask(account, call).await?, "no list of groups")?;
            let living = read.contact_groups.into_iter().filter(|group| !group.metadata.deleted);
            all.extend(living.map(Entry::group).collect::<Result<Vec<_>, _>>()?);
            page = read.next_page_token.filter(|token| !token.is_empty());
            if page.is_none() {
                return Ok(all);
            }
        }
        Err(Fault::TooLarge)
    }

    /// The names of at most `most` people in the group.
    ///
    /// # Errors
    /// `NotFound` when there is no such group any more; else see [`Fault`].
    pub async fn members(&self, account: AccountId, group: &str, most: u32) -> Result<Vec<String>, Fault> {
        let call = self
            .call("members", Method::Get, &["contactGroups", name::group(group)?])?
            .with("maxMembers", &most.to_string())
            .with("groupFields", FIELDS)
            .at_most(LIST);
        let entry: Entry = read(&self.ask(account, call).await?, "no group")?;
        if entry.metadata.deleted {
            return Err(Fault::NotFound);
        }
        Ok(entry.member_resource_names.into_iter().filter(|name| name::is_person(name)).collect())
    }

    /// Makes a group.
    ///
    /// # Errors
    /// `Duplicate` when there is one of that name; else see [`Fault`].
    pub async fn create_group(&self, account: AccountId, called: &str) -> Result<Group, Fault> {
        if called.trim().is_empty() || called.len() > LONGEST_NAME {
            return Err(Fault::Invalid("the name of a group"));
        }
        let body = object(json!({ "contactGroup": { "name": called }, "readGroupFields": FIELDS }));
        let call = self.call("create_group", Method::Post, &["contactGroups"])?.body(&body)?;
        read::<Entry>(&self.ask(account, call).await?, "no group")?.group()
    }

    /// Puts people into the group and takes others out of it, 1,000 together at most. Who is in it
    /// already, or is not, stays as they are.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn modify_members(
        &self,
        account: AccountId,
        group: &str,
        (add, remove): (&[String], &[String]),
    ) -> Result<Modified, Fault> {
        if add.len() + remove.len() > MEMBERS {
            return Err(Fault::Invalid("too many people"));
        }
        let body = object(json!({ "resourceNamesToAdd": add, "resourceNamesToRemove": remove }));
        let path = ["contactGroups", name::group(group)?, "members:modify"];
        let call = self.call("modify_members", Method::Post, &path)?.body(&body)?.at_most(LIST);
        read(&self.ask(account, call).await?, "no answer about a group")
    }
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
