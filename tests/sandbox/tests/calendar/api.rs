//! A client of the Calendar API.

use std::error::Error;

use postern_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::{ANNA, Page};
pub use crate::rest::{Api, encoded};

pub const SCOPES: [&str; 2] = [
    "https://www.googleapis.com/auth/calendar.events",
    "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
];

impl Api {
    pub fn of(sandbox: &Sandbox, user: &str) -> Self {
        Self::with(sandbox, user, &SCOPES)
    }

    pub fn with(sandbox: &Sandbox, user: &str, scopes: &[&str]) -> Self {
        let token = sandbox.google().issue_access_token_for(user, scopes).unwrap_or_default();
        Self::with_token(sandbox, token)
    }

    pub fn with_token(sandbox: &Sandbox, token: String) -> Self {
        Self::at(sandbox.calendar_url(), token)
    }

    /// Makes an event on the primary calendar; what Google answers.
    pub async fn made(&self, event: Value) -> Result<Value, Box<dyn Error>> {
        let made = self.post("calendars/primary/events", event).await?;
        assert_eq!(made.status, 200, "{}", made.body);
        made.json()
    }

    /// Follows a list to its last page: all items, and that page.
    pub async fn drain(&self, path: &str, query: &str) -> Result<(Vec<Value>, Value), Box<dyn Error>> {
        let (mut items, mut page) = (Vec::new(), String::new());
        loop {
            let answer = self.get(&format!("{path}?{query}{page}")).await?;
            assert_eq!(answer.status, 200, "{}", answer.body);
            let body = answer.json()?;
            items.extend(body["items"].as_array().cloned().unwrap_or_default());
            let Some(next) = body["nextPageToken"].as_str() else {
                return Ok((items, body));
            };
            assert!(body["nextSyncToken"].is_null(), "a sync token before the last page");
            page = format!("&pageToken={}", encoded(next));
        }
    }

    /// The sync token at the end of a list.
    pub async fn sync_token(&self, query: &str) -> Result<String, Box<dyn Error>> {
        let (_, last) = self.drain("calendars/primary/events", query).await?;
        Ok(last["nextSyncToken"].as_str().ok_or("no sync token")?.to_owned())
    }

    /// What has changed since.
    pub async fn changes(&self, token: &str) -> Result<Vec<Value>, Box<dyn Error>> {
        let query = format!("syncToken={}", encoded(token));
        Ok(self.drain("calendars/primary/events", &query).await?.0)
    }
}

/// Status and reason of a refusal.
pub fn reason(page: &Page) -> (u16, String) {
    let body: Value = serde_json::from_str(&page.body).unwrap_or_default();
    assert_eq!(body["error"]["code"], page.status, "{}", page.body);
    let reason = body["error"]["errors"][0]["reason"].as_str().unwrap_or_default();
    (page.status, reason.to_owned())
}

/// Asserts a refusal.
pub fn refused(page: &Page, status: u16, why: &str) {
    assert_eq!(reason(page), (status, why.to_owned()), "{}", page.body);
}

/// An hour of this name.
pub fn hour(summary: &str) -> Value {
    json!({
        "summary": summary,
        "start": {"dateTime": "2026-12-01T10:00:00+01:00"},
        "end": {"dateTime": "2026-12-01T11:00:00+01:00"},
    })
}

/// Every day at nine in Prague.
pub fn daily(count: usize) -> Value {
    json!({
        "summary": "Stand-up",
        "start": {"dateTime": "2026-12-01T09:00:00", "timeZone": "Europe/Prague"},
        "end": {"dateTime": "2026-12-01T09:15:00", "timeZone": "Europe/Prague"},
        "recurrence": [format!("RRULE:FREQ=DAILY;COUNT={count}")],
    })
}

pub fn path(event: &Value) -> String {
    format!("calendars/primary/events/{}", event["id"].as_str().unwrap_or_default())
}

pub fn anna(sandbox: &Sandbox) -> Api {
    Api::of(sandbox, ANNA)
}
