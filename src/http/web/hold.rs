//! `/admin/accounts/{id}/calendar/hold/{hold}`: an admin's word about writes that
//! wait for one.

use std::sync::Arc;

use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::AccountId;

use super::account::author;
use super::calendar::{failed, one};
use super::frame::onward;
use crate::actions::calendars::CalendarFault;
use crate::actions::holds::{HoldFault, decide_of};
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::site::Site;
use crate::texts::{Lang, Pairs, Text};

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
    let Ok(hold) = hold.parse() else { return settled(site, lang, account) };
    let done = if approved { "approved" } else { "rejected" };
    match decide_of(&site.store, &by, account, hold, approved).await {
        Ok(_) => onward(site, &format!("/admin/accounts/{account}/calendar?done={done}")),
        Err(HoldFault::NoHold | HoldFault::NotPending(_)) => settled(site, lang, account),
        Err(HoldFault::Store(error)) => failed(lang, CalendarFault::Store(error)),
    }
}

fn settled(site: &Site, lang: Lang, account: AccountId) -> Response {
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(Pairs::NotWaiting);
    let back = site.at(&format!("/admin/accounts/{account}/calendar"));
    page.onward(back, Pairs::Back).answer(StatusCode::CONFLICT)
}
