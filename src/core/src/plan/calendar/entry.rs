//! What a Meeting or Call of the CRM says, as far as a decision needs it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::moment::Instant;
use super::people::{Person, taking_part};
use super::times::{Attributes, Times};
use crate::plan::record::{Field, Record, Value, fingerprint};
use crate::plan::seen::Standing;

/// Longest text in a list of the CRM, in characters.
const LISTED: usize = 10_000;

/// A kind of record that calendars know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Entity {
    /// A meeting; it may last whole days.
    Meeting,
    /// A call.
    Call,
}

impl Entity {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Meeting, Self::Call];

    /// The CRM's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Meeting => "Meeting",
            Self::Call => "Call",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }

    /// Whether it may last whole days.
    #[must_use]
    pub fn whole_days(self) -> bool {
        self == Self::Meeting
    }

    /// The attributes that tell its times.
    #[must_use]
    pub fn attributes(self) -> Attributes {
        if self.whole_days() { Attributes::WithDays } else { Attributes::TimesOnly }
    }
}

/// The CRM's words for how a record stands, and the fields it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habits {
    /// Statuses that mean completed.
    pub held: Vec<String>,
    /// Statuses that mean cancelled; the first one is written.
    pub not_held: Vec<String>,
    /// The status of what is to take place.
    pub planned: String,
    /// The field that keeps the event's identity, where there is one.
    pub event_field: Option<String>,
    /// Whether there is a field `location`.
    pub place: bool,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            held: vec!["Held".to_owned()],
            not_held: vec!["Not Held".to_owned()],
            planned: "Planned".to_owned(),
            event_field: None,
            place: false,
        }
    }
}

/// A record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its kind.
    pub entity: Entity,
    /// Identity.
    pub id: String,
    /// How it stands.
    pub standing: Standing,
    /// The user it is assigned to.
    pub user: Option<String>,
    /// The user who made it, where that is told.
    pub creator: Option<String>,
    /// The event's identity, by the CRM's own field.
    pub event_id: Option<String>,
    /// Last change, in seconds of Unix time.
    pub modified: i64,
    /// When it was made, in seconds of Unix time.
    pub created: i64,
    /// The fields.
    pub record: Record,
    /// Who takes part, where that is told.
    #[serde(skip)]
    pub people: Option<BTreeSet<Person>>,
}

impl Entry {
    /// Of everything that a decision depends on: two that have the same one are
    /// planned alike. Times of changes do not count, nor does who takes part, which
    /// not every look tells.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&Self { modified: 0, ..self.clone() })
    }

    /// The same of who takes part, where that is told.
    #[must_use]
    pub fn people_fingerprint(&self) -> Option<[u8; 32]> {
        self.people.as_ref().map(fingerprint)
    }
}

/// Reads a record; none without an identity.
#[must_use]
pub fn read(entity: Entity, raw: &Map<String, Json>, habits: &Habits) -> Option<Entry> {
    let id = text(raw, "id").filter(|id| !id.is_empty())?.to_owned();
    let status = text(raw, "status").unwrap_or_default();
    let has = |words: &[String]| words.iter().any(|word| word == status);
    let standing = match (has(&habits.held), has(&habits.not_held)) {
        (true, _) => Standing::Held,
        (false, true) => Standing::NotHeld,
        (false, false) => Standing::Planned,
    };
    let mut record = Record::new();
    for (field, key) in words(habits) {
        // A list cuts long texts, so one of that length may be half of it.
        let words = raw.get(key).map(|value| value.as_str().unwrap_or_default());
        if let Some(words) = words.filter(|words| words.chars().count() < LISTED) {
            record.set(field, Value::text(words));
        }
    }
    if let Ok(read) = Times::from_crm(raw) {
        record.set(Field::When, Value::Times(read.times));
    }
    Some(Entry {
        entity,
        id,
        standing,
        user: text(raw, "assignedUserId").map(str::to_owned),
        creator: text(raw, "createdById").map(str::to_owned),
        event_id: habits.event_field.as_deref().and_then(|field| text(raw, field)).map(str::to_owned),
        modified: seconds(raw, "modifiedAt"),
        created: seconds(raw, "createdAt"),
        record,
        people: taking_part(raw),
    })
}

/// What is sent to the CRM for changed fields: only them, times always as a
/// group with all their attributes.
#[must_use]
pub fn body(entity: Entity, changes: &Record, habits: &Habits) -> Map<String, Json> {
    let mut body = Map::new();
    for (field, value) in changes.iter() {
        match value {
            // A kind without whole days is never given any.
            Value::Times(times) => body.extend(times.to_crm(entity.attributes()).unwrap_or_default()),
            Value::Text(text) => {
                if let Some((_, key)) = words(habits).find(|(of, _)| *of == field) {
                    body.insert(key.to_owned(), json!(text));
                }
            }
            // A record of this kind has none.
            Value::Several(_) | Value::Postal(_) => {}
        }
    }
    body
}

fn words(habits: &Habits) -> impl Iterator<Item = (Field, &'static str)> {
    let place = habits.place.then_some((Field::Place, "location"));
    [(Field::Title, "name"), (Field::Text, "description")].into_iter().chain(place)
}

fn text<'a>(of: &'a Map<String, Json>, key: &str) -> Option<&'a str> {
    of.get(key).and_then(Json::as_str).filter(|text| !text.is_empty())
}

fn seconds(of: &Map<String, Json>, key: &str) -> i64 {
    text(of, key).and_then(|text| Instant::parse_crm(text).ok()).map_or(0, Instant::seconds)
}

#[cfg(test)]
mod tests {
    use super::{Entity, Habits, LISTED, body, read};
    use crate::plan::record::{Field, Record, Value};
    use crate::plan::seen::Standing;
    use serde_json::{Map, Value as Json, json};

    fn raw(value: Json) -> Map<String, Json> {
        match value {
            Json::Object(raw) => raw,
            other => panic!("{other}"),
        }
    }

    fn meeting(status: &str) -> Map<String, Json> {
        raw(json!({
            "id": "6b035d743fe1d972d", "name": "Kickoff", "status": status, "description": null,
            "dateStart": "2026-12-01 09:00:00", "dateEnd": "2026-12-01 10:00:00", "isAllDay": false,
            "dateStartDate": null, "dateEndDate": null, "assignedUserId": "u1",
            "modifiedAt": "2026-11-22 21:24:04", "createdAt": "2026-11-22 21:24:04",
            "cGoogleCalendarEventId": "e1", "location": "Room 1",
        }))
    }

    #[test]
    fn a_meeting_is_read_by_the_crms_own_words() {
        let habits = Habits {
            held: vec!["Proběhla".to_owned()],
            event_field: Some("cGoogleCalendarEventId".to_owned()),
            place: true,
            ..Habits::default()
        };
        let entry = read(Entity::Meeting, &meeting("Proběhla"), &habits).unwrap();
        assert_eq!((entry.standing, entry.event_id.as_deref()), (Standing::Held, Some("e1")));
        assert_eq!(entry.record.words(Field::Place), "Room 1");
        assert_eq!(entry.record.get(Field::Text), Some(&Value::text("")));
        let plain = read(Entity::Meeting, &meeting("Not Held"), &Habits::default()).unwrap();
        assert_eq!((plain.standing, plain.event_id), (Standing::NotHeld, None));
        assert_eq!(plain.record.get(Field::Place), None, "a field that is not there is unknown");
    }

    #[test]
    fn what_decides_has_a_fingerprint_and_when_it_was_changed_has_none() {
        let of = |key: &str, value: Json| {
            let mut meeting = meeting("Planned");
            meeting.insert(key.to_owned(), value);
            read(Entity::Meeting, &meeting, &Habits::default()).unwrap()
        };
        let plain = of("status", json!("Planned"));
        assert_eq!(plain.modified, 1_795_382_644);
        let later = of("modifiedAt", json!("2026-11-22 21:24:05"));
        assert_eq!((later.modified, later.fingerprint()), (plain.modified + 1, plain.fingerprint()));
        for (key, value) in [
            ("name", json!("Plan")),
            ("status", json!("Held")),
            ("assignedUserId", json!("u2")),
            ("dateEnd", json!("2026-12-01 10:00:01")),
        ] {
            assert_ne!(of(key, value.clone()).fingerprint(), plain.fingerprint(), "{key} {value}");
        }
    }

    #[test]
    fn who_takes_part_has_a_fingerprint_of_its_own_where_it_is_told() {
        let of = |contacts: &[&str]| {
            let mut meeting = meeting("Planned");
            let lists = json!({ "usersIds": [], "contactsIds": contacts, "leadsIds": [] });
            meeting.extend(raw(lists));
            read(Entity::Meeting, &meeting, &Habits::default()).unwrap()
        };
        let silent = read(Entity::Meeting, &meeting("Planned"), &Habits::default()).unwrap();
        let (nobody, one) = (of(&[]), of(&["c1"]));
        assert_eq!(silent.people_fingerprint(), None);
        assert_eq!(one.people_fingerprint(), of(&["c1"]).people_fingerprint());
        assert_ne!(one.people_fingerprint(), nobody.people_fingerprint());
        assert!(nobody.people_fingerprint().is_some() && one.fingerprint() == silent.fingerprint());
    }

    #[test]
    fn a_text_that_a_list_may_have_cut_is_unknown() {
        let mut meeting = meeting("Planned");
        meeting.insert("description".to_owned(), json!("x".repeat(LISTED)));
        assert_eq!(
            read(Entity::Meeting, &meeting, &Habits::default()).unwrap().record.get(Field::Text),
            None
        );
    }

    #[test]
    fn rule_2_4_only_what_changed_is_sent_and_times_go_as_a_group() {
        let entry = read(Entity::Meeting, &meeting("Planned"), &Habits::default()).unwrap();
        let title = Record::new().with(Field::Title, Value::text("Plan"));
        assert_eq!(
            Json::Object(body(Entity::Meeting, &title, &Habits::default())),
            json!({ "name": "Plan" })
        );
        let when = Record::new().with(Field::When, entry.record.get(Field::When).unwrap().clone());
        let sent = body(Entity::Meeting, &when, &Habits::default());
        let keys: Vec<_> = sent.keys().map(String::as_str).collect();
        assert_eq!(keys, ["dateEnd", "dateEndDate", "dateStart", "dateStartDate", "isAllDay"]);
        assert_eq!(body(Entity::Call, &when, &Habits::default()).len(), 2);
    }
}
