//! The `where` of a list: one item, or several joined, against one record.

use serde_json::Value;

use super::answer::Answer;
use super::query::items;
use super::shape::{ATTENDEES, Shape};
use super::times;
use super::world::{Actor, Record, World};

/// Items that look at one attribute.
const SIMPLE: &str = "equals notEquals in notIn isNull isNotNull isTrue isFalse greaterThan lessThan \
    greaterThanOrEquals lessThanOrEquals after before between on today past future lastXDays nextXDays \
    olderThanXDays contains notContains startsWith endsWith like notLike";
/// Items that look at a link.
const LINKS: &str = "linkedWith notLinkedWith isLinked isNotLinked";

impl World {
    /// Refuses an item that names what is not there.
    pub(crate) fn check_where(&self, actor: &Actor, shape: &Shape, item: &Value) -> Result<(), Answer> {
        let kind = item["type"].as_str().unwrap_or_default();
        if matches!(kind, "and" | "or" | "not") {
            return items(&item["value"])
                .into_iter()
                .try_for_each(|item| self.check_where(actor, shape, item));
        }
        let attribute = attribute(item);
        let known = if SIMPLE.split_whitespace().any(|word| word == kind) {
            shape.all().any(|name| name == attribute)
                || shape.is_event() && self.event_field.attributes().contains(&attribute)
        } else if LINKS.split_whitespace().any(|word| word == kind) {
            link_entity(shape, attribute).is_some()
        } else {
            return Err(Answer::because(400, format!("Unknown where item type '{kind}'.")));
        };
        if !known {
            return Err(not_existing(attribute));
        }
        let named = matches!(kind, "linkedWith" | "notLinkedWith");
        if named { self.check_linked(actor, shape, item) } else { Ok(()) }
    }

    /// Refuses to look for records by what the asker may not read. So the CRM's code has it since 9.2;
    /// it was not recorded.
    fn check_linked(&self, actor: &Actor, shape: &Shape, item: &Value) -> Result<(), Answer> {
        let link = attribute(item);
        let Some(entity) = link_entity(shape, link) else { return Ok(()) };
        if !self.opens(actor, entity) {
            return Err(Answer::because(403, format!("Forbidden link '{link}' in where.")));
        }
        items(&item["value"]).into_iter().filter_map(Value::as_str).try_for_each(|id| {
            match self.record(entity, id) {
                None => Err(Answer::because(403, format!("Record '{entity}' `{id}` not found."))),
                Some(record) if !self.sees(actor, record) => {
                    Err(Answer::because(403, format!("No access to '{entity}' `{id}`.")))
                }
                Some(_) => Ok(()),
            }
        })
    }

    /// Whether a record passes an item that has been checked.
    pub(crate) fn passes(&self, record: &Record, item: &Value) -> bool {
        let inner = || items(&item["value"]);
        match item["type"].as_str().unwrap_or_default() {
            "and" => inner().into_iter().all(|item| self.passes(record, item)),
            "or" => inner().into_iter().any(|item| self.passes(record, item)),
            "not" => !inner().into_iter().all(|item| self.passes(record, item)),
            "linkedWith" => self.linked(record, item),
            "notLinkedWith" => !self.linked(record, item),
            "isLinked" => !self.linked_ids(record, attribute(item)).is_empty(),
            "isNotLinked" => self.linked_ids(record, attribute(item)).is_empty(),
            kind => {
                let values = self.compared(record, attribute(item));
                match kind.strip_prefix("not").filter(|rest| *rest != "Null") {
                    Some(rest) => {
                        let positive = rest[..1].to_ascii_lowercase() + &rest[1..];
                        !values.iter().any(|value| self.holds(&positive, value.as_deref(), item))
                    }
                    None => values.iter().any(|value| self.holds(kind, value.as_deref(), item)),
                }
            }
        }
    }

    /// The values that an attribute is searched by: an address by every address of the record.
    fn compared(&self, record: &Record, attribute: &str) -> Vec<Option<String>> {
        let several: Vec<Option<String>> = match attribute {
            "emailAddress" if !record.emails.is_empty() => record.emails.iter().cloned().map(Some).collect(),
            "phoneNumber" if !record.phones.is_empty() => {
                record.phones.iter().map(|(number, _)| Some(number.clone())).collect()
            }
            _ => Vec::new(),
        };
        if several.is_empty() { vec![text(&self.value(record, attribute))] } else { several }
    }

    fn holds(&self, kind: &str, value: Option<&str>, item: &Value) -> bool {
        let wanted = text(&item["value"]);
        let Some(value) = value else {
            return matches!(kind, "isNull") || kind == "isFalse" || kind == "equals" && wanted.is_none();
        };
        if let Some(answer) = self.holds_in_time(kind, value, wanted.as_deref()) {
            return answer;
        }
        let Some(wanted) = wanted.as_deref() else {
            let mut list = items(&item["value"]).into_iter().filter_map(text);
            return match kind {
                "in" | "equals" => list.any(|wanted| wanted == value),
                "between" => {
                    let (low, high) = (list.next(), list.next());
                    low.is_some_and(|low| *value >= *low) && high.is_some_and(|high| *value <= *high)
                }
                "isTrue" => value == "1",
                "isFalse" => value == "0",
                "isNotNull" => true,
                _ => false,
            };
        };
        match kind {
            "equals" | "in" => value == wanted,
            "after" | "greaterThan" => value > wanted,
            "before" | "lessThan" => value < wanted,
            "greaterThanOrEquals" => value >= wanted,
            "lessThanOrEquals" => value <= wanted,
            "contains" => value.contains(wanted),
            "startsWith" => value.starts_with(wanted),
            "endsWith" => value.ends_with(wanted),
            "like" => like(wanted, value),
            "on" => value.starts_with(wanted),
            "isTrue" => value == "1",
            "isFalse" => value == "0",
            "isNotNull" => true,
            _ => false,
        }
    }

    /// Items that compare with the present time.
    fn holds_in_time(&self, kind: &str, value: &str, wanted: Option<&str>) -> Option<bool> {
        let now = self.now();
        let days = |sign: i64| {
            let days = wanted.and_then(|days| days.parse::<i64>().ok()).unwrap_or_default();
            times::later(&now, sign * days.clamp(0, 36_500) * 86_400).unwrap_or_default()
        };
        Some(match kind {
            "today" => value.get(..10) == now.get(..10),
            "past" => *value < *now,
            "future" => *value > *now,
            "lastXDays" => *value >= *days(-1) && *value <= *now,
            "nextXDays" => *value >= *now && *value <= *days(1),
            "olderThanXDays" => *value < *days(-1),
            _ => return None,
        })
    }

    fn linked(&self, record: &Record, item: &Value) -> bool {
        let ids = self.linked_ids(record, attribute(item));
        items(&item["value"]).into_iter().filter_map(Value::as_str).any(|id| ids.iter().any(|it| it == id))
    }

    fn linked_ids(&self, record: &Record, link: &str) -> Vec<String> {
        if let Some(attendees) = record.attendees.get(link) {
            return attendees.iter().map(|(id, _)| id.clone()).collect();
        }
        if link == "teams" {
            return record.teams().into_iter().map(str::to_owned).collect();
        }
        let attribute = format!("{}Id", if link == "accounts" { "account" } else { link });
        self.value(record, &attribute).as_str().map(str::to_owned).into_iter().collect()
    }
}

fn attribute(item: &Value) -> &str {
    item["attribute"].as_str().or_else(|| item["field"].as_str()).unwrap_or_default()
}

fn not_existing(attribute: &str) -> Answer {
    Answer::because(400, format!("Not existing attribute '{attribute}' in where."))
}

/// The entity that a link of an entity leads to.
pub(crate) fn link_entity(shape: &Shape, link: &str) -> Option<&'static str> {
    let attendees = ATTENDEES.iter().filter(|_| shape.is_event());
    let accounts = [("accounts", "Account")];
    let many = accounts.iter().filter(|_| shape.entity == "Contact");
    let teams = [("teams", "Team")];
    let teams = teams.iter().filter(|_| shape.has_teams());
    attendees
        .chain(many)
        .chain(teams)
        .chain(shape.links)
        .find(|(name, _)| *name == link)
        .map(|(_, entity)| *entity)
}

/// As the database compares: texts without regard to case, a mark as 1 or 0.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => None,
        Value::Bool(mark) => Some(u8::from(*mark).to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if text == "true" => Some("1".to_owned()),
        Value::String(text) if text == "false" => Some("0".to_owned()),
        Value::String(text) => Some(text.to_lowercase()),
    }
}

/// SQL's pattern: `%` is any text, `_` any character.
fn like(pattern: &str, text: &str) -> bool {
    let mut reached = vec![false; text.chars().count() + 1];
    reached[0] = true;
    for wanted in pattern.chars() {
        let before = reached.clone();
        reached[0] = wanted == '%' && before[0];
        for (at, found) in text.chars().enumerate() {
            reached[at + 1] = match wanted {
                '%' => before[at + 1] || reached[at],
                '_' => before[at],
                other => before[at] && other == found,
            };
        }
    }
    reached.last() == Some(&true)
}
