//! `/panel`: the page, the same for everybody.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::http::asset;
use crate::http::page::{STYLE, Tongue};
use crate::http::policy::Needs;
use crate::http::site::Site;
use crate::http::web::frame::answer_that;
use crate::texts::{Accounts, Desk, Lang, Owner, Panel};

/// The page.
#[derive(Template)]
#[template(path = "panel.html", config = "src/http/askama.toml")]
struct Empty {
    lang: Lang,
    style: &'static str,
    scripts: [String; 2],
    consent: String,
}

pub(super) async fn page(State(site): State<Arc<Site>>, Tongue(lang): Tongue) -> Response {
    let scripts = [asset::COPY, asset::PANEL].map(|script| site.at(&script.path()));
    let page = Empty { lang, style: STYLE, scripts, consent: site.at("/panel/consent") };
    answer_that(Needs::Panel, &page, StatusCode::OK)
}
