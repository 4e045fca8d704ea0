//! What an event of Google says, as far as a decision needs it.
//!
//! The event itself stays raw JSON: keys that nobody here knows are kept by
//! [`apply`], which changes nothing but the fields it is given.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::moment::Instant;
use super::times::Times;
use crate::plan::record::{Field, Record, Value, fingerprint};

/// Who may see an event in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Visibility {
    /// Everybody who sees the calendar.
    Public,
    /// Its guests only.
    Private,
}

/// The owner's own answer to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// There is nothing to answer: the owner is no guest.
    None,
    /// Not yet.
    Awaited,
    /// Yes.
    Coming,
    /// Maybe.
    Tentative,
    /// No.
    Declined,
}

impl Answer {
    /// The CRM's word.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Awaited => Some("None"),
            Self::Coming => Some("Accepted"),
            Self::Tentative => Some("Tentative"),
            Self::Declined => Some("Declined"),
        }
    }
}

/// How an event recurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recurrence {
    /// `RRULE`, `RDATE` and the like.
    pub lines: Vec<String>,
    /// IANA name of the zone in which they are meant.
    pub zone: Option<String>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Identity in its calendar.
    pub id: String,
    /// Version.
    pub etag: String,
    /// Identity over all calendars.
    pub ical_uid: String,
    /// Whether it is a tombstone.
    pub cancelled: bool,
    /// How it recurs, when it is the master of a series.
    pub recurrence: Option<Recurrence>,
    /// The series it is an occurrence of.
    pub master: Option<String>,
    /// When that occurrence was to be, as Google writes it.
    pub original_start: Option<String>,
    /// Whether it is an event as people make it: no birthday, no working location.
    pub ordinary: bool,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether this calendar's owner organizes it.
    pub organizes: bool,
    /// The organizer's address, where it is told.
    pub organizer: String,
    /// The owner's answer.
    pub answer: Answer,
    /// The address by which the owner is invited; empty when the owner is no guest.
    pub own: String,
    /// Addresses of guests other than the owner of this calendar, in lower case.
    pub guests: Vec<String>,
    /// Whether these are all.
    pub tells_guests: bool,
    /// Whether a guest may change it; a locked one nobody may.
    pub changeable: bool,
    /// Last change, in seconds of Unix time.
    pub updated: i64,
    /// When it was made, in seconds of Unix time.
    pub created: i64,
    /// Values of the private extended properties, by name.
    pub private: Map<String, Json>,
    /// The fields.
    pub record: Record,
}

impl Event {
    /// Identity over all calendars, none where Google does not tell it. All occurrences of a
    /// series have its identity, so theirs is told apart by the start that it gave them.
    #[must_use]
    pub fn identity(&self) -> Option<String> {
        let uid = Some(&self.ical_uid).filter(|uid| !uid.is_empty())?;
        Some(match &self.original_start {
            Some(original) => format!("{uid}#{original}"),
            None => uid.clone(),
        })
    }

    /// Of everything that a decision depends on: two that have the same one are
    /// planned alike. Versions and times of changes do not count.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        fingerprint(&Self { etag: String::new(), updated: 0, ..self.clone() })
    }
}

/// Reads an event; none without an identity.
#[must_use]
pub fn read(raw: &Map<String, Json>) -> Option<Event> {
    let id = text(raw, "id").filter(|id| !id.is_empty())?;
    let organizer = raw.get("organizer").and_then(Json::as_object);
    let organizes = organizer.is_none_or(|of| flag(of, "self"));
    let guests = raw.get("attendees").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let own = guests.iter().filter_map(Json::as_object).find(|guest| flag(guest, "self"));
    Some(Event {
        id: id.to_owned(),
        etag: text(raw, "etag").unwrap_or_default().to_owned(),
        ical_uid: text(raw, "iCalUID").unwrap_or_default().to_owned(),
        cancelled: text(raw, "status") == Some("cancelled"),
        recurrence: recurrence(raw),
        master: text(raw, "recurringEventId").map(str::to_owned),
        original_start: raw.get("originalStartTime").and_then(Json::as_object).and_then(original_start),
        ordinary: text(raw, "eventType").is_none_or(|kind| kind == "default"),
        visibility: match text(raw, "visibility") {
            Some("private" | "confidential") => Visibility::Private,
            _ => Visibility::Public,
        },
        organizes,
        organizer: organizer.and_then(|of| text(of, "email")).unwrap_or_default().to_lowercase(),
        answer: own.map_or(Answer::None, answer),
        own: own.and_then(|own| text(own, "email")).unwrap_or_default().to_lowercase(),
        tells_guests: tells_guests(raw, organizes),
        guests: guests.iter().filter_map(Json::as_object).filter_map(guest).collect(),
        changeable: !flag(raw, "locked")
            && !flag(raw, "attendeesOmitted")
            && (organizes || flag(raw, "guestsCanModify")),
        updated: seconds(raw, "updated"),
        created: seconds(raw, "created"),
        private: raw
            .get("extendedProperties")
            .and_then(|all| all.get("private"))
            .and_then(Json::as_object)
            .cloned()
            .unwrap_or_default(),
        record: record(raw),
    })
}

// An event whose title may not be read has none of the keys, so its fields are unknown.
fn record(raw: &Map<String, Json>) -> Record {
    let mut record = Record::new();
    if let Ok(read) = Times::from_google(raw.get("start"), raw.get("end")) {
        record.set(Field::When, Value::Times(read.times));
    }
    if reads_in_full(raw) {
        for (field, key) in WORDS {
            record.set(field, Value::text(text(raw, key).unwrap_or_default()));
        }
    }
    record
}

const WORDS: [(Field, &str); 3] =
    [(Field::Title, "summary"), (Field::Text, "description"), (Field::Place, "location")];

// Who only sees that an owner is busy gets neither organizer nor creator.
fn reads_in_full(raw: &Map<String, Json>) -> bool {
    raw.contains_key("summary") || raw.contains_key("organizer") || raw.contains_key("creator")
}

pub(super) fn recurrence(raw: &Map<String, Json>) -> Option<Recurrence> {
    let lines = raw.get("recurrence").and_then(Json::as_array)?;
    let lines: Vec<_> = lines.iter().filter_map(Json::as_str).map(str::to_owned).collect();
    let zone = raw.get("start").and_then(|start| start.get("timeZone")).and_then(Json::as_str);
    (!lines.is_empty()).then(|| Recurrence { lines, zone: zone.map(str::to_owned) })
}

// An invitation may hide its other guests, and a long list may have been cut.
fn tells_guests(raw: &Map<String, Json>, organizes: bool) -> bool {
    let hidden = raw.get("guestsCanSeeOtherGuests").and_then(Json::as_bool) == Some(false);
    reads_in_full(raw) && !flag(raw, "attendeesOmitted") && (organizes || !hidden)
}

fn guest(of: &Map<String, Json>) -> Option<String> {
    (!flag(of, "self") && !flag(of, "resource")).then(|| text(of, "email").map(str::to_lowercase)).flatten()
}

fn answer(of: &Map<String, Json>) -> Answer {
    match text(of, "responseStatus") {
        Some("accepted") => Answer::Coming,
        Some("tentative") => Answer::Tentative,
        Some("declined") => Answer::Declined,
        _ => Answer::Awaited,
    }
}

fn original_start(of: &Map<String, Json>) -> Option<String> {
    let moment = text(of, "dateTime").and_then(|moment| Instant::parse(moment).ok());
    moment.map(|at| at.to_string()).or_else(|| text(of, "date").map(str::to_owned))
}

fn text<'a>(of: &'a Map<String, Json>, key: &str) -> Option<&'a str> {
    of.get(key).and_then(Json::as_str)
}

fn flag(of: &Map<String, Json>, key: &str) -> bool {
    of.get(key).and_then(Json::as_bool).unwrap_or(false)
}

fn seconds(of: &Map<String, Json>, key: &str) -> i64 {
    text(of, key).and_then(|text| Instant::parse(text).ok()).map_or(0, Instant::seconds)
}

/// What is shown of an event that only its guests may see.
pub const BUSY: &str = "Busy";

/// The event without what only its guests may see: identity, version, times.
#[must_use]
pub fn redact(raw: &Map<String, Json>) -> Map<String, Json> {
    const KEPT: [&str; 13] = [
        "id",
        "etag",
        "iCalUID",
        "status",
        "start",
        "end",
        "visibility",
        "updated",
        "created",
        "eventType",
        "recurringEventId",
        "originalStartTime",
        "recurrence",
    ];
    let mut kept: Map<String, Json> = raw
        .iter()
        .filter(|(key, _)| KEPT.contains(&key.as_str()))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    // Whose it is decides who may write it, and names nobody.
    let organizes = raw.get("organizer").and_then(Json::as_object).is_none_or(|of| flag(of, "self"));
    kept.insert("organizer".to_owned(), json!({ "self": organizes }));
    for key in ["locked", "attendeesOmitted", "guestsCanModify"] {
        kept.insert(key.to_owned(), Json::Bool(flag(raw, key)));
    }
    kept.insert("summary".to_owned(), Json::from(BUSY));
    kept
}

/// Writes fields into an event and leaves every other key as it is. A timed
/// event keeps its own zone; `zone` is for one that has none.
pub fn apply(raw: &mut Map<String, Json>, changes: &Record, zone: &str) {
    for (field, value) in changes.iter() {
        match (field, value) {
            (Field::When, Value::Times(times)) => set_times(raw, times, zone),
            (field, Value::Text(words)) => {
                if let Some((_, key)) = WORDS.iter().find(|(of, _)| *of == field) {
                    raw.insert((*key).to_owned(), Json::from(words.as_str()));
                }
            }
            // An event has no other.
            (_, Value::Times(_) | Value::Several(_) | Value::Postal(_)) => {}
        }
    }
}

fn set_times(raw: &mut Map<String, Json>, times: &Times, zone: &str) {
    let own =
        ["start", "end"].iter().find_map(|key| raw.get(*key)?.get("timeZone")?.as_str()).map(str::to_owned);
    let (start, end) = times.to_google(Some(own.as_deref().unwrap_or(zone)));
    raw.insert("start".to_owned(), start);
    raw.insert("end".to_owned(), end);
}

#[cfg(test)]
mod tests {
    use super::{Answer, BUSY, Times, Visibility, apply, read, redact};
    use crate::plan::record::{Field, Record, Value};
    use serde_json::{Map, Value as Json, json};

    fn raw(value: Json) -> Map<String, Json> {
        match value {
            Json::Object(raw) => raw,
            other => panic!("{other}"),
        }
    }

    fn invitation() -> Map<String, Json> {
        raw(json!({
            "id": "e1", "etag": "\"1\"", "iCalUID": "e1@google.com", "status": "confirmed",
            "summary": "Plan", "start": { "dateTime": "2026-12-01T10:00:00+01:00", "timeZone": "Europe/Prague" },
            "end": { "dateTime": "2026-12-01T11:00:00+01:00", "timeZone": "Europe/Prague" },
            "organizer": { "email": "Boss@Acme.cz" }, "updated": "2026-11-20T10:00:00.123Z",
            "attendees": [
                { "email": "anna@acme.cz", "self": true, "responseStatus": "needsAction" },
                { "email": "Room@resource.calendar.google.com", "resource": true },
                { "email": "Eva@Other.cz", "responseStatus": "accepted" },
            ],
        }))
    }

    #[test]
    fn an_invitation_is_read() {
        let event = read(&invitation()).unwrap();
        assert_eq!((event.organizes, event.answer, event.changeable), (false, Answer::Awaited, false));
        assert_eq!(
            (event.organizer.as_str(), event.guests),
            ("boss@acme.cz", vec!["eva@other.cz".to_owned()])
        );
        assert_eq!((event.own.as_str(), event.tells_guests), ("anna@acme.cz", true));
        assert_eq!(event.updated, 1_795_168_800);
        assert_eq!(event.record.get(Field::Place), Some(&Value::text("")), "no place is an empty one");
    }

    #[test]
    fn rule_3_7_what_may_not_be_read_is_unknown() {
        let busy = raw(json!({
            "id": "e2", "status": "confirmed", "visibility": "private",
            "start": { "date": "2026-12-01" }, "end": { "date": "2026-12-02" },
        }));
        let event = read(&busy).unwrap();
        assert_eq!(event.visibility, Visibility::Private);
        assert!(event.record.get(Field::Title).is_none() && event.record.times().is_some());
    }

    #[test]
    fn who_is_told_by_whom_an_event_is_reads_it_in_full() {
        let of = |key: &str| raw(json!({ "id": "e2", "status": "confirmed", key: {} }));
        for key in ["summary", "organizer", "creator"] {
            let title = read(&of(key)).unwrap().record.get(Field::Title).cloned();
            assert_eq!(title, Some(Value::text("")), "{key}");
        }
        assert_eq!(read(&of("start")).unwrap().record.get(Field::Title), None);
    }

    #[test]
    fn guests_are_told_unless_they_are_hidden_cut_or_only_busy_is_shown() {
        let tells = |of: Json| read(&raw(of)).unwrap().tells_guests;
        let event = |ours: bool, seen: bool, cut: bool| {
            let organizer = json!({ "email": "boss@acme.cz", "self": ours });
            json!({ "id": "e1", "organizer": organizer, "guestsCanSeeOtherGuests": seen, "attendeesOmitted": cut })
        };
        assert!(tells(event(true, true, false)) && tells(event(false, true, false)));
        assert!(tells(event(true, false, false)), "nothing is hidden from who organizes it");
        assert!(!tells(event(false, false, false)));
        assert!(!tells(event(true, true, true)) && !tells(event(false, true, true)));
        assert!(!tells(json!({ "id": "e1", "status": "confirmed" })));
    }

    #[test]
    fn an_answer_is_the_owners_and_what_is_none_is_awaited() {
        for (word, answer) in [
            ("accepted", Answer::Coming),
            ("tentative", Answer::Tentative),
            ("declined", Answer::Declined),
            ("needsAction", Answer::Awaited),
            ("", Answer::Awaited),
        ] {
            let mut event = invitation();
            event["attendees"][0]["responseStatus"] = json!(word);
            assert_eq!(read(&event).unwrap().answer, answer, "{word}");
        }
    }

    #[test]
    fn what_decides_has_a_fingerprint_and_its_version_has_none() {
        let of = |key: &str, value: &Json| {
            let mut event = invitation();
            event.insert(key.to_owned(), value.clone());
            read(&event).unwrap().fingerprint()
        };
        let plain = read(&invitation()).unwrap().fingerprint();
        assert_eq!(of("etag", &json!("\"2\"")), plain);
        assert_eq!(of("updated", &json!("2026-11-21T10:00:00.000Z")), plain);
        for (key, value) in [
            ("summary", json!("Plan B")),
            ("status", json!("cancelled")),
            ("visibility", json!("private")),
            ("attendees", json!([])),
            ("end", json!({ "dateTime": "2026-12-01T12:00:00+01:00" })),
        ] {
            assert_ne!(of(key, &value), plain, "{key} {value}");
        }
    }

    #[test]
    fn rule_3_7_nothing_private_is_left_in_a_redacted_event() {
        let mut event = invitation();
        event.insert("visibility".to_owned(), json!("private"));
        event.insert("description".to_owned(), json!("Secret words"));
        event.insert("conferenceData".to_owned(), json!({ "id": "Secret" }));
        let kept = redact(&event);
        let text = Json::Object(kept.clone()).to_string();
        for secret in ["Secret", "Plan", "Boss", "Eva", "anna"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        let (whole, read) = (read(&event).unwrap(), read(&kept).unwrap());
        assert_eq!(read.record.words(Field::Title), BUSY);
        assert_eq!(read.record.times(), whole.record.times());
        assert_eq!((read.organizes, read.changeable), (whole.organizes, whole.changeable));
    }

    #[test]
    fn a_sparse_tombstone_is_one() {
        let event = read(&raw(json!({ "id": "e3", "status": "cancelled" }))).unwrap();
        assert!(event.cancelled && event.record.is_empty());
        assert!(read(&raw(json!({ "status": "cancelled" }))).is_none());
    }

    #[test]
    fn rule_2_2_a_write_changes_what_it_names_and_keeps_everything_else() {
        let mut event = invitation();
        event.insert("somethingNew".to_owned(), json!({ "deep": [1, 2] }));
        let before = event.clone();
        apply(&mut event, &Record::new().with(Field::Title, Value::text("Plan B")), "UTC");
        let mut expected = before.clone();
        expected.insert("summary".to_owned(), json!("Plan B"));
        assert_eq!(event, expected);
        let times = *read(&before).unwrap().record.times().unwrap();
        apply(&mut event, &Record::new().with(Field::When, Value::Times(times)), "UTC");
        assert_eq!(event["start"]["timeZone"], "Europe/Prague", "the event's own zone stays");
        assert_eq!(read(&event).unwrap().record.times(), Some(&times));
        let day = serde_json::from_value(json!("2026-12-24")).unwrap();
        let moved = Times::all_day(day, day).unwrap();
        apply(&mut event, &Record::new().with(Field::When, Value::Times(moved)), "UTC");
        assert_eq!(read(&event).unwrap().record.times(), Some(&moved));
    }
}
