//! Google's words for a refusal: `error.errors[].reason`, or the newer
//! `error.details[].reason`. An answer without an error object is no word of
//! the Calendar API, whatever its status: a proxy's 404 must not end an event.

use std::time::Duration;

use serde::Deserialize;

use super::fault::Fault;
use crate::google::call::retry_after;
use crate::google::quota::Share;
use crate::net::exchange::Response;

/// The words that are told on; whatever else Google says is `other`.
const KNOWN: &[&str] = &[
    "accessNotConfigured",
    "authError",
    "badRequest",
    "calendarUnenrolled",
    "cannotChangeOrganizer",
    "cannotChangeOrganizerOfInstance",
    "channelIdNotUnique",
    "conditionNotMet",
    "conflict",
    "domainPolicy",
    "duplicate",
    "eventTypeRestriction",
    "forbidden",
    "forbiddenForNonOrganizer",
    "forbiddenForServiceAccounts",
    "insufficientPermissions",
    "invalid",
    "invalidParameter",
    "notACalendarUser",
    "parseError",
    "participantIsNeitherOrganizerNorAttendee",
    "pushNotSupportedForRequestedResource",
    "required",
    "requiredAccessLevel",
    "timeRangeEmpty",
    "webhookUrlNotHttps",
    "webhookUrlUnauthorized",
];

/// What was asked: the same answer means another thing for another question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A list from a sync token on.
    Since,
    /// That Google calls us.
    Watch,
    /// Anything else.
    Other,
}

#[derive(Deserialize)]
struct Body {
    error: Words,
}

#[derive(Deserialize)]
struct Words {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<Entry>,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Default, Deserialize)]
struct Entry {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    location: String,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    reason: String,
}

/// Reads an answer that is not a success.
pub(super) fn refusal(answer: &Response, asked: Asked) -> Fault {
    let words = serde_json::from_slice::<Body>(&answer.body).ok().map(|body| body.error);
    let wait = retry_after(answer);
    match (answer.status, words) {
        (408 | 500..=599, _) => Fault::Backend(answer.status),
        (429, Some(words)) if words.raw() == "quotaExceeded" => Fault::QuotaExceeded,
        (429, words) => {
            Fault::RateLimited { share: words.map_or(Share::User, |w| w.share()), retry_after: wait }
        }
        (401, words) => unauthorized(words.as_ref(), asked),
        (400..=499, Some(words)) => words.fault(answer.status, asked, wait),
        _ => Fault::Malformed("neither a success nor an error of the Calendar API"),
    }
}

fn unauthorized(words: Option<&Words>, asked: Asked) -> Fault {
    match words.map(Words::reason) {
        Some(reason) if asked == Asked::Watch && reason.starts_with("webhook") => Fault::PushRefused(reason),
        _ => Fault::Unauthorized,
    }
}

impl Words {
    fn first(&self) -> Option<&Entry> {
        self.errors.first()
    }

    // Some reasons have the part of the API in front: `push.webhookUrlUnauthorized`.
    fn raw(&self) -> &str {
        let reason = self.first().map(|entry| entry.reason.as_str()).filter(|reason| !reason.is_empty());
        let detail = || self.details.iter().map(|detail| detail.reason.as_str()).find(|r| !r.is_empty());
        let whole = reason.or_else(detail).unwrap_or_default();
        whole.rsplit_once('.').map_or(whole, |(_, last)| last)
    }

    fn reason(&self) -> &'static str {
        KNOWN.iter().find(|known| **known == self.raw()).copied().unwrap_or("other")
    }

    fn says(&self, words: &str) -> bool {
        let own = self.first().map_or("", |entry| entry.message.as_str());
        [&self.message, own].iter().any(|text| text.to_ascii_lowercase().contains(words))
    }

    fn fault(&self, status: u16, asked: Asked, retry_after: Option<Duration>) -> Fault {
        match status {
            400 => self.invalid(asked),
            403 => self.forbidden(asked, retry_after),
            404 => Fault::NotFound,
            409 if self.raw() == "duplicate" => Fault::Duplicate,
            409 => Fault::Conflict,
            410 => self.gone(asked),
            412 => Fault::Precondition,
            _ => Fault::Invalid(self.reason()),
        }
    }

    fn invalid(&self, asked: Asked) -> Fault {
        let place = self.first().map_or("", |entry| entry.location.as_str());
        match asked {
            Asked::Since if matches!(place, "" | "syncToken") => Fault::CursorExpired,
            Asked::Watch => Fault::PushRefused(self.reason()),
            Asked::Since | Asked::Other => Fault::Invalid(self.reason()),
        }
    }

    // 410 is also what a second DELETE gets.
    fn gone(&self, asked: Asked) -> Fault {
        match (self.raw(), asked) {
            ("fullSyncRequired" | "updatedMinTooLongAgo", _) => Fault::CursorExpired,
            ("deleted", _) => Fault::Deleted,
            (_, Asked::Since) => Fault::CursorExpired,
            (_, Asked::Watch | Asked::Other) => Fault::Malformed("gone, and not said what"),
        }
    }

    fn forbidden(&self, asked: Asked, retry_after: Option<Duration>) -> Fault {
        match self.raw() {
            "rateLimitExceeded" | "userRateLimitExceeded" | "dailyLimitExceeded" | "RATE_LIMIT_EXCEEDED" => {
                Fault::RateLimited { share: self.share(), retry_after }
            }
            "quotaExceeded" => Fault::QuotaExceeded,
            "forbiddenForNonOrganizer" => Fault::NotOrganizer,
            "insufficientPermissions" | "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => Fault::MissingScope,
            _ if asked == Asked::Watch => Fault::PushRefused(self.reason()),
            _ => Fault::Forbidden(self.reason()),
        }
    }

    // The same reason stands for both shares; only the words tell whose it was.
    fn share(&self) -> Share {
        match self.raw() {
            "userRateLimitExceeded" => Share::User,
            _ if self.says("per user") => Share::User,
            "dailyLimitExceeded" | "RATE_LIMIT_EXCEEDED" | "rateLimitExceeded" => Share::Project,
            _ => Share::User,
        }
    }
}
