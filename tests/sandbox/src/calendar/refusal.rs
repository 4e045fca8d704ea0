//! Refusals of the Calendar API, in Google's words: `error.errors[].reason`
//! says what is wrong, the status alone does not.

use std::fmt;

use serde_json::{Value, json};

use crate::api::Refused;

/// A refusal: status, reason, and what Google says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// `global`, `calendar` or `usageLimits`.
    pub domain: &'static str,
    /// What a client branches on.
    pub reason: &'static str,
    /// The sentence beside it.
    pub message: String,
    /// Type and name of the part of the request that is at fault.
    pub location: Option<(&'static str, &'static str)>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}: {}", self.status, self.reason, self.message)
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    pub(super) fn global(status: u16, reason: &'static str, message: &str) -> Self {
        Self { status, domain: "global", reason, message: message.to_owned(), location: None }
    }

    pub(super) fn calendar(status: u16, reason: &'static str, message: &str) -> Self {
        Self { domain: "calendar", ..Self::global(status, reason, message) }
    }

    pub(super) fn usage(status: u16, reason: &'static str, message: &str) -> Self {
        Self { domain: "usageLimits", ..Self::global(status, reason, message) }
    }

    pub(super) fn at(self, kind: &'static str, name: &'static str) -> Self {
        Self { location: Some((kind, name)), ..self }
    }

    pub(super) fn invalid(message: &str) -> Self {
        Self::global(400, "invalid", message)
    }

    pub(super) fn required(message: &str) -> Self {
        Self::global(400, "required", message)
    }

    pub(super) fn parameter(name: &'static str, message: &str) -> Self {
        Self::global(400, "invalidParameter", message).at("parameter", name)
    }

    pub(super) fn not_found() -> Self {
        Self::global(404, "notFound", "Not Found")
    }

    pub(super) fn credentials() -> Self {
        Self::global(401, "authError", "Invalid Credentials").at("header", "Authorization")
    }

    pub(super) fn duplicate() -> Self {
        Self::global(409, "duplicate", "The requested identifier already exists.")
    }

    pub(super) fn deleted() -> Self {
        Self::global(410, "deleted", "Resource has been deleted")
    }

    pub(super) fn not_met() -> Self {
        Self::global(412, "conditionNotMet", "Precondition Failed").at("header", "If-Match")
    }

    pub(super) fn full_sync() -> Self {
        let message = "Sync token is no longer valid, a full sync is required.";
        Self::calendar(410, "fullSyncRequired", message).at("parameter", "syncToken")
    }

    pub(super) fn too_long_ago() -> Self {
        let message = "The requested minimum modification time lies too far in the past.";
        Self::calendar(410, "updatedMinTooLongAgo", message).at("parameter", "updatedMin")
    }

    pub(super) fn not_organizer() -> Self {
        let message = "Shared properties can only be changed by the organizer of the event.";
        Self::calendar(403, "forbiddenForNonOrganizer", message)
    }

    pub(super) fn writer_needed() -> Self {
        Self::calendar(403, "requiredAccessLevel", "You need to have writer access to this calendar.")
    }

    pub(super) fn event_type(message: &str) -> Self {
        Self::calendar(400, "eventTypeRestriction", message)
    }

    pub(super) fn scopes() -> Self {
        Self::global(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
    }
}

impl Refused for Refusal {
    fn status(&self) -> u16 {
        self.status
    }

    fn body(&self) -> Value {
        let mut error = json!({"domain": self.domain, "reason": self.reason, "message": self.message});
        if let Some((kind, name)) = self.location {
            error["locationType"] = json!(kind);
            error["location"] = json!(name);
        }
        json!({"error": {"errors": [error], "code": self.status, "message": self.message}})
    }
}
