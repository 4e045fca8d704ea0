//! Refusals of the People API: a status in words beside the number, and details of several types.
//! The sentences of etags and of expired sync tokens are Google's own.

use std::fmt;

use serde_json::{Value, json};

use crate::api::door::{Stranger, Unread};
use crate::api::{Refused, Trouble};

const SERVICE: &str = "people.googleapis.com";
const PROJECT: &str = "projects/453194321487";

/// A refusal: status, what Google says about it, and details a program can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub code: u16,
    /// The status in words, as `INVALID_ARGUMENT`.
    pub status: &'static str,
    /// The sentence beside it.
    pub message: String,
    /// Messages with an `@type`.
    pub details: Vec<Value>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}: {}", self.code, self.status, self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Trouble {
    /// A fault: the request is not done, and refused like this.
    fn from(refusal: Refusal) -> Self {
        Self::refused(&refusal)
    }
}

impl Refusal {
    pub(super) fn new(code: u16, status: &'static str, message: &str) -> Self {
        Self { code, status, message: message.to_owned(), details: Vec::new() }
    }

    fn because(mut self, reason: &str, domain: &str, metadata: &Value) -> Self {
        let kind = "type.googleapis.com/google.rpc.ErrorInfo";
        let info = json!({"@type": kind, "reason": reason, "domain": domain, "metadata": metadata});
        self.details.push(info);
        self
    }

    /// 400 `INVALID_ARGUMENT`
    pub fn invalid(message: &str) -> Self {
        Self::new(400, "INVALID_ARGUMENT", message)
    }

    pub(super) fn violation(field: &str, message: &str) -> Self {
        let kind = "type.googleapis.com/google.rpc.BadRequest";
        let violation = json!({"field": field, "description": message});
        let details = vec![json!({"@type": kind, "fieldViolations": [violation]})];
        Self { details, ..Self::invalid(message) }
    }

    /// 400 `FAILED_PRECONDITION`, without details.
    pub fn precondition(message: &str) -> Self {
        Self::new(400, "FAILED_PRECONDITION", message)
    }

    /// The person's etag is not the current one.
    pub fn stale_etag() -> Self {
        Self::precondition(
            "Request person.etag is different than the current person.etag. \
             Clear local cache and get the latest person.",
        )
    }

    /// The etag of the person's source is not the current one.
    pub fn stale_source_etag() -> Self {
        Self::precondition(
            "Request person.metadata.sources.etag is different than the current \
             person.metadata.sources.etag. Clear local cache and get the latest person.",
        )
    }

    /// The sync token is older than seven days.
    pub fn expired_sync_token() -> Self {
        let message = "Sync token is expired. Clear local cache and retry call without the sync token.";
        Self::precondition(message).because("EXPIRED_SYNC_TOKEN", SERVICE, &json!({}))
    }

    /// The same under the other status that has been seen.
    pub fn expired_sync_token_as_invalid() -> Self {
        Self { status: "INVALID_ARGUMENT", ..Self::expired_sync_token() }
    }

    /// 404 `NOT_FOUND`
    pub fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "Requested entity was not found.")
    }

    /// 409 `ALREADY_EXISTS`, for a group.
    pub fn group_exists() -> Self {
        Self::new(409, "ALREADY_EXISTS", "Contact group name already exists.")
    }

    /// 401 `UNAUTHENTICATED`: the token is no longer good, whatever it says of itself.
    pub fn credentials() -> Self {
        let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login \
                       cookie or other valid authentication credential. See \
                       https://developers.google.com/identity/sign-in/web/devconsole-project.";
        let metadata = json!({"service": SERVICE});
        Self::new(401, "UNAUTHENTICATED", message).because(
            "ACCESS_TOKEN_EXPIRED",
            "googleapis.com",
            &metadata,
        )
    }

    pub(super) fn no_credentials() -> Self {
        let message = "Request is missing required authentication credential. Expected OAuth 2 access token, \
                       login cookie or other valid authentication credential. See \
                       https://developers.google.com/identity/sign-in/web/devconsole-project.";
        let metadata = json!({"service": SERVICE});
        Self::new(401, "UNAUTHENTICATED", message).because("CREDENTIALS_MISSING", "googleapis.com", &metadata)
    }

    pub(super) fn scopes() -> Self {
        let message = "Request had insufficient authentication scopes.";
        let metadata = json!({"service": SERVICE});
        Self::new(403, "PERMISSION_DENIED", message).because(
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "googleapis.com",
            &metadata,
        )
    }

    /// 403 `SERVICE_DISABLED`: nobody has switched the API on in the project.
    pub fn disabled() -> Self {
        let message = "People API has not been used in project 453194321487 before or it is disabled. Enable \
                       it by visiting https://console.developers.google.com/apis/api/people.googleapis.com/\
                       overview?project=453194321487 then retry. If you enabled this API recently, wait a few \
                       minutes for the action to propagate to our systems and retry.";
        let metadata = json!({"service": SERVICE, "consumer": PROJECT});
        Self::new(403, "PERMISSION_DENIED", message).because("SERVICE_DISABLED", "googleapis.com", &metadata)
    }

    /// 429 `RESOURCE_EXHAUSTED` of a limit by the minute, as `critical_write_requests`,
    /// `CriticalWritesPerMinutePerProjectPerUser`.
    pub fn quota(metric: &str, limit: &str, title: &str) -> Self {
        let message = format!(
            "Quota exceeded for quota metric '{title}' and limit '{title} per minute per user' of service \
             '{SERVICE}' for consumer 'project_number:453194321487'."
        );
        let metadata = json!({
            "consumer": PROJECT,
            "quota_limit": limit,
            "quota_location": "global",
            "quota_metric": format!("{SERVICE}/{metric}"),
            "service": SERVICE,
        });
        Self::new(429, "RESOURCE_EXHAUSTED", &message).because(
            "RATE_LIMIT_EXCEEDED",
            "googleapis.com",
            &metadata,
        )
    }

    /// 429 of the quota for first pages of full syncs.
    pub fn full_sync_quota() -> Self {
        let kind = "type.googleapis.com/google.rpc.QuotaFailure";
        let violation = json!({"subject": "QUOTA_EXCEEDED", "description": "FBS quota limit exceeded"});
        let details = vec![json!({"@type": kind, "violations": [violation]})];
        let message = "Resource has been exhausted (e.g. check quota).";
        Self { details, ..Self::new(429, "RESOURCE_EXHAUSTED", message) }
    }

    /// A fault on Google's side: 500, 502 or 503.
    pub fn server_error(code: u16) -> Self {
        match code {
            503 => Self::new(503, "UNAVAILABLE", "The service is currently unavailable."),
            code => Self::new(code, "INTERNAL", "Internal error encountered."),
        }
    }

    /// The number gRPC has for the status.
    pub(super) fn grpc(&self) -> u16 {
        match self.status {
            "INVALID_ARGUMENT" => 3,
            "NOT_FOUND" => 5,
            "ALREADY_EXISTS" => 6,
            "PERMISSION_DENIED" => 7,
            "RESOURCE_EXHAUSTED" => 8,
            "FAILED_PRECONDITION" => 9,
            "UNAVAILABLE" => 14,
            "UNAUTHENTICATED" => 16,
            _ => 13,
        }
    }

    /// As the status of one contact among others.
    pub(super) fn inner(&self) -> Value {
        json!({"code": self.grpc(), "message": self.message})
    }
}

impl Refused for Refusal {
    fn status(&self) -> u16 {
        self.code
    }

    fn body(&self) -> Value {
        let mut error = json!({"code": self.code, "message": self.message, "status": self.status});
        if !self.details.is_empty() {
            error["details"] = json!(self.details);
        }
        json!({"error": error})
    }
}

impl From<Stranger> for Refusal {
    fn from(stranger: Stranger) -> Self {
        match stranger {
            Stranger::NoToken => Self::no_credentials(),
            Stranger::BadToken => Self::credentials(),
        }
    }
}

impl From<Unread> for Refusal {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Path => Self::not_found(),
            Unread::Body => Self::invalid("Invalid JSON payload received. Unexpected token."),
        }
    }
}
