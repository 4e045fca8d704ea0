//! Google's words for a refusal: `error.status`, `error.details[].reason`, and where neither says
//! enough, `error.message`. An answer without an error object is no word of the People API,
//! whatever its status: a proxy's 404 must not end a person.

use std::time::Duration;

use serde::Deserialize;

use super::fault::Fault;
use crate::google::call::retry_after;
use crate::google::quota::Share;
use crate::net::exchange::Response;

/// The words that are told on; whatever else Google says is `other`.
const KNOWN: &[&str] = &[
    "ABORTED",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    "ALREADY_EXISTS",
    "CONSUMER_INVALID",
    "FAILED_PRECONDITION",
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "OUT_OF_RANGE",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "SERVICE_DISABLED",
    "USER_PROJECT_DENIED",
    "accessNotConfigured",
    "failedPrecondition",
];

/// What was asked: the same answer means another thing for another question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A list from a sync token on.
    Since,
    /// Anything else.
    Other,
}

#[derive(Deserialize)]
struct Body {
    error: Words,
}

/// An error of the People API, also of one person in a batch.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Words {
    #[serde(default)]
    message: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    errors: Vec<Entry>,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Default, Deserialize)]
struct Detail {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    quota_limit: String,
}

/// Reads an answer that is not a success.
pub(super) fn refusal(answer: &Response, asked: Asked) -> Fault {
    let words = serde_json::from_slice::<Body>(&answer.body).ok().map(|body| body.error);
    match (answer.status, words) {
        (408 | 500..=599, _) => Fault::Backend(answer.status),
        (401, _) => Fault::Unauthorized,
        (429, words) => words.unwrap_or_default().too_fast(retry_after(answer)),
        (400..=499, Some(words)) => words.fault(answer.status, asked, retry_after(answer)),
        _ => Fault::Malformed("neither a success nor an error of the People API"),
    }
}

impl Words {
    /// What it means with this HTTP status.
    pub(super) fn fault(&self, status: u16, asked: Asked, wait: Option<Duration>) -> Fault {
        if self.expired(asked) {
            return Fault::CursorExpired;
        }
        // It was seen as 400 and as 403.
        if matches!(status, 400 | 403 | 412) && self.says("etag") {
            return Fault::Stale;
        }
        match status {
            403 => self.forbidden(wait),
            404 => Fault::NotFound,
            409 if self.has("ABORTED") => Fault::Conflict,
            409 => Fault::Duplicate,
            412 => Fault::Stale,
            429 => self.too_fast(wait),
            408 | 500..=599 => Fault::Backend(status),
            _ => Fault::Invalid(self.reason()),
        }
    }

    // It comes with the status of a wrong argument, and with that of a failed precondition.
    fn expired(&self, asked: Asked) -> bool {
        self.has("EXPIRED_SYNC_TOKEN") || (asked == Asked::Since && self.says("sync token"))
    }

    fn forbidden(&self, wait: Option<Duration>) -> Fault {
        if self.has("RATE_LIMIT_EXCEEDED") || self.has("RESOURCE_EXHAUSTED") {
            return self.too_fast(wait);
        }
        if self.has("ACCESS_TOKEN_SCOPE_INSUFFICIENT") || self.has("insufficientPermissions") {
            return Fault::MissingScope;
        }
        Fault::Forbidden(self.reason())
    }

    fn too_fast(&self, retry_after: Option<Duration>) -> Fault {
        let of_project = |limit: &str| limit.contains("PerProject") && !limit.contains("PerUser");
        let project = self.details.iter().any(|detail| of_project(&detail.metadata.quota_limit));
        Fault::RateLimited { share: if project { Share::Project } else { Share::User }, retry_after }
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        let details = self.details.iter().map(|detail| detail.reason.as_str());
        let entries = self.errors.iter().map(|entry| entry.reason.as_str());
        details.chain(entries).chain([self.status.as_str()]).filter(|word| !word.is_empty())
    }

    fn has(&self, word: &str) -> bool {
        self.words().any(|said| said == word)
    }

    fn says(&self, words: &str) -> bool {
        self.message.to_ascii_lowercase().contains(words)
    }

    fn reason(&self) -> &'static str {
        let first = self.words().next().unwrap_or_default();
        KNOWN.iter().find(|known| **known == first).copied().unwrap_or("other")
    }
}
