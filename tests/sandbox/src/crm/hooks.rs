//! Webhooks: who asked for which event, and what waits to be told. A queue, emptied by the clock.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::journal::Doing;
use super::logins::api;
use super::mail_account::is_internal;
use super::shape::{ATTENDEES, Shape};
use super::values::stored;
use super::world::{API_USER, Actor, Record, World};
use crate::dice;

/// Changes of these are told to nobody.
const UNTOLD: [&str; 5] = ["modifiedAt", "streamUpdatedAt", "duration", "followersIds", "followersNames"];
/// The order in which the kinds of events leave; not the order in which they happened.
pub(crate) const LEAVING: [&str; 4] = ["create", "delete", "update", "fieldUpdate"];

/// What happened to a record.
#[derive(Debug)]
pub(crate) enum Happening<'a> {
    /// It is new: what the answer to its create shows.
    Created(&'a Map<String, Value>),
    /// It was like this before.
    Changed(&'a Record),
    Deleted,
}

/// One event for one webhook.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    pub(crate) hook: String,
    pub(crate) body: Value,
    pub(crate) attempts: u32,
    /// Not before this second.
    pub(crate) due: u64,
}

/// How deliveries go wrong, for tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Seconds that an event waits at least.
    pub late: u64,
    /// Every request is sent twice.
    pub twice: bool,
    /// The events of one request, and the requests, leave in the opposite order.
    pub reversed: bool,
    /// So many of the next requests are taken for sent and are not.
    pub lost: u32,
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    pub(crate) queue: VecDeque<Waiting>,
    pub(crate) delivery: Delivery,
}

impl World {
    /// Puts what happened before whoever asked for it.
    pub(crate) fn happened(&mut self, actor: &Actor, record: &Record, happening: &Happening<'_>) {
        let (doing, changes) = match happening {
            Happening::Created(shown) => (Doing::Created, Self::told_of_create(shown)),
            Happening::Changed(before) => (Doing::Changed, self.told_of_change(before, record)),
            Happening::Deleted => (Doing::Deleted, json!({ "id": record.id })),
        };
        self.enter(actor, record, doing, &changes);
        let due = self.clock.seconds() + self.hooks.delivery.late;
        let mut told = Vec::new();
        for hook in self.all("Webhook") {
            let owner = hook.text("createdById").unwrap_or_default();
            let own = stored(hook, "skipOwn") == json!(true) && owner == actor.id;
            let seen = owner != API_USER || self.sees(&api(), record) && self.opens(&api(), &record.entity);
            let fits =
                hook.text("entityType") == Some(&record.entity) && hook.fields["isActive"] == json!(true);
            let body = match (happening, hook.text("type"), hook.text("field")) {
                _ if own || !seen || !fits => None,
                (Happening::Created(_), Some("create"), _)
                | (Happening::Changed(_), Some("update"), _)
                | (Happening::Deleted, Some("delete"), _) => Some(changes.clone()),
                (Happening::Changed(_), Some("fieldUpdate"), Some(field)) => {
                    changes.get(field).map(|value| json!({ "id": record.id, (field): value }))
                }
                _ => None,
            };
            told.extend(body.map(|body| Waiting { hook: hook.id.clone(), body, attempts: 0, due }));
        }
        self.hooks.queue.extend(told);
    }

    fn told_of_create(shown: &Map<String, Value>) -> Value {
        let mut told = shown.clone();
        let nameless = |name: &str, value: &Value| {
            name.ends_with("Name") && value.is_null()
                || matches!(name, "createdByName" | "reminders" | "usersNames")
        };
        told.retain(|name, value| {
            let empty = value.as_array().is_some_and(Vec::is_empty)
                || value.as_object().is_some_and(Map::is_empty)
                || name.ends_with("Columns") && !answered(value);
            !empty && !nameless(name, value) && !name.starts_with("followers") && !name.starts_with("teams")
        });
        Value::Object(told)
    }

    fn told_of_change(&self, before: &Record, record: &Record) -> Value {
        let (old, new) = (self.shown(before), self.shown(record));
        let mut told = new.clone();
        told.retain(|name, value| {
            let same = match name.strip_suffix("Columns") {
                Some(link) => same_answers(before, record, link),
                None => old.get(name) == Some(value),
            };
            !same && !UNTOLD.contains(&name.as_str())
        });
        told.insert("id".to_owned(), json!(record.id));
        if ATTENDEES.iter().any(|(link, _)| record.attendees.contains_key(*link)) {
            told.insert("reminders".to_owned(), json!([]));
        }
        Value::Object(told)
    }

    /// Refuses an event that the CRM has not, and an address inside its own network.
    pub(crate) fn check_webhook(&self, shape: &Shape, input: &Map<String, Value>) -> Result<(), Answer> {
        if shape.entity != "Webhook" {
            return Ok(());
        }
        check_event(input)?;
        self.check_url(input)
    }

    /// A changed address is looked at as a new one is.
    pub(crate) fn check_moved_webhook(
        &self,
        shape: &Shape,
        input: &Map<String, Value>,
    ) -> Result<(), Answer> {
        if shape.entity == "Webhook" && input.contains_key("url") { self.check_url(input) } else { Ok(()) }
    }

    fn check_url(&self, input: &Map<String, Value>) -> Result<(), Answer> {
        let url = input.get("url").and_then(Value::as_str).unwrap_or_default();
        let url = url::Url::parse(url).map_err(|_| Answer::invalid("Webhook", "url", "valid"))?;
        let host = url.host_str().unwrap_or_default();
        let place = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        if self.version.guards_hosts() && is_internal(host) && !self.hook_hosts.contains(&place) {
            return Err(Answer::invalid("Webhook", "url", "notInternal"));
        }
        Ok(())
    }

    /// Gives a new webhook its secret, and its event in parts.
    pub(crate) fn finish_webhook(&self, record: &mut Record) {
        if record.entity != "Webhook" {
            return;
        }
        let event = record.text("event").unwrap_or_default().to_owned();
        let mut parts = event.splitn(3, '.');
        for name in ["entityType", "type", "field"] {
            record.fields.insert(name.to_owned(), json!(parts.next()));
        }
        record.fields.insert("secretKey".to_owned(), json!(format!("{}{}", dice::trace(), dice::trace())));
    }
}

fn check_event(input: &Map<String, Value>) -> Result<(), Answer> {
    let event = input.get("event").and_then(Value::as_str).unwrap_or_default();
    let mut parts = event.splitn(3, '.');
    let entity = parts.next().and_then(Shape::of);
    let kind = parts.next().filter(|kind| LEAVING.contains(kind));
    let field = parts.next();
    if entity.is_none() || kind.is_none() || field.is_some() != (kind == Some("fieldUpdate")) {
        return Err(Answer::because(403, "Not supported event."));
    }
    Ok(())
}

fn answered(columns: &Value) -> bool {
    columns
        .as_object()
        .is_some_and(|columns| columns.values().any(|column| column["status"] != json!("None")))
}

/// Whether everybody who was there before and is now has answered the same.
fn same_answers(before: &Record, record: &Record, link: &str) -> bool {
    let none = Vec::new();
    let old = before.attendees.get(link).unwrap_or(&none);
    let new = record.attendees.get(link).unwrap_or(&none);
    old.iter().all(|(id, answer)| new.iter().all(|(other, now)| id != other || answer == now))
}
