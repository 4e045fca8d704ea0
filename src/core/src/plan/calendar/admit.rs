//! What is taken over for the first time, and what is not.
//!
//! An event becomes a record only when it is one that people made, that the
//! calendar's owner may see and has not declined, within the time that is
//! synchronised, and of a kind that the user wants. A record becomes an event
//! only in the main calendar of the user it is assigned to. Everything else is
//! left alone, with the reason.

use serde::{Deserialize, Serialize};

use super::entry::{Entity, Entry};
use super::event::{Answer, Event, Visibility};
use super::event_id;
use super::labels::Labels;
use super::times::Times;
use crate::plan::policy::Direction;
use crate::plan::record::Field;
use crate::plan::seen::Standing;

/// What happens to events that only their guests may see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Private {
    /// Left in Google.
    #[default]
    Skip,
    /// The time is taken over, nothing else.
    Busy,
    /// Taken over like any other.
    Full,
}

/// The choices of a user that decide about first sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// Which way changes go.
    pub direction: Direction,
    /// Kinds that are synchronised.
    pub kinds: Vec<Entity>,
    /// Their labels.
    pub labels: Labels<Entity>,
    /// The kind of an event without a label.
    pub default: Option<Entity>,
    /// What was made or changed before is not taken over, in seconds of Unix time.
    pub since: i64,
    /// Events that only their guests may see.
    pub private: Private,
    /// Whether an invitation comes in before it is answered.
    pub unanswered: bool,
    /// Domains whose senders are known, in lower case.
    pub domains: Vec<String>,
}

/// Why something is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// The other direction is not wanted.
    Direction,
    /// It is a tombstone.
    Gone,
    /// It is a birthday, a working location or another thing of Google's own.
    Special,
    /// It is a series: its occurrences are taken over, each by itself.
    Series,
    /// Only its guests may see it.
    Private,
    /// Its owner has declined it.
    Declined,
    /// Its owner has not answered yet.
    Unanswered,
    /// An invitation from somebody outside whom nobody has answered.
    Stranger,
    /// It was not changed since the day from which on things are synchronised.
    TooOld,
    /// It has no label, and no kind stands for such events.
    NoKind,
    /// It lasts whole days, and no kind that is synchronised can.
    WholeDays,
    /// Its title or its times may not be read.
    Unreadable,
    /// It is over, held or cancelled.
    Over,
    /// Its kind is not synchronised.
    OtherKind,
    /// The calendar may only be read.
    ReadOnly,
    /// The record names an event that is not in this calendar.
    NamesAnother,
    /// The record was made of an event, and is that one's or nobody's.
    Made,
    /// Others look the same: a person has to say which belongs to which.
    Ambiguous,
    /// It is a copy of a record, of which nothing is read.
    Copied,
}

impl Left {
    /// Every reason.
    pub const ALL: [Self; 19] = [
        Self::Direction,
        Self::Gone,
        Self::Special,
        Self::Series,
        Self::Private,
        Self::Declined,
        Self::Unanswered,
        Self::Stranger,
        Self::TooOld,
        Self::NoKind,
        Self::WholeDays,
        Self::Unreadable,
        Self::Over,
        Self::OtherKind,
        Self::ReadOnly,
        Self::NamesAnother,
        Self::Made,
        Self::Ambiguous,
        Self::Copied,
    ];

    /// The word in the REST API and in lists.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Direction => "direction",
            Self::Gone => "gone",
            Self::Special => "special",
            Self::Series => "series",
            Self::Private => "private",
            Self::Declined => "declined",
            Self::Unanswered => "unanswered",
            Self::Stranger => "stranger",
            Self::TooOld => "too-old",
            Self::NoKind => "no-kind",
            Self::WholeDays => "whole-days",
            Self::Unreadable => "unreadable",
            Self::Over => "over",
            Self::OtherKind => "other-kind",
            Self::ReadOnly => "read-only",
            Self::NamesAnother => "names-another",
            Self::Made => "made",
            Self::Ambiguous => "ambiguous",
            Self::Copied => "copied",
        }
    }
}

impl Door {
    /// The kind of record that the event becomes.
    ///
    /// # Errors
    /// Says why it is left alone.
    pub fn event(&self, event: &Event) -> Result<Entity, Left> {
        if !self.direction.reads() {
            return Err(Left::Direction);
        }
        if event.cancelled {
            return Err(Left::Gone);
        }
        if !event.ordinary {
            return Err(Left::Special);
        }
        if event_id::copied(event).is_some() {
            return Err(Left::Copied);
        }
        if event.recurrence.is_some() {
            return Err(Left::Series);
        }
        if event.visibility == Visibility::Private && self.private == Private::Skip {
            return Err(Left::Private);
        }
        self.invitation(event)?;
        if event.updated.max(event.created) < self.since {
            return Err(Left::TooOld);
        }
        let Some(times) = event.record.times() else { return Err(Left::Unreadable) };
        if event.record.get(Field::Title).is_none() {
            return Err(Left::Unreadable);
        }
        self.kind(event.record.words(Field::Title), matches!(times, Times::AllDay { .. }))
    }

    fn invitation(&self, event: &Event) -> Result<(), Left> {
        match event.answer {
            Answer::None | Answer::Coming | Answer::Tentative => Ok(()),
            Answer::Declined => Err(Left::Declined),
            Answer::Awaited if event.organizes => Ok(()),
            Answer::Awaited if !self.unanswered => Err(Left::Unanswered),
            Answer::Awaited => {
                let domain = event.organizer.rsplit_once('@').map(|(_, domain)| domain);
                let known = domain.is_some_and(|domain| self.domains.iter().any(|own| own == domain));
                if known { Ok(()) } else { Err(Left::Stranger) }
            }
        }
    }

    fn kind(&self, title: &str, whole_days: bool) -> Result<Entity, Left> {
        let labelled = self.labels.parse(title).map(|(entity, _)| *entity);
        let entity = labelled.or(self.default).ok_or(Left::NoKind)?;
        match (whole_days, entity.whole_days()) {
            (false, _) | (true, true) => Ok(entity),
            (true, false) => {
                self.kinds.iter().copied().find(|entity| entity.whole_days()).ok_or(Left::WholeDays)
            }
        }
    }

    /// Whether the record becomes an event. `now` in seconds of Unix time.
    ///
    /// # Errors
    /// Says why it is left alone.
    pub fn entry(&self, entry: &Entry, now: i64) -> Result<(), Left> {
        if !self.direction.writes() {
            return Err(Left::Direction);
        }
        if !self.kinds.contains(&entry.entity) {
            return Err(Left::OtherKind);
        }
        if entry.modified.max(entry.created) < self.since {
            return Err(Left::TooOld);
        }
        let Some(times) = entry.record.times() else { return Err(Left::Unreadable) };
        if entry.standing != Standing::Planned || over(times, now) {
            return Err(Left::Over);
        }
        Ok(())
    }
}

/// Whether the times have passed; days have passed when they have everywhere.
#[must_use]
pub fn over(times: &Times, now: i64) -> bool {
    /// The last zone is twelve hours behind UTC.
    const LAST_ZONE: i64 = 12 * 3_600;
    match times {
        Times::Timed { end, .. } => end.seconds() < now,
        Times::AllDay { last, .. } => (last.since_1970() + 1) * 86_400 + LAST_ZONE < now,
    }
}

#[cfg(test)]
mod tests {
    use super::{Door, Left, Private, over};
    use crate::plan::calendar::choices::Choices;
    use crate::plan::calendar::entry::{self, Entity, Habits};
    use crate::plan::calendar::event::{self, Event};
    use crate::plan::policy::Direction;
    use serde_json::{Value as Json, json};

    const NOW: i64 = 1_795_000_000;

    fn door(choices: &Choices) -> Door {
        choices.door(vec!["acme.cz".to_owned()]).unwrap()
    }

    fn event(more: &Json) -> Event {
        let mut raw = json!({
            "id": "e1", "status": "confirmed", "summary": "Plan", "organizer": { "email": "a@acme.cz", "self": true },
            "start": { "dateTime": "2026-12-01T10:00:00Z" }, "end": { "dateTime": "2026-12-01T11:00:00Z" },
            "updated": "2026-11-20T10:00:00Z", "created": "2026-11-20T10:00:00Z",
        });
        let raw = raw.as_object_mut().unwrap();
        raw.extend(more.as_object().unwrap().clone());
        event::read(raw).unwrap()
    }

    #[test]
    fn rule_3_1_only_what_people_made_and_want_comes_in() {
        let all_day = json!({ "start": { "date": "2026-12-01" }, "end": { "date": "2026-12-02" } });
        let invited = |sender: &str, answer: &str| {
            json!({ "organizer": { "email": sender }, "attendees": [
                { "email": "a@acme.cz", "self": true, "responseStatus": answer }] })
        };
        for (more, told) in [
            (json!({}), Ok(Entity::Meeting)),
            (json!({ "summary": "Call: Ben" }), Ok(Entity::Call)),
            (json!({ "summary": "" }), Ok(Entity::Meeting)),
            (json!({ "status": "cancelled" }), Err(Left::Gone)),
            (json!({ "eventType": "birthday" }), Err(Left::Special)),
            (json!({ "eventType": "default" }), Ok(Entity::Meeting)),
            (json!({ "recurrence": ["RRULE:FREQ=DAILY"] }), Err(Left::Series)),
            (json!({ "visibility": "private" }), Err(Left::Private)),
            (json!({ "visibility": "confidential" }), Err(Left::Private)),
            (all_day, Ok(Entity::Meeting)),
            (invited("boss@acme.cz", "needsAction"), Ok(Entity::Meeting)),
            (invited("spam@evil.example", "needsAction"), Err(Left::Stranger)),
            (invited("spam@acme.cz.evil.example", "needsAction"), Err(Left::Stranger)),
            (invited("eva@other.cz", "accepted"), Ok(Entity::Meeting)),
            (invited("boss@acme.cz", "declined"), Err(Left::Declined)),
        ] {
            assert_eq!(door(&Choices::default()).event(&event(&more)), told, "{more}");
        }
    }

    #[test]
    fn rule_3_8_whole_days_become_a_meeting_or_nothing() {
        let all_day = json!({ "summary": "Call: Ben", "start": { "date": "2026-12-01" }, "end": { "date": "2026-12-02" } });
        assert_eq!(door(&Choices::default()).event(&event(&all_day)), Ok(Entity::Meeting));
        let mut calls = Choices::default();
        calls.kinds.retain(|kind| kind.entity == Entity::Call);
        calls.default_kind = None;
        assert_eq!(door(&calls).event(&event(&all_day)), Err(Left::WholeDays));
        assert_eq!(door(&calls).event(&event(&json!({}))), Err(Left::NoKind));
    }

    #[test]
    fn the_users_choices_open_and_close() {
        let choices = |change: fn(&mut Choices)| {
            let mut choices = Choices::default();
            change(&mut choices);
            door(&choices)
        };
        let plain = event(&json!({}));
        assert_eq!(choices(|c| c.direction = Direction::ToGoogle).event(&plain), Err(Left::Direction));
        let late = |c: &mut Choices| c.since = serde_json::from_value(json!("2026-11-21")).ok();
        assert_eq!(choices(late).event(&plain), Err(Left::TooOld));
        let same_day = |c: &mut Choices| c.since = serde_json::from_value(json!("2026-11-20")).ok();
        assert_eq!(choices(same_day).event(&plain), Ok(Entity::Meeting));
        let private = event(&json!({ "visibility": "private" }));
        assert_eq!(choices(|c| c.private = Private::Full).event(&private), Ok(Entity::Meeting));
        let invited = event(&json!({ "organizer": { "email": "boss@acme.cz" }, "attendees": [
            { "email": "a@acme.cz", "self": true, "responseStatus": "needsAction" }] }));
        assert_eq!(choices(|c| c.unanswered = false).event(&invited), Err(Left::Unanswered));
    }

    #[test]
    fn rule_3_3_a_first_run_sends_only_what_is_still_to_come() {
        let entry = |status: &str, start: &str, end: &str| {
            let raw = json!({
                "id": "m1", "name": "x", "status": status, "dateStart": start, "dateEnd": end,
                "modifiedAt": "2026-11-20 10:00:00", "createdAt": "2026-11-20 10:00:00",
            });
            entry::read(Entity::Meeting, raw.as_object().unwrap(), &Habits::default()).unwrap()
        };
        let door = door(&Choices::default());
        let future = ("2026-12-01 10:00:00", "2026-12-01 11:00:00");
        assert_eq!(door.entry(&entry("Planned", future.0, future.1), NOW), Ok(()));
        assert_eq!(door.entry(&entry("Held", future.0, future.1), NOW), Err(Left::Over));
        assert_eq!(door.entry(&entry("Not Held", future.0, future.1), NOW), Err(Left::Over));
        let past = entry("Planned", "2026-10-01 10:00:00", "2026-10-01 11:00:00");
        assert_eq!(door.entry(&past, NOW), Err(Left::Over));
    }

    #[test]
    fn bounds_belong_to_what_they_bound() {
        let mut door = door(&Choices { unanswered: false, ..Choices::default() });
        let own = event(&json!({ "attendees": [
            { "email": "a@acme.cz", "self": true, "responseStatus": "needsAction" }] }));
        assert_eq!(door.event(&own), Ok(Entity::Meeting), "nobody invites an organizer");
        door.since = own.updated;
        assert_eq!(door.event(&own), Ok(Entity::Meeting));
        door.since += 1;
        assert_eq!(door.event(&own), Err(Left::TooOld));
        let raw = json!({
            "id": "m1", "name": "x", "status": "Planned", "dateStart": "2026-12-01 10:00:00",
            "dateEnd": "2026-12-01 11:00:00", "modifiedAt": "2026-11-20 10:00:00", "createdAt": "2026-11-20 10:00:00",
        });
        let entry = entry::read(Entity::Meeting, raw.as_object().unwrap(), &Habits::default()).unwrap();
        door.since = entry.modified;
        assert_eq!(door.entry(&entry, NOW), Ok(()));
        door.since += 1;
        assert_eq!(door.entry(&entry, NOW), Err(Left::TooOld));
        let times = entry.record.times().unwrap();
        let crate::plan::calendar::times::Times::Timed { end, .. } = times else { panic!("{times:?}") };
        assert!(!over(times, end.seconds()) && over(times, end.seconds() + 1));
    }

    #[test]
    fn no_two_reasons_have_one_word() {
        let words: std::collections::BTreeSet<_> = Left::ALL.iter().map(|why| why.name()).collect();
        assert_eq!(words.len(), Left::ALL.len());
    }

    #[test]
    fn days_are_over_when_they_are_over_everywhere() {
        let day = serde_json::from_value(json!("2026-11-20")).unwrap();
        let times = crate::plan::calendar::times::Times::all_day(day, day).unwrap();
        let midnight = (day.since_1970() + 1) * 86_400;
        assert!(!over(&times, midnight + 12 * 3_600));
        assert!(over(&times, midnight + 12 * 3_600 + 1));
    }
}
