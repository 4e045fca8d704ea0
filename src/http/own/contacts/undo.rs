//! `/me/contacts/run/{id}/undo` and `/me/contacts/removal`: what taking a run back, or removing everybody
//! who was made, would do, and having it done.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::RunId;

use super::{author, failed};
use crate::actions::contacts::ContactsFault;
use crate::actions::contacts::removal::{self, remove};
use crate::actions::contacts::undo::{preview, undo};
use crate::actions::undoing::{NotUndone, Preview};
use crate::http::form::Form;
use crate::http::gate::Owned;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::pairs::At;
use crate::http::site::Site;
use crate::http::undo::{Lines, refusal_of_contacts};
use crate::http::web::frame::{answer, onward};
use crate::texts::{Contacts, Lang, Text, Undos};

/// The page.
#[derive(Template)]
#[template(path = "own_undo.html", config = "src/http/askama.toml")]
struct Sheet {
    title: String,
    lang: Lang,
    undo: Lines,
}

pub(in crate::http::own) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    owned: Owned,
) -> Response {
    let here = format!("run/{id}/undo");
    let Ok(run) = id.parse::<RunId>() else { return refused(&site, lang, &here, &ContactsFault::NotThere) };
    match preview(&site.store, owned.account.id, run).await {
        Ok(preview) => sheet(&site, lang, owned, Undos::Title, &preview),
        Err(fault) => refused(&site, lang, &here, &fault),
    }
}

/// Has a run taken back as it was shown.
pub(in crate::http::own) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    owned: Owned,
    form: Form,
) -> Response {
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let here = format!("run/{id}/undo");
    let Ok(run) = id.parse::<RunId>() else { return refused(&site, lang, &here, &ContactsFault::NotThere) };
    match undo(&site.store, &by, owned.account.id, run, &form.text("mark")).await {
        Ok(_) => onward(&site, "/me/contacts?done=undoing"),
        Err(fault) => refused(&site, lang, &here, &fault),
    }
}

pub(in crate::http::own) async fn everybody(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    owned: Owned,
) -> Response {
    match removal::preview(&site.store, owned.account.id).await {
        Ok(preview) => sheet(&site, lang, owned, Undos::Remove, &preview),
        Err(fault) => refused(&site, lang, "removal", &fault),
    }
}

/// Has everybody removed as it was shown.
pub(in crate::http::own) async fn remove_all(
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
        Ok(_) => onward(&site, "/me/contacts?done=removing"),
        Err(fault) => refused(&site, lang, "removal", &fault),
    }
}

fn sheet(site: &Site, lang: Lang, owned: Owned, title: Undos, preview: &Preview) -> Response {
    let (path, token) = (site.at("/me/contacts"), owned.visit.token);
    let undo = Lines::of(At { lang, path, token, time: &str::to_owned }, preview);
    answer(&Sheet { title: title.say(lang), lang, undo }, StatusCode::OK)
}

fn refused(site: &Site, lang: Lang, here: &str, fault: &ContactsFault) -> Response {
    let Some((status, why)) = refusal_of_contacts(fault) else { return failed(site, lang, fault) };
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(why);
    let page = match fault {
        ContactsFault::Undo(NotUndone::Different) => {
            page.onward(site.at(&format!("/me/contacts/{here}")), Undos::LookAgain)
        }
        _ => page.onward(site.at("/me/contacts"), Contacts::BackToContacts),
    };
    page.answer(status)
}
