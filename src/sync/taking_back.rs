//! What an undo does, one act at a time, on calendars and address books alike.

use std::collections::BTreeSet;

use postern_core::model::id::UndoId;
use postern_core::plan::link::{Base, Side, State};
use postern_core::plan::record::Record;
use postern_core::plan::rule::Rule;
use postern_core::plan::undo::{Act, Turn};
use serde_json::{Value as Json, json};

use crate::store::sync::taken_back::Part;
use crate::store::sync::undos::Undo;

/// Acts of one run.
const PORTION: usize = 200;

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

/// What a run does of what was confirmed, and how far it got.
pub(super) struct Portion<L> {
    /// What it does.
    pub acts: Vec<(L, TakingBack)>,
    more: bool,
    open: bool,
    ended: bool,
}

/// What comes after a portion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Another run, at once.
    AtOnce,
    /// The next run, at the usual time: what nobody knows yet is found out then.
    AsUsual,
    /// Nothing: all of it is done or left.
    Nothing,
}

impl<L: Clone> Portion<L> {
    /// Of what the store shows now, what was confirmed and may be done; `open` where nobody knows yet
    /// what came of some of it.
    pub fn of(
        asked: &Undo,
        parts: Vec<Part<L>>,
        (stands, may): (impl Fn(&L) -> State, impl Fn(&Act) -> bool),
        open: bool,
    ) -> Self {
        let hashes: BTreeSet<_> = asked.hashes.iter().collect();
        let (mut acts, mut more) = (Vec::new(), false);
        for (id, link, all) in parts.into_iter().filter_map(|part| Some((part.id, part.link?, part.acts))) {
            for act in all.into_iter().filter(|act| may(act) && hashes.contains(&act.fingerprint(id.0))) {
                if acts.len() == PORTION {
                    more = true;
                    break;
                }
                let everything = asked.run.is_none();
                acts.push((link.clone(), TakingBack { of: asked.id, everything, state: stands(&link), act }));
            }
        }
        Self { acts, more, open, ended: false }
    }

    /// Takes note of what came of an act.
    pub fn came(&mut self, came: Came) {
        self.open |= came == Came::Unknown;
        self.ended |= came != Came::Unknown;
    }

    /// What comes after it.
    pub fn next(&self) -> Next {
        match (self.more, self.open) {
            (true, _) if self.ended => Next::AtOnce,
            (true, _) | (false, true) => Next::AsUsual,
            (false, false) => Next::Nothing,
        }
    }
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
