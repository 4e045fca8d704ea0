//! The calendars that a user sees.

use postern_core::model::id::AccountId;
use serde::Deserialize;

use super::access::AccessRole;
use super::call::{LIST, read};
use super::client::Calendar;
use super::fault::Fault;
use crate::net::exchange::Method;

/// Google gives 250 a page; nobody has this many.
const PAGES: usize = 20;

/// One calendar in a user's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id, which is an address.
    pub id: String,
    /// Its name as the user sees it; may be empty.
    pub summary: String,
    /// Its name as everybody sees it; may be empty.
    pub title: String,
    /// Whether it is the user's own first one.
    pub primary: bool,
    /// What the user may do.
    pub access_role: AccessRole,
    /// IANA name of its time zone; may be empty.
    pub time_zone: String,
    /// Whether the user hides it in Google's pages.
    pub hidden: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    items: Vec<Entry>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    #[serde(default)]
    summary: String,
    summary_override: Option<String>,
    #[serde(default)]
    primary: bool,
    #[serde(default)]
    access_role: String,
    #[serde(default)]
    time_zone: String,
    #[serde(default)]
    hidden: bool,
}

impl Entry {
    fn listed(self) -> Listed {
        Listed {
            id: self.id,
            summary: self.summary_override.unwrap_or_else(|| self.summary.clone()),
            title: self.summary,
            primary: self.primary,
            access_role: AccessRole::of(&self.access_role),
            time_zone: self.time_zone,
            hidden: self.hidden,
        }
    }
}

impl Calendar {
    /// Every calendar in the user's list, also the hidden ones.
    ///
    /// # Errors
    /// See [`Fault`]; `TooLarge` for more than 5,000.
    pub async fn calendars(&self, account: AccountId) -> Result<Vec<Listed>, Fault> {
        let mut all = Vec::new();
        let mut page: Option<String> = None;
        for _ in 0..PAGES {
            let mut call = self
                .call("calendars", Method::Get, &["users", "me", "calendarList"])?
                .with("maxResults", "250")
                .with("showHidden", "true")
                .at_most(LIST);
            if let Some(token) = &page {
                call = call.with("pageToken", token);
            }
            let answer = self.ask(account, call).await?;
            let read: Page = read(&answer, "no list of calendars")?;
            all.extend(read.items.into_iter().map(Entry::listed));
            page = read.next_page_token.filter(|token| !token.is_empty());
            if page.is_none() {
                return Ok(all);
            }
        }
        Err(Fault::TooLarge)
    }
}
