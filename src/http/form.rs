//! What a form sent.

use axum::body::Bytes;

/// The fields of a form, read by [`super::gate`] within its bound.
#[derive(Debug, Clone)]
pub(super) struct Form(pub Bytes);

impl Form {
    /// A field that stands there once and holds something.
    pub fn get(&self, name: &str) -> Option<String> {
        parameter(&self.0, name)
    }

    /// The same without blanks around it; empty when it is missing.
    pub fn text(&self, name: &str) -> String {
        self.get(name).map(|text| text.trim().to_owned()).unwrap_or_default()
    }
}

/// A parameter that stands there once.
pub(super) fn parameter(form: &[u8], name: &str) -> Option<String> {
    let mut found = url::form_urlencoded::parse(form).filter(|(key, _)| key == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value.into_owned()).filter(|v| !v.is_empty()),
        _ => None,
    }
}
