//! One person, as Google sent it, and what may be done to it.
//!
//! What changes a person names the fields that are replaced and carries the etag that was read last:
//! where somebody has written in between, Google refuses.

use postern_core::model::id::AccountId;
use serde_json::{Map, Value};

use super::call::{Call, SOURCES, read};
use super::client::People;
use super::fault::Fault;
use super::name;
use crate::net::exchange::Method;

/// What is read of a person; what is not in here is left as it is by every write.
pub const FIELDS: &str = "addresses,biographies,clientData,emailAddresses,memberships,metadata,names,\
                          organizations,phoneNumbers,urls";

/// What else people write about somebody.
const MORE: &str = "birthdays,calendarUrls,events,externalIds,genders,imClients,interests,locations,miscKeywords,\
                    nicknames,occupations,photos,relations,sipAddresses,skills,userDefined";

/// A person with everything that Google said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Person(Map<String, Value>);

impl Person {
    /// Takes a person that has a name in Google, which is all that a deleted one may have.
    pub(super) fn read(map: Map<String, Value>) -> Result<Self, Fault> {
        match map.get("resourceName") {
            Some(Value::String(name)) if name::is_person(name) => Ok(Self(map)),
            _ => Err(Fault::Malformed("a person without a name")),
        }
    }

    /// `people/c…`; never empty. It changes when Google merges people.
    #[must_use]
    pub fn resource_name(&self) -> &str {
        self.text("resourceName").unwrap_or_default()
    }

    /// The etag of the whole person.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.text("etag")
    }

    /// Whether it is a tombstone.
    #[must_use]
    pub fn deleted(&self) -> bool {
        self.0.get("metadata").and_then(|metadata| metadata.get("deleted")).and_then(Value::as_bool)
            == Some(true)
    }

    /// Everything Google said.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Everything Google said.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }
}

impl People {
    /// The person as it is now, also where the lists do not show it yet.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn get(&self, account: AccountId, person: &str) -> Result<Person, Fault> {
        let call = self.call("get", Method::Get, &["people", name::person(person)?])?;
        self.person(account, call).await
    }

    /// Makes a person. A second try makes a second one: see [`Fault::effect`].
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn create(&self, account: AccountId, body: &Map<String, Value>) -> Result<Person, Fault> {
        let call = self.call("create", Method::Post, &["people:createContact"])?;
        self.person(account, call.body(body)?).await
    }

    /// Replaces the fields of `mask` (Google's words, with commas) by those of `body`, which has the
    /// etag that was read last.
    ///
    /// # Errors
    /// `Stale` when the person is another by now; else see [`Fault`].
    pub async fn update(
        &self,
        account: AccountId,
        person: &str,
        mask: &str,
        body: &Map<String, Value>,
    ) -> Result<Person, Fault> {
        if mask.is_empty() || !body.get("etag").is_some_and(Value::is_string) {
            return Err(Fault::Invalid("an update without fields or etag"));
        }
        let deed = format!("{}:updateContact", name::person(person)?);
        let call = self.call("update", Method::Patch, &["people", &deed])?.with("updatePersonFields", mask);
        self.person(account, call.body(body)?).await
    }

    /// Whether a person has anything that [`FIELDS`] do not ask for: a birthday, a picture.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn has_more(&self, account: AccountId, person: &str) -> Result<bool, Fault> {
        let call = self.call("get", Method::Get, &["people", name::person(person)?])?;
        let call = call.with("personFields", MORE).with(SOURCES.0, SOURCES.1);
        let told = Person::read(read(&self.ask(account, call).await?, "no person")?)?;
        // Google paints a letter for whoever has no picture.
        let real = |one: &Value| one.get("default").and_then(Value::as_bool) != Some(true);
        let all = MORE.split(',').filter_map(|field| told.0.get(field)?.as_array());
        Ok(all.flatten().any(real))
    }

    /// Deletes a person. Google takes no etag for it: look first.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn delete(&self, account: AccountId, person: &str) -> Result<(), Fault> {
        let deed = format!("{}:deleteContact", name::person(person)?);
        self.ask(account, self.call("delete", Method::Delete, &["people", &deed])?).await.map(drop)
    }

    async fn person(&self, account: AccountId, call: Call) -> Result<Person, Fault> {
        let call = call.with("personFields", FIELDS).with(SOURCES.0, SOURCES.1);
        Person::read(read(&self.ask(account, call).await?, "no person")?)
    }
}
