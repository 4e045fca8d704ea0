//! `/admin/accounts/{id}/contacts/run/{run}/undo` and `…/contacts/removal`: what taking a run back, or
//! removing everybody who was made, would do, and having it done. It shows what people wrote, so it is
//! for those only who may act on mailboxes.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::{AccountId, RunId};

use super::account::author;
use super::contacts::{failed, one};
use super::frame::{Frame, Place, answer, onward};
use crate::actions::contacts::ContactsFault;
use crate::actions::contacts::removal::{self, remove};
use crate::actions::contacts::undo::{preview, undo};
use crate::actions::undoing::{NotUndone, Preview};
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::pairs::At;
use crate::http::site::Site;
use crate::http::undo::{Lines, refusal_of_contacts};
use crate::texts::{Contacts, Desk, Lang, Text, Undos};

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
    let looked = match run.parse::<RunId>() {
        Ok(run) => preview(&site.store, account, run).await,
        Err(_) => Err(ContactsFault::NotThere),
    };
    match looked {
        Ok(preview) => sheet(&site, lang, admitted, (account, Undos::Title), &preview),
        Err(fault) => refused(&site, lang, (account, &format!("run/{run}/undo")), fault),
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
    let done = match run.parse::<RunId>() {
        Ok(run) => undo(&site.store, &by, account, run, &form.text("mark")).await,
        Err(_) => Err(ContactsFault::NotThere),
    };
    match done {
        Ok(_) => onward(&site, &format!("/admin/accounts/{account}/contacts?done=undoing")),
        Err(fault) => refused(&site, lang, (account, &format!("run/{run}/undo")), fault),
    }
}

pub(super) async fn everybody(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let account = match one(&site, lang, &id).await {
        Ok(account) => account,
        Err(response) => return *response,
    };
    match removal::preview(&site.store, account).await {
        Ok(preview) => sheet(&site, lang, admitted, (account, Undos::Remove), &preview),
        Err(fault) => refused(&site, lang, (account, "removal"), fault),
    }
}

/// Has everybody removed as it was shown.
pub(super) async fn remove_all(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
    form: Form,
) -> Response {
    let (account, by) = match (one(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(account), Ok(by)) => (account, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    match remove(&site.store, &by, account, &form.text("mark")).await {
        Ok(_) => onward(&site, &format!("/admin/accounts/{account}/contacts?done=removing")),
        Err(fault) => refused(&site, lang, (account, "removal"), fault),
    }
}

fn sheet(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    (account, title): (AccountId, Undos),
    preview: &Preview,
) -> Response {
    let frame = Frame::new(site, lang, admitted, Place::Accounts, title);
    let path = site.at(&format!("/admin/accounts/{account}/contacts"));
    let at = At { lang, path, token: frame.token.clone(), time: &|at| frame.time(at) };
    let undo = Lines::of(at, preview);
    answer(&Sheet { frame, undo }, StatusCode::OK)
}

fn refused(site: &Site, lang: Lang, (account, here): (AccountId, &str), fault: ContactsFault) -> Response {
    let Some((status, why)) = refusal_of_contacts(&fault) else { return failed(site, lang, account, fault) };
    let contacts = site.at(&format!("/admin/accounts/{account}/contacts"));
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(why);
    let page = match fault {
        ContactsFault::Undo(NotUndone::Different) => {
            page.onward(format!("{contacts}/{here}"), Undos::LookAgain)
        }
        _ => page.onward(contacts, Contacts::BackToContacts),
    };
    page.answer(status)
}
