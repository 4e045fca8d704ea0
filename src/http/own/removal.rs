//! `/me/calendar/removal`: what removing everything that was made for the mailbox
//! would do, and having it done.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;

use super::calendar::{author, failed};
use crate::actions::calendars::CalendarFault;
use crate::actions::calendars::removal::{preview, remove};
use crate::actions::undoing::NotUndone;
use crate::http::form::Form;
use crate::http::gate::Owned;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::pairs::At;
use crate::http::site::Site;
use crate::http::undo::{Lines, refusal};
use crate::http::web::frame::{answer, onward};
use crate::texts::{Lang, Pairs, Text, Undos};

/// The page.
#[derive(Template)]
#[template(path = "own_undo.html", config = "src/http/askama.toml")]
struct Sheet {
    title: String,
    lang: Lang,
    undo: Lines,
}

pub(super) async fn page(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, owned: Owned) -> Response {
    match preview(&site.store, owned.account.id).await {
        Ok(preview) => {
            let (path, token) = (site.at("/me/calendar"), owned.visit.token);
            let undo = Lines::of(At { lang, path, token, time: &str::to_owned }, &preview);
            answer(&Sheet { title: Undos::Remove.say(lang), lang, undo }, StatusCode::OK)
        }
        Err(fault) => refused(&site, lang, &fault),
    }
}

/// Has everything removed as it was shown.
pub(super) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    owned: Owned,
    form: Form,
) -> Response {
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    match remove(&site.store, &by, owned.account.id, &form.text("mark")).await {
        Ok(_) => onward(&site, "/me/calendar?done=removing"),
        Err(fault) => refused(&site, lang, &fault),
    }
}

fn refused(site: &Site, lang: Lang, fault: &CalendarFault) -> Response {
    let Some((status, why)) = refusal(fault) else { return failed(site, lang, fault) };
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(why);
    let page = match fault {
        CalendarFault::Undo(NotUndone::Different) => {
            page.onward(site.at("/me/calendar/removal"), Undos::LookAgain)
        }
        _ => page.onward(site.at("/me/calendar"), Pairs::Back),
    };
    page.answer(status)
}
