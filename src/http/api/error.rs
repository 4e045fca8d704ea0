//! What a program is told when it does not get what it asked for: a status, a
//! word in `X-Status-Reason` as the CRM has it, and problem JSON (RFC 9457).

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use postern_core::model::key_scope::KeyScope;
use postern_core::model::refusal::Blame;
use postern_core::model::scope::Product;
use serde_json::json;

use super::is_ours;
use crate::actions::ActError;
use crate::actions::calendars::CalendarFault;
use crate::actions::contacts::ContactsFault;
use crate::actions::provision::ProvisionFault;
use crate::actions::undoing::NotUndone;
use crate::auth::signature::SignatureFault;
use crate::dice::NoRandomness;
use crate::http::site::Site;
use crate::store::StoreError;
use crate::store::sync::holds::Status;

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub(in crate::http) enum Fault {
    #[error("send one key of this installation as X-Api-Key, or one signature as X-Hmac-Authorization")]
    KeyMissing,
    #[error("this key is unknown or revoked")]
    KeyUnknown,
    #[error(transparent)]
    Signature(SignatureFault),
    #[error("this key lacks the scope {0}")]
    ScopeMissing(KeyScope),
    #[error("this key is limited to other mailboxes")]
    DomainNotAllowed,
    #[error("this key has made as many requests as it may; come back later")]
    TooManyRequests(Duration),
    #[error("there is nothing here that this key may see")]
    NotFound,
    #[error("the body is too large")]
    TooLarge,
    #[error("the body has to be application/json")]
    MediaType,
    #[error("{name}: {why}")]
    Parameter { name: String, why: String },
    #[error("the body is not what is expected: {0}")]
    Body(String),
    #[error(
        "this was created by an earlier request with the same Idempotency-Key; its secret is not known any more"
    )]
    AlreadyCreated(String),
    #[error("this Idempotency-Key stands for another request")]
    OtherRequest,
    #[error("this hold does not wait any more: it is {}", .0.name())]
    NotPending(Status),
    #[error(transparent)]
    Act(#[from] ActError),
    #[error(transparent)]
    Calendar(#[from] CalendarFault),
    #[error(transparent)]
    Contacts(#[from] ContactsFault),
    #[error(transparent)]
    Provision(ProvisionFault),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl From<ProvisionFault> for Fault {
    fn from(fault: ProvisionFault) -> Self {
        match fault {
            ProvisionFault::Store(error) => Self::Store(error),
            other => Self::Provision(other),
        }
    }
}

impl From<SignatureFault> for Fault {
    fn from(fault: SignatureFault) -> Self {
        match fault {
            SignatureFault::Store(error) => Self::Store(error),
            other => Self::Signature(other),
        }
    }
}

impl Fault {
    /// A parameter or a field that makes no sense.
    pub fn at(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Parameter { name: name.into(), why: why.into() }
    }

    /// The word for a key or a signature that was not taken.
    pub fn of_credential(&self) -> Option<&'static str> {
        matches!(self, Self::KeyUnknown | Self::Signature(_)).then(|| self.kind().1)
    }

    fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::KeyMissing => (StatusCode::UNAUTHORIZED, "keyMissing"),
            Self::KeyUnknown => (StatusCode::UNAUTHORIZED, "keyUnknown"),
            Self::Signature(fault) => of_signature(fault),
            Self::ScopeMissing(_) => (StatusCode::FORBIDDEN, "scopeMissing"),
            Self::DomainNotAllowed => (StatusCode::FORBIDDEN, "domainNotAllowed"),
            Self::TooManyRequests(_) => (StatusCode::TOO_MANY_REQUESTS, "tooManyRequests"),
            Self::NotFound => (StatusCode::NOT_FOUND, "notFound"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "tooLarge"),
            Self::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "mediaType"),
            Self::Parameter { .. } | Self::Body(_) => (StatusCode::BAD_REQUEST, "validationFailure"),
            Self::AlreadyCreated(_) => (StatusCode::CONFLICT, "alreadyCreated"),
            Self::OtherRequest => (StatusCode::UNPROCESSABLE_ENTITY, "otherRequest"),
            Self::NotPending(_) => (StatusCode::CONFLICT, "notPending"),
            Self::Act(error) => of_act(error),
            Self::Calendar(fault) => of_calendar(fault),
            Self::Contacts(fault) => of_contacts(fault),
            Self::Provision(fault) => of_provision(fault),
            Self::Store(error) => of_store(error),
            Self::NoRandomness(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        }
    }
}

fn of_signature(fault: &SignatureFault) -> (StatusCode, &'static str) {
    let word = match fault {
        SignatureFault::Unknown => "keyUnknown",
        SignatureFault::Wrong | SignatureFault::Form => "signatureInvalid",
        SignatureFault::Bare => "signatureIncomplete",
        SignatureFault::Stale => "signatureStale",
        SignatureFault::Replayed => "signatureReplayed",
        SignatureFault::Store(error) => return of_store(error),
    };
    (StatusCode::UNAUTHORIZED, word)
}

fn of_act(error: &ActError) -> (StatusCode, &'static str) {
    match error {
        ActError::NoAccount(_) | ActError::NoToken(_) => (StatusCode::NOT_FOUND, "notFound"),
        ActError::NotRevoked(_) | ActError::StillGranted(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "googleUnavailable")
        }
        ActError::Registered(_) | ActError::Taken { .. } | ActError::AnAlias { .. } => {
            (StatusCode::CONFLICT, "duplicate")
        }
        ActError::ForeignDomain { .. } => (StatusCode::FORBIDDEN, "domainNotAllowed"),
        ActError::Disabled(_) => (StatusCode::CONFLICT, "disabled"),
        ActError::AwaitingApproval(_) => (StatusCode::CONFLICT, "awaitingApproval"),
        ActError::Served { .. } => (StatusCode::CONFLICT, "servedByServiceAccount"),
        ActError::TokenName => (StatusCode::BAD_REQUEST, "validationFailure"),
        ActError::Store(error) => of_store(error),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    }
}

fn of_calendar(fault: &CalendarFault) -> (StatusCode, &'static str) {
    match fault {
        CalendarFault::NoAccount | CalendarFault::NotThere => (StatusCode::NOT_FOUND, "notFound"),
        CalendarFault::InStep => (StatusCode::CONFLICT, "inStep"),
        CalendarFault::BothGone => (StatusCode::CONFLICT, "bothGone"),
        CalendarFault::Undo(fault) => of_undo(*fault),
        CalendarFault::Disabled(_) => (StatusCode::CONFLICT, "disabled"),
        CalendarFault::Stale { .. } => (StatusCode::CONFLICT, "stale"),
        CalendarFault::Locked(_) => (StatusCode::CONFLICT, "locked"),
        CalendarFault::NotListed
        | CalendarFault::ReadOnly
        | CalendarFault::TooMany(_)
        | CalendarFault::NoTeam
        | CalendarFault::Senseless(_) => (StatusCode::BAD_REQUEST, "validationFailure"),
        // Waiting does not help: the owner has to connect, or to grant the calendar.
        CalendarFault::Google(_) if fault.blame() == Blame::Account => {
            (StatusCode::CONFLICT, "calendarNotConnected")
        }
        CalendarFault::Google(_) => (StatusCode::SERVICE_UNAVAILABLE, "googleUnavailable"),
        CalendarFault::TeamsUntold => (StatusCode::SERVICE_UNAVAILABLE, "crmUnavailable"),
        CalendarFault::Store(error) => of_store(error),
    }
}

fn of_undo(fault: NotUndone) -> (StatusCode, &'static str) {
    let word = match fault {
        NotUndone::Different => "different",
        NotUndone::NothingToUndo => "nothingToUndo",
        NotUndone::NothingToRemove => "nothingToRemove",
        NotUndone::NotConnected(Product::Contacts) => "contactsNotConnected",
        NotUndone::NotConnected(_) => "calendarNotConnected",
        NotUndone::TooMuch(_) => "tooMuch",
        NotUndone::Undoing => "undoing",
    };
    (StatusCode::CONFLICT, word)
}

fn of_contacts(fault: &ContactsFault) -> (StatusCode, &'static str) {
    match fault {
        ContactsFault::NoAccount | ContactsFault::NotThere => (StatusCode::NOT_FOUND, "notFound"),
        ContactsFault::Undo(fault) => of_undo(*fault),
        ContactsFault::Disabled(_) => (StatusCode::CONFLICT, "disabled"),
        ContactsFault::Stale { .. } => (StatusCode::CONFLICT, "stale"),
        ContactsFault::NameTaken => (StatusCode::CONFLICT, "duplicate"),
        ContactsFault::NoGroup => (StatusCode::CONFLICT, "noGroup"),
        ContactsFault::OtherGroup => (StatusCode::CONFLICT, "otherGroup"),
        ContactsFault::NoUser => (StatusCode::CONFLICT, "noUser"),
        ContactsFault::OtherUser => (StatusCode::CONFLICT, "otherUser"),
        ContactsFault::OneWay => (StatusCode::CONFLICT, "oneWay"),
        ContactsFault::NotListed
        | ContactsFault::NoName
        | ContactsFault::NoRecords
        | ContactsFault::TooMany(_)
        | ContactsFault::NoRecord(_)
        | ContactsFault::Condition(_)
        | ContactsFault::NoAnswer
        | ContactsFault::Senseless(_) => (StatusCode::BAD_REQUEST, "validationFailure"),
        // Waiting does not help: the owner has to connect, or to grant the contacts.
        ContactsFault::Google(_) if fault.blame() == Blame::Account => {
            (StatusCode::CONFLICT, "contactsNotConnected")
        }
        ContactsFault::Google(_) => (StatusCode::SERVICE_UNAVAILABLE, "googleUnavailable"),
        ContactsFault::NoCrm => (StatusCode::CONFLICT, "crmNotSetUp"),
        ContactsFault::Crm(_) => (StatusCode::SERVICE_UNAVAILABLE, "crmUnavailable"),
        ContactsFault::Store(error) => of_store(error),
    }
}

fn of_provision(fault: &ProvisionFault) -> (StatusCode, &'static str) {
    match fault {
        ProvisionFault::TooMany => (StatusCode::BAD_REQUEST, "validationFailure"),
        ProvisionFault::NoCrm
        | ProvisionFault::NothingAdvertised
        | ProvisionFault::NotAdministrator
        | ProvisionFault::SignInRefused => (StatusCode::CONFLICT, "crmNotSetUp"),
        ProvisionFault::Crm(_) => (StatusCode::SERVICE_UNAVAILABLE, "crmUnavailable"),
        ProvisionFault::Store(error) => of_store(error),
    }
}

fn of_store(error: &StoreError) -> (StatusCode, &'static str) {
    match error {
        StoreError::Conflict(_) => (StatusCode::CONFLICT, "duplicate"),
        _ => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let (status, reason) = self.kind();
        let inside = status.is_server_error();
        if inside {
            tracing::error!(error = %self, "a request of a program was not answered");
        }
        // What the database says is for the log.
        let detail = if inside { "not possible now; try again later".to_owned() } else { self.to_string() };
        let made = match &self {
            Self::AlreadyCreated(id) => Some(id.as_str()),
            _ => None,
        };
        let mut response = problem(status, reason, &detail, made);
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey realm=\"postern\""));
        }
        if let Self::TooManyRequests(wait) = self {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
        }
        response
    }
}

fn problem(status: StatusCode, reason: &'static str, detail: &str, made: Option<&str>) -> Response {
    let mut body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "reason": reason,
        "detail": detail,
    });
    if let Some(id) = made {
        body["id"] = json!(id);
    }
    let fields = [(CONTENT_TYPE, PROBLEM)];
    let mut response = (status, fields, body.to_string()).into_response();
    response.headers_mut().insert("x-status-reason", HeaderValue::from_static(reason));
    response
}

/// Turns the pages that other layers answer with into problems: below the API
/// nothing is HTML.
pub(in crate::http) async fn json_only(
    State(site): State<Arc<Site>>,
    request: Request,
    next: Next,
) -> Response {
    let ours = is_ours(&site, request.uri().path());
    let response = next.run(request).await;
    let told = response.headers().get(CONTENT_TYPE).and_then(|field| field.to_str().ok());
    let json = told.is_some_and(|text| text.starts_with("application/"));
    if !ours || json || response.status().is_success() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let (reason, detail) = word(parts.status);
    let (told, body) = problem(parts.status, reason, detail, None).into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.extend(told.headers);
    Response::from_parts(parts, body)
}

fn word(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::NOT_FOUND => ("notFound", "there is nothing at this path"),
        StatusCode::METHOD_NOT_ALLOWED => ("methodNotAllowed", "this path does not take this method"),
        StatusCode::PAYLOAD_TOO_LARGE => ("tooLarge", "the body is too large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("mediaType", "the body has to be application/json"),
        StatusCode::URI_TOO_LONG => ("addressTooLong", "path and query are too long"),
        StatusCode::MISDIRECTED_REQUEST => ("wrongHost", "this is not the host of the public address"),
        StatusCode::FORBIDDEN => ("crossSite", "the request comes from a page of another site"),
        _ if status.is_server_error() => ("unavailable", "not possible now; try again later"),
        _ => ("badRequest", "the request cannot be read"),
    }
}
