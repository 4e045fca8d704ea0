//! What the user and the admin have chosen, as far as a decision depends on it.

use serde::{Deserialize, Serialize};

/// Which way changes go: a mask over one decision table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the CRM to Google only.
    ToGoogle,
    /// From Google to the CRM only.
    ToCrm,
    /// Both ways.
    #[default]
    Both,
}

impl Direction {
    /// Every direction.
    pub const ALL: [Self; 3] = [Self::ToGoogle, Self::ToCrm, Self::Both];

    /// Whether changes of Google reach the CRM.
    #[must_use]
    pub fn reads(self) -> bool {
        self != Self::ToGoogle
    }

    /// Whether changes of the CRM reach Google.
    #[must_use]
    pub fn writes(self) -> bool {
        self != Self::ToCrm
    }
}

/// Who wins where both sides changed one field differently.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Winner {
    /// The later edit; the CRM where the two are too close to tell.
    #[default]
    Newest,
    /// Google.
    Google,
    /// The CRM.
    Crm,
}

/// What becomes of one side when the other has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endings {
    /// Of what takes place at a time: an end of one side is one of the other, by where it was
    /// made and how it stands.
    Appointments {
        /// What was made in Google is deleted there when it is removed in the CRM.
        removes: bool,
        /// What is "Not Held" in the CRM is deleted in Google.
        removes_not_held: bool,
    },
    /// Of people: the other side stays, unless the user wants otherwise and it is nothing but a
    /// copy of what has ended.
    People {
        /// A person that was made of a record is deleted when that is removed.
        deletes_persons: bool,
        /// A record that was made of a person is deleted when that is.
        deletes_records: bool,
    },
}

impl Default for Endings {
    fn default() -> Self {
        Self::Appointments { removes: false, removes_not_held: false }
    }
}

/// The choices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Policy {
    /// Which way changes go.
    pub direction: Direction,
    /// Who wins a conflict.
    pub winner: Winner,
    /// What becomes of one side when the other has ended.
    pub endings: Endings,
}
