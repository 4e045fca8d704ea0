//! The journal as a file: CSV for spreadsheets, JSON lines for programs.
//!
//! The row about the export stands before the first octet leaves. The rest is
//! read and sent a page at a time, so that a journal of any size fits.

mod csv;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::try_unfold;
use postern_core::model::event::Event;

use super::account::{author, failed};
use super::journal::Filter;
use crate::actions::{By, witness};
use crate::audit::export::Line;
use crate::audit::search::{Search, SearchError, Sought};
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::site::Site;
use crate::store::journal::Cursor;
use crate::store::{Store, StoreError};
use crate::texts::{Journal, Lang, Text};

/// Rows that are read at once.
const PAGE: i64 = 500;

/// How the file is written.
#[derive(Clone, Copy)]
struct Format {
    name: &'static str,
    media_type: &'static str,
    disposition: &'static str,
    head: fn() -> String,
    row: fn(&mut String, &Line),
}

const CSV: Format = Format {
    name: "csv",
    media_type: "text/csv; charset=utf-8; header=present",
    disposition: "attachment; filename=\"postern-journal.csv\"",
    head: csv::head,
    row: csv::row,
};

const JSONL: Format = Format {
    name: "jsonl",
    media_type: "application/x-ndjson",
    disposition: "attachment; filename=\"postern-journal.jsonl\"",
    head: String::new,
    row: json,
};

/// For spreadsheets.
pub(super) async fn csv(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    export(&site, lang, &admitted, &form, CSV).await
}

/// For programs.
pub(super) async fn jsonl(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    export(&site, lang, &admitted, &form, JSONL).await
}

async fn export(site: &Site, lang: Lang, admitted: &Admitted, form: &Form, format: Format) -> Response {
    let by = match author(site, lang, admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let sought = match Filter::read(form.octets()).sought() {
        Ok(sought) => sought,
        Err(why) => return unfit(lang, why),
    };
    let search = match Search::open(&site.store, &sought).await {
        Ok(search) => search,
        Err(SearchError::TooManyPeople) => return unfit(lang, Journal::TooManyPeople),
        Err(SearchError::Store(error)) => return failed(lang, &error.into()),
    };
    if let Err(error) = witnessed(&site.store, &by, &sought, format).await {
        return failed(lang, &error);
    }
    let fields = [(CONTENT_TYPE, format.media_type), (CONTENT_DISPOSITION, format.disposition)];
    (StatusCode::OK, fields, rows(site.store.clone(), search, format)).into_response()
}

async fn witnessed(
    store: &Store,
    by: &By,
    sought: &Sought,
    format: Format,
) -> Result<(), crate::actions::ActError> {
    let event = Event::JournalExported {
        format: format.name,
        since: sought.since,
        until: sought.until,
        narrowed: sought.is_narrowed(),
    };
    witness::record(store, by, event).await
}

/// What is still to be sent.
struct Rest {
    store: Store,
    search: Search,
    head: Option<String>,
    place: Option<Cursor>,
}

fn rows(store: Store, search: Search, format: Format) -> Body {
    let (head, place) = (Some((format.head)()), Some(search.start()));
    let rest = Rest { store, search, head, place };
    Body::from_stream(try_unfold(rest, move |mut rest| async move {
        let Some(place) = rest.place.take() else { return Ok(None) };
        let (lines, next) = rest.search.page(&rest.store, &place, PAGE).await.inspect_err(|error| {
            tracing::error!(%error, "an export of the journal ends early");
        })?;
        let mut text = rest.head.take().unwrap_or_default();
        lines.iter().for_each(|line| (format.row)(&mut text, line));
        rest.place = next;
        Ok::<_, StoreError>(Some((Bytes::from(text), rest)))
    }))
}

fn json(out: &mut String, line: &Line) {
    if let Ok(text) = serde_json::to_string(line) {
        out.push_str(&text);
        out.push('\n');
    }
}

fn unfit(lang: Lang, why: Journal) -> Response {
    Page::new(lang, Tone::Bad, Text::RequestTitle).say(why).answer(StatusCode::UNPROCESSABLE_ENTITY)
}
