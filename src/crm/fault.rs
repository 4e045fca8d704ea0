//! Why the CRM did not do what was asked, as kinds that a caller acts on.
//!
//! The rule behind the table: only the CRM's own words prove that a record is
//! gone or shut. A status without them comes from something in between, or from
//! another address, and proves nothing about any record.

use postern_core::model::refusal::{Blame, PeerText, Retry};
use serde::Deserialize;
use serde_json::Value;

use super::id::Id;
use crate::net::exchange::{ExchangeError, Response};

/// Most identities of duplicates that are kept.
const MOST_DUPLICATES: usize = 20;

/// Why a request to the CRM failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It has no such user.
    #[error("the CRM has no such user")]
    NoUser,
    /// It does not take the key. Whoever asks with it stops at once: ten such
    /// answers within a minute shut this address out, other programs with it.
    #[error("the CRM refuses the key of crm.api_key")]
    KeyRefused,
    /// This address is shut out for about a minute, the right key too: a 403
    /// without a word.
    #[error("the CRM shuts this address out for a minute")]
    Blocked,
    /// The role of the API user does not allow it, or the record is locked.
    #[error("the CRM's API user may not do that: {}", reason.as_str())]
    NoAccess {
        /// The CRM's words.
        reason: PeerText,
    },
    /// The CRM has no records of that kind.
    #[error("the CRM has no such kind of record")]
    NoSuchEntity,
    /// The record is gone, or never was.
    #[error("the CRM has no such record")]
    NotFound,
    /// It has records that look the same; nothing was made.
    #[error("the CRM has records that look the same: {}", .0.len())]
    Duplicate(Vec<Id>),
    /// The record changed since it was read.
    #[error("the record changed since it was read")]
    Modified,
    /// The CRM finds the request wrong. Repeating it gives the same answer.
    #[error("the CRM refuses the field {} ({})", field.as_str(), kind.as_str())]
    Invalid {
        /// The field, or nothing.
        field: PeerText,
        /// The CRM's word for the rule that was broken, or its words.
        kind: PeerText,
    },
    /// More was asked for, or sent, than one request may hold.
    #[error("more than one request to the CRM may hold")]
    TooMany,
    /// It cannot answer now; for a request that it cannot read it gives 500 too.
    #[error("the CRM cannot answer now (status {0})")]
    Temporary(u16),
    /// No answer came. What was asked may have happened.
    #[error("the CRM does not answer: {0}")]
    Unknown(String),
    /// What came back is no answer of a CRM: another address, most likely.
    #[error("what stands at crm.url gave no answer of a CRM: {0}")]
    Malformed(&'static str),
}

/// What a failed request may have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Nothing.
    None,
    /// It may have happened.
    Unknown,
}

impl Fault {
    /// Stable name for logs, audit rows and metric labels.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoUser => "no_user",
            Self::KeyRefused => "key_refused",
            Self::Blocked => "blocked",
            Self::NoAccess { .. } => "no_access",
            Self::NoSuchEntity => "no_such_entity",
            Self::NotFound => "not_found",
            Self::Duplicate(_) => "duplicate",
            Self::Modified => "modified",
            Self::Invalid { .. } => "invalid",
            Self::TooMany => "too_many",
            Self::Temporary(_) => "temporary",
            Self::Unknown(_) => "unknown",
            Self::Malformed(_) => "malformed",
        }
    }

    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::NoUser | Self::NotFound | Self::Duplicate(_) | Self::Modified => Blame::Account,
            Self::KeyRefused
            | Self::Blocked
            | Self::NoAccess { .. }
            | Self::NoSuchEntity
            | Self::Invalid { .. }
            | Self::TooMany => Blame::Gateway,
            Self::Temporary(_) | Self::Unknown(_) | Self::Malformed(_) => Blame::Upstream,
        }
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Blocked | Self::Modified | Self::Temporary(_) | Self::Unknown(_) => Retry::Later,
            Self::NoUser
            | Self::KeyRefused
            | Self::NoAccess { .. }
            | Self::NoSuchEntity
            | Self::NotFound
            | Self::Duplicate(_)
            | Self::Invalid { .. }
            | Self::TooMany
            | Self::Malformed(_) => Retry::No,
        }
    }

    /// What a write that failed so may have done.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            // Too many requests: turned away before anything was done.
            Self::Temporary(429) => Effect::None,
            Self::Temporary(_) | Self::Unknown(_) | Self::Malformed(_) => Effect::Unknown,
            Self::NoUser
            | Self::KeyRefused
            | Self::Blocked
            | Self::NoAccess { .. }
            | Self::NoSuchEntity
            | Self::NotFound
            | Self::Duplicate(_)
            | Self::Modified
            | Self::Invalid { .. }
            | Self::TooMany => Effect::None,
        }
    }

    /// What an answer means that is no success.
    pub(super) fn of(answer: &Response) -> Self {
        let reason = answer.header("x-status-reason").map(str::trim).filter(|reason| !reason.is_empty());
        match (answer.status, reason) {
            (401, _) => Self::KeyRefused,
            (403, None) => Self::Blocked,
            (403, Some(reason)) => forbidden(reason, &answer.body),
            (404, Some(reason)) if reason.starts_with("Record ") => Self::NotFound,
            (404, Some(reason)) if reason.starts_with("Controller ") => Self::NoSuchEntity,
            (404, _) => Self::Malformed("a 404 without the CRM's own words"),
            (409, Some("duplicate")) => Self::Duplicate(duplicates(&answer.body)),
            (409, Some("modified")) => Self::Modified,
            (409, reason) => Self::NoAccess { reason: PeerText::new(reason.unwrap_or_default()) },
            (400, reason) => invalid(reason, &answer.body),
            (408 | 429 | 500.., _) => Self::Temporary(answer.status),
            _ => Self::Malformed("a status that no CRM gives here"),
        }
    }
}

fn forbidden(reason: &str, body: &[u8]) -> Fault {
    if reason.starts_with("Max size ") {
        return Fault::TooMany;
    }
    match Told::read(body) {
        // What the body names is gone: the body is wrong, not the role.
        Some(told) if told.label == "cannotRelateNonExisting" => Fault::Invalid {
            field: PeerText::new(reason.rsplit_once("link: ").map_or("", |(_, link)| link.trim_matches('.'))),
            kind: PeerText::new(&told.label),
        },
        _ => Fault::NoAccess { reason: PeerText::new(reason) },
    }
}

fn invalid(reason: Option<&str>, body: &[u8]) -> Fault {
    let told = Told::read(body).filter(|told| told.label == "validationFailure");
    let (field, kind) = match told {
        Some(told) => (told.word("field"), told.word("type")),
        None => (PeerText::new(""), PeerText::new(reason.unwrap_or_default())),
    };
    Fault::Invalid { field, kind }
}

fn duplicates(body: &[u8]) -> Vec<Id> {
    let records: Vec<Value> = serde_json::from_slice(body).unwrap_or_default();
    let ids = records.iter().filter_map(|record| Id::parse(record.get("id")?.as_str()?));
    ids.take(MOST_DUPLICATES).collect()
}

/// What the body of a refusal says.
#[derive(Deserialize)]
struct Told {
    label: String,
    #[serde(default)]
    data: Value,
}

impl Told {
    fn read(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            message_translation: Told,
        }
        serde_json::from_slice(body).ok().map(|body: Body| body.message_translation)
    }

    fn word(&self, name: &str) -> PeerText {
        PeerText::new(self.data.get(name).and_then(Value::as_str).unwrap_or_default())
    }
}

impl From<ExchangeError> for Fault {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Unreachable { why, .. } => Self::Unknown(why),
            ExchangeError::TooLarge { .. } => Self::Malformed("larger than any answer that is read"),
        }
    }
}
