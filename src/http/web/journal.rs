//! `/admin/journal`: what happened, filtered and in pages.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::frame::{Frame, Place, answer};
use crate::audit::export::Line;
use crate::audit::search::{Search, SearchError, Sought};
use crate::clock::Micros;
use crate::http::form::parameter;
use crate::http::gate::Admitted;
use crate::http::page::{Tongue, refusal};
use crate::http::site::Site;
use crate::store::journal::Cursor;
use crate::store::{Store, StoreError};
use crate::texts::{Desk, EVENTS, Happened, Journal, Lang, Text};

const PAGE: i64 = 50;
/// Longest text of a filter.
const LONGEST: usize = 100;

/// The page.
#[derive(Template)]
#[template(path = "journal.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    filter: Filter,
    events: Vec<(&'static str, String)>,
    said: Option<Journal>,
    rows: Vec<Row>,
    newest: Option<String>,
    older: Option<String>,
}

struct Row {
    line: Line,
    what: String,
    detail: String,
}

/// The filter as it was typed.
#[derive(Default)]
pub(super) struct Filter {
    event: String,
    actor: String,
    mailbox: String,
    since: String,
    until: String,
}

impl Filter {
    /// The fields of a query or of a form.
    pub fn read(fields: &[u8]) -> Self {
        let of = |name| {
            let text = parameter(fields, name).unwrap_or_default();
            text.trim().chars().take(LONGEST).collect()
        };
        Self {
            event: of("event"),
            actor: of("actor"),
            mailbox: of("mailbox"),
            since: of("since"),
            until: of("until"),
        }
    }

    /// What it means.
    pub fn sought(&self) -> Result<Sought, Journal> {
        Ok(Sought {
            event: self.event.clone(),
            actor: self.actor.clone(),
            mailbox: self.mailbox.clone(),
            since: moment(&self.since)?.map(|(first, _)| first),
            until: moment(&self.until)?.map(|(_, last)| last),
        })
    }

    fn fields(&self) -> [(&'static str, &str); 5] {
        [
            ("event", &self.event),
            ("actor", &self.actor),
            ("mailbox", &self.mailbox),
            ("since", &self.since),
            ("until", &self.until),
        ]
    }

    fn link(&self, site: &Site, after: Option<&Cursor>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields().into_iter().filter(|(_, value)| !value.is_empty()));
        if let Some(Cursor { at, node, seq }) = after {
            query.append_pair("after", &format!("{at}:{seq}:{node}"));
        }
        format!("{}?{}", site.at("/admin/journal"), query.finish())
    }
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    admitted: Admitted,
) -> Response {
    let query = query.unwrap_or_default();
    let filter = Filter::read(query.as_bytes());
    let after = parameter(query.as_bytes(), "after").and_then(|text| place(&text));
    let (lines, next, said) = match found(&site.store, &filter, after.as_ref()).await {
        Ok(Ok((lines, next))) => (lines, next, None),
        Ok(Err(said)) => (Vec::new(), None, Some(said)),
        Err(error) => {
            tracing::error!(%error, "the journal could not be read");
            return refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown);
        }
    };
    let mut events: Vec<_> = EVENTS.iter().map(|(name, phrase)| (*name, phrase.say(lang))).collect();
    events.sort_by(|(_, a), (_, b)| a.cmp(b));
    let sheet = Sheet {
        frame: Frame::new(&site, lang, admitted, Place::Journal, Journal::Title),
        newest: after.map(|_| filter.link(&site, None)),
        older: next.map(|place| filter.link(&site, Some(&place))),
        rows: lines.into_iter().map(|line| row(lang, line)).collect(),
        filter,
        events,
        said,
    };
    let status = if said.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    answer(&sheet, status)
}

type Found = (Vec<Line>, Option<Cursor>);

async fn found(
    store: &Store,
    filter: &Filter,
    after: Option<&Cursor>,
) -> Result<Result<Found, Journal>, StoreError> {
    let sought = match filter.sought() {
        Ok(sought) => sought,
        Err(said) => return Ok(Err(said)),
    };
    let search = match Search::open(store, &sought).await {
        Ok(search) => search,
        Err(SearchError::TooManyPeople) => return Ok(Err(Journal::TooManyPeople)),
        Err(SearchError::Store(error)) => return Err(error),
    };
    let place = after.cloned().unwrap_or_else(|| search.start());
    search.page(store, &place, PAGE).await.map(Ok)
}

fn row(lang: Lang, line: Line) -> Row {
    let what = Happened::named(&line.event).map_or_else(|| line.event.clone(), |phrase| phrase.say(lang));
    let fields = line.detail.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let shown = fields.map(|(name, value)| match value.as_str() {
        Some(text) => format!("{name}: {text}"),
        None => format!("{name}: {value}"),
    });
    let detail = shown.collect::<Vec<_>>().join(" · ");
    Row { what, detail, line }
}

// The node comes last: its name may hold whatever stands between.
fn place(text: &str) -> Option<Cursor> {
    let mut parts = text.splitn(3, ':');
    let (at, seq, node) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Cursor { at: at.parse().ok()?, seq: seq.parse().ok()?, node: node.to_owned() })
}

/// The first and the last instant of what is written: a day, a minute or a
/// second.
fn moment(text: &str) -> Result<Option<(Micros, Micros)>, Journal> {
    let seconds = match text.len() {
        0 => return Ok(None),
        10 => 86_400,
        16 => 60,
        _ => 1,
    };
    let first = text
        .parse::<DateTime>()
        .and_then(|time| time.to_zoned(TimeZone::UTC))
        .map_err(|_| Journal::WrongTime)?
        .timestamp()
        .as_microsecond();
    Ok(Some((first, first.saturating_add(seconds * 1_000_000 - 1))))
}

#[cfg(test)]
mod tests {
    use super::{moment, place};

    #[test]
    fn a_time_is_a_day_a_minute_or_a_second() {
        let day = 1_795_305_600_000_000;
        for (text, last) in [
            ("2026-11-22", 86_399_999_999),
            ("2026-11-22T00:00", 59_999_999),
            ("2026-11-22T00:00:00", 999_999),
        ] {
            assert_eq!(moment(text).unwrap(), Some((day, day + last)), "{text}");
        }
        assert_eq!(moment("").unwrap(), None);
        for text in ["yesterday", "2026-13-01", "2026-11-22T99:00", "22. 11. 2026"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_is_read_back() {
        let read = place("5:7:a:b").unwrap();
        assert_eq!((read.at, read.seq, read.node.as_str()), (5, 7, "a:b"));
        for text in ["", "5", "5:7", "x:7:n", "5:x:n"] {
            assert!(place(text).is_none(), "{text}");
        }
    }
}
