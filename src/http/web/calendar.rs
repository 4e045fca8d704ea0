//! `/admin/accounts/{id}/calendar`: what the owner has chosen for the calendars
//! and how they stand. Choosing is the owner's alone.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::AccountId;
use postern_core::model::role::Right;

use super::account::{author, failed as act_failed, known};
use super::frame::{Frame, Place, answer, onward};
use crate::actions::calendars::CalendarFault;
use crate::actions::calendars::run::run_now;
use crate::actions::calendars::undo::changed;
use crate::actions::calendars::{view, waiting};
use crate::actions::undoing::RUNS;
use crate::http::calendars::{Line, lines, standing_wishes, teams, told};
use crate::http::form::parameter;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::pairs::{At, Lines};
use crate::http::site::Site;
use crate::http::undo::{self, Runs};
use crate::texts::{Accounts, Calendars, Desk, Lang, Pairs, Sentence, Text, Undos};

/// The page.
#[derive(Template)]
#[template(path = "account_calendar.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    done: Option<Calendars>,
    held: bool,
    nobody: bool,
    lines: Vec<Line>,
    waiting: Option<Lines>,
    undo: Option<Runs>,
    told: Vec<(String, String)>,
    path: String,
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    admitted: Admitted,
) -> Response {
    let account = match one(&site, lang, &id).await {
        Ok(account) => account,
        Err(response) => return *response,
    };
    let view = match view::one(&site.store, account).await {
        Ok(view) => view,
        Err(fault) => return failed(lang, fault),
    };
    let page = (RUNS, undo::from(query.as_deref()));
    let both = (waiting::of(&site.store, account).await, changed(&site.store, account, page).await);
    let (waiting, changed) = match both {
        (Ok(waiting), Ok(changed)) => (waiting, changed),
        (Err(error), _) | (_, Err(error)) => return failed(lang, error.into()),
    };
    let done = match parameter(query.unwrap_or_default().as_bytes(), "done").as_deref() {
        Some("asked") => Some(Calendars::Asked),
        Some("nothing") => Some(Calendars::NothingToRun),
        Some("retried") => Some(Calendars::Retried),
        Some("resumed") => Some(Calendars::Resumed),
        Some("approved") => Some(Calendars::Approved),
        Some("rejected") => Some(Calendars::Rejected),
        Some("undoing") => Some(Calendars::Undoing),
        Some("removing") => Some(Calendars::Removing),
        _ => None,
    };
    let title = Sentence::from(Calendars::Title).with("address", &view.account.address);
    let frame = Frame::new(&site, lang, admitted, Place::Accounts, title);
    let path = site.at(&format!("/admin/accounts/{account}"));
    // What people wrote is for those only who may act on it.
    let (waiting, undo) = frame
        .may(Right::Accounts)
        .then(|| {
            let (path, token) = (format!("{path}/calendar"), frame.token.clone());
            let at = At { lang, path, token, time: &|at| frame.time(at) };
            let undo = Runs::of(&at, &changed, !view.calendars.is_empty());
            (Lines::of(at, waiting), undo)
        })
        .unzip();
    let teams = teams(&site, &view).await.unwrap_or_default();
    let sheet = Sheet {
        done,
        waiting,
        undo,
        held: view.held,
        nobody: view.account.crm_user.is_none(),
        lines: lines(lang, &view, &|at| frame.time(at)),
        told: told(lang, (&view, &teams), &standing_wishes(&view)),
        path,
        frame,
    };
    answer(&sheet, StatusCode::OK)
}

/// Has the calendars brought in step now.
pub(super) async fn run(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let (account, by) = match (one(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(account), Ok(by)) => (account, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let done = match run_now(&site.store, &by, Some(account)).await {
        Ok(0) => "nothing",
        Ok(_) => "asked",
        Err(fault) => return failed(lang, fault),
    };
    onward(&site, &format!("/admin/accounts/{account}/calendar?done={done}"))
}

pub(super) async fn one(site: &Site, lang: Lang, id: &str) -> Result<AccountId, Box<Response>> {
    known(site, lang, id).await?;
    id.parse().map_err(|_| Box::new(gone(lang)))
}

fn gone(lang: Lang) -> Response {
    Page::new(lang, Tone::Bad, Text::NotFoundTitle).say(Accounts::Gone).answer(StatusCode::NOT_FOUND)
}

pub(super) fn failed(lang: Lang, fault: CalendarFault) -> Response {
    match fault {
        CalendarFault::NoAccount => gone(lang),
        CalendarFault::Store(error) => act_failed(lang, &error.into()),
        other => Page::new(lang, Tone::Bad, Text::RequestTitle)
            .say(Sentence::from(Accounts::Failed).with("why", &other))
            .answer(StatusCode::CONFLICT),
    }
}
