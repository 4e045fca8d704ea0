//! `/admin/me/totp`: codes from an app, set up and switched off, and recovery
//! codes. Only answers to a pressed button show a secret.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::secret::Secret;

use super::frame::{Frame, Place, answer};
use super::me::{done, down};
use super::picture::{self, Picture};
use crate::actions::admin::second::{self, SecondFault};
use crate::auth::totp;
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::site::Site;
use crate::texts::{Admins, Desk, Lang, Text};

/// The page that shows the key.
#[derive(Template)]
#[template(path = "totp.html", config = "src/http/askama.toml")]
struct SetUp {
    frame: Frame,
    picture: Option<Picture>,
    key: String,
    wrong: bool,
}

/// The page that shows recovery codes.
#[derive(Template)]
#[template(path = "recovery.html", config = "src/http/askama.toml")]
struct Recovery {
    frame: Frame,
    codes: Vec<String>,
}

pub(super) async fn offer(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    let offered = async { second::offer(&site.store, &admitted.by(&site)?, &admitted.admin).await };
    match offered.await {
        Ok(secret) => set_up(&site, lang, admitted, &secret, false),
        Err(fault) => failed(lang, &fault),
    }
}

pub(super) async fn confirm(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let typed = Secret::new(form.get("code").unwrap_or_default());
    let confirmed =
        async { second::confirm(&site.store, &admitted.by(&site)?, &admitted.admin, &typed).await };
    match confirmed.await {
        Ok(codes) => recovery(&site, lang, admitted, &codes),
        Err(SecondFault::Wrong) => match second::offered(&site.store, &admitted.admin).await {
            Ok(secret) => set_up(&site, lang, admitted, &secret, true),
            Err(fault) => failed(lang, &fault),
        },
        Err(fault) => failed(lang, &fault),
    }
}

pub(super) async fn renew(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    let renewed = async { second::renew(&site.store, &admitted.by(&site)?, &admitted.admin).await };
    match renewed.await {
        Ok(codes) => recovery(&site, lang, admitted, &codes),
        Err(fault) => failed(lang, &fault),
    }
}

pub(super) async fn off(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    let off = async { second::off(&site.store, &admitted.by(&site)?, &admitted.admin).await };
    match off.await {
        Ok(_) => done(&site),
        Err(fault) => failed(lang, &fault),
    }
}

fn set_up(site: &Site, lang: Lang, admitted: Admitted, secret: &Secret, wrong: bool) -> Response {
    let host = site.origin.split("://").last().unwrap_or_default();
    let link = totp::link(secret, &format!("Postern {host}"), &admitted.admin.name);
    let page = SetUp {
        frame: Frame::new(site, lang, admitted, Place::Me, Admins::SetUpTitle),
        picture: picture::of(&link),
        key: totp::grouped(secret, " ").reveal().to_owned(),
        wrong,
    };
    answer(&page, if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK })
}

fn recovery(site: &Site, lang: Lang, admitted: Admitted, codes: &[Secret]) -> Response {
    let page = Recovery {
        frame: Frame::new(site, lang, admitted, Place::Me, Admins::RecoveryTitle),
        codes: codes.iter().map(|code| code.reveal().to_owned()).collect(),
    };
    answer(&page, StatusCode::OK)
}

fn failed(lang: Lang, fault: &SecondFault) -> Response {
    match fault {
        SecondFault::On | SecondFault::Off | SecondFault::Wrong => {
            Page::new(lang, Tone::Bad, Text::RequestTitle).say(Admins::SetUpGone).answer(StatusCode::CONFLICT)
        }
        SecondFault::Store(_) | SecondFault::NoRandomness(_) => down(lang, fault),
    }
}
