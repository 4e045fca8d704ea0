//! `/admin/google/client`: another client or another secret, with the
//! consequence told before.
//!
//! The first page takes the id alone and changes nothing; the secret is asked
//! for beside the consequence, so that it never goes into a page.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::address::Address;
use postern_core::model::secret::Secret;

use super::account::{author, failed};
use super::frame::{Frame, Place, answer};
use crate::actions::ActError;
use crate::actions::client::{ClientSet, consequences, set};
use crate::http::form::{Form, parameter};
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::site::Site;
use crate::store::{StoreError, clients};
use crate::texts::{Desk, Google, Lang, Sentence, Text};

/// Most addresses that are listed.
const LISTED: usize = 100;

/// The consequence and the form.
#[derive(Template)]
#[template(path = "client.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    client_id: String,
    said: Option<Google>,
    told: Google,
    same: bool,
    odd: bool,
    reconnect: Affected,
    restored: Affected,
}

/// What was done.
#[derive(Template)]
#[template(path = "client_set.html", config = "src/http/askama.toml")]
struct Done {
    frame: Frame,
    reconnect: Affected,
    restored: Affected,
    redirect: String,
}

/// Mailboxes that are concerned.
struct Affected {
    count: usize,
    told: String,
    listed: Vec<Address>,
    more: Option<String>,
}

impl Affected {
    fn new(lang: Lang, told: Google, mut all: Vec<Address>) -> Self {
        let count = all.len();
        all.truncate(LISTED);
        let more = count.checked_sub(LISTED).filter(|more| *more > 0);
        Self {
            count,
            told: Sentence::from(told).with("count", &count).say(lang),
            listed: all,
            more: more.map(|more| Sentence::from(Google::SetMore).with("count", &more).say(lang)),
        }
    }
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    admitted: Admitted,
) -> Response {
    let id = parameter(query.unwrap_or_default().as_bytes(), "client_id").unwrap_or_default();
    match consequences(&site.store, id.trim()).await {
        Ok(what) => consequence(&site, lang, admitted, id.trim(), what, None).await,
        Err(ActError::NotAClientId) => unfit(lang, Google::SetNoId),
        Err(error) => failed(lang, &error),
    }
}

pub(super) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let id = form.text("client_id");
    let secret = Secret::new(form.text("client_secret"));
    let what = match consequences(&site.store, &id).await {
        Ok(what) => what,
        Err(ActError::NotAClientId) => return unfit(lang, Google::SetNoId),
        Err(error) => return failed(lang, &error),
    };
    let said = if secret.is_empty() {
        Some(Google::SetNoSecret)
    } else if form.text("reconnect").parse() != Ok(what.reconnect.len()) {
        Some(Google::SetMoved)
    } else {
        None
    };
    if said.is_some() {
        return consequence(&site, lang, admitted, &id, what, said).await;
    }
    match set(&site.store, &by, &id, &secret).await {
        Ok(done) => told(&site, lang, admitted, done),
        Err(error) => failed(lang, &error),
    }
}

async fn consequence(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    id: &str,
    what: ClientSet,
    said: Option<Google>,
) -> Response {
    let told = match before(site, id).await {
        Ok(told) => told,
        Err(error) => return failed(lang, &error.into()),
    };
    let sheet = Sheet {
        frame: Frame::new(site, lang, admitted, Place::Google, Google::SetTitle),
        client_id: id.to_owned(),
        said,
        told,
        same: told == Google::SetSame,
        odd: !id.ends_with(".apps.googleusercontent.com"),
        reconnect: Affected::new(lang, Google::SetReconnect, what.reconnect),
        restored: Affected::new(lang, Google::SetRestored, what.restored),
    };
    let status = if said.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    answer(&sheet, status)
}

async fn before(site: &Site, id: &str) -> Result<Google, StoreError> {
    let client = clients::current(&site.store, &mut site.store.read().await?).await?;
    Ok(match client {
        None => Google::SetFirst,
        Some(client) if client.client_id == id => Google::SetSame,
        Some(_) => Google::SetOther,
    })
}

fn told(site: &Site, lang: Lang, admitted: Admitted, done: ClientSet) -> Response {
    let page = Done {
        frame: Frame::new(site, lang, admitted, Place::Google, Google::DoneTitle),
        reconnect: Affected::new(lang, Google::DoneReconnect, done.reconnect),
        restored: Affected::new(lang, Google::SetRestored, done.restored),
        redirect: site.consents.redirect_uri.to_string(),
    };
    answer(&page, StatusCode::OK)
}

fn unfit(lang: Lang, why: Google) -> Response {
    Page::new(lang, Tone::Bad, Text::RequestTitle).say(why).answer(StatusCode::UNPROCESSABLE_ENTITY)
}
