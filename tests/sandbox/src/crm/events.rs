//! Meetings and calls: the two ways to say when, the length that a shift keeps, and the attendees.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::query::items;
use super::shape::ATTENDEES;
use super::times;
use super::version::Version;
use super::world::{Actor, Record, World};

/// Settles the times of a record after a request was written into it. `before` is the record
/// as it was; a new one has none.
pub(crate) fn settle_times(
    version: Version,
    zone: &str,
    before: Option<&Record>,
    input: &Map<String, Value>,
    record: &mut Record,
) {
    for end in ["dateStart", "dateEnd"] {
        if let Some(normal) = record.text(end).and_then(times::normal) {
            record.fields.insert(end.to_owned(), json!(normal));
        }
    }
    if let Some(before) = before.filter(|_| input.contains_key("dateStart") && !input.contains_key("dateEnd"))
    {
        keep_length(before, record);
    }
    if record.entity != "Meeting" {
        return;
    }
    let marked = record.fields.get("isAllDay") == Some(&Value::Bool(true));
    if version.dates_need_the_mark() && !marked {
        record.fields.insert("dateStartDate".to_owned(), Value::Null);
        record.fields.insert("dateEndDate".to_owned(), Value::Null);
    }
    for (day, end, days_on) in [("dateStartDate", "dateStart", 0), ("dateEndDate", "dateEnd", 1)] {
        if let Some(at) = record.text(day).and_then(|day| times::midnight(day, days_on, zone)) {
            record.fields.insert(end.to_owned(), json!(at));
        }
    }
}

/// Only the start was sent: the end moves with it.
fn keep_length(before: &Record, record: &mut Record) {
    let at = |record: &Record, end: &str| record.text(end).and_then(times::seconds);
    let length = at(before, "dateEnd").zip(at(before, "dateStart")).map(|(end, start)| end - start);
    let end = length.and_then(|length| times::later(record.text("dateStart")?, length));
    if let Some(end) = end {
        record.fields.insert("dateEnd".to_owned(), json!(end));
    }
}

impl World {
    /// Gives an event its attendees: a list replaces all of its kind, columns set answers, and the
    /// assigned user is always one of them.
    ///
    /// # Errors
    /// When an attendee is no record.
    pub(crate) fn set_attendees(
        &self,
        actor: &Actor,
        input: &Map<String, Value>,
        record: &mut Record,
    ) -> Result<(), Answer> {
        for (link, entity) in ATTENDEES {
            let attendees = record.attendees.entry(link.to_owned()).or_default();
            if let Some(ids) = input.get(&format!("{link}Ids")) {
                let ids: Vec<&str> = items(ids).into_iter().filter_map(Value::as_str).collect();
                if ids.iter().any(|id| self.record(entity, id).is_none()) {
                    return Err(Answer::cannot_relate(&record.entity, link, entity));
                }
                let mut kept = Vec::new();
                for id in ids {
                    let answer = attendees.iter().find(|(it, _)| it == id).map(|(_, answer)| answer.clone());
                    let answer = answer.unwrap_or_else(|| first_answer(actor, id));
                    if !kept.iter().any(|(it, _)| it == id) {
                        kept.push((id.to_owned(), answer));
                    }
                }
                *attendees = kept;
            }
            if let Some(Value::Object(columns)) = input.get(&format!("{link}Columns")) {
                for (id, answer) in attendees {
                    // Any word is taken.
                    if let Some(given) = columns.get(id).and_then(|column| column["status"].as_str()) {
                        given.clone_into(answer);
                    }
                }
            }
        }
        let Some(assigned) = record.text("assignedUserId").map(str::to_owned) else { return Ok(()) };
        let users = record.attendees.entry("users".to_owned()).or_default();
        if !users.iter().any(|(id, _)| *id == assigned) {
            let answer = first_answer(actor, &assigned);
            users.push((assigned, answer));
        }
        Ok(())
    }
}

/// Who puts himself on the list has accepted.
fn first_answer(actor: &Actor, id: &str) -> String {
    if actor.id == id { "Accepted".to_owned() } else { "None".to_owned() }
}
