//! Taking back what a run did, or removing everything that was made for a mailbox, in its calendars
//! and among its contacts: what that would do, as it is shown to whoever confirms it.
//!
//! A confirmation names what was shown. The next run does exactly that; what has become different by
//! then stays as it is.

use std::collections::BTreeMap;

use postern_core::model::id::{RunId, SyncedId};
use postern_core::model::scope::Product;
use postern_core::plan::undo;

use crate::store::sync::sync_journal::Ran;
use crate::store::sync::taken_back::Part;
use crate::store::sync::undos::{State, Undo};

/// Why nothing is taken back. Nothing has changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUndone {
    /// What was confirmed is not what would be done now.
    #[error("what would be taken back is different by now; look at it again")]
    Different,
    /// Nothing that the run did can be taken back.
    #[error("nothing of this run is left to take back")]
    NothingToUndo,
    /// Nothing that was made for the mailbox can be removed.
    #[error("there is nothing to remove that was made for this mailbox")]
    NothingToRemove,
    /// Google or the CRM cannot be asked for the mailbox.
    #[error("the mailbox is not connected to Google {}: connect it first", product(*.0))]
    NotConnected(Product),
    /// A run that has changed more than this.
    #[error("a run that changed more than {0} things is not taken back")]
    TooMuch(i64),
    /// Another run is being taken back there.
    #[error("something is being taken back already; try again when that is done")]
    Undoing,
}

fn product(product: Product) -> &'static str {
    match product {
        Product::Gmail => "Mail",
        Product::Calendar => "Calendar",
        Product::Contacts => "Contacts",
    }
}

/// Runs that a page lists at once.
pub const RUNS: i64 = 10;
/// How often one run is told to have been taken back.
pub(super) const ASKED: i64 = 20;

/// What is to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// What a run did in a calendar or an address book.
    Run(RunId, SyncedId),
    /// Everything that was made for the mailbox.
    Everything,
}

/// What taking that back would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// Of calendars, or of contacts.
    pub product: Product,
    /// Of what.
    pub what: What,
    /// By pair, and where it is kept in step.
    pub parts: Vec<Part<SyncedId>>,
    /// What was asked for before, the last first.
    pub asked: Vec<Undo>,
    /// Whether there is more than is done at once.
    pub more: bool,
    /// How many mails the CRM sends about what is made again.
    pub mails: usize,
}

impl Preview {
    /// How much is to be done.
    #[must_use]
    pub fn acts(&self) -> usize {
        self.parts.iter().map(|part| part.acts.len()).sum()
    }

    /// How much is left as it is.
    #[must_use]
    pub fn left(&self) -> usize {
        self.parts.iter().map(|part| part.left.len()).sum()
    }

    /// Whether something that was deleted is made again.
    #[must_use]
    pub fn brings(&self) -> bool {
        self.parts.iter().flat_map(|part| &part.acts).any(|act| matches!(act, undo::Act::Bring { .. }))
    }

    /// Whether somebody wants it already, and the next run does it.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.asked.iter().any(|asked| asked.state == State::Waiting)
    }

    /// How it stands with what was asked for last, in all calendars together: the state, how much was
    /// done of how much.
    #[must_use]
    pub fn standing(&self) -> Option<(State, i64, i64)> {
        let at = self.asked.first()?.asked_at;
        let last = || self.asked.iter().filter(|asked| asked.asked_at == at);
        let has = |state| last().any(|asked| asked.state == state);
        let state = [State::Waiting, State::Expired, State::Partly].into_iter().find(|state| has(*state));
        let sum = |of: fn(&Undo) -> i64| last().map(of).sum();
        Some((state.unwrap_or(State::Done), sum(|undo| undo.done), sum(|undo| undo.acts)))
    }

    /// Stands for everything that is to be done and what comes of it: whoever confirms shows it.
    #[must_use]
    pub fn mark(&self) -> String {
        let mails = (self.mails > 0).then(|| format!("mails {}", self.mails));
        undo::mark(&self.hashes().into_iter().chain(mails).collect::<Vec<_>>())
    }

    pub(super) fn hashes(&self) -> Vec<String> {
        self.parts.iter().flat_map(Part::hashes).collect()
    }

    /// The hashes of what is to be done in each calendar or address book.
    pub(super) fn by_place(&self) -> BTreeMap<SyncedId, Vec<String>> {
        let mut all: BTreeMap<SyncedId, Vec<String>> = BTreeMap::new();
        for part in self.parts.iter().filter(|part| !part.acts.is_empty()) {
            if let Some(synced) = part.link {
                all.entry(synced).or_default().extend(part.hashes());
            }
        }
        all
    }

    /// What was confirmed by showing this mark, if it is still that.
    ///
    /// # Errors
    /// When it would be something else, or nothing.
    pub(super) fn confirmed(&self, mark: &str, nothing: NotUndone) -> Result<(), NotUndone> {
        if self.acts() == 0 {
            return Err(nothing);
        }
        if self.mark() == mark { Ok(()) } else { Err(NotUndone::Different) }
    }
}

/// A run that has changed something for a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// What it has changed, in numbers.
    pub run: Ran,
    /// The name of its calendar; empty of contacts.
    pub calendar_name: String,
    /// How it stands with taking it back, where somebody wants that.
    pub asked: Option<Undo>,
}

/// Some of these runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    /// Of calendars, or of contacts.
    pub product: Product,
    /// The last first.
    pub list: Vec<Changed>,
    /// How many come before.
    pub offset: i64,
    /// How many there are.
    pub total: i64,
}
