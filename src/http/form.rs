//! What a form sent.

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

use super::multipart;

/// The fields of a form, read by [`super::gate`] within its bound.
#[derive(Debug, Clone)]
pub(super) struct Form {
    octets: Bytes,
    /// Between the parts, where files may be among them.
    boundary: Option<String>,
}

impl Form {
    /// A form as it was sent.
    pub fn new(headers: &HeaderMap, octets: Bytes) -> Self {
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        Self { octets, boundary: kind.and_then(multipart::boundary) }
    }

    /// All of it, as it was sent.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// A field that stands there once and holds something.
    pub fn get(&self, name: &str) -> Option<String> {
        match &self.boundary {
            None => parameter(&self.octets, name),
            Some(_) => String::from_utf8(self.file(name)?.to_vec()).ok(),
        }
    }

    /// The same without blanks around it; empty when it is missing.
    pub fn text(&self, name: &str) -> String {
        self.get(name).map(|text| text.trim().to_owned()).unwrap_or_default()
    }

    /// Every value of a field that may stand there more than once.
    pub fn all(&self, name: &str) -> Vec<String> {
        let all = url::form_urlencoded::parse(&self.octets).filter(|(key, _)| key == name);
        all.map(|(_, value)| value.into_owned()).collect()
    }

    /// A file that was chosen and holds something.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        let found = multipart::part(&self.octets, self.boundary.as_deref()?, name);
        found.filter(|content| !content.is_empty())
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
