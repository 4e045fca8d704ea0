//! A contact as it is answered: the fields that were asked for, from the sources that were asked
//! for, with what Google says about each.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::computed;
use super::etag;
use super::fields::{self, MEMBERSHIPS};
use super::mask::{Mask, Sources};
use super::policy::ContactsPolicy;
use super::store::{Body, Contact, scattered};

/// The most addresses and phones of a person in a list.
const MOST_LISTED: usize = 100;

/// How contacts are to be shown.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) mask: &'a Mask,
    pub(super) sources: Sources,
    /// In a list, and not by name.
    pub(super) listed: bool,
    /// In a list of changes.
    pub(super) change: bool,
    pub(super) policy: &'a ContactsPolicy,
}

impl View<'_> {
    pub(super) fn show(&self, contact: &Contact) -> Value {
        let listed = self.listed && self.policy.etags_of_lists_refused;
        let mut person =
            json!({"resourceName": contact.name, "etag": etag::of_person(contact.version, listed)});
        if self.mask.contains("metadata") {
            person["metadata"] = self.metadata(contact);
        }
        if contact.deleted {
            return person;
        }
        for field in fields::WRITTEN.iter().filter(|field| self.mask.contains(field.name)) {
            let items = self.items(contact, field.name);
            if !items.is_empty() {
                person[field.name] = json!(items);
            }
        }
        if self.sources.contact && self.mask.contains(MEMBERSHIPS) {
            person[MEMBERSHIPS] =
                json!(contact.groups.iter().map(|it| membership(contact, it)).collect::<Vec<_>>());
        }
        if self.mask.contains("photos") {
            let metadata = json!({"primary": true, "source": source(contact)});
            let url = format!("https://lh3.googleusercontent.com/cm/{}=s100", contact.source);
            person["photos"] = json!([{"metadata": metadata, "url": url, "default": true}]);
        }
        person
    }

    /// The items of a field. Of all of them one is primary: the profile's, if it has any.
    fn items(&self, contact: &Contact, field: &str) -> Vec<Value> {
        let profile = contact.profile.as_ref().filter(|_| self.sources.profile);
        let mut items = Vec::new();
        for (fields, source) in [
            (profile, json!({"type": "PROFILE", "id": profile_id(contact)})),
            (Some(&contact.fields).filter(|_| self.sources.contact), source(contact)),
        ] {
            let own = fields.and_then(|it| it.get(field)).and_then(Value::as_array);
            let own: Vec<Body> = own.into_iter().flatten().filter_map(Value::as_object).cloned().collect();
            let first = own.iter().position(|it| it.contains_key("metadata")).unwrap_or_default();
            for (number, mut item) in own.into_iter().enumerate() {
                let mut metadata = json!({"source": source});
                if number == first {
                    metadata["sourcePrimary"] = json!(true);
                }
                item.insert("metadata".into(), metadata);
                computed::add(field, &mut item);
                items.push(Value::Object(item));
            }
        }
        if let Some(first) = items.iter_mut().find(|it| it["metadata"]["sourcePrimary"] == true) {
            first["metadata"]["primary"] = json!(true);
        }
        self.arrange(contact, field, &mut items);
        items
    }

    fn arrange(&self, contact: &Contact, field: &str, items: &mut Vec<Value>) {
        if self.policy.shuffled && !items.is_empty() {
            let by = usize::try_from(scattered(contact.version) >> 1).unwrap_or_default() % items.len();
            items.rotate_left(by);
        }
        if self.listed && matches!(field, "emailAddresses" | "phoneNumbers") {
            items.truncate(MOST_LISTED);
        }
    }

    fn metadata(&self, contact: &Contact) -> Value {
        let mut sources = Vec::new();
        if contact.profile.is_some() && self.sources.profile && !contact.deleted {
            let about = json!({"objectType": "PERSON", "userTypes": ["GOOGLE_USER"]});
            let etag = etag::of_source(0);
            sources.push(
                json!({"type": "PROFILE", "id": profile_id(contact), "etag": etag, "profileMetadata": about}),
            );
        }
        if self.sources.contact {
            let mut source = source(contact);
            source["etag"] = json!(etag::of_source(contact.version));
            source["updateTime"] = json!(stamp(contact.updated));
            sources.push(source);
        }
        let mut metadata = json!({"sources": sources, "objectType": "PERSON"});
        if contact.deleted {
            metadata["deleted"] = json!(true);
        }
        if self.change && !contact.former_names.is_empty() {
            metadata["previousResourceNames"] = json!(contact.former_names);
        }
        metadata
    }
}

fn source(contact: &Contact) -> Value {
    json!({"type": "CONTACT", "id": contact.source})
}

fn profile_id(contact: &Contact) -> &str {
    contact.name.strip_prefix("people/").unwrap_or_default()
}

fn membership(contact: &Contact, group: &str) -> Value {
    let id = group.strip_prefix("contactGroups/").unwrap_or_default();
    json!({
        "metadata": {"source": source(contact)},
        "contactGroupMembership": {"contactGroupId": id, "contactGroupResourceName": group},
    })
}

/// A time as Google writes it.
pub(super) fn stamp(at: Duration) -> String {
    let micros = i64::try_from(at.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX).to_string()
}
