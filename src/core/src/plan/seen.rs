//! What a run has seen of the two sides of a link.

use serde::Serialize;

use super::record::Record;

/// One side of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen<T> {
    /// It is there.
    Live(T),
    /// It is proven to be gone: a tombstone, or asked for by name and not there.
    Gone,
    /// It was not seen, and nothing proves that it is gone.
    Unproven,
}

impl<T> Seen<T> {
    /// The thing, where it is there.
    #[must_use]
    pub fn live(&self) -> Option<&T> {
        match self {
            Self::Live(thing) => Some(thing),
            Self::Gone | Self::Unproven => None,
        }
    }

    /// The same of what is made of the thing.
    pub fn map<U>(&self, with: impl FnOnce(&T) -> U) -> Seen<U> {
        match self {
            Self::Live(thing) => Seen::Live(with(thing)),
            Self::Gone => Seen::Gone,
            Self::Unproven => Seen::Unproven,
        }
    }
}

/// How a record of the CRM stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Standing {
    /// It is to take place.
    Planned,
    /// Completed, by any word that the CRM has for it.
    Held,
    /// Cancelled, by any word that the CRM has for it.
    NotHeld,
}

/// An event at Google.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleSide {
    /// What it shows.
    pub record: Record,
    /// Last change by anybody, in seconds of Unix time.
    pub updated: i64,
    /// Whether this account may write it.
    pub editable: bool,
    /// Whether somebody who is connected organizes it: that one's calendar decides a conflict.
    pub elsewhere: bool,
}

/// A record of the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrmSide {
    /// What it shows.
    pub record: Record,
    /// Last change by anybody, in seconds of Unix time.
    pub modified: i64,
    /// How it stands.
    pub standing: Standing,
    /// Whether its end has passed.
    pub over: bool,
}
