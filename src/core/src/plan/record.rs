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
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 4] = [Self::Title, Self::When, Self::Text, Self::Place];

    /// The word in the store, the journal and the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::When => "when",
            Self::Text => "text",
            Self::Place => "place",
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
}

impl Value {
    /// Words, from anything that is some.
    #[must_use]
    pub fn text(words: impl Into<String>) -> Self {
        Self::Text(words.into())
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
            Some(Value::Times(_)) | None => "",
        }
    }

    /// The times, where they are known.
    #[must_use]
    pub fn times(&self) -> Option<&Times> {
        match self.0.get(&Field::When) {
            Some(Value::Times(times)) => Some(times),
            Some(Value::Text(_)) | None => None,
        }
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
