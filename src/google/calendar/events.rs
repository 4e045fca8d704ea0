//! The events of a calendar: all of them, or what has changed.
//!
//! Google wants the same parameters in every list of a calendar, and gives
//! tokens of one stream in another when they differ; so there is one set of
//! parameters, without bounds in time. Recurring events come as masters with
//! their exceptions. A page may be short, or empty, and not be the last.

use postern_core::model::id::AccountId;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::access::AccessRole;
use super::call::{Call, LIST, read};
use super::client::Calendar;
use super::event::Event;
use super::fault::Fault;
use super::reason::Asked;
use crate::net::exchange::Method;

const A_PAGE: &str = "2500";
/// For a calendar whose full page is larger than any answer that is read.
const A_SMALL_PAGE: &str = "250";
const LONGEST_TOKEN: usize = 4_096;

/// Which part of a calendar is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask<'a> {
    /// Every event.
    Full {
        /// The page, after the first.
        page: Option<&'a str>,
    },
    /// What has changed since a list ended with this token.
    Since {
        /// The token.
        sync_token: &'a str,
        /// The page, after the first.
        page: Option<&'a str>,
    },
}

/// What comes after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Another page of the same list.
    Page(String),
    /// Nothing now; later what has changed since.
    Sync(String),
}

/// One page of events.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The events; deleted ones are told by their status.
    pub events: Vec<Event>,
    /// What comes after it.
    pub next: Next,
    /// IANA name of the calendar's time zone; may be empty.
    pub time_zone: String,
    /// What the user may do with the calendar.
    pub access_role: AccessRole,
    /// The calendar's reminders, as Google sent them.
    pub default_reminders: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    items: Vec<Map<String, Value>>,
    next_page_token: Option<String>,
    next_sync_token: Option<String>,
    #[serde(default)]
    time_zone: String,
    #[serde(default)]
    access_role: String,
    #[serde(default)]
    default_reminders: Vec<Value>,
}

impl Answer {
    fn page(self) -> Result<Page, Fault> {
        let token = |token: Option<String>| token.filter(|token| !token.is_empty());
        let next = match (token(self.next_page_token), token(self.next_sync_token)) {
            (Some(page), _) => Next::Page(page),
            (None, Some(sync)) => Next::Sync(sync),
            (None, None) => return Err(Fault::Malformed("a last page without a sync token")),
        };
        let (Next::Page(token) | Next::Sync(token)) = &next;
        if token.len() > LONGEST_TOKEN {
            return Err(Fault::Malformed("a token that is too long to be one"));
        }
        let events = self.items.into_iter().map(Event::read);
        Ok(Page {
            events: events.collect::<Result<_, _>>()?,
            next,
            time_zone: self.time_zone,
            access_role: AccessRole::of(&self.access_role),
            default_reminders: self.default_reminders,
        })
    }
}

impl Calendar {
    /// One page of the calendar's events.
    ///
    /// # Errors
    /// `CursorExpired` when the sync token is dead; else see [`Fault`].
    pub async fn list(&self, account: AccountId, calendar: &str, ask: Ask<'_>) -> Result<Page, Fault> {
        let answer = match self.ask(account, self.page_of(calendar, ask, A_PAGE)?).await {
            Err(Fault::TooLarge) => self.ask(account, self.page_of(calendar, ask, A_SMALL_PAGE)?).await?,
            answer => answer?,
        };
        read::<Answer>(&answer, "no list of events")?.page()
    }

    fn page_of(&self, calendar: &str, ask: Ask<'_>, most: &str) -> Result<Call, Fault> {
        let call = self
            .call("list", Method::Get, &["calendars", calendar, "events"])?
            .at_most(LIST)
            .with("singleEvents", "false")
            .with("eventTypes", "default")
            .with("maxResults", most)
            .with("showDeleted", "true");
        let (call, page) = match ask {
            Ask::Full { page } => (call, page),
            Ask::Since { sync_token, page } => {
                (call.with("syncToken", sync_token).meaning(Asked::Since), page)
            }
        };
        Ok(match page {
            Some(page) => call.with("pageToken", page),
            None => call,
        })
    }
}
