//! `/admin/journal/verify`: whether the chains hold.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;

use super::frame::{Frame, Place, answer};
use crate::audit::verify::{Report, read, verify};
use crate::http::form::parameter;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue, refusal};
use crate::http::site::Site;
use crate::texts::{Desk, Journal, Sentence, Text};

/// The result.
#[derive(Template)]
#[template(path = "verified.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    verdict: String,
    report: Report,
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    admitted: Admitted,
) -> Response {
    let typed = parameter(query.unwrap_or_default().as_bytes(), "heads").unwrap_or_default();
    let heads: Result<Vec<_>, _> = typed.split_whitespace().map(read).collect();
    let Ok(heads) = heads else {
        let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(Journal::VerifyNoHead);
        return page.answer(StatusCode::UNPROCESSABLE_ENTITY);
    };
    let report = match verify(&site.store, &heads).await {
        Ok(report) => report,
        Err(error) => {
            tracing::error!(%error, "the journal could not be verified");
            return refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown);
        }
    };
    let verdict = if report.broken.is_empty() { Journal::VerifiedGood } else { Journal::VerifiedBad };
    let sheet = Sheet {
        frame: Frame::new(&site, lang, admitted, Place::Journal, Journal::VerifyTitle),
        verdict: Sentence::from(verdict).with("rows", &report.rows).say(lang),
        report,
    };
    answer(&sheet, StatusCode::OK)
}
