//! Refusals of the token endpoint, in Google's words.

use serde_json::{Value, json};

/// A refusal: status and JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) status: u16,
    pub(crate) error: &'static str,
    pub(crate) description: String,
}

impl Refused {
    pub(crate) fn new(status: u16, error: &'static str, description: &str) -> Self {
        Self { status, error, description: description.to_owned() }
    }

    pub(crate) fn grant(description: &str) -> Self {
        Self::new(400, "invalid_grant", description)
    }

    pub(crate) fn request(description: &str) -> Self {
        Self::new(400, "invalid_request", description)
    }

    pub(crate) fn missing(parameter: &str) -> Self {
        Self::request(&format!("Missing required parameter: {parameter}"))
    }

    pub(crate) fn body(&self) -> Value {
        json!({"error": self.error, "error_description": self.description})
    }
}
