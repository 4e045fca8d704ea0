//! An event as one reader sees it: by role, in a zone, with the flags that say who is who.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::moment::Moment;
use super::policy::Tombstones;
use super::store::{Body, Calendar, Role, Stored, home, text};

/// What is left of an event for those who may see times only.
const BUSY: &[&str] = &[
    "id",
    "status",
    "created",
    "updated",
    "start",
    "end",
    "recurrence",
    "recurringEventId",
    "originalStartTime",
    "transparency",
    "iCalUID",
    "sequence",
    "eventType",
];

/// What a sparse tombstone tells.
const TOMBSTONE: &[&str] = &["id", "status", "recurringEventId", "originalStartTime"];

pub(super) struct Viewer<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) role: Role,
    pub(super) shown: TimeZone,
    pub(super) most_attendees: Option<usize>,
}

impl Viewer<'_> {
    /// All this reader may see.
    pub(super) fn show(&self, stored: &Stored) -> Value {
        let mut body = stored.body.clone();
        if self.hidden(&body) {
            body.retain(|key, _| BUSY.contains(&key.as_str()));
            body.insert("visibility".into(), json!("private"));
        } else {
            self.say_who(&mut body);
            body.insert("htmlLink".into(), json!(self.link(&body)));
        }
        self.tell_time(&mut body);
        sealed(body, stored)
    }

    /// As an incremental list shows it: of deleted events next to nothing is left.
    pub(super) fn show_change(&self, stored: &Stored, tombstones: Tombstones) -> Value {
        if !stored.cancelled() || tombstones == Tombstones::Full {
            return self.show(stored);
        }
        let kept = if tombstones == Tombstones::Bare { &TOMBSTONE[..2] } else { TOMBSTONE };
        let mut body = stored.body.clone();
        body.retain(|key, _| kept.contains(&key.as_str()));
        self.tell_time(&mut body);
        sealed(body, stored)
    }

    /// Whether this reader may see times only.
    fn hidden(&self, body: &Body) -> bool {
        let private = matches!(text(body, "visibility"), "private" | "confidential");
        self.role == Role::FreeBusyReader || (private && !self.role.sees_private())
    }

    fn tell_time(&self, body: &mut Body) {
        for key in ["start", "end", "originalStartTime"] {
            if let Some(moment) = Moment::stored(body.get(key)) {
                body.insert(key.into(), moment.write(Some(&self.shown)));
            }
        }
    }

    /// `self` and `organizer` flags: whose calendar this is.
    fn say_who(&self, body: &mut Body) {
        let organizer = home(body).to_owned();
        for role in ["creator", "organizer"] {
            if let Some(Value::Object(person)) = body.get_mut(role)
                && text(person, "email") == self.calendar.id
            {
                person.insert("self".into(), json!(true));
            }
        }
        let Some(Value::Array(attendees)) = body.get_mut("attendees") else {
            return;
        };
        for attendee in attendees.iter_mut().filter_map(Value::as_object_mut) {
            if text(attendee, "email") == self.calendar.id {
                attendee.insert("self".into(), json!(true));
            }
            if text(attendee, "email") == organizer {
                attendee.insert("organizer".into(), json!(true));
            }
        }
        if self.most_attendees.is_some_and(|most| attendees.len() > most) {
            attendees.retain(|it| it.get("self").is_some());
            body.insert("attendeesOmitted".into(), json!(true));
        }
    }

    fn link(&self, body: &Body) -> String {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let name = format!("{} {}", text(body, "id"), self.calendar.id);
        format!("https://www.google.com/calendar/event?eid={}", URL_SAFE_NO_PAD.encode(name))
    }
}

fn sealed(mut body: Body, stored: &Stored) -> Value {
    body.insert("kind".into(), json!("calendar#event"));
    body.insert("etag".into(), json!(stored.etag()));
    Value::Object(body)
}
