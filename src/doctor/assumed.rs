//! What the synchronisation takes for granted about Google Calendar and no
//! document of Google's promises, tried on a calendar that is there for that.
//!
//! Each assumption is written down in the reference, with what happens should it
//! not hold. The calendar has to be empty and nobody's here; what is made in it is
//! deleted again, and nobody is told.

use postern_core::model::finding::Finding;
use postern_core::model::id::AccountId;
use serde_json::{Map, Value, json};

use crate::dice::{Dice, NoRandomness};
use crate::google::calendar::Calendar;
use crate::google::calendar::access::AccessRole;
use crate::google::calendar::event::{Event, SendUpdates};
use crate::google::calendar::events::{Ask, Next};
use crate::google::calendar::fault::Fault;

/// A Monday in ten years, when nobody has an appointment.
const DAY: &str = "2036-03-03";
const REMEDY: &str =
    "nothing is lost by it, see \"What is assumed about Google\" in the reference; please report it";

/// Tries everything on the calendar; its findings say what holds. Nothing is tried on a calendar
/// that holds an event.
pub async fn look(google: &Calendar, dice: &Dice, account: AccountId, calendar: &str) -> Vec<Finding> {
    let Ok(stem) = stem(dice) else {
        return vec![Finding::fault(
            "assumed.calendar",
            "this machine gives no random numbers",
            "try again later",
        )];
    };
    let bench = Bench { google, account, calendar, stem };
    let cursor = match bench.ready().await {
        Ok(Ok(cursor)) => cursor,
        Ok(Err(why)) => return vec![why],
        Err(fault) => return vec![failed("assumed.calendar", &fault)],
    };
    let mut findings = vec![Finding::ok("assumed.calendar", "the calendar is empty and can be written")];
    findings.push(told("assumed.versions", bench.versions().await));
    findings.push(told("assumed.returning", bench.returning().await));
    findings.push(told("assumed.words", bench.words().await));
    findings.push(told("assumed.occurrences", bench.occurrences().await));
    findings.push(told("assumed.stray", bench.stray().await));
    findings.push(told("assumed.tombstones", bench.tombstones(&cursor).await));
    findings.push(told("assumed.left", bench.clear().await));
    findings
}

struct Bench<'a> {
    google: &'a Calendar,
    account: AccountId,
    calendar: &'a str,
    stem: String,
}

// Identities are made of a to v and digits.
fn stem(dice: &Dice) -> Result<String, NoRandomness> {
    Ok(dice.bytes::<10>()?.iter().map(|octet| format!("{octet:02x}")).collect())
}

fn told(id: &'static str, tried: Result<Finding, Fault>) -> Finding {
    tried.unwrap_or_else(|fault| failed(id, &fault))
}

fn failed(id: &'static str, fault: &Fault) -> Finding {
    Finding::fault(
        id,
        format!("Google answered: {fault}"),
        "try again; `postern doctor` tells what stands between",
    )
}

fn judged(id: &'static str, holds: bool, seen: &str, otherwise: &str) -> Finding {
    if holds { Finding::ok(id, seen) } else { Finding::warning(id, otherwise, REMEDY) }
}

impl Bench<'_> {
    // Where the next list goes on, or why nothing is tried.
    async fn ready(&self) -> Result<Result<String, Finding>, Fault> {
        const ID: &str = "assumed.calendar";
        let refused = |seen: &str, remedy: &str| Ok(Err(Finding::fault(ID, seen, remedy)));
        let listed = self.google.calendars(self.account).await?;
        let Some(found) = listed.into_iter().find(|listed| listed.id == self.calendar) else {
            return refused(
                "the account has no such calendar",
                "make one in Google and name it by its identity",
            );
        };
        if found.primary || !matches!(found.access_role, AccessRole::Owner) {
            return refused(
                "it is not a calendar to be thrown away",
                "make one in Google that is only for this",
            );
        }
        let page = self.google.list(self.account, self.calendar, Ask::Full { page: None }).await?;
        match page.next {
            Next::Sync(cursor) if page.events.iter().all(|event| event.status() == Some("cancelled")) => {
                Ok(Ok(cursor))
            }
            Next::Sync(_) | Next::Page(_) => {
                refused("the calendar holds events", "take an empty one: what is in it would be in the way")
            }
        }
    }

    fn id(&self, name: &str) -> String {
        format!("{}{name}", self.stem)
    }

    async fn make(&self, name: &str, more: Value) -> Result<Event, Fault> {
        let mut body = Map::new();
        body.insert("id".to_owned(), json!(self.id(name)));
        body.insert("summary".to_owned(), json!("Postern tries this calendar"));
        for (end, hour) in [("start", 10), ("end", 11)] {
            let at = json!({ "dateTime": format!("{DAY}T{hour}:00:00"), "timeZone": "Europe/Prague" });
            body.insert(end.to_owned(), at);
        }
        if let Value::Object(more) = more {
            body.extend(more);
        }
        self.google.insert(self.account, self.calendar, &body, SendUpdates::None).await
    }

    async fn put(&self, event: Event, etag: &str, change: (&str, Value)) -> Result<Event, Fault> {
        let id = event.id().to_owned();
        let mut body = event.into_map();
        body.insert(change.0.to_owned(), change.1);
        self.google.update(self.account, self.calendar, &id, etag, &body, SendUpdates::None).await
    }

    async fn get(&self, id: &str) -> Result<Event, Fault> {
        self.google.get(self.account, self.calendar, id).await
    }

    async fn delete(&self, id: &str, etag: &str) -> Result<(), Fault> {
        self.google.delete(self.account, self.calendar, id, etag, SendUpdates::None).await
    }

    // An old version is refused, by a change and by a deletion.
    async fn versions(&self) -> Result<Finding, Fault> {
        let first = self.make("0", Value::Null).await?;
        let old = etag(&first);
        self.put(first.clone(), &old, ("summary", json!("Second"))).await?;
        let changed = self.put(first.clone(), &old, ("summary", json!("Third"))).await;
        let deleted = self.delete(first.id(), &old).await;
        let refused =
            matches!(changed, Err(Fault::Precondition)) && matches!(deleted, Err(Fault::Precondition));
        let seen = "a version that is not the last one is neither changed nor deleted";
        Ok(judged("assumed.versions", refused, seen, "an old version was changed or deleted"))
    }

    // An identity stays taken after its event is deleted, and the event can be brought back.
    async fn returning(&self) -> Result<Finding, Fault> {
        let made = self.make("1", Value::Null).await?;
        self.delete(made.id(), &etag(&made)).await?;
        let taken = matches!(self.make("1", Value::Null).await, Err(Fault::Duplicate));
        let gone = self.get(made.id()).await?;
        let told = gone.status() == Some("cancelled");
        let version = etag(&gone);
        let back = self.put(gone, &version, ("status", json!("confirmed"))).await;
        let back = back.is_ok_and(|event| event.status() == Some("confirmed"));
        let seen = "a deleted event keeps its identity, is told as cancelled and can be brought back";
        let otherwise = format!("identity taken: {taken}, told as cancelled: {told}, brought back: {back}");
        Ok(judged("assumed.returning", taken && told && back, seen, &otherwise))
    }

    // Words come back as they were sent.
    async fn words(&self) -> Result<Finding, Fault> {
        let text = "One <b>line</b>\nand a second \u{1f4c5} & an ampersand";
        let title = "  <Title> with\u{a0}blanks  ";
        let more = json!({ "summary": title, "description": text, "location": "Room =1",
            "extendedProperties": { "private": { "posternTried": "yes" } } });
        let made = self.make("2", more).await?;
        let read = self.get(made.id()).await?;
        let has = |key: &str, value: &str| read.as_map().get(key).and_then(Value::as_str) == Some(value);
        let marked =
            read.as_map().get("extendedProperties").and_then(|all| all.get("private")?.get("posternTried"));
        let kept = has("description", text) && has("location", "Room =1") && marked.is_some();
        let titled = has("summary", title) || has("summary", title.trim());
        let seen = "texts, places and our own marks come back as they were sent";
        Ok(judged("assumed.words", kept && titled, seen, "Google changes what it is sent"))
    }

    // An occurrence is read by the identity that is computed for it, and none that the rule does not give.
    async fn occurrences(&self) -> Result<Finding, Fault> {
        let series = self.make("3", json!({ "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"] })).await?;
        let second = self.get(&format!("{}_20360310T090000Z", series.id())).await?;
        let named = second.as_map().get("recurringEventId").and_then(Value::as_str) == Some(series.id());
        let none = self.get(&format!("{}_20360311T090000Z", series.id())).await;
        let none = match none {
            Err(Fault::NotFound) => true,
            Ok(event) => event.status() == Some("cancelled"),
            Err(_) => false,
        };
        let version = etag(&second);
        let changed = self.put(second, &version, ("summary", json!("Only this one"))).await?;
        let alone = self.get(series.id()).await?.as_map().get("summary") != changed.as_map().get("summary");
        let seen = "an occurrence is read and changed by its computed identity, by itself";
        let otherwise = format!("read: {named}, no other one: {none}, changed alone: {alone}");
        Ok(judged("assumed.occurrences", named && none && alone, seen, &otherwise))
    }

    // Either is right: the synchronisation asks about each such start.
    async fn stray(&self) -> Result<Finding, Fault> {
        let series = self.make("4", json!({ "recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=2"] })).await?;
        let shown = match self.get(&format!("{}_20360303T090000Z", series.id())).await {
            Ok(event) => event.status() != Some("cancelled"),
            Err(Fault::NotFound) => false,
            Err(fault) => return Err(fault),
        };
        let word = if shown { "is" } else { "is not" };
        Ok(Finding::note("assumed.stray", format!("a start that no rule names {word} an occurrence")))
    }

    // The next list tells of every deletion, also of an occurrence, by its identity.
    async fn tombstones(&self, cursor: &str) -> Result<Finding, Fault> {
        let series = self.make("5", json!({ "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"] })).await?;
        let occurrence = self.get(&format!("{}_20360304T090000Z", series.id())).await?;
        self.delete(occurrence.id(), &etag(&occurrence)).await?;
        let single = self.make("6", Value::Null).await?;
        self.delete(single.id(), &etag(&single)).await?;
        let ask = Ask::Since { sync_token: cursor, page: None };
        let page = self.google.list(self.account, self.calendar, ask).await?;
        let gone = |id: &str| {
            page.events.iter().any(|event| event.id() == id && event.status() == Some("cancelled"))
        };
        let (one, other) = (gone(single.id()), gone(occurrence.id()));
        let seen = "the next list tells of deleted events and occurrences by their identities";
        let otherwise = format!("deleted event told: {one}, deleted occurrence told: {other}");
        Ok(judged("assumed.tombstones", one && other, seen, &otherwise))
    }

    async fn clear(&self) -> Result<Finding, Fault> {
        let page = self.google.list(self.account, self.calendar, Ask::Full { page: None }).await?;
        let ours = |event: &&Event| event.id().starts_with(&self.stem) && event.status() != Some("cancelled");
        // Series first: their occurrences go with them.
        for event in page.events.iter().filter(ours).filter(|event| !event.id().contains('_')) {
            let now = self.get(event.id()).await?;
            self.delete(event.id(), &etag(&now)).await?;
        }
        Ok(Finding::ok("assumed.left", "what was made for this is deleted again"))
    }
}

fn etag(event: &Event) -> String {
    event.etag().unwrap_or_default().to_owned()
}
