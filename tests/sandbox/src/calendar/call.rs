//! What is asked of a calendar. People's own doings in Google's pages are calls too, so that
//! there is one way to change an event.

use std::time::Duration;

use serde_json::Value;

use super::refusal::Refusal;
pub(super) use crate::api::{Answer, Call};

/// The largest page of events.
const MOST_RESULTS: usize = 2_500;

impl Call {
    /// What a person does in Google's own pages.
    pub(super) fn by(user: &str, now: Duration, method: &str, path: &[&str], body: Value) -> Self {
        Self {
            user: user.to_ascii_lowercase(),
            now,
            method: method.to_owned(),
            path: path.iter().map(|it| (*it).to_owned()).collect(),
            query: vec![
                ("conferenceDataVersion".into(), "1".into()),
                ("supportsAttachments".into(), "true".into()),
            ],
            if_match: None,
            if_none_match: None,
            body,
            counted: false,
        }
    }

    /// Whether it asks for a change of an event.
    pub(super) fn writes(&self) -> bool {
        let of_channel = matches!(self.path.last().map(String::as_str), Some("watch" | "stop"));
        self.method != "GET" && !of_channel
    }

    /// A yes or no; no, if it is not there.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Refusal> {
        match self.one(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(Refusal::parameter(name, &format!("Invalid boolean value: '{other}'."))),
        }
    }

    /// A number from 1, if it is there.
    pub(super) fn number(&self, name: &'static str) -> Result<Option<usize>, Refusal> {
        let Some(text) = self.one(name) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|it| *it > 0);
        let wrong = || Refusal::parameter(name, &format!("Invalid integer value: '{text}'."));
        number.map(Some).ok_or_else(wrong)
    }

    /// The size of a page of events.
    pub(super) fn page_size(&self) -> Result<usize, Refusal> {
        Ok(self.number("maxResults")?.unwrap_or(250).min(MOST_RESULTS))
    }

    /// `If-Match`.
    pub(super) fn check_match(&self, etag: &str) -> Result<(), Refusal> {
        match self.if_match.as_deref() {
            None | Some("*") => Ok(()),
            Some(wanted) if wanted == etag => Ok(()),
            Some(_) => Err(Refusal::not_met()),
        }
    }
}
