//! `/admin/accounts/{id}/contacts`: what the owner has chosen for contacts and how
//! they stand. Choosing, pushing and saying who somebody is are the owner's alone.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::AccountId;
use postern_core::model::role::Right;

use super::account::{author, failed as act_failed, known};
use super::frame::{Frame, Place, answer, onward};
use crate::actions::contacts::ContactsFault;
use crate::actions::contacts::retry::retry;
use crate::actions::contacts::run::run_now;
use crate::actions::contacts::undo::changed;
use crate::actions::contacts::view::view;
use crate::actions::contacts::waiting;
use crate::actions::holds::{HoldFault, decide_of};
use crate::actions::undoing as changes;
use crate::http::contacts::{Lines, RunLine, Standing, counts, runs, standing, told};
use crate::http::form::parameter;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::pairs::At;
use crate::http::site::Site;
use crate::http::undo;
use crate::store::accounts;
use crate::texts::{Accounts, Contacts, Desk, Lang, Pairs, Sentence, Text, Undos};

/// Runs that are listed.
const RUNS: usize = 10;

/// The page.
#[derive(Template)]
#[template(path = "account_contacts.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    done: Option<Contacts>,
    held: bool,
    nobody: bool,
    standing: Option<Standing>,
    counts: Vec<(i64, Contacts, &'static str)>,
    runs: Vec<RunLine>,
    waits: Option<Lines>,
    undo: Option<undo::Runs>,
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
    let query = query.unwrap_or_default();
    let done = match parameter(query.as_bytes(), "done").as_deref() {
        Some("asked") => Some(Contacts::Asked),
        Some("nothing") => Some(Contacts::NothingToRun),
        Some("retried") => Some(Contacts::Retried),
        Some("approved") => Some(Contacts::Approved),
        Some("rejected") => Some(Contacts::Rejected),
        Some("undoing") => Some(Contacts::Undoing),
        Some("removing") => Some(Contacts::Removing),
        _ => None,
    };
    match sheet(&site, lang, admitted, (account, undo::from(Some(&query)))).await {
        Ok(sheet) => answer(&Sheet { done, ..sheet }, StatusCode::OK),
        Err(fault) => failed(&site, lang, account, fault),
    }
}

async fn sheet(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    (id, from): (AccountId, i64),
) -> Result<Sheet, ContactsFault> {
    let account = accounts::by_id(&mut site.store.read().await?, id).await?;
    let account = account.ok_or(ContactsFault::NoAccount)?;
    let view = view(&site.store, id).await?;
    let waiting = waiting::of(&site.store, &view).await?;
    let changes = changed(&site.store, id, (changes::RUNS, from)).await?;
    let title = Sentence::from(Contacts::Title).with("address", &account.address);
    let frame = Frame::new(site, lang, admitted, Place::Accounts, title);
    let path = site.at(&format!("/admin/accounts/{id}"));
    // What people wrote is for those only who may act on it.
    let (waits, undo) = frame
        .may(Right::Accounts)
        .then(|| {
            let (path, token) = (format!("{path}/contacts"), frame.token.clone());
            let at = At { lang, path, token, time: &|at| frame.time(at) };
            let undo = undo::Runs::of(&at, &changes, view.book.is_some());
            (Lines::of(at, waiting), undo)
        })
        .unzip();
    Ok(Sheet {
        done: None,
        held: view.held,
        nobody: account.crm_user.is_none(),
        standing: standing(lang, &view, site.store.clock().now(), &|at| frame.time(at)),
        counts: counts(&view, false),
        runs: runs(lang, &view, RUNS, &|at| frame.time(at)),
        told: told(lang, &view, &view.choices),
        waits,
        undo,
        path,
        frame,
    })
}

/// Has the contacts brought in step now.
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
    match run_now(&site.store, &by, Some(account)).await {
        Ok(0) => back(&site, account, "nothing"),
        Ok(_) => back(&site, account, "asked"),
        Err(fault) => failed(&site, lang, account, fault),
    }
}

/// Has tried again what could not be done.
pub(super) async fn once_more(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path((id, letter)): Path<(String, String)>,
    admitted: Admitted,
) -> Response {
    let (account, by) = match (one(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(account), Ok(by)) => (account, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let Ok(letter) = letter.parse() else { return failed(&site, lang, account, ContactsFault::NotThere) };
    match retry(&site.store, &by, account, letter).await {
        Ok(()) => back(&site, account, "retried"),
        Err(fault) => failed(&site, lang, account, fault),
    }
}

pub(super) async fn approve(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(ids): Path<(String, String)>,
    admitted: Admitted,
) -> Response {
    decide(&site, lang, ids, &admitted, true).await
}

pub(super) async fn reject(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(ids): Path<(String, String)>,
    admitted: Admitted,
) -> Response {
    decide(&site, lang, ids, &admitted, false).await
}

async fn decide(
    site: &Site,
    lang: Lang,
    (id, hold): (String, String),
    admitted: &Admitted,
    approved: bool,
) -> Response {
    let (account, by) = match (one(site, lang, &id).await, author(site, lang, admitted)) {
        (Ok(account), Ok(by)) => (account, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let settled = || said(site, lang, account, Pairs::NotWaiting, StatusCode::CONFLICT);
    let Ok(hold) = hold.parse() else { return settled() };
    match decide_of(&site.store, &by, account, hold, approved).await {
        Ok(_) => back(site, account, if approved { "approved" } else { "rejected" }),
        Err(HoldFault::NoHold | HoldFault::NotPending(_)) => settled(),
        Err(HoldFault::Store(error)) => failed(site, lang, account, ContactsFault::Store(error)),
    }
}

pub(super) async fn one(site: &Site, lang: Lang, id: &str) -> Result<AccountId, Box<Response>> {
    known(site, lang, id).await?;
    id.parse().map_err(|_| Box::new(gone(lang)))
}

fn gone(lang: Lang) -> Response {
    Page::new(lang, Tone::Bad, Text::NotFoundTitle).say(Accounts::Gone).answer(StatusCode::NOT_FOUND)
}

fn back(site: &Site, account: AccountId, done: &str) -> Response {
    onward(site, &format!("/admin/accounts/{account}/contacts?done={done}"))
}

fn said(
    site: &Site,
    lang: Lang,
    account: AccountId,
    why: impl Into<Sentence>,
    status: StatusCode,
) -> Response {
    let there = site.at(&format!("/admin/accounts/{account}/contacts"));
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(why);
    page.onward(there, Contacts::BackToContacts).answer(status)
}

pub(super) fn failed(site: &Site, lang: Lang, account: AccountId, fault: ContactsFault) -> Response {
    match fault {
        ContactsFault::NoAccount => gone(lang),
        ContactsFault::Store(error) => act_failed(lang, &error.into()),
        ContactsFault::NotThere => said(site, lang, account, Contacts::NotThere, StatusCode::NOT_FOUND),
        other => {
            let why = Sentence::from(Accounts::Failed).with("why", &other);
            said(site, lang, account, why, StatusCode::CONFLICT)
        }
    }
}
