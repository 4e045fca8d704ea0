//! What one side shows of a thing that both sides know, field by field.
//!
//! A field that is missing is *unknown*: it may not be read, or is not mapped.
//! Nothing is ever concluded or written from it. An empty field is there, with
//! an empty value. Values stand in the words of their own side; two sides are
//! compared through a [`super::dialect::Dialect`] only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::calendar::times::Times;
use super::contacts::postal::Postal;
use super::contacts::several::Several;

/// A field that both sides may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// Name of a meeting, summary of an event.
    Title,
    /// Start, end and all-day, which are one.
    When,
    /// Free text.
    Text,
    /// Where it takes place.
    Place,
    /// What stands before a name: Dr., Mrs.
    Salutation,
    /// First name.
    Given,
    /// Middle name.
    Middle,
    /// Last name.
    Family,
    /// E-mail addresses.
    Emails,
    /// Phone numbers.
    Phones,
    /// Where somebody works.
    Organisation,
    /// As what.
    Role,
    /// Where letters go.
    Postal,
    /// What is noted of somebody.
    Note,
    /// A page.
    Web,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 15] = [
        Self::Title,
        Self::When,
        Self::Text,
        Self::Place,
        Self::Salutation,
        Self::Given,
        Self::Middle,
        Self::Family,
        Self::Emails,
        Self::Phones,
        Self::Organisation,
        Self::Role,
        Self::Postal,
        Self::Note,
        Self::Web,
    ];

    /// Those of an event.
    pub const EVENT: [Self; 4] = [Self::Title, Self::When, Self::Text, Self::Place];

    /// Those of a person.
    pub const PERSON: [Self; 11] = [
        Self::Salutation,
        Self::Given,
        Self::Middle,
        Self::Family,
        Self::Emails,
        Self::Phones,
        Self::Organisation,
        Self::Role,
        Self::Postal,
        Self::Note,
        Self::Web,
    ];

    /// The word in the store, the journal and the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::When => "when",
            Self::Text => "text",
            Self::Place => "place",
            Self::Salutation => "salutation",
            Self::Given => "given",
            Self::Middle => "middle",
            Self::Family => "family",
            Self::Emails => "emails",
            Self::Phones => "phones",
            Self::Organisation => "organisation",
            Self::Role => "role",
            Self::Postal => "postal",
            Self::Note => "note",
            Self::Web => "web",
        }
    }
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Words.
    Text(String),
    /// Times.
    Times(Times),
    /// Things of which somebody has several.
    Several(Several),
    /// An address for letters.
    Postal(Postal),
}

impl Value {
    /// Words, from anything that is some.
    #[must_use]
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(words) => words.is_empty(),
            Self::Several(several) => several.0.is_empty(),
            Self::Postal(postal) => postal.is_empty(),
            Self::Times(_) => false,
        }
    }
}

/// Fields with their values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record(BTreeMap<Field, Value>);

impl Record {
    /// Nothing known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with this field.
    #[must_use]
    pub fn with(mut self, field: Field, value: Value) -> Self {
        self.set(field, value);
        self
    }

    /// Sets a field.
    pub fn set(&mut self, field: Field, value: Value) {
        self.0.insert(field, value);
    }

    /// The value of a field; none when it is unknown.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&Value> {
        self.0.get(&field)
    }

    /// The words of a field; empty when it is unknown or holds no words.
    #[must_use]
    pub fn words(&self, field: Field) -> &str {
        match self.0.get(&field) {
            Some(Value::Text(words)) => words,
            Some(Value::Times(_) | Value::Several(_) | Value::Postal(_)) | None => "",
        }
    }

    /// How it is called: by its title; somebody by their name, else an organisation, else an address.
    /// Empty when none is known.
    #[must_use]
    pub fn called(&self) -> String {
        let name = [self.words(Field::Given), self.words(Field::Family)].join(" ");
        let email = self.several(Field::Emails).and_then(|all| all.iter().next());
        let email = email.map_or("", |item| item.text.as_str());
        let all = [self.words(Field::Title), name.trim(), self.words(Field::Organisation), email];
        all.into_iter().find(|words| !words.is_empty()).unwrap_or_default().to_owned()
    }

    /// The times, where they are known.
    #[must_use]
    pub fn times(&self) -> Option<&Times> {
        match self.0.get(&Field::When) {
            Some(Value::Times(times)) => Some(times),
            Some(Value::Text(_) | Value::Several(_) | Value::Postal(_)) | None => None,
        }
    }

    /// The things of a field that holds several; none when it is unknown or holds no such.
    #[must_use]
    pub fn several(&self, field: Field) -> Option<&Several> {
        match self.0.get(&field) {
            Some(Value::Several(several)) => Some(several),
            Some(Value::Text(_) | Value::Times(_) | Value::Postal(_)) | None => None,
        }
    }

    /// The same of some of the fields; the others are unknown.
    #[must_use]
    pub fn picked(&self, has: impl Fn(Field) -> bool) -> Self {
        Self(self.0.iter().filter(|(field, _)| has(**field)).map(|(f, value)| (*f, value.clone())).collect())
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fields and values, in the order of the fields.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &Value)> {
        self.0.iter().map(|(field, value)| (*field, value))
    }

    /// Takes over every field of `newer`.
    pub fn extend(&mut self, newer: &Self) {
        self.0.extend(newer.0.iter().map(|(field, value)| (*field, value.clone())));
    }
}

/// Of a value: the same for the same value, in every process and version that
/// writes its fields alike.
pub(super) fn fingerprint(of: &impl Serialize) -> [u8; 32] {
    // Values with texts as keys always have a text.
    Sha256::digest(serde_json::to_vec(of).unwrap_or_default()).into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Field;

    #[test]
    fn every_field_is_called_as_it_is_written() {
        assert!(Field::ALL.into_iter().all(|field| json!(field) == field.name()));
    }
}
