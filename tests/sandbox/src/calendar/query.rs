//! What a list of events is asked for, and which events answer.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::call::Call;
use super::moment::Moment;
use super::refusal::Refusal;
use super::series::{Bound, MOST_INSTANCES, Series};
use super::store::{Body, Stored, text};

/// What may not stand beside a sync token.
const NOT_WITH_TOKEN: [&str; 8] = [
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
];

/// A list with one of these has no sync token at its end.
const NO_TOKEN_AFTER: [&str; 6] =
    ["iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "updatedMin"];

const TYPES: [&str; 6] = ["birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation"];

/// A bound for series that go on past every bound that was asked for.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 366 * 9);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Id,
    Start,
    Updated,
}

#[derive(Debug)]
pub(super) struct Query<'a> {
    call: &'a Call,
    pub(super) single: bool,
    pub(super) show_deleted: bool,
    pub(super) after: Option<Timestamp>,
    pub(super) before: Option<Timestamp>,
    pub(super) updated_min: Option<Timestamp>,
    pub(super) order: Order,
    types: Vec<&'a str>,
}

impl<'a> Query<'a> {
    pub(super) fn read(call: &'a Call) -> Result<Self, Refusal> {
        let single = call.flag("singleEvents")?;
        let order = match call.one("orderBy") {
            None => Order::Id,
            Some("updated") => Order::Updated,
            Some("startTime") if single => Order::Start,
            Some("startTime") => {
                let message = "The requested ordering is not available for the particular query.";
                return Err(Refusal::global(400, "badRequest", message).at("parameter", "orderBy"));
            }
            Some(_) => return Err(Refusal::parameter("orderBy", "Invalid string value.")),
        };
        let types: Vec<&str> = call.all("eventTypes").collect();
        if types.iter().any(|it| !TYPES.contains(it)) {
            return Err(Refusal::parameter("eventTypes", "Invalid string value."));
        }
        let query = Self {
            call,
            single,
            order,
            types,
            show_deleted: call.flag("showDeleted")?,
            after: bound(call, "timeMin")?,
            before: bound(call, "timeMax")?,
            updated_min: bound(call, "updatedMin")?,
        };
        query.check()?;
        Ok(query)
    }

    fn check(&self) -> Result<(), Refusal> {
        let empty = self.after.zip(self.before).is_some_and(|(after, before)| after >= before);
        if empty {
            return Err(Refusal::calendar(400, "timeRangeEmpty", "The specified time range is empty.")
                .at("parameter", "timeMax"));
        }
        if self.call.one("syncToken").is_none() {
            return Ok(());
        }
        let together = |name: &str| {
            let message = format!("Sync token cannot be combined with the parameter {name}.");
            Refusal::global(400, "badRequest", &message).at("parameter", "syncToken")
        };
        if let Some(name) = NOT_WITH_TOKEN.into_iter().find(|name| self.call.one(name).is_some()) {
            return Err(together(name));
        }
        if self.call.one("showDeleted") == Some("false") {
            return Err(together("showDeleted"));
        }
        Ok(())
    }

    pub(super) fn ends_with_token(&self) -> bool {
        NO_TOKEN_AFTER.iter().all(|name| self.call.one(name).is_none())
    }

    /// How far a series is expanded for this list.
    pub(super) fn bound(&self) -> Bound {
        let least = self.after.map(|after| after.saturating_add(AHEAD).unwrap_or(Timestamp::MAX));
        match self.before.or(least) {
            None => Bound::whole(),
            before => Bound { before, most: MOST_INSTANCES * 10 },
        }
    }

    /// Whether an event that is not expanded belongs on the list, by all but its status.
    pub(super) fn takes(&self, stored: &Stored, home: &TimeZone) -> bool {
        let body = &stored.body;
        let uid = self.call.one("iCalUID").is_none_or(|uid| text(body, "iCalUID") == uid);
        let updated = || text(body, "updated").parse::<Timestamp>().ok();
        let recent = self.updated_min.is_none_or(|min| updated().is_some_and(|at| at >= min));
        uid && recent
            && self.takes_type(body)
            && self.takes_words(body)
            && self.takes_marks(body)
            && self.takes_time(body, home)
    }

    fn takes_type(&self, body: &Body) -> bool {
        let kind = body.get("eventType").and_then(Value::as_str).unwrap_or("default");
        self.types.is_empty() || self.types.contains(&kind)
    }

    fn takes_words(&self, body: &Body) -> bool {
        let Some(words) = self.call.one("q").map(str::to_lowercase) else {
            return true;
        };
        ["summary", "description", "location"]
            .iter()
            .any(|key| text(body, key).to_lowercase().contains(&words))
    }

    fn takes_marks(&self, body: &Body) -> bool {
        let has = |kind: &str, pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let found = body.get("extendedProperties").and_then(|it| it.get(kind)?.get(name));
            found.and_then(Value::as_str) == Some(value)
        };
        self.call.all("privateExtendedProperty").all(|pair| has("private", pair))
            && self.call.all("sharedExtendedProperty").all(|pair| has("shared", pair))
    }

    fn takes_time(&self, body: &Body, home: &TimeZone) -> bool {
        if self.after.is_none() && self.before.is_none() {
            return true;
        }
        if let Some(series) = Series::of(body) {
            let all = series.occurrences(self.bound());
            return all.iter().any(|(start, end)| self.overlaps(start, end, home));
        }
        let moments = Moment::stored(body.get("start")).zip(Moment::stored(body.get("end")));
        moments.is_some_and(|(start, end)| self.overlaps(&start, &end, home))
    }

    pub(super) fn overlaps(&self, start: &Moment, end: &Moment, home: &TimeZone) -> bool {
        let late = self.before.is_none_or(|before| start.instant(home) < before);
        late && self.after.is_none_or(|after| end.instant(home) > after)
    }
}

/// A time with its offset, as `timeMin` and its like want it.
pub(super) fn bound(call: &Call, name: &'static str) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = call.one(name) else {
        return Ok(None);
    };
    let wrong = |_| Refusal::global(400, "badRequest", "Bad Request").at("parameter", name);
    text.parse().map(Some).map_err(wrong)
}
