//! `/admin/google/calendars`: how calendars are kept in step for who has not
//! chosen, and what nobody may choose otherwise.
//!
//! The form says which version it saw. Who saw an older one than holds gets 409
//! and the form as it stands now.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::role::Right;
use postern_core::plan::calendar::choices::Senseless;
use postern_core::plan::calendar::defaults::{Defaults, Lock};
use postern_core::plan::calendar::entry::Entity;

use super::account::{author, failed};
use super::calendar;
use super::frame::{Frame, Place, answer};
use crate::actions::calendars::CalendarFault;
use crate::actions::calendars::defaults::{set, standing};
use crate::actions::calendars::teams::Whose;
use crate::http::calendars::{GROUPS, who};
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Tongue, refusal};
use crate::http::site::Site;
use crate::http::wishes::{Unreadable, Wishes, chosen};
use crate::texts::{Calendars, Desk, Google, Lang, Sentence, Text};

/// The page.
#[derive(Template)]
#[template(path = "house.html", config = "src/http/askama.toml")]
struct Sheet {
    lang: Lang,
    frame: Frame,
    done: Option<String>,
    fault: Option<String>,
    wishes: Wishes,
    version: i64,
}

pub(super) async fn page(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    shown(&site, lang, admitted, Told::default()).await
}

/// Takes over what the form says.
pub(super) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let (version, wanted) = match (form.text("version").parse::<i64>(), wanted(&form)) {
        (Ok(version), Ok(wanted)) => (version, wanted),
        (_, Err(Unreadable::Date)) => {
            return shown(&site, lang, admitted, Told::wrong(Calendars::FaultDate.say(lang))).await;
        }
        _ => return refusal(lang, StatusCode::BAD_REQUEST, Text::BadRequestBody),
    };
    let told = match set(&site.store, (&by, &site.teams), &wanted, version).await {
        Ok(None) => Told { done: Some(Calendars::HouseSame.say(lang)), ..Told::default() },
        Ok(Some(count)) => {
            let saved = Sentence::from(Calendars::HouseSaved).with("count", &count);
            Told { done: Some(saved.say(lang)), ..Told::default() }
        }
        Err(CalendarFault::Stale { by }) => {
            let faster = Sentence::from(Calendars::StaleBy).with("who", &who(lang, by.as_deref()));
            Told { status: StatusCode::CONFLICT, ..Told::wrong(faster.say(lang)) }
        }
        Err(CalendarFault::Senseless(why)) => {
            let why = match why {
                Senseless::NoKind => Calendars::FaultNoKind,
                Senseless::DefaultNotChosen => Calendars::FaultDefault,
                Senseless::Labels(_) => Calendars::FaultLabels,
                Senseless::NoTeam => Calendars::FaultTeam,
            };
            Told { wanted: Some((wanted, version)), ..Told::wrong(why.say(lang)) }
        }
        Err(fault @ (CalendarFault::NoTeam | CalendarFault::TeamsUntold)) => {
            let untold = matches!(fault, CalendarFault::TeamsUntold);
            let why = if untold { Calendars::TeamsUntold } else { Calendars::FaultTeam };
            Told { wanted: Some((wanted, version)), ..Told::wrong(why.say(lang)) }
        }
        Err(fault) => return calendar::failed(lang, fault),
    };
    shown(&site, lang, admitted, told).await
}

/// What the page says beside the form, and what stands in that instead of what holds.
#[derive(Default)]
struct Told {
    status: StatusCode,
    done: Option<String>,
    fault: Option<String>,
    wanted: Option<(Defaults, i64)>,
}

impl Told {
    fn wrong(why: String) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, fault: Some(why), ..Self::default() }
    }
}

async fn shown(site: &Site, lang: Lang, admitted: Admitted, told: Told) -> Response {
    let standing = match standing(&site.store).await {
        Ok(standing) => standing,
        Err(error) => return failed(lang, &error.into()),
    };
    let (defaults, version) = told.wanted.unwrap_or((standing.defaults, standing.version));
    let sheet = Sheet {
        lang,
        frame: Frame::new(site, lang, admitted, Place::Google, Calendars::HouseTitle),
        done: told.done,
        fault: told.fault,
        wishes: Wishes {
            lang,
            choices: defaults.choices,
            locked: defaults.locked,
            keeps: true,
            teams: site.teams.told(&site.store, &Whose::Everybody).await,
        },
        version,
    };
    answer(&sheet, told.status)
}

fn wanted(form: &Form) -> Result<Defaults, Unreadable> {
    let choices = chosen(form, &Defaults::default().choices, &BTreeSet::new())?;
    let lock = |word: &String| Lock::ALL.into_iter().find(|lock| lock.name() == word).ok_or(Unreadable::Form);
    let locked = form.all("lock").iter().map(lock).collect::<Result<_, _>>()?;
    Ok(Defaults { choices, locked })
}
