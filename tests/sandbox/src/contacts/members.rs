//! `contactGroups.members.modify`: who joins and who leaves.

use std::time::Duration;

use serde_json::{Value, json};

use super::clean::{may_join, only};
use super::refusal::Refusal;
use super::store::World;
use crate::api::{Answer, Call};

/// The most people of one request.
const MOST: usize = 1_000;

/// `POST contactGroups/{id}/members:modify`
pub(super) fn modify(world: &mut World, call: &Call, group: &str) -> Result<Answer, Refusal> {
    let keys = ["resourceNamesToAdd", "resourceNamesToRemove"];
    only(&call.body, &keys)?;
    let [joining, leaving] = keys.map(|key| names(&call.body[key]));
    if joining.len() + leaving.len() > MOST {
        return Err(Refusal::invalid("Request can have at most 1000 resource names to add and to remove."));
    }
    world.book(&call.user)?.group(group)?;
    if !joining.is_empty() {
        may_join(world.book(&call.user)?, group)?;
    }
    let (mut missing, mut last) = (Vec::new(), Vec::new());
    for (names, joins) in [(joining, true), (leaving, false)] {
        for name in names {
            match turn(world, &call.user, group, name, joins, call.now) {
                Ok(true) => {}
                Ok(false) => last.push(name),
                Err(_) => missing.push(name),
            }
        }
    }
    let mut body = json!({});
    for (key, names) in
        [("notFoundResourceNames", missing), ("canNotRemoveLastContactGroupResourceNames", last)]
    {
        if !names.is_empty() {
            body[key] = json!(names);
        }
    }
    Ok(Answer::of(body))
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Has a contact join a group or leave it. Nobody leaves the last group.
pub(super) fn turn(
    world: &mut World,
    user: &str,
    group: &str,
    name: &str,
    joins: bool,
    now: Duration,
) -> Result<bool, Refusal> {
    let mut contact = world.book(user)?.contact(name)?.clone();
    let is_in = contact.groups.iter().any(|it| it == group);
    if is_in == joins {
        return Ok(true);
    }
    if joins {
        contact.groups.push(group.to_owned());
    } else {
        contact.groups.retain(|it| it != group);
        if contact.groups.is_empty() {
            return Ok(false);
        }
    }
    world.put_contact(user, contact, now, world.policy.membership_is_change);
    Ok(true)
}
