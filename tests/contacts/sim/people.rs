//! What people do on both sides, and what is remembered of it to judge by.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::history::{Deed, Field, Into, Side, Who};
use crate::contacts::hands::named;
use crate::contacts::world::{Owner, World};

/// Everything that people did with a thing.
#[derive(Debug, Default, Clone)]
pub struct Thing {
    /// Who has had it assigned to them.
    pub of: BTreeSet<Who>,
    /// How many people of it somebody made at Google, by whose book.
    pub made: BTreeMap<Who, usize>,
    /// How many records people made.
    pub records: usize,
    /// Values that people entered, by field and side, the last one last.
    pub edits: BTreeMap<(Field, Side), Vec<String>>,
    /// In which record of the CRM a value was entered: who is not the same has two.
    pub entered_in: BTreeMap<String, String>,
    /// In which step a value was entered.
    pub entered_at: BTreeMap<String, usize>,
    /// Where people deleted it.
    pub deleted_at_google: BTreeSet<Who>,
    pub deleted_in_crm: bool,
    pub converted: bool,
}

impl Thing {
    fn entered(&mut self, of: (Field, Side), number: usize) {
        self.edits.entry(of).or_default().push(value(of.0, number));
        self.entered_at.insert(value(of.0, number), number);
    }
}

/// The books of a history.
#[derive(Debug, Default)]
pub struct Books {
    pub things: BTreeMap<usize, Thing>,
    /// Who was seen to have a person of a thing at Google, and of which thing there was a record.
    pub seen_people: BTreeSet<(Who, usize)>,
    pub seen_records: BTreeSet<usize>,
    /// After which step a link was first seen.
    pub linked: BTreeMap<String, usize>,
}

/// By what a thing is known everywhere.
pub fn family(thing: usize) -> String {
    format!("Thing{thing}x")
}

/// The thing of that family.
pub fn thing_of(family: &str) -> Option<usize> {
    family.strip_prefix("Thing")?.strip_suffix('x')?.parse().ok()
}

/// A value that nobody else enters.
pub fn value(field: Field, number: usize) -> String {
    match field {
        Field::Given => format!("Given{number}"),
        Field::Note => format!("note {number}"),
        Field::Email => format!("mail{number}@outside.test"),
        Field::Phone => format!("+4207770{number:05}"),
    }
}

/// What a person of Google shows.
pub fn at_google(person: &Value, field: Field) -> Vec<String> {
    let all = |key: &str| {
        let all = person[key].as_array().cloned().unwrap_or_default();
        all.iter().filter_map(|of| of["value"].as_str()).map(str::to_owned).collect::<Vec<_>>()
    };
    match field {
        Field::Given => vec![person["names"][0]["givenName"].as_str().unwrap_or_default().to_owned()],
        Field::Note => vec![all("biographies").into_iter().next().unwrap_or_default()],
        Field::Email => all("emailAddresses"),
        Field::Phone => all("phoneNumbers"),
    }
}

/// What a record of the CRM shows.
pub fn in_crm(record: &Value, field: Field) -> Vec<String> {
    let all = |list: &str, key: &str| {
        let all = record[list].as_array().cloned().unwrap_or_default();
        all.iter().filter_map(|of| of[key].as_str()).map(str::to_owned).collect::<Vec<_>>()
    };
    let text = |key: &str| vec![record[key].as_str().unwrap_or_default().to_owned()];
    match field {
        Field::Given => text("firstName"),
        Field::Note => text("description"),
        Field::Email => all("emailAddressData", "emailAddress"),
        Field::Phone => all("phoneNumberData", "phoneNumber"),
    }
}

/// Somebody's people of a thing.
pub fn people_of(world: &World, owner: &Owner, thing: usize) -> Vec<Value> {
    let family = family(thing);
    let is = |person: &Value| person["names"][0]["familyName"] == family.as_str();
    world.people(owner).into_iter().filter(is).collect()
}

/// The living records of a thing, by kind.
pub fn records_of(world: &World, thing: usize) -> Vec<(&'static str, Value)> {
    let family = family(thing);
    let of = |entity: &'static str| {
        let all = world.crm.records(entity).into_iter();
        all.filter(|record| record["lastName"] == family.as_str())
            .map(move |record| (entity, record))
            .collect::<Vec<_>>()
    };
    [of("Contact"), of("Lead")].concat()
}

fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

impl Books {
    /// Does it, as people would; what cannot be done is not.
    pub fn act(&mut self, world: &World, owners: &[Owner; 2], number: usize, deed: &Deed) {
        self.in_google(world, owners, number, deed);
        self.on_records(world, owners, number, deed);
    }

    fn in_google(&mut self, world: &World, owners: &[Owner; 2], number: usize, deed: &Deed) {
        match *deed {
            Deed::NewPerson { who, joins, like } => {
                self.new_person(world, &owners[who.at()], (who, number), joins, like);
            }
            Deed::Edit { thing, side: Side::Google, field, who } => {
                let owner = &owners[who.at()];
                let Some(person) = people_of(world, owner, thing).into_iter().next() else { return };
                let change = google_change(&person, field, &value(field, number));
                if world.google().edit_person(owner.address, named(&person), &change).is_ok() {
                    self.edited(thing, (field, Side::Google), number);
                }
            }
            Deed::Delete { thing, side: Side::Google, who } => {
                let owner = &owners[who.at()];
                for person in people_of(world, owner, thing) {
                    if world.google().delete_person(owner.address, named(&person)).is_ok() {
                        self.things.entry(thing).or_default().deleted_at_google.insert(who);
                    }
                }
            }
            Deed::Leave { who, thing, of: group } | Deed::Join { who, thing, into: group } => {
                let owner = &owners[who.at()];
                let joins = matches!(deed, Deed::Join { .. });
                for person in people_of(world, owner, thing) {
                    let (group, name) = (group_of(owner, group), named(&person));
                    let _ = match joins {
                        true => world.google().join_group(owner.address, group, name),
                        false => world.google().leave_group(owner.address, group, name).map(drop),
                    };
                }
            }
            Deed::Phantom { who, thing } => {
                let owner = &owners[who.at()];
                for person in people_of(world, owner, thing) {
                    let _ = world.google().phantom_change(owner.address, named(&person));
                }
            }
            Deed::Rename { who, thing } => {
                let owner = &owners[who.at()];
                if let Some(person) = people_of(world, owner, thing).first() {
                    let _ = world.google().rename_person(owner.address, named(person));
                }
            }
            Deed::Expire { who } => world.google().expire_contacts_sync_tokens(owners[who.at()].address),
            _ => {}
        }
    }

    fn on_records(&mut self, world: &World, owners: &[Owner; 2], number: usize, deed: &Deed) {
        match *deed {
            Deed::NewRecord { who, lead } => {
                let record = json!({ "firstName": value(Field::Given, number), "lastName": family(number),
                    "emailAddress": value(Field::Email, number) });
                let entity = if lead { "Lead" } else { "Contact" };
                if let Ok(id) = world.crm.as_user(owners[who.at()].user).create(entity, &record) {
                    let thing = self.things.entry(number).or_default();
                    thing.records += 1;
                    thing.of.insert(who);
                    for field in [Field::Given, Field::Email] {
                        thing.entered((field, Side::Crm), number);
                        thing.entered_in.insert(value(field, number), id.clone());
                    }
                }
            }
            Deed::Edit { thing, side: Side::Crm, field, who } => {
                let Some((entity, record)) = records_of(world, thing).into_iter().next() else { return };
                let change = crm_change(&record, field, &value(field, number));
                let hand = world.crm.as_user(owners[who.at()].user);
                if hand.edit(entity, id(&record), &change).is_ok() {
                    self.edited(thing, (field, Side::Crm), number);
                    let entered = (value(field, number), id(&record).to_owned());
                    self.things.entry(thing).or_default().entered_in.extend([entered]);
                }
            }
            Deed::Delete { thing, side: Side::Crm, who } => {
                for (entity, record) in records_of(world, thing) {
                    if world.crm.as_user(owners[who.at()].user).delete(entity, id(&record)).is_ok() {
                        self.things.entry(thing).or_default().deleted_in_crm = true;
                    }
                }
            }
            Deed::Assign { thing, to } => {
                for (entity, record) in records_of(world, thing) {
                    let user = owners[to.at()].user;
                    if world.crm.as_user(user).assign(entity, id(&record), user).is_ok() {
                        self.things.entry(thing).or_default().of.insert(to);
                    }
                }
            }
            Deed::Convert { thing } => {
                for (_, record) in
                    records_of(world, thing).into_iter().filter(|(entity, _)| *entity == "Lead")
                {
                    let user = record["assignedUserId"].as_str().unwrap_or_default().to_owned();
                    if record["status"] != "Converted"
                        && world.crm.as_user(&user).convert(id(&record)).is_ok()
                    {
                        self.things.entry(thing).or_default().converted = true;
                    }
                }
            }
            _ => {}
        }
    }

    fn new_person(
        &mut self,
        world: &World,
        owner: &Owner,
        (who, number): (Who, usize),
        joins: Option<Into>,
        like: Option<usize>,
    ) {
        let thing = like.unwrap_or(number);
        let record = like.and_then(|thing| records_of(world, thing).into_iter().next());
        let (given, email) = match &record {
            Some((_, record)) => {
                let first = |field| in_crm(record, field).into_iter().next().unwrap_or_default();
                (first(Field::Given), first(Field::Email))
            }
            None if like.is_some() => return,
            None => (value(Field::Given, number), value(Field::Email, number)),
        };
        let mut person = json!({ "names": [{ "givenName": given, "familyName": family(thing) }] });
        if !email.is_empty() {
            person["emailAddresses"] = json!([{ "value": email }]);
        }
        let Ok(name) = world.google().put_person(owner.address, &person) else { return };
        if let Some(into) = joins {
            let _ = world.google().join_group(owner.address, group_of(owner, into), &name);
        }
        let of = self.things.entry(thing).or_default();
        *of.made.entry(who).or_default() += 1;
        if like.is_none() {
            for field in [Field::Given, Field::Email] {
                of.entered((field, Side::Google), number);
            }
        }
    }

    fn edited(&mut self, thing: usize, of: (Field, Side), number: usize) {
        self.things.entry(thing).or_default().entered(of, number);
    }

    /// Enters what is shown now.
    pub fn learn(&mut self, world: &World, owners: &[Owner; 2]) {
        for who in Who::ALL {
            for person in world.people(&owners[who.at()]) {
                let family = person["names"][0]["familyName"].as_str().unwrap_or_default();
                self.seen_people.extend(thing_of(family).map(|thing| (who, thing)));
            }
        }
        for entity in ["Contact", "Lead"] {
            for record in world.crm.records(entity) {
                self.seen_records.extend(record["lastName"].as_str().and_then(thing_of));
            }
        }
    }
}

fn group_of(owner: &Owner, group: Into) -> &str {
    match group {
        Into::Main => &owner.group,
        Into::Further => owner.further.as_ref().unwrap_or(&owner.group),
    }
}

fn google_change(person: &Value, field: Field, value: &str) -> Value {
    match field {
        Field::Given => {
            let mut names = person["names"].clone();
            names[0]["givenName"] = json!(value);
            json!({ "names": names })
        }
        Field::Note => json!({ "biographies": [{ "value": value, "contentType": "TEXT_PLAIN" }] }),
        // The last one gives way.
        Field::Email => json!({ "emailAddresses": [{ "value": value }] }),
        Field::Phone => json!({ "phoneNumbers": [{ "value": value, "type": "mobile" }] }),
    }
}

fn crm_change(_: &Value, field: Field, value: &str) -> Value {
    match field {
        Field::Given => json!({ "firstName": value }),
        Field::Note => json!({ "description": value }),
        Field::Email => json!({ "emailAddressData": [{ "emailAddress": value, "primary": true }] }),
        Field::Phone => {
            json!({ "phoneNumberData": [{ "phoneNumber": value, "type": "Mobile", "primary": true }] })
        }
    }
}
