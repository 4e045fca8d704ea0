//! `/admin/accounts/{id}/calendar/run/{run}/undo`: what taking a run back would
//! do, and having it done. It shows what people wrote, so it is for those only who
//! may act on mailboxes.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::{AccountId, RunId};

use super::account::author;
use super::calendar::{failed, one};
use super::frame::{Frame, Place, answer, onward};
use crate::actions::calendars::CalendarFault;
use crate::actions::calendars::undo::{preview, undo};
use crate::actions::undoing::NotUndone;
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::pairs::At;
use crate::http::site::Site;
use crate::http::undo::{Lines, refusal};
use crate::texts::{Desk, Lang, Pairs, Text, Undos};

/// The page.
#[derive(Template)]
#[template(path = "account_undo.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    undo: Lines,
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path((id, run)): Path<(String, String)>,
    admitted: Admitted,
) -> Response {
    let account = match one(&site, lang, &id).await {
        Ok(account) => account,
        Err(response) => return *response,
    };
    let Ok(id) = run.parse::<RunId>() else {
        return refused(&site, lang, (account, &run), CalendarFault::NotThere);
    };
    match preview(&site.store, account, id).await {
        Ok(preview) => {
            let frame = Frame::new(&site, lang, admitted, Place::Accounts, Undos::Title);
            let path = site.at(&format!("/admin/accounts/{account}/calendar"));
            let at = At { lang, path, token: frame.token.clone(), time: &|at| frame.time(at) };
            let undo = Lines::of(at, &preview);
            answer(&Sheet { frame, undo }, StatusCode::OK)
        }
        Err(fault) => refused(&site, lang, (account, &run), fault),
    }
}

/// Has a run taken back as it was shown.
pub(super) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path((id, run)): Path<(String, String)>,
    admitted: Admitted,
    form: Form,
) -> Response {
    let (account, by) = match (one(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(account), Ok(by)) => (account, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let Ok(id) = run.parse::<RunId>() else {
        return refused(&site, lang, (account, &run), CalendarFault::NotThere);
    };
    match undo(&site.store, &by, account, id, &form.text("mark")).await {
        Ok(_) => onward(&site, &format!("/admin/accounts/{account}/calendar?done=undoing")),
        Err(fault) => refused(&site, lang, (account, &run), fault),
    }
}

fn refused(site: &Site, lang: Lang, (account, run): (AccountId, &str), fault: CalendarFault) -> Response {
    let Some((status, why)) = refusal(&fault) else { return failed(lang, fault) };
    let calendar = site.at(&format!("/admin/accounts/{account}/calendar"));
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(why);
    let page = match fault {
        CalendarFault::Undo(NotUndone::Different) => {
            page.onward(format!("{calendar}/run/{run}/undo"), Undos::LookAgain)
        }
        _ => page.onward(calendar, Pairs::Back),
    };
    page.answer(status)
}
