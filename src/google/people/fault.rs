//! Why the People API did not do what was asked, as kinds that a caller branches on.
//!
//! As with the calendar, two questions are answered apart: whether the same request may succeed
//! later ([`Fault::retry`]), and whether a write may have happened in spite of the fault
//! ([`Fault::effect`]). A person has no identity of ours: who makes one again without asking the
//! second question makes two.

use std::time::Duration;

use postern_core::model::refusal::{Blame, Retry};

use crate::clock::Micros;
use crate::google::broker::NoToken;
use crate::google::call::Refused;
use crate::google::effect::Effect;
use crate::google::quota::{Pace, Parked, Share};
use crate::net::exchange::ExchangeError;

/// Why a request to the People API failed. A reason is one of Google's known words, else `other`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is no access token to ask with.
    #[error(transparent)]
    NoToken(#[from] NoToken),
    /// 401, also with a new access token.
    #[error("Google does not take the access token")]
    Unauthorized,
    /// 403.
    #[error("Google forbids it ({0})")]
    Forbidden(&'static str),
    /// The token does not open the contacts.
    #[error("the grant does not hold the scope of Google Contacts")]
    MissingScope,
    /// Too many requests in this minute.
    #[error("Google asks for a slower pace")]
    RateLimited {
        /// Whose limit it was.
        share: Share,
        /// What Google asked to wait, at most one hour.
        retry_after: Option<Duration>,
    },
    /// There is no such person or group, or no longer.
    #[error("there is no such person or group")]
    NotFound,
    /// The sync token is dead: a full list is due.
    #[error("Google wants the contacts to be read anew")]
    CursorExpired,
    /// The person is not what it was when it was read, or Google has written on it by itself.
    #[error("the person has changed since it was read")]
    Stale,
    /// There is a group of that name.
    #[error("the name of the group is taken")]
    Duplicate,
    /// Two writes met.
    #[error("two changes met")]
    Conflict,
    /// Google, or a check of ours before it, finds the request itself wrong.
    #[error("the request is refused ({0})")]
    Invalid(&'static str),
    /// 5xx.
    #[error("Google People fails for the moment (HTTP {0})")]
    Backend(u16),
    /// No answer: what was asked may have happened.
    #[error("no answer of Google People: {0}")]
    Unknown(String),
    /// Larger than any answer that is read.
    #[error("the answer is larger than any that is read")]
    TooLarge,
    /// Not an answer of the People API.
    #[error("the answer cannot be read: {0}")]
    Malformed(&'static str),
    /// Not asked: the budget is spent, or Google wanted a pause.
    #[error("no request is left for the moment")]
    Parked {
        /// When there may be one again, microseconds since 1970.
        until: Micros,
    },
}

impl Fault {
    /// Stable name for logs, audit rows and metric labels.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoToken(_) => "no_token",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden(_) => "forbidden",
            Self::MissingScope => "missing_scope",
            Self::RateLimited { share: Share::User, .. } => "rate_limited_user",
            Self::RateLimited { share: Share::Project, .. } => "rate_limited_project",
            Self::NotFound => "not_found",
            Self::CursorExpired => "cursor_expired",
            Self::Stale => "stale",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::Invalid(_) => "invalid",
            Self::Backend(_) => "backend",
            Self::Unknown(_) => "unknown",
            Self::TooLarge => "too_large",
            Self::Malformed(_) => "malformed",
            Self::Parked { .. } => "parked",
        }
    }

    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::NoToken(no) => no.cause().blame(),
            Self::Unauthorized | Self::Forbidden(_) | Self::MissingScope => Blame::Account,
            Self::Stale | Self::Duplicate | Self::Invalid(_) | Self::Parked { .. } => Blame::Gateway,
            Self::RateLimited { .. }
            | Self::NotFound
            | Self::CursorExpired
            | Self::Conflict
            | Self::Backend(_)
            | Self::Unknown(_)
            | Self::TooLarge
            | Self::Malformed(_) => Blame::Upstream,
        }
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::NoToken(no) => no.cause().retry(),
            Self::RateLimited { .. }
            | Self::Conflict
            | Self::Backend(_)
            | Self::Unknown(_)
            | Self::Malformed(_)
            | Self::Parked { .. } => Retry::Later,
            Self::Unauthorized
            | Self::Forbidden(_)
            | Self::MissingScope
            | Self::NotFound
            | Self::CursorExpired
            | Self::Stale
            | Self::Duplicate
            | Self::Invalid(_)
            | Self::TooLarge => Retry::No,
        }
    }

    /// Whether a write may have happened all the same.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            // The last two say that Google answered, and not what it did.
            Self::Backend(_) | Self::Unknown(_) | Self::TooLarge | Self::Malformed(_) => Effect::Unknown,
            Self::NoToken(_)
            | Self::Unauthorized
            | Self::Forbidden(_)
            | Self::MissingScope
            | Self::RateLimited { .. }
            | Self::NotFound
            | Self::CursorExpired
            | Self::Stale
            | Self::Duplicate
            | Self::Conflict
            | Self::Invalid(_)
            | Self::Parked { .. } => Effect::None,
        }
    }
}

impl Refused for Fault {
    fn of_token(&self) -> bool {
        matches!(self, Self::Unauthorized)
    }

    fn pace(&self) -> Pace {
        match self {
            Self::RateLimited { share, retry_after } => {
                Pace::TooFast { share: *share, retry_after: *retry_after }
            }
            _ => Pace::Untold,
        }
    }
}

impl From<Parked> for Fault {
    fn from(Parked { until }: Parked) -> Self {
        Self::Parked { until }
    }
}

impl From<ExchangeError> for Fault {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Unreachable { why, .. } => Self::Unknown(why),
            ExchangeError::TooLarge { .. } => Self::TooLarge,
        }
    }
}
