//! What every admin page shows around its content.

use askama::Template;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use postern_core::model::role::Right;

use super::zone;
use crate::http::asset::Asset;
use crate::http::gate::Admitted;
use crate::http::page::STYLE;
use crate::http::policy::Needs;
use crate::http::site::Site;
use crate::texts::{Admins, Desk, Lang, Sentence};

/// Where in the navigation a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Place {
    /// The overview.
    Overview,
    /// The mailboxes.
    Accounts,
    /// How the installation stands with Google.
    Google,
    /// What happened.
    Journal,
    /// Recurring work.
    Jobs,
    /// What may change while the gateway runs.
    Settings,
    /// Keys of the REST API.
    Keys,
    /// Those who run the installation.
    Admins,
    /// One's own sign-in.
    Me,
}

/// The frame of a page for somebody who is signed in.
pub(in crate::http) struct Frame {
    /// Language of the page.
    pub lang: Lang,
    /// Its heading.
    pub title: String,
    /// Where it stands.
    pub place: Place,
    /// Who is signed in, in words.
    pub name: String,
    /// What every form sends along.
    pub token: String,
    /// Whether a form may leave the password out.
    pub fresh: bool,
    base: String,
    admitted: Admitted,
}

impl Frame {
    pub fn new(
        site: &Site,
        lang: Lang,
        admitted: Admitted,
        place: Place,
        title: impl Into<Sentence>,
    ) -> Self {
        Self {
            lang,
            title: title.into().say(lang),
            base: site.base.clone(),
            place,
            name: Sentence::from(Desk::SignedInAs).with("name", &admitted.admin.name).say(lang),
            token: admitted.visit.token.clone(),
            fresh: admitted.visit.is_fresh(),
            admitted,
        }
    }

    /// Words in the language of the page.
    pub fn say(&self, phrase: impl Into<Sentence>) -> String {
        phrase.into().say(self.lang)
    }

    /// What a proof is asked by: the password, or a code in its place.
    pub fn proof(&self) -> String {
        match self.admitted.admin.totp_at {
            Some(_) => self.say(Admins::ProofLabel),
            None => self.say(Desk::ConfirmLabel),
        }
    }

    /// A time in the zone of whoever looks at it.
    pub fn time(&self, utc: &str) -> String {
        zone::shown(utc, self.admitted.admin.taste.zone.as_deref())
    }

    /// The zone of whoever looks at the page.
    pub fn zone(&self) -> Option<&str> {
        self.admitted.admin.taste.zone.as_deref()
    }

    /// One of our paths.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The address of a script.
    pub fn script(&self, asset: Asset) -> String {
        self.at(&asset.path())
    }

    /// Whether to show what needs the right.
    pub fn may(&self, right: Right) -> bool {
        self.admitted.visit.may(right)
    }

    /// The style sheet.
    #[expect(clippy::unused_self, reason = "templates ask the frame")]
    pub fn style(&self) -> &'static str {
        STYLE
    }
}

/// A rendered page.
pub(in crate::http) fn answer(page: &impl Template, status: StatusCode) -> Response {
    answer_that(Needs::Form, page, status)
}

/// A rendered page that needs more than its forms.
pub(in crate::http) fn answer_that(needs: Needs, page: &impl Template, status: StatusCode) -> Response {
    let Ok(html) = page.render() else {
        tracing::error!("a page could not be rendered");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let html_type = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = (status, [(CONTENT_TYPE, html_type)], html).into_response();
    response.extensions_mut().insert(needs);
    response
}

/// Sends the browser on to one of our paths.
pub(in crate::http) fn onward(site: &Site, path: &str) -> Response {
    match HeaderValue::try_from(site.at(path)) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
