//! What an undo does, one act at a time, on calendars and address books alike.

use postern_core::model::id::UndoId;
use postern_core::plan::link::{Base, Side, State};
use postern_core::plan::record::Record;
use postern_core::plan::rule::Rule;
use postern_core::plan::undo::{Act, Turn};
use serde_json::{Value as Json, json};

/// Acts of one run.
pub(super) const PORTION: usize = 200;

/// An act, and where it comes from.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct TakingBack {
    /// For whom.
    pub of: UndoId,
    /// Whether it is of no run, but of everything.
    #[serde(default)]
    pub everything: bool,
    /// How the pair stood before.
    pub state: State,
    /// What is to be done.
    pub act: Act,
}

impl TakingBack {
    /// The rule under which it is written down.
    pub fn rule(&self) -> Rule {
        if self.everything { Rule::RemovedAll } else { Rule::Undone }
    }
}

/// What came of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// It is done.
    Done,
    /// It is left, for good.
    Refused,
    /// The next run finds out.
    Unknown,
}

/// What is sent, for those who look for what a creation has made.
pub(super) fn sent(act: &Act) -> Option<&Record> {
    match act {
        Act::Restore { to, .. } => Some(to),
        Act::Bring { record, .. } => Some(record),
        Act::Remove { .. } | Act::Turn { .. } => None,
    }
}

/// What is written down of an act, in the form in which an undo of it is read; `brought` tells of what
/// came back.
pub(super) fn told(act: &Act, brought: Json, user: Option<&str>) -> Json {
    match act {
        Act::Restore { side, shows, to } => {
            let mut before = Base::default();
            match side {
                Side::Google => before.google = shows.clone(),
                Side::Crm => before.crm = shows.clone(),
            }
            json!({ "before": before, "written": to, "fields": [], "lost": [] })
        }
        Act::Remove { shows, .. } => json!({ "before": shows, "user": user }),
        Act::Bring { .. } => brought,
        Act::Turn { from, to } => json!({ "status": Turn { from: Some(from.clone()), to: to.clone() } }),
    }
}

/// Whether a side shows all of this.
pub(super) fn shows(shown: &Record, all: &Record) -> bool {
    all.iter().all(|(field, value)| shown.get(field) == Some(value))
}
