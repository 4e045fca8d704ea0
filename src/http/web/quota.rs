//! `/admin/google/quota`: how much of Google's limits for the Calendar API is
//! used today.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;

use super::account::failed;
use super::frame::{Frame, Place, answer};
use crate::actions::calendars::quota::{Today, today};
use crate::clock::written;
use crate::http::gate::Admitted;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::texts::{Desk, Google, Lang, Quota, Sentence};

/// The page.
#[derive(Template)]
#[template(path = "quota.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    body: String,
    limits: Vec<Limit>,
    projected: String,
    near: bool,
    today: Today,
}

/// A limit and what is used of it.
struct Limit {
    title: Quota,
    told: String,
    used: i64,
    most: i64,
    near: bool,
}

pub(super) async fn page(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    let today = match today(&site.store).await {
        Ok(today) => today,
        Err(error) => return failed(lang, &error.into()),
    };
    let frame = Frame::new(&site, lang, admitted, Place::Google, Quota::Title);
    let body = Sentence::from(Quota::Body)
        .with("date", &today.date)
        .with("ends", &frame.time(&written(today.ends_at)));
    let projected = match today.projected {
        Some(count) => Sentence::from(Quota::ByItsEnd).with("count", &count),
        None => Quota::TooEarly.into(),
    };
    let limits = limits(lang, &today);
    let [.., day] = Today::LIMITS;
    let sheet = Sheet {
        body: body.say(lang),
        near: limits.iter().any(|limit| limit.near)
            || today.projected.is_some_and(|count| Today::near(count, day)),
        projected: projected.say(lang),
        limits,
        today,
        frame,
    };
    answer(&sheet, StatusCode::OK)
}

fn limits(lang: Lang, today: &Today) -> Vec<Limit> {
    let [user, minute, day] = Today::LIMITS;
    let busiest = today.accounts.iter().map(|spent| spent.busiest).max().unwrap_or(0);
    let rows = [
        (Quota::Day, Quota::OfLimit, today.used, day),
        (Quota::Minute, Quota::AtMost, today.busiest, minute),
        (Quota::User, Quota::AtMost, busiest, user),
    ];
    let limit = |(title, words, used, most): (Quota, Quota, i64, i64)| Limit {
        title,
        told: Sentence::from(words).with("used", &used).with("limit", &most).say(lang),
        used,
        most,
        near: Today::near(used, most),
    };
    rows.into_iter().map(limit).collect()
}
