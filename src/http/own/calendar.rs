//! `/me/calendar`: which calendars the owner has kept in step, and how.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::actor::Actor;
use postern_core::model::id::CalendarId;
use postern_core::model::refusal::Blame;
use postern_core::model::scope::Product;
use postern_core::plan::calendar::choices::Senseless;
use postern_core::plan::calendar::entry::Entity;

use super::calendar_form::wanted;
use crate::actions::account::view::{self as account, Granted};
use crate::actions::calendars::CalendarFault;
use crate::actions::calendars::choose::{Wanted, choose};
use crate::actions::calendars::run::run_now;
use crate::actions::calendars::teams::Team;
use crate::actions::calendars::undo::changed;
use crate::actions::calendars::view::{self, View};
use crate::actions::calendars::waiting::{self, Waiting};
use crate::actions::undoing::{self as changes, RUNS};
use crate::actions::{ActError, By};
use crate::clock::written;
use crate::http::asset::HTMX;
use crate::http::calendars::{GROUPS, Line, going, lines, standing_wishes, teams, told, who};
use crate::http::form::{Form, parameter};
use crate::http::gate::Owned;
use crate::http::page::{Page, Tone, Tongue, refusal};
use crate::http::pairs::{At, Lines};
use crate::http::policy::Needs;
use crate::http::site::Site;
use crate::http::undo;
use crate::http::web::frame::{answer_that, onward};
use crate::http::wishes::{Unreadable, Wishes};
use crate::texts::{Calendars, Lang, Pairs, Sentence, Text, Undos};

/// The page.
#[derive(Template)]
#[template(path = "calendar.html", config = "src/http/askama.toml")]
struct Sheet {
    lang: Lang,
    title: String,
    done: Option<Calendars>,
    fault: Option<String>,
    stale: Option<Stale>,
    held: bool,
    nobody: bool,
    lines: Vec<Line>,
    waiting: Lines,
    undo: undo::Runs,
    wanted: Wanted,
    wishes: Wishes,
    going: Option<u32>,
    script: String,
    proposes: bool,
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
    fn selected(&self, line: &Line) -> bool {
        self.wanted.main == Some(line.id) || (self.proposes && line.proposed)
    }

    fn monitors(&self, id: &CalendarId) -> bool {
        self.wanted.monitored.contains(id)
    }

    fn answer(&self, status: StatusCode) -> Response {
        answer_that(if self.going.is_some() { Needs::Script } else { Needs::Form }, self, status)
    }
}

/// How the runs stand: a part of the page that the page asks for again.
#[derive(Template)]
#[template(path = "own_runs.html", config = "src/http/askama.toml")]
struct Runs {
    lang: Lang,
    lines: Vec<Line>,
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
    let from = undo::from(query.as_deref());
    let done = match parameter(query.unwrap_or_default().as_bytes(), "done").as_deref() {
        Some("saved") => Some(Calendars::Saved),
        Some("asked") => Some(Calendars::Asked),
        Some("nothing") => Some(Calendars::NothingToRun),
        Some("read") => Some(Calendars::ListRead),
        Some("retried") => Some(Calendars::Retried),
        Some("resumed") => Some(Calendars::Resumed),
        Some("approved") => Some(Calendars::Approved),
        Some("rejected") => Some(Calendars::Rejected),
        Some("undoing") => Some(Calendars::Undoing),
        Some("removing") => Some(Calendars::Removing),
        _ => None,
    };
    match looked(&site, &owned, from).await {
        Ok(looked) => {
            let wishes = standing_wishes(&looked.view);
            let sheet = sheet(&site, lang, owned, looked, wishes);
            Sheet { done, ..sheet }.answer(StatusCode::OK)
        }
        Err(fault) => failed(&site, lang, &fault),
    }
}

/// How the runs stand now.
pub(super) async fn runs(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, owned: Owned) -> Response {
    match view::one(&site.store, owned.account.id).await {
        Ok(view) => {
            let part = Runs {
                lang,
                lines: lines(lang, &view, &str::to_owned),
                going: going(&view, &written(site.store.clock().now())),
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
    let view = match view::one(&site.store, owned.account.id).await {
        Ok(view) => view,
        Err(fault) => return failed(&site, lang, &fault),
    };
    let (version, wanted) = match (form.text("version").parse(), wanted(&form, &view)) {
        (Ok(version), Ok(wanted)) => (version, wanted),
        (_, Err(Unreadable::Date)) => {
            let page = Page::new(lang, Tone::Bad, Calendars::StaleTitle).say(Calendars::FaultDate);
            let back = page.onward(site.at("/me/calendar"), Calendars::Link);
            return back.answer(StatusCode::UNPROCESSABLE_ENTITY);
        }
        _ => return refusal(lang, StatusCode::BAD_REQUEST, Text::BadRequestBody),
    };
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    match choose(&site.store, (&by, &site.teams), owned.account.id, &wanted, version).await {
        Ok(_) => onward(&site, "/me/calendar?done=saved"),
        Err(fault) => again(&site, lang, owned, wanted, version, &fault).await,
    }
}

/// The form once more, with what was wrong.
async fn again(
    site: &Site,
    lang: Lang,
    owned: Owned,
    wanted: Wanted,
    version: i64,
    fault: &CalendarFault,
) -> Response {
    let looked = match looked(site, &owned, 0).await {
        Ok(looked) => looked,
        Err(fault) => return failed(site, lang, &fault),
    };
    if let CalendarFault::Stale { by } = fault {
        let stands = standing_wishes(&looked.view);
        let stale = stale(lang, &looked, (&stands, &wanted), by.as_deref());
        let page = Sheet { stale: Some(stale), ..sheet(site, lang, owned, looked, stands) };
        return page.answer(StatusCode::CONFLICT);
    }
    let Some(said) = said(fault) else { return failed(site, lang, fault) };
    let sheet = sheet(site, lang, owned, looked, wanted);
    let page = Sheet { fault: Some(said.say(lang)), proposes: false, version, ..sheet };
    page.answer(StatusCode::UNPROCESSABLE_ENTITY)
}

fn stale(lang: Lang, looked: &Looked, (stands, wanted): (&Wanted, &Wanted), by: Option<&str>) -> Stale {
    let teams = looked.teams.as_deref().unwrap_or_default();
    let told = |wanted| told(lang, (&looked.view, teams), wanted);
    let both = told(stands).into_iter().zip(told(wanted));
    let differing = both.filter(|((_, now), (_, then))| now != then);
    Stale {
        told: Sentence::from(Calendars::StaleBy).with("who", &who(lang, by)).say(lang),
        differing: differing.map(|((title, now), (_, then))| (title, now, then)).collect(),
    }
}

/// Asks Google for the list.
pub(super) async fn refresh(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, owned: Owned) -> Response {
    if let Some(response) = barred(&site, lang, &owned).await {
        return response;
    }
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    match site.calendars.refresh(&site.store, &by, owned.account.id).await {
        Ok(_) => onward(&site, "/me/calendar?done=read"),
        Err(fault) => failed(&site, lang, &fault),
    }
}

/// Has the calendars brought in step now.
pub(super) async fn run(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, owned: Owned) -> Response {
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    match run_now(&site.store, &by, Some(owned.account.id)).await {
        Ok(0) => onward(&site, "/me/calendar?done=nothing"),
        Ok(_) => onward(&site, "/me/calendar?done=asked"),
        Err(fault) => failed(&site, lang, &fault),
    }
}

/// What the page tells of.
struct Looked {
    view: View,
    waiting: Waiting,
    changed: changes::Runs,
    teams: Option<Vec<Team>>,
}

async fn looked(site: &Site, owned: &Owned, from: i64) -> Result<Looked, CalendarFault> {
    let view = view::one(&site.store, owned.account.id).await?;
    let waiting = waiting::of(&site.store, owned.account.id).await?;
    let changed = changed(&site.store, owned.account.id, (RUNS, from)).await?;
    let teams = teams(site, &view).await;
    Ok(Looked { view, waiting, changed, teams })
}

fn sheet(site: &Site, lang: Lang, owned: Owned, looked: Looked, wanted: Wanted) -> Sheet {
    let Looked { view, waiting, changed, teams } = looked;
    let (path, token) = (site.at("/me/calendar"), owned.visit.token.clone());
    let at = At { lang, path, token, time: &str::to_owned };
    Sheet {
        undo: undo::Runs::of(&at, &changed, !view.calendars.is_empty()),
        waiting: Lines::of(at, waiting),
        lang,
        title: Sentence::from(Calendars::Title).with("address", &owned.account.address).say(lang),
        done: None,
        fault: None,
        stale: None,
        held: view.held,
        nobody: view.account.crm_user.is_none(),
        lines: lines(lang, &view, &str::to_owned),
        wishes: Wishes {
            lang,
            choices: wanted.choices.clone(),
            locked: view.locked.clone(),
            keeps: false,
            teams,
        },
        wanted,
        going: going(&view, &written(site.store.clock().now())),
        script: site.at(&HTMX.path()),
        proposes: view.version == 0,
        version: view.version,
        form_token: owned.visit.token,
        base: site.base.clone(),
    }
}

/// What stands in the way of choosing, with what to do.
async fn barred(site: &Site, lang: Lang, owned: &Owned) -> Option<Response> {
    let view = match account::one(&site.store, &owned.account.address).await {
        Ok(view) => view,
        Err(error) => return Some(down(lang, &error)),
    };
    let why = if view.granted(Product::Calendar) != Granted::Granted {
        let offered = site.google().products.contains(&Product::Calendar);
        if offered { Calendars::NotGiven } else { Calendars::NotOffered }
    } else if view.switched_off.contains(&Product::Calendar) {
        Calendars::SwitchedOff
    } else {
        return None;
    };
    let title = Sentence::from(Calendars::Title).with("address", &owned.account.address);
    let page = Page::new(lang, Tone::Calm, title).say(why).onward(site.at("/me"), Calendars::Back);
    Some(page.answer(StatusCode::OK))
}

/// What was wrong with a form, where the owner can mend it there.
fn said(fault: &CalendarFault) -> Option<Sentence> {
    Some(match fault {
        CalendarFault::Senseless(Senseless::NoKind) => Calendars::FaultNoKind.into(),
        CalendarFault::Senseless(Senseless::DefaultNotChosen) => Calendars::FaultDefault.into(),
        CalendarFault::Senseless(Senseless::Labels(_)) => Calendars::FaultLabels.into(),
        CalendarFault::NoTeam | CalendarFault::Senseless(Senseless::NoTeam) => Calendars::FaultTeam.into(),
        CalendarFault::TeamsUntold => Calendars::TeamsUntold.into(),
        CalendarFault::NotListed => Calendars::FaultCalendar.into(),
        CalendarFault::ReadOnly => Calendars::FaultReadOnly.into(),
        CalendarFault::TooMany(most) => Sentence::from(Calendars::FaultTooMany).with("most", most),
        CalendarFault::Disabled(_) => Calendars::FaultBarred.into(),
        CalendarFault::Locked(_) => Calendars::FaultLocked.into(),
        CalendarFault::Stale { .. }
        | CalendarFault::NoAccount
        | CalendarFault::NotThere
        | CalendarFault::InStep
        | CalendarFault::BothGone
        | CalendarFault::Undo(_)
        | CalendarFault::Google(_)
        | CalendarFault::Store(_) => return None,
    })
}

pub(super) fn failed(site: &Site, lang: Lang, fault: &CalendarFault) -> Response {
    tracing::warn!(error = %fault, "an owner's wish about the calendars was not done");
    let (status, why) = match fault {
        CalendarFault::Google(_) if fault.blame() == Blame::Account => {
            (StatusCode::CONFLICT, Calendars::GoogleRefused)
        }
        CalendarFault::Google(_) => (StatusCode::BAD_GATEWAY, Calendars::GoogleSilent),
        CalendarFault::Disabled(_) => (StatusCode::CONFLICT, Calendars::FaultBarred),
        _ => return refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown),
    };
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(why);
    page.onward(site.at("/me"), Calendars::Back).answer(status)
}

pub(super) fn author(site: &Site, lang: Lang, owned: &Owned) -> Result<By, Box<Response>> {
    By::new(Actor::OwnerAt(owned.peer), site.store.dice())
        .map_err(|error| Box::new(down(lang, &error.into())))
}

fn down(lang: Lang, error: &ActError) -> Response {
    tracing::error!(%error, "the calendars of an owner were not shown");
    refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)
}
