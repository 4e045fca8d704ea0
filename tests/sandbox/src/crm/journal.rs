//! Every change of a record, in order: who did it, and which attributes it changed.

use serde_json::Value;

use super::world::{Actor, Record, World};

/// What was done to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// It was made.
    Created,
    /// It was changed, if only in its time of change.
    Changed,
    /// It was deleted.
    Deleted,
    /// A record was related to it, or no longer is, through the relation panel.
    Related,
    /// An attendee answered.
    Answered,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// The user who did it.
    pub by: String,
    /// What it was.
    pub doing: Doing,
    /// The entity of the record.
    pub entity: String,
    /// The record.
    pub id: String,
    /// The attributes that a change changed.
    pub changed: Vec<String>,
}

impl World {
    /// Enters a change; of the values only the names are kept.
    pub(crate) fn enter(&mut self, actor: &Actor, record: &Record, doing: Doing, changes: &Value) {
        let names = changes.as_object().into_iter().flatten().map(|(name, _)| name.clone());
        let trivial = ["id", "reminders", "modifiedById", "modifiedByName"];
        let changed = names.filter(|name| doing == Doing::Changed && !trivial.contains(&name.as_str()));
        self.deeds.push(Deed {
            by: actor.id.clone(),
            doing,
            entity: record.entity.clone(),
            id: record.id.clone(),
            changed: changed.collect(),
        });
    }
}
