//! Issuing a CRM token, shown once with what else the CRM wants, and revoking.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::id::TokenId;
use postern_core::model::token::Protocols;

use super::account::{author, failed, known};
use super::frame::{Frame, Place, answer_that, onward};
use super::settings;
use crate::actions::ActError;
use crate::actions::token::{self, Terms};
use crate::clock::micros;
use crate::config::Advertised;
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue, refusal};
use crate::http::policy::Needs;
use crate::http::site::Site;
use crate::store::crm_tokens;
use crate::texts::{Accounts, Desk, Lang, Sentence, Text};

/// The one page that shows a token.
#[derive(Template)]
#[template(path = "issued.html", config = "src/http/askama.toml")]
struct Shown {
    frame: Frame,
    token: String,
    address: Address,
    listeners: Vec<(Accounts, Advertised)>,
    sends: bool,
    allow_list: Option<String>,
    barred: bool,
    path: String,
}

pub(super) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
    form: Form,
) -> Response {
    let (address, by) = match (known(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(address), Ok(by)) => (address, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let terms = match terms(&site, &form) {
        Ok(terms) => terms,
        Err(why) => return unfit(lang, why),
    };
    let issued = match token::issue(&site.store, &by, &address, &terms).await {
        Ok(issued) => issued,
        Err(ActError::TokenName) => return unfit(lang, Accounts::TokenNameWrong),
        Err(error) => return failed(lang, &error),
    };
    let title = Sentence::from(Accounts::IssuedTitle).with("address", &issued.address);
    let shown = Shown {
        frame: Frame::new(&site, lang, admitted, Place::Accounts, title),
        token: issued.token.reveal().to_owned(),
        address: issued.address,
        listeners: listeners(&site, terms.protocols),
        sends: terms.protocols != Protocols::Imap,
        allow_list: site.settings.allow_list(),
        barred: issued.state != State::Active,
        path: site.at(&format!("/admin/accounts/{id}")),
    };
    answer_that(Needs::Script, &shown, StatusCode::OK)
}

pub(super) async fn revoke(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
    form: Form,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let Ok(token) = form.text("token").parse::<TokenId>() else {
        return refusal(lang, StatusCode::BAD_REQUEST, Text::BadRequestBody);
    };
    let own = async { crm_tokens::by_id(&mut site.store.read().await?, token).await };
    match own.await {
        Ok(Some(row)) if row.account.to_string() == id => {}
        Ok(_) => return refusal(lang, StatusCode::NOT_FOUND, Text::BadRequestBody),
        Err(error) => return failed(lang, &error.into()),
    }
    match token::revoke(&site.store, &by, token).await {
        Ok(_) => onward(&site, &format!("/admin/accounts/{id}")),
        Err(error) => failed(lang, &error),
    }
}

fn terms(site: &Site, form: &Form) -> Result<Terms, Accounts> {
    let days = form.text("days");
    let expires_at = match days.parse::<u64>() {
        Ok(days @ 1..=3650) => Some(site.store.clock().now() + micros(Duration::from_secs(days * 86_400))),
        _ if days.is_empty() => None,
        _ => return Err(Accounts::TokenDaysWrong),
    };
    let protocols = form.text("protocols").parse().unwrap_or(Protocols::Both);
    Ok(Terms { name: form.text("name"), protocols, expires_at })
}

fn listeners(site: &Site, protocols: Protocols) -> Vec<(Accounts, Advertised)> {
    let imap = site.settings.imap.clone().filter(|_| protocols != Protocols::Smtp);
    let smtp = site.settings.smtp.clone().filter(|_| protocols != Protocols::Imap);
    let sides = [(Accounts::SettingsImap, imap), (Accounts::SettingsSmtp, smtp)];
    sides.into_iter().filter_map(|(name, at)| Some((name, at?))).collect()
}

fn unfit(lang: Lang, why: Accounts) -> Response {
    Page::new(lang, Tone::Bad, Text::RequestTitle).say(why).answer(StatusCode::UNPROCESSABLE_ENTITY)
}
