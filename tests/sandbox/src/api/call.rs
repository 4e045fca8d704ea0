//! One request, read: who asks for what; and its answer.

use std::time::Duration;

use serde_json::Value;

#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) user: String,
    pub(crate) now: Duration,
    pub(crate) method: String,
    /// The path after the base of the API, decoded.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
    pub(crate) body: Value,
    /// Whether it came through the API, and is counted.
    pub(crate) counted: bool,
}

impl Call {
    /// A parameter; the last one, if it came more than once.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next_back()
    }

    /// A parameter that may be repeated.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl DoubleEndedIterator<Item = &'a str> {
        let named = self.query.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
}

impl Answer {
    pub(crate) fn of(body: Value) -> Self {
        Self { status: 200, body: Some(body) }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, body: None }
    }
}
