//! Why the CRM did not say what was asked, as kinds.

use postern_core::model::refusal::{Blame, Retry};

use crate::net::exchange::ExchangeError;

/// Why a request to the CRM failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It has no such user.
    #[error("the CRM has no such user")]
    NoUser,
    /// It does not take the key, or the key may not read users.
    #[error("the CRM refuses the key of crm.api_key ({0}); its API user needs to read users")]
    KeyRefused(u16),
    /// It could not be reached, or cannot answer now.
    #[error("the CRM does not answer: {0}")]
    Temporary(String),
    /// What came back is no answer of a CRM: another address, most likely.
    #[error("what stands at crm.url gave no answer of a CRM: {0}")]
    Malformed(&'static str),
}

impl Fault {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::NoUser => Blame::Account,
            Self::KeyRefused(_) => Blame::Gateway,
            Self::Temporary(_) | Self::Malformed(_) => Blame::Upstream,
        }
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Temporary(_) => Retry::Later,
            Self::NoUser | Self::KeyRefused(_) | Self::Malformed(_) => Retry::No,
        }
    }
}

impl From<ExchangeError> for Fault {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Unreachable { why, .. } => Self::Temporary(why),
            ExchangeError::TooLarge { .. } => Self::Malformed("larger than any answer about a user"),
        }
    }
}
