//! `/me/contacts`: which group of contacts the owner has kept in step, and how.

mod fault;
pub(super) mod pairs;
pub(super) mod push;
pub(super) mod pushed;
pub(super) mod review;
pub(super) mod undo;
pub(super) mod waits;

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::AccountId;
use postern_core::plan::contacts::card::Entity;
use postern_core::plan::contacts::choices::Choices;
use postern_core::plan::record::Field;

use self::fault::{barred, failed, said};
use super::calendar::author;
use crate::actions::By;
use crate::actions::contacts::ContactsFault;
use crate::actions::contacts::choose::choose;
use crate::actions::contacts::run::run_now;
use crate::actions::contacts::undo::changed;
use crate::actions::contacts::view::{View, view};
use crate::actions::contacts::waiting::{self, Waiting};
use crate::actions::undoing::{RUNS, Runs as Changes};
use crate::http::asset::HTMX;
use crate::http::calendars::who;
use crate::http::contact_wishes::{Wishes, chosen};
use crate::http::contacts::{GROUPS, GroupLine, Lines, Standing, counts, going, groups, standing, told};
use crate::http::form::{Form, parameter};
use crate::http::gate::Owned;
use crate::http::page::{Tongue, refusal};
use crate::http::pairs::At;
use crate::http::policy::Needs;
use crate::http::site::Site;
use crate::http::undo::{self as undo_of, from};
use crate::http::web::frame::{answer_that, onward};
use crate::texts::{Calendars, Contacts, Lang, Pairs, Sentence, Text, Undos};

/// The page.
#[derive(Template)]
#[template(path = "contacts.html", config = "src/http/askama.toml")]
struct Sheet {
    lang: Lang,
    title: String,
    done: Option<Contacts>,
    fault: Option<String>,
    stale: Option<Stale>,
    held: bool,
    nobody: bool,
    standing: Option<Standing>,
    counts: Vec<(i64, Contacts, &'static str)>,
    waits: Lines,
    undo: undo_of::Runs,
    groups: Vec<GroupLine>,
    listed: bool,
    wishes: Wishes,
    going: Option<u32>,
    script: String,
    version: i64,
    form_token: String,
    base: String,
}

/// What somebody else changed meanwhile: what it is about, what holds now, what
/// was wanted.
struct Stale {
    told: String,
    differing: Vec<(String, String, String)>,
}

impl Sheet {
    fn answer(&self, status: StatusCode) -> Response {
        answer_that(if self.going.is_some() { Needs::Script } else { Needs::Form }, self, status)
    }
}

/// How the runs stand: a part of the page that the page asks for again.
#[derive(Template)]
#[template(path = "contacts_runs.html", config = "src/http/askama.toml")]
struct Runs {
    lang: Lang,
    standing: Option<Standing>,
    counts: Vec<(i64, Contacts, &'static str)>,
    going: Option<u32>,
    form_token: String,
    base: String,
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    owned: Owned,
) -> Response {
    if let Some(response) = barred(&site, lang, &owned).await {
        return response;
    }
    let query = query.unwrap_or_default();
    let done = match parameter(query.as_bytes(), "done").as_deref() {
        Some("saved") => Some(Contacts::Saved),
        Some("asked") => Some(Contacts::Asked),
        Some("nothing") => Some(Contacts::NothingToRun),
        Some("read") => Some(Contacts::ListRead),
        Some("retried") => Some(Contacts::Retried),
        Some("approved") => Some(Contacts::Approved),
        Some("rejected") => Some(Contacts::Rejected),
        Some("undoing") => Some(Contacts::Undoing),
        Some("removing") => Some(Contacts::Removing),
        _ => None,
    };
    match looked(&site, owned.account.id, from(Some(&query))).await {
        Ok(looked) => {
            let wishes = Wishes::standing(looked.0.choices.clone());
            Sheet { done, ..sheet(&site, lang, owned, looked, wishes) }.answer(StatusCode::OK)
        }
        Err(fault) => failed(&site, lang, &fault),
    }
}

/// How the runs stand now.
pub(super) async fn runs(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, owned: Owned) -> Response {
    match view(&site.store, owned.account.id).await {
        Ok(view) => {
            let now = site.store.clock().now();
            let part = Runs {
                lang,
                standing: standing(lang, &view, now, &str::to_owned),
                counts: counts(&view, true),
                going: going(&view, now),
                form_token: owned.visit.token,
                base: site.base.clone(),
            };
            answer_that(Needs::Form, &part, StatusCode::OK)
        }
        Err(fault) => failed(&site, lang, &fault),
    }
}

/// Takes over what the form says.
pub(super) async fn save(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    owned: Owned,
    form: Form,
) -> Response {
    if let Some(response) = barred(&site, lang, &owned).await {
        return response;
    }
    let (Ok(version), Ok(wishes)) = (form.text("version").parse(), chosen(&form)) else {
        return refusal(lang, StatusCode::BAD_REQUEST, Text::BadRequestBody);
    };
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let account = owned.account.id;
    if wishes.no_country() {
        return again(&site, lang, owned, (wishes, version), Contacts::FaultCountry.into()).await;
    }
    let saved = async {
        let choices = with_group(&site, &by, account, &wishes, version).await?;
        choose(&site.store, &by, account, &choices, version).await
    };
    match saved.await {
        Ok(_) => onward(&site, "/me/contacts?done=saved"),
        Err(ContactsFault::Stale { by }) => outrun(&site, lang, owned, &wishes, by.as_deref()).await,
        Err(fault) => match said(&fault) {
            Some(said) => again(&site, lang, owned, (wishes, version), said).await,
            None => failed(&site, lang, &fault),
        },
    }
}

/// In the place of a group that has no name at Google before it is made.
const NOT_YET: &str = "contactGroups/new";

/// The choices with the group that is made for them, if one is; none is made for choices that
/// will not be taken.
async fn with_group(
    site: &Site,
    by: &By,
    account: AccountId,
    wishes: &Wishes,
    version: i64,
) -> Result<Choices, ContactsFault> {
    let mut choices = wishes.choices.clone();
    if wishes.new_group.is_empty() {
        return Ok(choices);
    }
    Choices { group: Some(NOT_YET.to_owned()), ..choices.clone() }.check()?;
    let stands = view(&site.store, account).await?;
    if stands.version != version {
        return Err(ContactsFault::Stale { by: stands.book.map(|book| book.changed_by) });
    }
    choices.group = Some(site.groups.make(&site.store, by, account, &wishes.new_group).await?);
    Ok(choices)
}

/// The form once more, with what was wrong.
async fn again(
    site: &Site,
    lang: Lang,
    owned: Owned,
    (wishes, version): (Wishes, i64),
    said: Sentence,
) -> Response {
    match looked(site, owned.account.id, 0).await {
        Ok(looked) => {
            let sheet = sheet(site, lang, owned, looked, wishes);
            let page = Sheet { fault: Some(said.say(lang)), version, ..sheet };
            page.answer(StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(fault) => failed(site, lang, &fault),
    }
}

/// What holds now, where somebody was faster, and how that differs from what was wanted.
async fn outrun(site: &Site, lang: Lang, owned: Owned, wishes: &Wishes, by: Option<&str>) -> Response {
    let looked = match looked(site, owned.account.id, 0).await {
        Ok(looked) => looked,
        Err(fault) => return failed(site, lang, &fault),
    };
    let stands = looked.0.choices.clone();
    let told = |choices| told(lang, &looked.0, choices);
    let both = told(&stands).into_iter().zip(told(&wishes.choices));
    let differing = both.filter(|((_, now), (_, then))| now != then);
    let stale = Stale {
        told: Sentence::from(Calendars::StaleBy).with("who", &who(lang, by)).say(lang),
        differing: differing.map(|((title, now), (_, then))| (title, now, then)).collect(),
    };
    let sheet = sheet(site, lang, owned, looked, Wishes::standing(stands));
    Sheet { stale: Some(stale), ..sheet }.answer(StatusCode::CONFLICT)
}

/// Asks Google for the groups.
pub(super) async fn refresh(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, owned: Owned) -> Response {
    if let Some(response) = barred(&site, lang, &owned).await {
        return response;
    }
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    match site.groups.refresh(&site.store, &by, owned.account.id).await {
        Ok(_) => onward(&site, "/me/contacts?done=read"),
        Err(fault) => failed(&site, lang, &fault),
    }
}

/// Has the contacts brought in step now.
pub(super) async fn run(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, owned: Owned) -> Response {
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    match run_now(&site.store, &by, Some(owned.account.id)).await {
        Ok(0) => onward(&site, "/me/contacts?done=nothing"),
        Ok(_) => onward(&site, "/me/contacts?done=asked"),
        Err(fault) => failed(&site, lang, &fault),
    }
}

async fn looked(
    site: &Site,
    account: AccountId,
    runs: i64,
) -> Result<(View, Waiting, Changes), ContactsFault> {
    let view = view(&site.store, account).await?;
    let waiting = waiting::of(&site.store, &view).await?;
    let changes = changed(&site.store, account, (RUNS, runs)).await?;
    Ok((view, waiting, changes))
}

fn sheet(site: &Site, lang: Lang, owned: Owned, looked: (View, Waiting, Changes), wishes: Wishes) -> Sheet {
    let (view, waiting, changes) = looked;
    let (path, token) = (site.at("/me/contacts"), owned.visit.token.clone());
    let (at, now) = (At { lang, path, token, time: &str::to_owned }, site.store.clock().now());
    Sheet {
        undo: undo_of::Runs::of(&at, &changes, view.book.is_some()),
        waits: Lines::of(at, waiting),
        lang,
        title: Sentence::from(Contacts::Title).with("address", &owned.account.address).say(lang),
        done: None,
        fault: None,
        stale: None,
        held: view.held,
        nobody: owned.account.crm_user.is_none(),
        standing: standing(lang, &view, now, &str::to_owned),
        counts: counts(&view, true),
        groups: groups(lang, &view),
        listed: !view.groups.is_empty(),
        wishes,
        going: going(&view, now),
        script: site.at(&HTMX.path()),
        version: view.version,
        form_token: owned.visit.token,
        base: site.base.clone(),
    }
}
