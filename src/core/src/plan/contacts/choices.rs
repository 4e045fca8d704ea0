//! What a user chooses for contacts, with the defaults, and what makes no sense.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::card::Entity;
use super::phone::Country;
use super::words::kept;
use crate::plan::policy::{Direction, Endings, Policy, Winner};
use crate::plan::record::{Field, fingerprint};

/// Most further groups of a mailbox.
pub const MONITORED: usize = 20;

/// What becomes of a person in a group who is no record of the CRM.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strangers {
    /// Nothing.
    #[default]
    Ignore,
    /// A person decides.
    Review,
    /// A contact is made.
    Contact,
    /// A lead is made.
    Lead,
}

impl Strangers {
    /// The kind of record that is made.
    #[must_use]
    pub fn makes(self) -> Option<Entity> {
        match self {
            Self::Ignore | Self::Review => None,
            Self::Contact => Some(Entity::Contact),
            Self::Lead => Some(Entity::Lead),
        }
    }
}

/// The choices of a user. Stored as JSON; a missing key has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Choices {
    /// The group at Google, `contactGroups/…`; none where none was chosen yet.
    pub group: Option<String>,
    /// Further groups whose people are kept in step where they are: nobody is put into them. Left
    /// out while there are none, so that a node of the release before reads what it knows.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub monitored: BTreeSet<String>,
    /// Which way changes go.
    pub direction: Direction,
    /// Kinds of records that are synchronised.
    pub kinds: Vec<Entity>,
    /// What becomes of people in the group whom the CRM does not know.
    pub strangers: Strangers,
    /// A person that was made of a record is deleted when that is removed.
    pub deletes_persons: bool,
    /// A record that was made of a person is deleted when that is.
    pub deletes_records: bool,
    /// The saved filter of the CRM whose records are pushed by themselves.
    pub filter: Option<String>,
    /// The fields that are kept in step.
    pub fields: BTreeSet<Field>,
    /// The country of numbers that stand without theirs.
    pub country: Option<Country>,
    /// Who wins a conflict.
    pub winner: Winner,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            group: None,
            monitored: BTreeSet::new(),
            direction: Direction::ToGoogle,
            kinds: Entity::ALL.to_vec(),
            strangers: Strangers::Ignore,
            deletes_persons: false,
            deletes_records: false,
            filter: None,
            fields: BTreeSet::from(Field::PERSON),
            country: None,
            winner: Winner::Newest,
        }
    }
}

/// Why choices make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Senseless {
    /// Nothing would be synchronised.
    #[error("no kind of record is chosen")]
    NoKind,
    /// A kind stands twice.
    #[error("a kind of record is chosen twice")]
    KindTwice,
    /// Records would be made that are not synchronised.
    #[error("the kind of record that unknown people become is not among the chosen ones")]
    StrangersNotChosen,
    /// A field of events.
    #[error("people have no such field")]
    NoField,
    /// Nobody could be called anything.
    #[error("the last name has to be among the fields")]
    NoName,
    /// No group has such a name.
    #[error("group is no name of a group of Google")]
    NoGroup,
    /// Of further groups more than are read.
    #[error("at most {MONITORED} further groups can be monitored")]
    ManyGroups,
    /// Further groups stand beside one that takes people.
    #[error("further groups are monitored only beside a group that is kept in step")]
    NoMain,
    /// No filter has such an identity.
    #[error("filter is no name of a filter of the CRM")]
    NoFilter,
}

impl Choices {
    /// Refuses what makes no sense.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), Senseless> {
        let twice = |entity| self.kinds.iter().filter(|kind| **kind == entity).count() > 1;
        if self.kinds.is_empty() {
            return Err(Senseless::NoKind);
        }
        if Entity::ALL.into_iter().any(twice) {
            return Err(Senseless::KindTwice);
        }
        if self.strangers.makes().is_some_and(|entity| !self.kinds.contains(&entity)) {
            return Err(Senseless::StrangersNotChosen);
        }
        if self.fields.iter().any(|field| !Field::PERSON.contains(field)) {
            return Err(Senseless::NoField);
        }
        if !self.fields.contains(&Field::Family) {
            return Err(Senseless::NoName);
        }
        let group = |name: &str| name.strip_prefix("contactGroups/").is_some_and(word);
        if self.group.iter().chain(&self.monitored).any(|name| !group(name)) {
            return Err(Senseless::NoGroup);
        }
        if self.monitored.len() > MONITORED {
            return Err(Senseless::ManyGroups);
        }
        if self.group.is_none() && !self.monitored.is_empty() {
            return Err(Senseless::NoMain);
        }
        if self.filter.as_deref().is_some_and(|name| !word(name)) {
            return Err(Senseless::NoFilter);
        }
        Ok(())
    }

    /// Of everything that is chosen.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(self).iter().map(|octet| format!("{octet:02x}")).collect()
    }

    /// As a decision about links needs them.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            direction: self.direction,
            winner: self.winner,
            endings: Endings::People {
                deletes_persons: self.deletes_persons,
                deletes_records: self.deletes_records,
            },
        }
    }

    /// The fields that are kept in step of a record, which several users may share.
    #[must_use]
    pub fn fields(&self, shared: bool) -> BTreeSet<Field> {
        kept(&self.fields, shared, self.direction.reads())
    }
}

fn word(text: &str) -> bool {
    const LONGEST: usize = 100;
    let plain = text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet));
    plain && (1..=LONGEST).contains(&text.len())
}

#[cfg(test)]
mod tests {
    use super::{Choices, MONITORED, Senseless, Strangers};
    use crate::plan::contacts::card::Entity;
    use crate::plan::policy::{Direction, Endings};
    use crate::plan::record::Field;

    #[test]
    fn rule_7_5_the_defaults_push_and_delete_nobody() {
        let choices = Choices::default();
        choices.check().unwrap();
        assert_eq!((choices.direction, choices.strangers), (Direction::ToGoogle, Strangers::Ignore));
        let people = Endings::People { deletes_persons: false, deletes_records: false };
        assert_eq!(choices.policy().endings, people);
        assert_eq!(choices.filter, None);
        let text = serde_json::to_string(&choices).unwrap();
        assert_eq!(serde_json::from_str::<Choices>(&text).unwrap(), choices);
        assert_eq!(serde_json::from_str::<Choices>("{}").unwrap(), choices);
        // The release before knows no such key, and reads no choices that have one.
        assert!(!text.contains("monitored"));
        assert!(serde_json::from_str::<Choices>("{\"direktion\":\"both\"}").is_err());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let of = |change: fn(&mut Choices)| {
            let mut choices = Choices::default();
            change(&mut choices);
            choices.check()
        };
        assert_eq!(of(|c| c.kinds.clear()), Err(Senseless::NoKind));
        assert_eq!(of(|c| c.kinds.push(Entity::Lead)), Err(Senseless::KindTwice));
        let only_contacts = |c: &mut Choices| {
            c.kinds = vec![Entity::Contact];
            c.strangers = Strangers::Lead;
        };
        assert_eq!(of(only_contacts), Err(Senseless::StrangersNotChosen));
        assert_eq!(of(|c| c.fields.extend([Field::When])), Err(Senseless::NoField));
        assert_eq!(of(|c| c.fields.retain(|field| *field != Field::Family)), Err(Senseless::NoName));
        for group in ["g1", "contactGroups/", "contactGroups/a/b", "people/c1"] {
            let choices = Choices { group: Some(group.to_owned()), ..Choices::default() };
            assert_eq!(choices.check(), Err(Senseless::NoGroup), "{group}");
        }
        assert_eq!(of(|c| c.group = Some("contactGroups/g1".to_owned())), Ok(()));
        assert_eq!(of(|c| c.filter = Some("a b".to_owned())), Err(Senseless::NoFilter));
        let beside = |names: &[String]| {
            let group = Some("contactGroups/g1".to_owned());
            Choices { group, monitored: names.iter().cloned().collect(), ..Choices::default() }
        };
        let many: Vec<String> = (0..=MONITORED).map(|at| format!("contactGroups/m{at}")).collect();
        assert_eq!(beside(&many).check(), Err(Senseless::ManyGroups));
        assert_eq!(beside(&many[1..]).check(), Ok(()));
        assert_eq!(beside(&["people/c1".to_owned()]).check(), Err(Senseless::NoGroup));
        assert_eq!(Choices { group: None, ..beside(&many[1..]) }.check(), Err(Senseless::NoMain));
    }
}
