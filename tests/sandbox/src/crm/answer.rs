//! What the CRM answers: a status, the reason in a header of its own, and a body that is often empty.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::trial::Trial;

/// An answer, before it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) reason: Option<String>,
    pub(crate) body: Shown,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shown {
    /// Nothing, called JSON all the same.
    Nothing,
    /// Nothing, called HTML, with the challenge of Basic.
    Challenge,
    /// JSON.
    Json(Value),
    /// A page of the framework below the CRM.
    Page(&'static str),
    /// Nothing yet: a mail server is dialled first.
    Trial(Box<Trial>),
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, reason: None, body: Shown::Json(body) }
    }

    /// A status with nothing beside it.
    pub(crate) fn bare(status: u16) -> Self {
        Self { status, reason: None, body: Shown::Nothing }
    }

    pub(crate) fn because(status: u16, reason: impl Into<String>) -> Self {
        Self { status, reason: Some(reason.into()), body: Shown::Nothing }
    }

    pub(crate) fn page(status: u16) -> Self {
        Self {
            status,
            reason: None,
            body: Shown::Page("<!doctype html><title>Slim Application Error</title>"),
        }
    }

    /// A field that does not pass: 400.
    pub(crate) fn invalid(entity: &str, field: &str, kind: &str) -> Self {
        let reason = format!("Field validation failure; entityType: {entity}, field: {field}, type: {kind}.");
        let data = json!({ "field": field, "type": kind });
        Self { status: 400, reason: Some(reason), body: translated("validationFailure", &data) }
    }

    /// A related record that is not there: 403.
    pub(crate) fn cannot_relate(entity: &str, link: &str, foreign: &str) -> Self {
        let reason = format!("Can't relate with non-existing record. entity type: {entity}, link: {link}.");
        let data = json!({ "foreignEntityType": foreign });
        Self { status: 403, reason: Some(reason), body: translated("cannotRelateNonExisting", &data) }
    }

    /// The record was asked to be read.
    pub(crate) fn does_not_exist(id: &str) -> Self {
        Self::because(404, format!("Record {id} does not exist."))
    }

    /// The record was asked to be changed.
    pub(crate) fn not_found(id: &str) -> Self {
        Self::because(404, format!("Record {id} not found."))
    }

    /// On the wire; the time is the CRM's.
    pub(crate) fn into_response(self, seconds: u64) -> Response {
        let (kind, body) = match self.body {
            Shown::Nothing | Shown::Trial(_) => ("application/json", String::new()),
            Shown::Challenge | Shown::Page("") => ("text/html; charset=UTF-8", String::new()),
            Shown::Json(value) => ("application/json", value.to_string()),
            Shown::Page(page) => ("text/html", page.to_owned()),
        };
        let challenged = self.status == 401 && kind.starts_with("text/html");
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache, must-revalidate"));
        headers.insert(header::EXPIRES, HeaderValue::from_static("0"));
        headers.insert("x-app-timestamp", HeaderValue::from(seconds));
        if challenged {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"\""));
        }
        if let Some(Ok(reason)) = self.reason.map(|reason| HeaderValue::from_str(&reason)) {
            headers.insert("x-status-reason", reason);
        }
        response
    }
}

fn translated(label: &str, data: &Value) -> Shown {
    Shown::Json(json!({ "messageTranslation": { "label": label, "scope": null, "data": data } }))
}
