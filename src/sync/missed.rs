//! Why an effect did not happen, as kinds that a run branches on.

use crate::clock::Micros;
use crate::crm::fault as crm;
use crate::google::calendar::fault as google;
use crate::google::people::fault as people;
use crate::store::StoreError;

/// What came of an effect that was not had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missed {
    /// The thing is another than it was planned for: look again and plan again.
    Changed,
    /// The thing is gone.
    Gone,
    /// It may not be seen any more.
    Barred,
    /// Nobody knows whether it happened.
    Unknown(String),
    /// It will never happen like this; a person has to look. A word for it.
    Refused(String),
    /// The whole run has to stop.
    Stop(Stop),
}

/// Why a run stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// A word for it, kept with the calendar.
    pub word: &'static str,
    /// For the log.
    pub why: String,
    /// Not before, where that is known.
    pub until: Option<Micros>,
    /// Whether this account cannot do it now and another one may.
    pub account: bool,
}

impl Missed {
    /// The end of a run, where nobody knows whether it happened.
    #[must_use]
    pub fn stopped(self, word: &'static str) -> Self {
        match self {
            Self::Unknown(why) => Self::Stop(Stop { word, why, until: None, account: false }),
            other => other,
        }
    }
}

/// The database does not answer, or somebody has overtaken this run.
impl From<StoreError> for Missed {
    fn from(error: StoreError) -> Self {
        let word = if matches!(error, StoreError::LeaseLost) { "overtaken" } else { "store" };
        Self::Stop(Stop { word, why: error.to_string(), until: None, account: false })
    }
}

impl From<google::Fault> for Missed {
    fn from(fault: google::Fault) -> Self {
        use google::Fault;
        let (word, why) = (fault.name(), fault.to_string());
        let stop = |until, account| Self::Stop(Stop { word, why: why.clone(), until, account });
        match fault {
            Fault::Precondition | Fault::Conflict => Self::Changed,
            Fault::NotFound | Fault::Deleted => Self::Gone,
            Fault::NotOrganizer | Fault::Forbidden(_) | Fault::Invalid(_) | Fault::Duplicate => {
                Self::Refused(why)
            }
            Fault::Parked { until } => stop(Some(until), false),
            Fault::NoToken(_) | Fault::Unauthorized | Fault::MissingScope => stop(None, true),
            Fault::RateLimited { .. }
            | Fault::QuotaExceeded
            | Fault::CursorExpired
            | Fault::PushRefused(_) => stop(None, false),
            Fault::Backend(_) | Fault::Unknown(_) | Fault::TooLarge | Fault::Malformed(_) => {
                Self::Unknown(why)
            }
        }
    }
}

impl From<people::Fault> for Missed {
    fn from(fault: people::Fault) -> Self {
        use people::Fault;
        let (word, why) = (fault.name(), fault.to_string());
        let stop = |until, account| Self::Stop(Stop { word, why: why.clone(), until, account });
        match fault {
            Fault::Stale | Fault::Conflict => Self::Changed,
            Fault::NotFound => Self::Gone,
            Fault::Forbidden(_) | Fault::Invalid(_) | Fault::Duplicate => Self::Refused(why),
            Fault::Parked { until } => stop(Some(until), false),
            Fault::NoToken(_) | Fault::Unauthorized | Fault::MissingScope => stop(None, true),
            Fault::RateLimited { .. } | Fault::CursorExpired => stop(None, false),
            Fault::Backend(_) | Fault::Unknown(_) | Fault::TooLarge | Fault::Malformed(_) => {
                Self::Unknown(why)
            }
        }
    }
}

impl From<crm::Fault> for Missed {
    fn from(fault: crm::Fault) -> Self {
        use crm::Fault;
        let why = fault.to_string();
        let stop = |word| Self::Stop(Stop { word, why: why.clone(), until: None, account: false });
        match fault {
            Fault::NotFound | Fault::NoUser => Self::Gone,
            Fault::NoAccess { .. } => Self::Barred,
            Fault::Modified => Self::Changed,
            Fault::KeyRefused => stop("crm_key_refused"),
            Fault::Blocked => stop("crm_blocked"),
            Fault::NoSuchEntity => stop("crm_no_entity"),
            Fault::Duplicate(_) | Fault::Invalid { .. } | Fault::TooMany => Self::Refused(why),
            Fault::Temporary(429) => stop("crm_too_fast"),
            Fault::Temporary(_) | Fault::Unknown(_) | Fault::Malformed(_) => Self::Unknown(why),
        }
    }
}
