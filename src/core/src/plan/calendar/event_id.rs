//! The ids of the events that we create in Google, and the marker in them.
//!
//! An id is derived from what is known before the event is created, so that
//! an insert whose answer was lost can be repeated: Google knows the id by
//! then. The marker lets a store that was lost find its events again. It
//! proves nothing by itself, because copying an event copies it: only an
//! event whose id is the one derived from its marker is ours.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::entry::Entity;
use super::event::Event;
use super::instance;

/// The name of the marker's pair in `extendedProperties.private`.
pub const PAIR: &str = "posternPair";
/// The name of the property that says of which record an event is a copy.
pub const COPY: &str = "posternCopy";
/// The name of the marker's generation in `extendedProperties.private`.
pub const GENERATION: &str = "posternGeneration";

// Google's alphabet for ids: base32hex, RFC 4648, section 7, in lower case.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// The id of an event that we create: 52 characters of `a` to `v` and `0` to
/// `9`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(String);

/// What ties an event in Google to a pair of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// The pair of a CRM record and a Google event.
    pub pair: Uuid,
    /// Counts the ids that the pair has had: a deleted one stays taken.
    pub generation: u32,
}

/// Whose event carries a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    /// We created it, for this installation and calendar.
    Ours,
    /// It is an occurrence of an event of ours that somebody made recurring.
    Occurrence,
    /// Somebody copied an event of ours, or split a series: a new event.
    Copy,
}

impl EventId {
    /// The text as it goes to Google.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Marker {
    /// The id of the event that this marker stands in.
    #[must_use]
    pub fn event_id(&self, installation: &str, calendar: &str) -> EventId {
        let mut digest = Sha256::new_with_prefix(b"postern event id 1\0");
        digest.update(self.pair.as_bytes());
        digest.update(self.generation.to_be_bytes());
        for text in [installation, calendar] {
            // With its length, so that no two pairs of texts run together.
            digest.update((text.len() as u64).to_be_bytes());
            digest.update(text);
        }
        EventId(base32hex(&digest.finalize()))
    }

    /// What goes into the `extendedProperties.private` of a new event.
    #[must_use]
    pub fn properties(&self) -> Map<String, Value> {
        let mut properties = Map::new();
        properties.insert(PAIR.to_owned(), json!(self.pair.to_string()));
        properties.insert(GENERATION.to_owned(), json!(self.generation.to_string()));
        properties
    }

    /// The marker in an `extendedProperties.private`, written as
    /// [`Marker::properties`] writes it; anything else is none.
    #[must_use]
    pub fn read(private: &Map<String, Value>) -> Option<Self> {
        let (pair, generation) = (private.get(PAIR)?.as_str()?, private.get(GENERATION)?.as_str()?);
        let marker = Self { pair: Uuid::parse_str(pair).ok()?, generation: generation.parse().ok()? };
        (marker.pair.to_string() == pair && marker.generation.to_string() == generation).then_some(marker)
    }

    /// Whose event it is that has this id, stands in this calendar and
    /// carries this marker.
    #[must_use]
    pub fn verify(&self, id: &str, installation: &str, calendar: &str) -> Maker {
        let derived = self.event_id(installation, calendar);
        if id == derived.as_str() {
            return Maker::Ours;
        }
        match instance::Instance::parse(id) {
            Ok(Some(instance)) if instance.master == derived.as_str() => Maker::Occurrence,
            _ => Maker::Copy,
        }
    }
}

/// Of which record an event is a copy that some installation has made: its kind and identity. It
/// holds without a store, so that one that was lost does not take copies for events of people. What
/// somebody has duplicated has an identity of Google's own, and is nobody's copy.
#[must_use]
pub fn copied(event: &Event) -> Option<(Entity, &str)> {
    let master = event.id.split('_').next().unwrap_or_default();
    let derived = master.len() == 52 && master.bytes().all(|octet| ALPHABET.contains(&octet));
    let (entity, record) = event.private.get(COPY)?.as_str()?.split_once('/')?;
    Some((Entity::parse(entity)?, record)).filter(|_| derived)
}

fn base32hex(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len().div_ceil(5) * 8);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for octet in octets {
        bits = bits << 8 | u32::from(*octet);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(digit(bits >> held));
        }
    }
    if held > 0 {
        text.push(digit(bits << (5 - held)));
    }
    text
}

fn digit(bits: u32) -> char {
    char::from(ALPHABET[(bits & 31) as usize])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use serde_json::{Map, json};
    use uuid::Uuid;

    use super::{GENERATION, Maker, Marker, PAIR, base32hex};

    fn marker(generation: u32) -> Marker {
        Marker { pair: Uuid::from_u128(0x0192_f0c1_7f00_7000_8000_0000_0000_002a), generation }
    }

    #[test]
    fn the_alphabet_is_that_of_rfc_4648() {
        // The vectors of its section 10, in lower case and without padding.
        for (octets, text) in [
            ("", ""),
            ("f", "co"),
            ("fo", "cpng"),
            ("foo", "cpnmu"),
            ("foob", "cpnmuog"),
            ("fooba", "cpnmuoj1"),
            ("foobar", "cpnmuoj1e8"),
        ] {
            assert_eq!(base32hex(octets.as_bytes()), text);
        }
    }

    #[test]
    fn an_id_never_changes_between_versions() {
        let id = marker(1).event_id("installation", "anna@example.com");
        assert_eq!(id.as_str(), "qpa39gin08sbr5i6d1m2i2aqu5jamdk4obbiffrhkqp99spf4uqg");
    }

    #[test]
    fn each_part_of_an_id_counts_and_none_runs_into_the_next() {
        let other = Marker { pair: Uuid::from_u128(7), generation: 0 };
        let ids = [
            marker(0).event_id("ab", "c"),
            marker(0).event_id("a", "bc"),
            marker(0).event_id("", "abc"),
            marker(0).event_id("abc", ""),
            marker(1).event_id("ab", "c"),
            other.event_id("ab", "c"),
        ];
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    }

    #[test]
    fn rule_1_6_a_marker_whose_id_does_not_match_stands_in_a_copy() {
        let id = marker(2).event_id("one", "anna@example.com").to_string();
        assert_eq!(marker(2).verify(&id, "one", "anna@example.com"), Maker::Ours);
        assert_eq!(marker(2).verify("7cbh8rpc10lrc0ckih9tafss99", "one", "anna@example.com"), Maker::Copy);
        assert_eq!(marker(1).verify(&id, "one", "anna@example.com"), Maker::Copy);
        assert_eq!(marker(2).verify(&id, "two", "anna@example.com"), Maker::Copy);
        assert_eq!(marker(2).verify(&id, "one", "ben@example.com"), Maker::Copy);
    }

    #[test]
    fn an_occurrence_of_our_event_is_no_copy_and_a_split_is_one() {
        let id = marker(2).event_id("one", "anna@example.com").to_string();
        let whose = |suffix: &str| marker(2).verify(&format!("{id}{suffix}"), "one", "anna@example.com");
        assert_eq!(whose("_20261201T090000Z"), Maker::Occurrence);
        assert_eq!(whose("_20261201"), Maker::Occurrence);
        assert_eq!(whose("_R20261201T090000"), Maker::Copy);
        assert_eq!(whose("_R20261201T090000_20261201T090000Z"), Maker::Copy);
        assert_eq!(whose("_20261201_20261201"), Maker::Copy);
    }

    #[test]
    fn what_is_not_written_as_we_write_it_is_no_marker() {
        let pair = "0192f0c1-7f00-7000-8000-00000000002a";
        assert_eq!(Marker::read(&marker(3).properties()), Some(marker(3)));
        for (key, value) in [
            (PAIR, json!("0192F0C1-7F00-7000-8000-00000000002A")),
            (PAIR, json!("0192f0c17f00700080000000000002a")),
            (PAIR, json!(5)),
            (GENERATION, json!("+3")),
            (GENERATION, json!("03")),
            (GENERATION, json!("4294967296")),
            (GENERATION, json!(3)),
        ] {
            let mut properties = marker(3).properties();
            assert_eq!(properties[PAIR], json!(pair));
            properties.insert(key.to_owned(), value.clone());
            assert_eq!(Marker::read(&properties), None, "{key} {value}");
        }
        assert_eq!(Marker::read(&Map::new()), None);
    }

    proptest! {
        #[test]
        fn every_id_is_one_that_google_takes(
            pair in any::<u128>(), generation in any::<u32>(), installation in ".{0,40}", calendar in ".{0,40}"
        ) {
            let marker = Marker { pair: Uuid::from_u128(pair), generation };
            let id = marker.event_id(&installation, &calendar);
            prop_assert_eq!(id.as_str().len(), 52);
            prop_assert!(id.as_str().bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'v')));
            prop_assert_eq!(&id, &marker.event_id(&installation, &calendar));
            prop_assert_eq!(Marker::read(&marker.properties()), Some(marker));
            prop_assert_eq!(marker.verify(id.as_str(), &installation, &calendar), Maker::Ours);
        }
    }
}
