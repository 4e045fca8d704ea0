//! `/admin/accounts/{id}/offboard`: what closing the mailbox of somebody who leaves would end, who goes
//! on with the records, and having it done.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::address::Address;

use super::account::{author, failed, known};
use super::frame::{Frame, Place, answer};
use crate::actions::account::offboard::{Done, Handed, KEPT, Preview, Wanted, Ways, offboard, preview};
use crate::actions::account::remove::AtGoogle;
use crate::actions::{ActError, By};
use crate::clock::{Micros, micros, written};
use crate::http::form::{Form, parameter};
use crate::http::gate::Admitted;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::texts::{Desk, Google, Lang, Leaving, Sentence};

/// For how long somebody who looks at a page waits; what is left is handed over by the next press.
const PATIENCE: Duration = Duration::from_secs(20);

/// The consequence and the form.
#[derive(Template)]
#[template(path = "offboard.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    view: Preview,
    since: Option<String>,
    successor: String,
    gets: Vec<String>,
    confirm: String,
    said: Said,
    path: String,
}

/// What happened at the last press.
#[derive(PartialEq, Eq)]
enum Said {
    Nothing,
    Unconfirmed,
    /// Nobody takes over who was named.
    NoSuccessor,
    /// Google did not confirm; what it said.
    NotRevoked(String),
}

/// It is closed.
#[derive(Template)]
#[template(path = "offboarded.html", config = "src/http/askama.toml")]
struct Closed {
    frame: Frame,
    told: Vec<String>,
    fault: Option<String>,
    path: String,
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    admitted: Admitted,
) -> Response {
    let successor = parameter(query.unwrap_or_default().as_bytes(), "successor").unwrap_or_default();
    match known(&site, lang, &id).await {
        Ok(address) => form(&site, lang, admitted, (&id, &address, &successor), Said::Nothing).await,
        Err(response) => *response,
    }
}

pub(super) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
    sent: Form,
) -> Response {
    let (address, by) = match (known(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(address), Ok(by)) => (address, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let successor = sent.text("successor");
    match pressed(&site, by, (&address, &successor), &sent).await {
        Ok(done) => told(&site, lang, admitted, (&id, &address), &done),
        Err(Undone::Said(said)) => form(&site, lang, admitted, (&id, &address, &successor), said).await,
        Err(Undone::Failed(error)) => failed(lang, &error),
    }
}

/// Why nothing was done.
enum Undone {
    /// The form can be sent again.
    Said(Said),
    Failed(ActError),
}

impl From<ActError> for Undone {
    fn from(error: ActError) -> Self {
        match error {
            ActError::NotRevoked(fault) => Self::Said(Said::NotRevoked(fault.to_string())),
            ActError::NoSuccessor(_) | ActError::NoAccount(_) | ActError::AnAlias { .. } => {
                Self::Said(Said::NoSuccessor)
            }
            other => Self::Failed(other),
        }
    }
}

async fn pressed(
    site: &Arc<Site>,
    by: By,
    (address, successor): (&Address, &str),
    sent: &Form,
) -> Result<Done, Undone> {
    if !address.is(&sent.text("confirm")) {
        return Err(Undone::Said(Said::Unconfirmed));
    }
    let named = named(successor).map_err(|()| Undone::Said(Said::NoSuccessor))?;
    let force = sent.text("silently") == "yes";
    let wanted = Wanted { address: address.clone(), successor: named, force, within: PATIENCE };
    Ok(closed(site, by, wanted).await?)
}

// An empty field names nobody.
fn named(successor: &str) -> Result<Option<Address>, ()> {
    match successor {
        "" => Ok(None),
        text => Address::parse(text).map(Some).map_err(|_| ()),
    }
}

async fn closed(site: &Arc<Site>, by: By, wanted: Wanted) -> Result<Done, ActError> {
    let own = Arc::clone(site);
    let act = async move {
        let ways = Ways { reach: own.reach(), pushing: &own.pushing };
        offboard(&own.store, &by, ways, &wanted).await
    };
    site.to_the_end(act).await
}

async fn form(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    (id, address, successor): (&str, &Address, &str),
    said: Said,
) -> Response {
    let looked = match named(successor) {
        Ok(successor) => preview(&site.store, address, successor.as_ref()).await,
        Err(()) => Err(ActError::NoSuccessor(address.clone())),
    };
    let (view, said) = match looked {
        Ok(view) => (view, said),
        Err(ActError::NoSuccessor(_) | ActError::NoAccount(_) | ActError::AnAlias { .. }) => {
            match preview(&site.store, address, None).await {
                Ok(view) => (view, Said::NoSuccessor),
                Err(error) => return failed(lang, &error),
            }
        }
        Err(error) => return failed(lang, &error),
    };
    let status = match said {
        Said::Nothing => StatusCode::OK,
        Said::Unconfirmed | Said::NoSuccessor => StatusCode::UNPROCESSABLE_ENTITY,
        Said::NotRevoked(_) => StatusCode::BAD_GATEWAY,
    };
    let title = Sentence::from(Leaving::Title).with("address", address);
    let frame = Frame::new(site, lang, admitted, Place::Accounts, title);
    let sheet = Sheet {
        since: view.left_at.map(|at| since(&frame, lang, at)),
        successor: successor.to_owned(),
        gets: gets(lang, &view),
        confirm: Sentence::from(Google::RemoveConfirm).with("address", address).say(lang),
        path: site.at(&format!("/admin/accounts/{id}")),
        frame,
        view,
        said,
    };
    answer(&sheet, status)
}

/// Since when the owner is gone, and until when what is linked is kept.
pub(super) fn since(frame: &Frame, lang: Lang, left_at: Micros) -> String {
    let end = written(left_at.saturating_add(micros(KEPT)));
    let told = Sentence::from(Leaving::Since).with("at", &frame.time(&written(left_at)));
    told.with("end", &frame.time(&end)).say(lang)
}

fn gets(lang: Lang, view: &Preview) -> Vec<String> {
    let Some(heir) = &view.successor else { return Vec::new() };
    let records = match heir.crm_user {
        Some(_) => Sentence::from(Leaving::GetsRecords).with("count", &view.upcoming),
        None => Leaving::GetsNoRecords.into(),
    };
    let people = match heir.takes_people {
        true => Sentence::from(Leaving::GetsPeople).with("count", &view.people),
        false => Leaving::GetsNoPeople.into(),
    };
    let name = Sentence::from(Leaving::Gets).with("address", &heir.address).say(lang);
    vec![format!("{name} {}", records.say(lang)), format!("{name} {}", people.say(lang))]
}

fn told(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    (id, address): (&str, &Address),
    done: &Done,
) -> Response {
    let ended = Sentence::from(Leaving::DoneTokens).with("count", &done.tokens);
    let at_google = match &done.at_google {
        AtGoogle::NoGrant => Google::RemovedNoGrant,
        AtGoogle::Revoked => Google::RemovedRevoked,
        AtGoogle::Lives(_) => Google::RemovedLives,
    };
    let mut told = vec![ended.with("sessions", &done.sessions).say(lang), at_google.say(lang)];
    let mut fault = None;
    if let Some(handed) = &done.handed {
        told.extend(words(lang, handed));
        fault = handed
            .refused
            .as_ref()
            .map(|why| Sentence::from(Leaving::DoneRefused).with("why", why).say(lang));
    }
    let title = Sentence::from(Leaving::DoneTitle).with("address", address);
    let frame = Frame::new(site, lang, admitted, Place::Accounts, title);
    let path = site.at(&format!("/admin/accounts/{id}"));
    answer(&Closed { frame, told, fault, path }, StatusCode::OK)
}

fn words(lang: Lang, handed: &Handed) -> Vec<String> {
    let of = |phrase: Leaving, count: usize| Sentence::from(phrase).with("count", &count).say(lang);
    let mut all = vec![of(Leaving::DoneRecords, handed.records), of(Leaving::DonePeople, handed.people)];
    if handed.left > 0 {
        all.push(of(Leaving::DoneLeft, handed.left));
    }
    all
}
