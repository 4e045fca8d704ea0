//! Why the Calendar API did not do what was asked, as kinds that a caller
//! branches on.
//!
//! Two questions are answered apart: whether the same request may succeed later
//! ([`Fault::retry`]), and whether a write may have happened in spite of the
//! fault ([`Fault::effect`]). Who writes again without asking the second one
//! writes twice.

use std::time::Duration;

use postern_core::model::refusal::{Blame, Retry};

use crate::clock::Micros;
use crate::google::broker::NoToken;
use crate::google::call::Refused;
use crate::google::effect::Effect;
use crate::google::quota::{Pace, Parked, Share};
use crate::net::exchange::ExchangeError;

/// Why a request to the Calendar API failed. A reason is one of Google's known
/// words, else `other`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is no access token to ask with.
    #[error(transparent)]
    NoToken(#[from] NoToken),
    /// 401, also with a new access token.
    #[error("Google does not take the access token")]
    Unauthorized,
    /// Only the organizer may do that to the event.
    #[error("only the organizer may change the event")]
    NotOrganizer,
    /// 403 for another reason.
    #[error("Google forbids it ({0})")]
    Forbidden(&'static str),
    /// The token does not open the calendar.
    #[error("the grant does not hold the scopes of Google Calendar")]
    MissingScope,
    /// Too many requests in this minute.
    #[error("Google asks for a slower pace")]
    RateLimited {
        /// Whose limit it was.
        share: Share,
        /// What Google asked to wait, at most one hour.
        retry_after: Option<Duration>,
    },
    /// The user's usage limit against abuse: hours, not seconds.
    #[error("Google has reached the usage limit of this calendar user")]
    QuotaExceeded,
    /// There is no such thing, or no longer for this user.
    #[error("there is no such calendar or event")]
    NotFound,
    /// 410: the event is deleted already.
    #[error("the event is deleted already")]
    Deleted,
    /// The sync token is dead: a full list is due.
    #[error("Google wants the calendar to be read anew")]
    CursorExpired,
    /// 412: the event is not what it was when it was read.
    #[error("the event has changed since it was read")]
    Precondition,
    /// 409: the id is taken, maybe by a deleted event.
    #[error("the id of the event is taken")]
    Duplicate,
    /// 409 for another reason.
    #[error("two changes met")]
    Conflict,
    /// Google, or a check of ours before it, finds the request itself wrong.
    #[error("the request is refused ({0})")]
    Invalid(&'static str),
    /// Google will not call us about this calendar.
    #[error("Google refuses to send notifications ({0})")]
    PushRefused(&'static str),
    /// 5xx.
    #[error("Google Calendar fails for the moment (HTTP {0})")]
    Backend(u16),
    /// No answer: what was asked may have happened.
    #[error("no answer of Google Calendar: {0}")]
    Unknown(String),
    /// Larger than any answer that is read.
    #[error("the answer is larger than any that is read")]
    TooLarge,
    /// Not an answer of the Calendar API.
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
            Self::NotOrganizer => "not_organizer",
            Self::Forbidden(_) => "forbidden",
            Self::MissingScope => "missing_scope",
            Self::RateLimited { share: Share::User, .. } => "rate_limited_user",
            Self::RateLimited { share: Share::Project, .. } => "rate_limited_project",
            Self::QuotaExceeded => "quota_exceeded",
            Self::NotFound => "not_found",
            Self::Deleted => "deleted",
            Self::CursorExpired => "cursor_expired",
            Self::Precondition => "precondition",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::Invalid(_) => "invalid",
            Self::PushRefused(_) => "push_refused",
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
            Self::Unauthorized | Self::NotOrganizer | Self::Forbidden(_) | Self::MissingScope => {
                Blame::Account
            }
            Self::Precondition | Self::Duplicate | Self::Invalid(_) | Self::Parked { .. } => Blame::Gateway,
            Self::RateLimited { .. }
            | Self::QuotaExceeded
            | Self::NotFound
            | Self::Deleted
            | Self::CursorExpired
            | Self::Conflict
            | Self::PushRefused(_)
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
            | Self::QuotaExceeded
            | Self::Conflict
            | Self::Backend(_)
            | Self::Unknown(_)
            | Self::Malformed(_)
            | Self::Parked { .. } => Retry::Later,
            Self::Unauthorized
            | Self::NotOrganizer
            | Self::Forbidden(_)
            | Self::MissingScope
            | Self::NotFound
            | Self::Deleted
            | Self::CursorExpired
            | Self::Precondition
            | Self::Duplicate
            | Self::Invalid(_)
            | Self::PushRefused(_)
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
            | Self::NotOrganizer
            | Self::Forbidden(_)
            | Self::MissingScope
            | Self::RateLimited { .. }
            | Self::QuotaExceeded
            | Self::NotFound
            | Self::Deleted
            | Self::CursorExpired
            | Self::Precondition
            | Self::Duplicate
            | Self::Conflict
            | Self::Invalid(_)
            | Self::PushRefused(_)
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
            Self::QuotaExceeded => Pace::UsedUp,
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
