//! What the CRM is: its version, its zone, who we are there, and which words
//! and fields its meetings and calls have.
//!
//! Each part is asked for by itself. A part that the CRM does not show leaves
//! what a CRM has by default, and is named; but a refused key, or no answer,
//! ends it all. Without our own identity there is no description.

use postern_core::plan::calendar::entry::{Entity, Habits};
use serde_json::Value;

use super::client::{Client, Question};
use super::fault::Fault;
use super::id::Id;
use crate::net::exchange::Method;

pub mod people;

/// Longest part that is read, in octets.
const LONGEST: usize = 1024 * 1024;
/// Longest word that is kept, in octets, and most words of a list.
const LONGEST_WORD: usize = 100;
const MOST_WORDS: usize = 100;
/// Names of the field that keeps the identity of an event: as a module has it,
/// and as it is when an admin made it.
const EVENT_FIELDS: [&str; 2] = ["googleCalendarEventId", "cGoogleCalendarEventId"];

/// What the CRM is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Major, minor and patch; none when it does not tell.
    pub version: Option<(u32, u32, u32)>,
    /// IANA name of its time zone, `UTC` when it does not tell.
    pub zone: String,
    /// Where it says that it is.
    pub site: Option<String>,
    /// Identity of our own user.
    pub me: String,
    /// Meetings.
    pub meeting: Kind,
    /// Calls.
    pub call: Kind,
    /// Parts that it did not show.
    pub unseen: Vec<&'static str>,
}

impl Described {
    /// A kind of record.
    #[must_use]
    pub fn kind(&self, entity: Entity) -> &Kind {
        match entity {
            Entity::Meeting => &self.meeting,
            Entity::Call => &self.call,
        }
    }
}

/// A kind of record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kind {
    /// Its words and fields.
    pub habits: Habits,
    /// Every status; empty when that is not known.
    pub statuses: Vec<String>,
    /// Whether it may last whole days.
    pub whole_days: bool,
    /// Whether the CRM mails the user to whom somebody else assigns one; also where it does not tell.
    pub mails: bool,
    /// What our user may not do with any of them: of `create`, `read`, `edit`, `delete`.
    pub barred: Vec<&'static str>,
}

/// Asks the CRM what it is.
///
/// # Errors
/// When the key is refused, no answer comes, or it does not say who we are.
pub async fn describe(client: &Client) -> Result<Described, Fault> {
    let who = part(client, "App", "user", None).await?;
    let me = who.pointer("/user/id").and_then(Value::as_str).and_then(Id::parse);
    let me = me.ok_or(Fault::Malformed("no word about who is asking"))?.to_string();
    let mut unseen = Vec::new();
    let settings = seen(part(client, "Settings", "", None).await, "Settings", &mut unseen)?;
    let zone = word(settings.get("timeZone"));
    if zone.is_none() && !settings.is_null() {
        unseen.push("timeZone");
    }
    let mut meeting = kind(client, Entity::Meeting, &who, &mut unseen).await?;
    let mut call = kind(client, Entity::Call, &who, &mut unseen).await?;
    (meeting.mails, call.mails) = (mails(&settings, Entity::Meeting), mails(&settings, Entity::Call));
    Ok(Described {
        version: settings.get("version").and_then(Value::as_str).and_then(version),
        zone: zone.unwrap_or_else(|| "UTC".to_owned()),
        site: word(settings.get("siteUrl")),
        me,
        meeting,
        call,
        unseen,
    })
}

async fn part(client: &Client, first: &str, second: &str, key: Option<String>) -> Result<Value, Fault> {
    let path = [first, second];
    let path = if second.is_empty() { &path[..1] } else { &path[..] };
    let mut question = Question::new(Method::Get, path, LONGEST);
    question.query = key.map(|key| format!("key={key}")).unwrap_or_default();
    client.ask(question).await
}

/// What is shut or not there is left out; everything else ends the description.
fn seen(
    part: Result<Value, Fault>,
    name: &'static str,
    unseen: &mut Vec<&'static str>,
) -> Result<Value, Fault> {
    match part {
        Err(Fault::NoAccess { .. } | Fault::NoSuchEntity | Fault::NotFound | Fault::Malformed(_)) => {
            unseen.push(name);
            Ok(Value::Null)
        }
        other => other,
    }
}

async fn kind(
    client: &Client,
    entity: Entity,
    who: &Value,
    unseen: &mut Vec<&'static str>,
) -> Result<Kind, Fault> {
    let name = entity.name();
    let (of_fields, of_scope) = match entity {
        Entity::Meeting => ("fields of Meeting", "scope of Meeting"),
        Entity::Call => ("fields of Call", "scope of Call"),
    };
    let fields = part(client, "Metadata", "", Some(format!("entityDefs.{name}.fields"))).await;
    let fields = seen(fields, of_fields, unseen)?;
    let scope = seen(part(client, "Metadata", "", Some(format!("scopes.{name}"))).await, of_scope, unseen)?;
    let statuses = words(fields.pointer("/status/options")).unwrap_or_default();
    let whole_days = fields.get("isAllDay").map_or(entity.whole_days(), Value::is_object);
    let barred = barred(who.pointer("/acl/table").and_then(|table| table.get(name)));
    Ok(Kind { habits: habits(&fields, &scope), statuses, whole_days, mails: true, barred })
}

fn habits(fields: &Value, scope: &Value) -> Habits {
    let usual = Habits::default();
    let has = |name: &str| fields.get(name).is_some_and(Value::is_object);
    Habits {
        held: words(scope.get("completedStatusList")).unwrap_or(usual.held),
        not_held: words(scope.get("canceledStatusList")).unwrap_or(usual.not_held),
        planned: word(fields.pointer("/status/default")).unwrap_or(usual.planned),
        event_field: EVENT_FIELDS.into_iter().find(|name| has(name)).map(str::to_owned),
        place: has("location"),
    }
}

/// A person who is mailed cannot be asked for it back: silence counts as yes.
fn mails(settings: &Value, entity: Entity) -> bool {
    let off = settings.get("assignmentEmailNotifications").and_then(Value::as_bool) == Some(false);
    let kinds = settings.get("assignmentEmailNotificationsEntityList").and_then(Value::as_array);
    !off && kinds.is_none_or(|kinds| kinds.iter().any(|kind| kind.as_str() == Some(entity.name())))
}

/// A kind that is not in the table is not barred by it.
fn barred(row: Option<&Value>) -> Vec<&'static str> {
    let shut = |action: &&str| match row {
        Some(Value::Bool(allowed)) => !allowed,
        Some(row) => row.get(*action).and_then(Value::as_str) == Some("no"),
        None => false,
    };
    ["create", "read", "edit", "delete"].into_iter().filter(shut).collect()
}

pub(super) fn version(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

fn word(value: Option<&Value>) -> Option<String> {
    let word = value?.as_str()?;
    let plain = !word.is_empty() && word.len() <= LONGEST_WORD && !word.contains(char::is_control);
    plain.then(|| word.to_owned())
}

/// The words of a list; none when there is no list or it holds none.
fn words(list: Option<&Value>) -> Option<Vec<String>> {
    let list = list?.as_array()?.iter().take(MOST_WORDS);
    let words: Vec<String> = list.filter_map(|value| word(Some(value))).collect();
    (!words.is_empty()).then_some(words)
}
