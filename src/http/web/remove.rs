//! Removing a mailbox, here and at Google, with the consequence told before.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::address::Address;

use super::account::{author, failed, known};
use super::frame::{Frame, Place, answer};
use crate::actions::account::remove::{AtGoogle, remove};
use crate::actions::account::view::{self, Leave, View};
use crate::actions::person::{Erased, erase};
use crate::actions::{ActError, By};
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::texts::{Desk, Google, Lang, Leaving, Sentence};

/// The consequence and the form.
#[derive(Template)]
#[template(path = "remove.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    body: String,
    consent: bool,
    confirm: String,
    forget: bool,
    said: Said,
    path: String,
}

/// What happened at the last press.
#[derive(PartialEq, Eq)]
enum Said {
    Nothing,
    Unconfirmed,
    /// Google did not confirm; what it said.
    NotRevoked(String),
}

/// It is gone.
#[derive(Template)]
#[template(path = "removed.html", config = "src/http/askama.toml")]
struct Removed {
    frame: Frame,
    told: Google,
    forgotten: Option<String>,
    fault: Option<String>,
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    match known(&site, lang, &id).await {
        Ok(address) => form(&site, lang, admitted, &address, (Said::Nothing, false)).await,
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
    let forget = sent.text("forget") == "yes";
    if !address.is(&sent.text("confirm")) {
        return form(&site, lang, admitted, &address, (Said::Unconfirmed, forget)).await;
    }
    let silently = sent.text("silently") == "yes";
    match removed(&site, by, address.clone(), (silently, forget)).await {
        Ok(removed) => gone(&site, lang, admitted, &address, &removed),
        Err(ActError::NotRevoked(fault)) => {
            let said = (Said::NotRevoked(fault.to_string()), forget);
            form(&site, lang, admitted, &address, said).await
        }
        Err(error) => failed(lang, &error),
    }
}

/// What became of the grant, and of the person where they were to be forgotten.
type Gone = (AtGoogle, Option<Erased>);

async fn removed(
    site: &Arc<Site>,
    by: By,
    address: Address,
    (silently, forget): (bool, bool),
) -> Result<Gone, ActError> {
    let own = Arc::clone(site);
    let act = async move {
        if !forget {
            return Ok((remove(&own.store, &by, &own.reach(), &address, silently).await?, None));
        }
        let erased = erase(&own.store, &by, &own.reach(), &address, silently).await?;
        Ok((erased.mailbox.clone().unwrap_or(AtGoogle::NoGrant), Some(erased)))
    };
    site.to_the_end(act).await
}

async fn form(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    address: &Address,
    (said, forget): (Said, bool),
) -> Response {
    let View { id, tokens, connected_by, .. } = match view::one(&site.store, address).await {
        Ok(view) => view,
        Err(error) => return failed(lang, &error),
    };
    let status = match said {
        Said::Nothing => StatusCode::OK,
        Said::Unconfirmed => StatusCode::UNPROCESSABLE_ENTITY,
        Said::NotRevoked(_) => StatusCode::BAD_GATEWAY,
    };
    let with = |phrase: Google| Sentence::from(phrase).with("address", address);
    let sheet = Sheet {
        frame: Frame::new(site, lang, admitted, Place::Accounts, with(Google::RemoveTitle)),
        body: Sentence::from(Google::RemoveBody).with("count", &tokens).say(lang),
        consent: connected_by == Leave::Consent,
        confirm: with(Google::RemoveConfirm).say(lang),
        forget,
        said,
        path: site.at(&format!("/admin/accounts/{id}")),
    };
    answer(&sheet, status)
}

fn gone(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    address: &Address,
    (at_google, erased): &Gone,
) -> Response {
    let (told, fault) = match at_google {
        AtGoogle::NoGrant => (Google::RemovedNoGrant, None),
        AtGoogle::Revoked => (Google::RemovedRevoked, None),
        AtGoogle::Lives(fault) => (Google::RemovedLives, Some(fault.to_string())),
    };
    let title = Sentence::from(Google::RemovedTitle).with("address", address);
    let frame = Frame::new(site, lang, admitted, Place::Accounts, title);
    let forgotten = erased.as_ref().map(|erased| forgotten(erased).say(lang));
    answer(&Removed { frame, told, forgotten, fault }, StatusCode::OK)
}

fn forgotten(erased: &Erased) -> Sentence {
    let stays: u64 = erased.remains.values().sum();
    let told = Sentence::from(Leaving::Forgotten).with("names", &erased.names);
    told.with("words", &erased.words).with("stays", &stays)
}
