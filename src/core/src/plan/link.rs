//! A pair of one record of the CRM and one resource at Google.

use serde::{Deserialize, Serialize};

use super::record::Record;

/// One of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Google's.
    Google,
    /// The CRM's.
    Crm,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Google, Self::Crm];

    /// The word in the store and the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Crm => "crm",
        }
    }

    /// The side of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.name() == word)
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Google => Self::Crm,
            Self::Crm => Self::Google,
        }
    }
}

/// What may be done with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is kept in step.
    Active,
    /// One side cannot be seen for now: nothing is done, nothing concluded.
    Frozen,
    /// Both live on by themselves.
    Detached,
    /// The account is not connected. The same person connecting again wakes it.
    Dormant,
    /// Left alone on purpose: it creates nothing again.
    Ignored,
    /// It was written too often: a person has to look.
    Quarantined,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Active, Self::Frozen, Self::Detached, Self::Dormant, Self::Ignored, Self::Quarantined];

    /// The word in the store and the REST API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Frozen => "frozen",
            Self::Detached => "detached",
            Self::Dormant => "dormant",
            Self::Ignored => "ignored",
            Self::Quarantined => "quarantined",
        }
    }

    /// The state of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == word)
    }
}

/// What each side last showed when both agreed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Google, in its own words.
    pub google: Record,
    /// The CRM, in its own words.
    pub crm: Record,
    // Whether there was more, which nobody can read any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    lost: bool,
}

impl Base {
    /// What was agreed.
    #[must_use]
    pub fn of(google: Record, crm: Record) -> Self {
        Self { google, crm, lost: false }
    }

    /// What was agreed once and is forgotten, since the key to it was lost.
    #[must_use]
    pub fn forgotten() -> Self {
        Self { lost: true, ..Self::default() }
    }

    /// Whether nothing has been agreed on since it was forgotten: both sides are taken as they stand, and
    /// nothing follows from one that is gone.
    #[must_use]
    pub fn is_forgotten(&self) -> bool {
        self.lost && self.google.is_empty() && self.crm.is_empty()
    }
}

/// A link, as far as a decision needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where the thing was made first.
    pub origin: Side,
    /// What may be done with it.
    pub state: State,
    /// What was last agreed.
    pub base: Base,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Side, State};

    #[test]
    fn every_side_and_state_is_found_by_the_word_that_it_is_written_by() {
        for side in Side::ALL {
            assert_eq!(json!(side), side.name());
            assert_eq!(Side::parse(side.name()), Some(side));
        }
        for state in State::ALL {
            assert_eq!(json!(state), state.name());
            assert_eq!(State::parse(state.name()), Some(state));
        }
        assert_eq!((Side::parse("CRM"), State::parse("")), (None, None));
    }
}
