//! `/me/calendar/hold/{id}`: the owner's word about writes that wait for one.

use std::sync::Arc;

use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;

use super::calendar::{author, failed};
use crate::actions::calendars::CalendarFault;
use crate::actions::holds::{HoldFault, decide_of};
use crate::http::gate::Owned;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::site::Site;
use crate::http::web::frame::onward;
use crate::texts::{Lang, Pairs, Text};

pub(super) async fn approve(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    owned: Owned,
) -> Response {
    decide(&site, lang, &id, &owned, true).await
}

pub(super) async fn reject(
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
    match decide_of(&site.store, &by, owned.account.id, hold, approved).await {
        Ok(_) => {
            onward(site, if approved { "/me/calendar?done=approved" } else { "/me/calendar?done=rejected" })
        }
        Err(HoldFault::NoHold | HoldFault::NotPending(_)) => settled(site, lang),
        Err(HoldFault::Store(error)) => failed(site, lang, &CalendarFault::Store(error)),
    }
}

fn settled(site: &Site, lang: Lang) -> Response {
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(Pairs::NotWaiting);
    page.onward(site.at("/me/calendar"), Pairs::Back).answer(StatusCode::CONFLICT)
}
