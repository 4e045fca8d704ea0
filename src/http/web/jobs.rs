//! `/admin/jobs`: recurring work, its last runs, and a button to run it now.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::role::Right;
use uuid::Uuid;

use super::account::{author, failed};
use super::frame::{Frame, Place, answer, onward};
use crate::actions::jobs::{self, JobFault, RunView, View};
use crate::http::form::{Form, parameter};
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue, refusal};
use crate::http::site::Site;
use crate::texts::{Desk, Jobs, Lang, Sentence, Text};

const HOUR: i64 = 3_600 * 1_000_000;

/// The page.
#[derive(Template)]
#[template(path = "jobs.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    asked: bool,
    rows: Vec<Row>,
}

struct Row {
    id: Uuid,
    name: String,
    title: String,
    body: Option<Jobs>,
    schedule: String,
    paused: bool,
    wanted: bool,
    next: Option<String>,
    last: Option<Line>,
    runs: Vec<Line>,
}

/// A run in words.
#[derive(Clone)]
struct Line {
    started: String,
    ended: Option<String>,
    good: bool,
    bad: bool,
    result: String,
    node: String,
    asked_by: String,
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    admitted: Admitted,
) -> Response {
    let all = match jobs::list(&site.store).await {
        Ok(all) => all,
        Err(error) => return failed(lang, &error.into()),
    };
    let asked = parameter(query.unwrap_or_default().as_bytes(), "asked").is_some();
    let frame = Frame::new(&site, lang, admitted, Place::Jobs, Jobs::Title);
    let rows = all.into_iter().map(|view| row(&frame, view)).collect();
    answer(&Sheet { frame, asked, rows }, StatusCode::OK)
}

/// Asks for a run now.
pub(super) async fn run(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let Ok(id) = id.parse() else { return gone(lang) };
    match jobs::request(&site.store, &by, id).await {
        Ok(_) => onward(&site, "/admin/jobs?asked=1"),
        Err(JobFault::NoJob) => gone(lang),
        Err(JobFault::Store(error)) => failed(lang, &error.into()),
    }
}

/// Pauses a job, or lets it run by itself again.
pub(super) async fn switch(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
    form: Form,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let on = match form.text("on").as_str() {
        "yes" => true,
        "no" => false,
        _ => return refusal(lang, StatusCode::BAD_REQUEST, Text::BadRequestBody),
    };
    let Ok(id) = id.parse() else { return gone(lang) };
    match jobs::switch(&site.store, &by, id, on).await {
        Ok(_) => onward(&site, "/admin/jobs"),
        Err(JobFault::NoJob) => gone(lang),
        Err(JobFault::Store(error)) => failed(lang, &error.into()),
    }
}

fn gone(lang: Lang) -> Response {
    Page::new(lang, Tone::Bad, Text::RequestTitle).say(Jobs::Gone).answer(StatusCode::NOT_FOUND)
}

fn row(frame: &Frame, view: View) -> Row {
    let View { job, standing, next_at, runs } = view;
    let (title, body) = words(frame.lang, &job.name);
    let lines: Vec<Line> = runs.iter().map(|run| line(frame, &job.name, run)).collect();
    let mut last = lines.first().cloned();
    // Whoever ran it may be gone without a word.
    if let Some(last) = last.as_mut().filter(|_| standing == "interrupted") {
        (last.result, last.bad) = (frame.say(Jobs::Interrupted), true);
    }
    Row {
        id: job.id,
        title,
        body,
        schedule: schedule(frame.lang, job.beat),
        paused: job.disabled_at.is_some(),
        wanted: job.wanted_at.is_some(),
        next: next_at.map(|at| frame.time(&at)),
        last,
        runs: lines,
        name: job.name,
    }
}

fn line(frame: &Frame, job: &str, view: &RunView) -> Line {
    let run = &view.run;
    let result = match (run.status.as_str(), run.count, &run.fault) {
        ("ok", Some(count), _) if job == "AuditRetention" => {
            Sentence::from(Jobs::RowsRemoved).with("count", &count)
        }
        ("ok", Some(count), _) if job == "SynchronizeEventsWithGoogleCalendar" => {
            Sentence::from(Jobs::CalendarsUsed).with("count", &count)
        }
        ("ok", Some(count), _) if job == "SynchronizeContactsWithGoogle" => {
            Sentence::from(Jobs::ContactsUsed).with("count", &count)
        }
        ("ok", Some(count), _) if job == "CheckCrmUsers" => {
            Sentence::from(Jobs::CrmUsersGone).with("count", &count)
        }
        ("ok", ..) => Jobs::Good.into(),
        ("running", ..) => Jobs::Running.into(),
        ("failed", _, Some(why)) => Sentence::from(Jobs::Failed).with("why", why),
        ("failed", _, None) => Jobs::FailedBare.into(),
        _ => Jobs::Interrupted.into(),
    };
    Line {
        started: frame.time(&view.started_at),
        ended: view.ended_at.as_ref().map(|at| frame.time(at)),
        good: run.status == "ok",
        bad: matches!(run.status.as_str(), "failed" | "interrupted"),
        result: result.say(frame.lang),
        node: run.node.clone(),
        asked_by: run.asked_by.clone().unwrap_or_else(|| frame.say(Jobs::Schedule)),
    }
}

/// What a job is called and does; one of another version goes by its name.
pub(super) fn words(lang: Lang, name: &str) -> (String, Option<Jobs>) {
    match name {
        "CleanUp" => (Jobs::CleanUp.say(lang), Some(Jobs::CleanUpBody)),
        "AuditRetention" => (Jobs::AuditRetention.say(lang), Some(Jobs::AuditRetentionBody)),
        "CheckCrmUsers" => (Jobs::CrmUsers.say(lang), Some(Jobs::CrmUsersBody)),
        "SynchronizeEventsWithGoogleCalendar" => (Jobs::Calendars.say(lang), Some(Jobs::CalendarsBody)),
        "SynchronizeContactsWithGoogle" => (Jobs::Contacts.say(lang), Some(Jobs::ContactsBody)),
        other => (other.to_owned(), None),
    }
}

fn schedule(lang: Lang, beat: i64) -> String {
    if beat == HOUR {
        return Jobs::Hourly.say(lang);
    }
    Sentence::from(Jobs::EveryMinutes).with("count", &(beat / 60_000_000).max(1)).say(lang)
}
