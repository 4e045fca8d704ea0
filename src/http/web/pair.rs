//! `/admin/accounts/{id}/calendar/pair/{pair}`: why an event and its record are
//! as they are, and taking up again what was let go. It shows what people wrote,
//! so it is for those only who may act on mailboxes.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::AccountId;

use super::account::author;
use super::calendar::{failed, one};
use super::frame::{Frame, Place, answer, onward};
use crate::actions::calendars::resume::{resume, retry};
use crate::actions::calendars::{CalendarFault, story};
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::pairs::{At, refusal};
use crate::http::site::Site;
use crate::http::story::{Lines, title};
use crate::texts::{Desk, Lang, Pairs, Text};

/// The page.
#[derive(Template)]
#[template(path = "account_pair.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    story: Lines,
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path((id, pair)): Path<(String, String)>,
    admitted: Admitted,
) -> Response {
    let account = match one(&site, lang, &id).await {
        Ok(account) => account,
        Err(response) => return *response,
    };
    let Ok(pair) = pair.parse() else { return refused(&site, lang, account, CalendarFault::NotThere) };
    let story = match story::of(&site.store, account, pair).await {
        Ok(story) => story,
        Err(fault) => return refused(&site, lang, account, fault),
    };
    let frame = Frame::new(&site, lang, admitted, Place::Accounts, title(lang, &story));
    let path = site.at(&format!("/admin/accounts/{account}/calendar"));
    let at = At { lang, path, token: frame.token.clone(), time: &|at| frame.time(at) };
    let story = Lines::of(at, story);
    answer(&Sheet { frame, story }, StatusCode::OK)
}

/// Has a pair kept in step again.
pub(super) async fn again(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path((id, pair)): Path<(String, String)>,
    admitted: Admitted,
) -> Response {
    let (account, by) = match (one(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(account), Ok(by)) => (account, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let Ok(pair) = pair.parse() else { return refused(&site, lang, account, CalendarFault::NotThere) };
    match resume(&site.store, &by, account, pair).await {
        Ok(()) => onward(&site, &format!("/admin/accounts/{account}/calendar?done=resumed")),
        Err(fault) => refused(&site, lang, account, fault),
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
    let Ok(letter) = letter.parse() else { return refused(&site, lang, account, CalendarFault::NotThere) };
    match retry(&site.store, &by, account, letter).await {
        Ok(()) => onward(&site, &format!("/admin/accounts/{account}/calendar?done=retried")),
        Err(fault) => refused(&site, lang, account, fault),
    }
}

fn refused(site: &Site, lang: Lang, account: AccountId, fault: CalendarFault) -> Response {
    let Some((status, why)) = refusal(&fault) else { return failed(lang, fault) };
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(why);
    page.onward(site.at(&format!("/admin/accounts/{account}/calendar")), Pairs::Back).answer(status)
}
