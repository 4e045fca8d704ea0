//! The people of an account: all of them, or what has changed.
//!
//! Google wants the same parameters in every list, so there is one set of them. A token lives for
//! seven days from the full list on, however often it is used. What was written minutes ago may
//! not be listed yet.

use postern_core::model::id::AccountId;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::call::{LIST, SOURCES, read};
use super::client::People;
use super::fault::Fault;
use super::person::{FIELDS, Person};
use super::reason::Asked;
use crate::net::exchange::Method;

const LONGEST_TOKEN: usize = 4_096;

/// How many people come in a page. A list keeps its size from the first page to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// As many as Google gives.
    Full,
    /// For an account whose full page is larger than any answer that is read.
    Small,
}

impl Size {
    fn word(self) -> &'static str {
        match self {
            Self::Full => "1000",
            Self::Small => "100",
        }
    }
}

/// Which people are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask<'a> {
    /// Everybody.
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

/// One page of people.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The people; deleted ones are told by [`Person::deleted`].
    pub people: Vec<Person>,
    /// What comes after it.
    pub next: Next,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    connections: Vec<Map<String, Value>>,
    next_page_token: Option<String>,
    next_sync_token: Option<String>,
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
        let people = self.connections.into_iter().map(Person::read).collect::<Result<_, _>>()?;
        Ok(Page { people, next })
    }
}

impl People {
    /// One page of the account's people.
    ///
    /// # Errors
    /// `CursorExpired` when the sync token is dead, `TooLarge` when smaller pages are to be asked
    /// for from the first on; else see [`Fault`].
    pub async fn connections(&self, account: AccountId, ask: Ask<'_>, size: Size) -> Result<Page, Fault> {
        let call = self
            .call("connections", Method::Get, &["people", "me", "connections"])?
            .at_most(LIST)
            .with("personFields", FIELDS)
            .with(SOURCES.0, SOURCES.1)
            .with("pageSize", size.word())
            .with("requestSyncToken", "true");
        let (call, page) = match ask {
            Ask::Full { page } => (call, page),
            Ask::Since { sync_token, page } => {
                (call.with("syncToken", sync_token).meaning(Asked::Since), page)
            }
        };
        let call = match page {
            Some(page) => call.with("pageToken", page),
            None => call,
        };
        read::<Answer>(&self.ask(account, call).await?, "no list of people")?.page()
    }
}
