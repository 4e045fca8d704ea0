//! `/admin/accounts/new/{id}`: how far a registration of many is. The page asks
//! again by itself, with scripts and without.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::{AccountId, ProgressId};

use super::{Outcome, shown};
use crate::actions::By;
use crate::actions::account::many::{self, Standing};
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::policy::Needs;
use crate::http::site::Site;
use crate::http::web::account::{author, failed};
use crate::http::web::frame::{Frame, Place, answer_that};
use crate::texts::{Accounts, Desk, Lang, Onboarding, Registering, Sentence, Text};

/// The page.
#[derive(Template)]
#[template(path = "registering.html", config = "src/http/askama.toml")]
struct Run {
    frame: Frame,
    standing: Standing,
    told: String,
    finished: String,
    bad_title: String,
    stopped: bool,
    registered: bool,
    path: String,
}

pub(in crate::http::web) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let Ok(run) = id.parse::<ProgressId>() else { return gone(lang) };
    let standing = match many::standing(&site.store, run).await {
        Ok(Some(standing)) => standing,
        Ok(None) => return gone(lang),
        Err(error) => return failed(lang, &error.into()),
    };
    let counted = |phrase, count: i64| Sentence::from(phrase).with("count", &count).say(lang);
    let progress = standing.progress;
    let told = Sentence::from(Registering::Progress).with("done", &progress.done);
    let page = Run {
        frame: Frame::new(&site, lang, admitted, Place::Accounts, Registering::RunTitle),
        told: told.with("total", &progress.total).say(lang),
        finished: counted(Registering::Finished, progress.done - progress.failed),
        bad_title: counted(Registering::Failed, progress.failed),
        stopped: !standing.running && progress.done < progress.total,
        registered: progress.done > progress.failed,
        path: site.at(&format!("/admin/accounts/new/{run}")),
        standing,
    };
    answer_that(Needs::Script, &page, StatusCode::OK)
}

/// A fresh link for each mailbox of the run, shown once.
pub(in crate::http::web) async fn links(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let Ok(run) = id.parse::<ProgressId>() else { return gone(lang) };
    match many::registered(&site.store, run).await {
        Ok(all) if all.is_empty() => gone(lang),
        Ok(all) => make(&site, lang, admitted, &by, &all).await,
        Err(error) => failed(lang, &error.into()),
    }
}

/// Makes a link for each of these mailboxes, and shows it once.
pub(in crate::http::web) async fn make(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    by: &By,
    all: &[AccountId],
) -> Response {
    let made = match many::links(&site.store, by, site.rules(&site.google()), all).await {
        Ok(made) => made,
        Err(error) => return failed(lang, &error),
    };
    let rows = made.into_iter().map(|(account, link)| {
        let outcome = match link {
            Some(link) => Outcome::Link(link.url.reveal().to_owned()),
            None => {
                let told = Sentence::from(Onboarding::Needless).with("address", &account.address);
                Outcome::Said(told.say(lang))
            }
        };
        (account.address, outcome)
    });
    shown(site, lang, admitted, rows.collect())
}

fn gone(lang: Lang) -> Response {
    let page = Page::new(lang, Tone::Bad, Text::NotFoundTitle);
    page.say(Registering::RunGone).answer(StatusCode::NOT_FOUND)
}
