//! `/me/calendar/pair/{id}`: why an event and its record are as they are, and
//! taking up again what was let go.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::PairId;

use super::calendar::{author, failed};
use crate::actions::calendars::resume::{resume, retry};
use crate::actions::calendars::{CalendarFault, story};
use crate::http::gate::Owned;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::pairs::At;
use crate::http::site::Site;
use crate::http::story::{Lines, title};
use crate::http::web::frame::{answer, onward};
use crate::texts::{Lang, Pairs, Text};

/// The page.
#[derive(Template)]
#[template(path = "pair.html", config = "src/http/askama.toml")]
struct Sheet {
    lang: Lang,
    title: String,
    story: Lines,
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    owned: Owned,
) -> Response {
    let Ok(pair) = id.parse::<PairId>() else { return refused(&site, lang, &CalendarFault::NotThere) };
    let story = match story::of(&site.store, owned.account.id, pair).await {
        Ok(story) => story,
        Err(fault) => return refused(&site, lang, &fault),
    };
    let (path, token) = (site.at("/me/calendar"), owned.visit.token);
    let at = At { lang, path, token, time: &str::to_owned };
    let sheet = Sheet { lang, title: title(lang, &story).say(lang), story: Lines::of(at, story) };
    answer(&sheet, StatusCode::OK)
}

/// Has a pair kept in step again.
pub(super) async fn again(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    owned: Owned,
) -> Response {
    let (by, Ok(pair)) = (author(&site, lang, &owned), id.parse()) else {
        return refused(&site, lang, &CalendarFault::NotThere);
    };
    let by = match by {
        Ok(by) => by,
        Err(response) => return *response,
    };
    match resume(&site.store, &by, owned.account.id, pair).await {
        Ok(()) => onward(&site, "/me/calendar?done=resumed"),
        Err(fault) => refused(&site, lang, &fault),
    }
}

/// Has tried again what could not be done.
pub(super) async fn once_more(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    owned: Owned,
) -> Response {
    let (by, Ok(letter)) = (author(&site, lang, &owned), id.parse()) else {
        return refused(&site, lang, &CalendarFault::NotThere);
    };
    let by = match by {
        Ok(by) => by,
        Err(response) => return *response,
    };
    match retry(&site.store, &by, owned.account.id, letter).await {
        Ok(()) => onward(&site, "/me/calendar?done=retried"),
        Err(fault) => refused(&site, lang, &fault),
    }
}

fn refused(site: &Site, lang: Lang, fault: &CalendarFault) -> Response {
    let Some((status, why)) = crate::http::pairs::refusal(fault) else { return failed(site, lang, fault) };
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(why);
    page.onward(site.at("/me/calendar"), Pairs::Back).answer(status)
}
