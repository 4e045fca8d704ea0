//! `/me/contacts/hold/{id}` and `/me/contacts/letter/{id}`: the owner's word about
//! writes that wait for one, and having tried again what could not be done.

use std::sync::Arc;

use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;

use super::failed;
use crate::actions::contacts::ContactsFault;
use crate::actions::contacts::retry::retry;
use crate::actions::holds::{HoldFault, decide_of};
use crate::http::gate::Owned;
use crate::http::own::calendar::author;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::site::Site;
use crate::http::web::frame::onward;
use crate::texts::{Contacts, Lang, Pairs, Text};

pub(in crate::http::own) async fn approve(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    owned: Owned,
) -> Response {
    decide(&site, lang, &id, &owned, true).await
}

pub(in crate::http::own) async fn reject(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    owned: Owned,
) -> Response {
    decide(&site, lang, &id, &owned, false).await
}

async fn decide(site: &Site, lang: Lang, id: &str, owned: &Owned, approved: bool) -> Response {
    let by = match author(site, lang, owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let Ok(hold) = id.parse() else { return settled(site, lang) };
    let done = if approved { "approved" } else { "rejected" };
    match decide_of(&site.store, &by, owned.account.id, hold, approved).await {
        Ok(_) => onward(site, &format!("/me/contacts?done={done}")),
        Err(HoldFault::NoHold | HoldFault::NotPending(_)) => settled(site, lang),
        Err(HoldFault::Store(error)) => failed(site, lang, &ContactsFault::Store(error)),
    }
}

/// Has tried again what could not be done.
pub(in crate::http::own) async fn once_more(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    owned: Owned,
) -> Response {
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let Ok(letter) = id.parse() else { return failed(&site, lang, &ContactsFault::NotThere) };
    match retry(&site.store, &by, owned.account.id, letter).await {
        Ok(()) => onward(&site, "/me/contacts?done=retried"),
        Err(fault) => failed(&site, lang, &fault),
    }
}

fn settled(site: &Site, lang: Lang) -> Response {
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(Pairs::NotWaiting);
    page.onward(site.at("/me/contacts"), Contacts::BackToContacts).answer(StatusCode::CONFLICT)
}
