//! One event, as Google sent it, and what may be done to it.
//!
//! A write sends the whole event, so that nothing is lost that was read and not
//! understood. What changes an existing event needs its etag, but for a move,
//! where Google looks at none.

use postern_core::model::id::AccountId;
use serde_json::{Map, Value};

use super::call::{Call, read};
use super::client::Calendar;
use super::fault::Fault;
use crate::net::exchange::Method;

/// An event with everything that Google said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event(Map<String, Value>);

impl Event {
    /// Takes an event that has an id, which is all that a deleted one may have.
    pub(super) fn read(map: Map<String, Value>) -> Result<Self, Fault> {
        match map.get("id") {
            Some(Value::String(id)) if !id.is_empty() => Ok(Self(map)),
            _ => Err(Fault::Malformed("an event without an id")),
        }
    }

    /// Its id in the calendar; never empty.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("id").unwrap_or_default()
    }

    /// Its etag with the quotes.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.text("etag")
    }

    /// `confirmed`, `tentative` or `cancelled`.
    #[must_use]
    pub fn status(&self) -> Option<&str> {
        self.text("status")
    }

    /// What it is called in every calendar that shows it.
    #[must_use]
    pub fn ical_uid(&self) -> Option<&str> {
        self.text("iCalUID")
    }

    /// When it was last changed, RFC 3339.
    #[must_use]
    pub fn updated(&self) -> Option<&str> {
        self.text("updated")
    }

    /// Everything Google said.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Everything Google said.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }
}

/// Whom Google tells of a change by e-mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SendUpdates {
    /// Nobody.
    #[default]
    None,
    /// Guests who do not use Google Calendar.
    ExternalOnly,
    /// All guests.
    All,
}

impl SendUpdates {
    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ExternalOnly => "externalOnly",
            Self::All => "all",
        }
    }
}

impl Calendar {
    /// The event as it is now; a deleted one is told by its status.
    ///
    /// # Errors
    /// `NotFound` where there is none; else see [`Fault`].
    pub async fn get(&self, account: AccountId, calendar: &str, event: &str) -> Result<Event, Fault> {
        self.event(account, self.call("get", Method::Get, &of(calendar, event))?).await
    }

    /// Makes a new event.
    ///
    /// # Errors
    /// `Duplicate` when its id is taken, also by a deleted event; else see
    /// [`Fault`].
    pub async fn insert(
        &self,
        account: AccountId,
        calendar: &str,
        body: &Map<String, Value>,
        updates: SendUpdates,
    ) -> Result<Event, Fault> {
        let call = self.call("insert", Method::Post, &["calendars", calendar, "events"])?;
        self.event(account, whole(call, updates).body(body)?).await
    }

    /// Puts `body` in the place of the event with this etag.
    ///
    /// # Errors
    /// `Precondition` when the event is another by now; else see [`Fault`].
    pub async fn update(
        &self,
        account: AccountId,
        calendar: &str,
        event: &str,
        etag: &str,
        body: &Map<String, Value>,
        updates: SendUpdates,
    ) -> Result<Event, Fault> {
        let call = self.call("update", Method::Put, &of(calendar, event))?;
        self.event(account, whole(call, updates).if_match(etag)?.body(body)?).await
    }

    /// Deletes the event with this etag.
    ///
    /// # Errors
    /// `Precondition` when the event is another by now, `Deleted` when it is
    /// deleted already; else see [`Fault`].
    pub async fn delete(
        &self,
        account: AccountId,
        calendar: &str,
        event: &str,
        etag: &str,
        updates: SendUpdates,
    ) -> Result<(), Fault> {
        let call = self.call("delete", Method::Delete, &of(calendar, event))?;
        self.ask(account, told(call, updates).if_match(etag)?).await.map(drop)
    }

    /// Moves the event to another calendar, whose owner is its organizer then.
    ///
    /// # Errors
    /// See [`Fault`].
    pub async fn move_to(
        &self,
        account: AccountId,
        calendar: &str,
        event: &str,
        destination: &str,
        updates: SendUpdates,
    ) -> Result<Event, Fault> {
        let [calendars, calendar, events, event] = of(calendar, event);
        let path = [calendars, calendar, events, event, "move"];
        let call = self.call("move", Method::Post, &path)?.with("destination", destination);
        self.event(account, told(call, updates)).await
    }

    async fn event(&self, account: AccountId, call: Call) -> Result<Event, Fault> {
        let answer = self.ask(account, call).await?;
        Event::read(read(&answer, "no event")?)
    }
}

fn of<'a>(calendar: &'a str, event: &'a str) -> [&'a str; 4] {
    ["calendars", calendar, "events", event]
}

fn told(call: Call, updates: SendUpdates) -> Call {
    call.with("sendUpdates", updates.name())
}

// Without the two, Google drops the conference and the attachments of what is written.
fn whole(call: Call, updates: SendUpdates) -> Call {
    told(call, updates).with("conferenceDataVersion", "1").with("supportsAttachments", "true")
}
