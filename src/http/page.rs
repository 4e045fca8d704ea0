//! The one page: a title, what to do, at most one button.

use std::convert::Infallible;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use postern_core::model::address::Address;

use super::gate::Admitted;
use super::policy::Needs;
use super::products::{CHOICE, Tick};
use crate::texts::{Connect, Lang, Sentence, Text};

/// The style sheet; the policy of every page names its hash.
pub(super) const STYLE: &str = include_str!("templates/page.css");

/// Colour of the title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Nothing has happened yet.
    Calm,
    /// It worked.
    Good,
    /// It did not.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }
}

/// A form with a button and, where there is a choice, ticks.
pub(super) struct Button {
    /// Path of the form.
    pub action: String,
    /// The link's word, sent along.
    pub link: Option<String>,
    /// What may be left out, all of it ticked.
    pub ticks: Vec<Tick>,
    /// What stands on it.
    pub label: Sentence,
}

impl Button {
    /// A button that sends nothing along.
    pub fn new(action: String, label: impl Into<Sentence>) -> Self {
        Self { action, link: None, ticks: Vec::new(), label: label.into() }
    }
}

/// A page in one language. Everything in it is escaped.
#[derive(Template)]
#[template(path = "page.html", config = "src/http/askama.toml")]
pub(super) struct Page {
    lang: Lang,
    tone: Tone,
    title: String,
    mailbox: Option<String>,
    paragraphs: Vec<String>,
    items: Vec<String>,
    closing: Vec<String>,
    button: Option<Button>,
    onward: Option<(String, String)>,
    reference: Option<String>,
}

impl Page {
    pub fn new(lang: Lang, tone: Tone, title: impl Into<Sentence>) -> Self {
        Self {
            lang,
            tone,
            title: title.into().say(lang),
            mailbox: None,
            paragraphs: Vec::new(),
            items: Vec::new(),
            closing: Vec::new(),
            button: None,
            onward: None,
            reference: None,
        }
    }

    /// Adds a paragraph.
    pub fn say(mut self, sentence: impl Into<Sentence>) -> Self {
        let words = sentence.into().say(self.lang);
        if self.items.is_empty() {
            self.paragraphs.push(words);
        } else {
            self.closing.push(words);
        }
        self
    }

    /// Adds an item to the list of the page.
    pub fn item(mut self, sentence: impl Into<Sentence>) -> Self {
        self.items.push(sentence.into().say(self.lang));
        self
    }

    /// Names the mailbox it is about.
    pub fn mailbox(mut self, address: &Address) -> Self {
        self.mailbox = Some(address.to_string());
        self
    }

    /// Adds the button.
    pub fn button(mut self, button: Button) -> Self {
        self.button = Some(button);
        self
    }

    /// Adds a link to one of our paths.
    pub fn onward(mut self, path: String, words: impl Into<Sentence>) -> Self {
        self.onward = Some((path, words.into().say(self.lang)));
        self
    }

    /// Adds the reference that log and audit share.
    pub fn reference(mut self, reference: &str) -> Self {
        self.reference = Some(reference.to_owned()).filter(|r| !r.is_empty());
        self
    }

    /// The answer.
    pub fn answer(self, status: StatusCode) -> Response {
        let Ok(html) = self.render() else {
            tracing::error!("a page could not be rendered");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let html_type = HeaderValue::from_static("text/html; charset=utf-8");
        let mut response = (status, [(CONTENT_TYPE, html_type)], html).into_response();
        if self.button.is_some() {
            response.extensions_mut().insert(Needs::Form);
        }
        response
    }
}

/// A request that cannot be answered as asked.
pub(super) fn refusal(lang: Lang, status: StatusCode, why: Text) -> Response {
    Page::new(lang, Tone::Bad, Text::RequestTitle).say(why).answer(status)
}

/// The language that an admin chose, else that of the browser.
pub(super) struct Tongue(pub Lang);

impl<S: Sync> FromRequestParts<S> for Tongue {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        if let Some(chosen) = parts.extensions.get::<Admitted>().and_then(Admitted::lang) {
            return Ok(Self(chosen));
        }
        let asked = parts.headers.get(ACCEPT_LANGUAGE).and_then(|field| field.to_str().ok());
        Ok(Self(asked.map(Lang::accepted).unwrap_or_default()))
    }
}
