//! `/admin/accounts/crm`: mail accounts that the gateway writes into the CRM.
//!
//! A press begins the work behind the page, which asks again until it is done,
//! with scripts and without.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;

use super::account::{author, failed};
use super::frame::{Frame, Place, answer_that, onward};
use crate::actions::provision::view::{self, View};
use crate::actions::provision::{Deed, MOST, Outlook, ProvisionFault};
use crate::http::form::{Form, parameter};
use crate::http::gate::Admitted;
use crate::http::page::Tongue;
use crate::http::policy::Needs;
use crate::http::site::Site;
use crate::texts::{Accounts, Desk, Lang, Provision, Sentence};

const PATH: &str = "/admin/accounts/crm";
/// As many as are written at once.
const PAGE: i64 = MOST as i64;
const LAST: i64 = 10_000;

/// The page.
#[derive(Template)]
#[template(path = "provision.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    rows: Vec<Row>,
    found: String,
    fault: Option<String>,
    text: String,
    page: i64,
    working: bool,
    /// This page, where it is asked for again.
    path: String,
    earlier: Option<String>,
    later: Option<String>,
}

struct Row {
    view: View,
    chosen: bool,
    label: String,
    tone: &'static str,
    state: String,
    /// Sentences below the state.
    said: Vec<String>,
}

/// Which mailboxes are shown.
struct Shown {
    text: String,
    page: i64,
}

impl Shown {
    fn read(of: impl Fn(&str) -> String) -> Self {
        let text = of("q").trim().chars().take(100).collect();
        Self { text, page: of("page").parse().unwrap_or(1).clamp(1, LAST) }
    }

    fn path(&self, page: i64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        format!(
            "{PATH}?{}",
            query.append_pair("q", &self.text).append_pair("page", &page.to_string()).finish()
        )
    }
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    admitted: Admitted,
) -> Response {
    let query = query.unwrap_or_default();
    let shown = Shown::read(|name| parameter(query.as_bytes(), name).unwrap_or_default());
    show(&site, lang, admitted, &shown, &[], None).await
}

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
    let shown = Shown::read(|name| form.text(name));
    let chosen: Vec<_> = form.all("account").iter().filter_map(|id| id.parse().ok()).collect();
    if chosen.is_empty() {
        return show(&site, lang, admitted, &shown, &[], Some(Provision::NoneChosen.into())).await;
    }
    let begun = match form.text("do").as_str() {
        "check" => match site.provision.look(&site.store, &chosen).await {
            Ok(outlooks) => return show(&site, lang, admitted, &shown, &outlooks, None).await,
            Err(fault) => Err(fault),
        },
        "undo" => site.provision(by, &chosen, Deed::Undo).await,
        _ => site.provision(by, &chosen, Deed::Write).await,
    };
    match begun {
        Ok(_) => onward(&site, &shown.path(shown.page)),
        Err(ProvisionFault::Store(error)) => failed(lang, &error.into()),
        Err(fault) => show(&site, lang, admitted, &shown, &[], Some(words(&fault))).await,
    }
}

async fn show(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    shown: &Shown,
    outlooks: &[Outlook],
    fault: Option<Sentence>,
) -> Response {
    let (views, all) = match view::page(&site.store, &shown.text, shown.page, PAGE).await {
        Ok(found) => found,
        Err(error) => return failed(lang, &error.into()),
    };
    let frame = Frame::new(site, lang, admitted, Place::Accounts, Provision::Title);
    let rows: Vec<Row> = views.into_iter().map(|view| row(&frame, view, outlooks)).collect();
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let sheet = Sheet {
        working: rows.iter().any(|row| row.view.state == "working"),
        found: Sentence::from(Accounts::Found).with("count", &all).say(lang),
        fault: fault.map(|fault| fault.say(lang)),
        path: site.at(&shown.path(shown.page)),
        earlier: (shown.page > 1).then(|| site.at(&shown.path(shown.page - 1))),
        later: (shown.page * PAGE < all && shown.page < LAST).then(|| site.at(&shown.path(shown.page + 1))),
        text: shown.text.clone(),
        page: shown.page,
        frame,
        rows,
    };
    answer_that(Needs::Script, &sheet, status)
}

fn row(frame: &Frame, view: View, outlooks: &[Outlook]) -> Row {
    let outlook = outlooks.iter().find(|outlook| outlook.view.id == view.id);
    let said = match outlook {
        Some(outlook) => ahead(outlook),
        None => behind(&view),
    };
    let tone = match view.state {
        "written" => "good",
        "failed" | "unsure" => "bad",
        _ => "calm",
    };
    Row {
        chosen: outlook.is_some(),
        label: frame.say(Sentence::from(Provision::Choose).with("address", &view.address)),
        state: frame.say(Provision::of_state(view.state)),
        said: said.into_iter().map(|sentence| frame.say(sentence)).collect(),
        tone,
        view,
    }
}

/// What writing would do.
fn ahead(outlook: &Outlook) -> Vec<Sentence> {
    let plan = outlook.plan.map(|plan| match plan {
        "create" => Provision::WillCreate.into(),
        _ => Provision::WillUpdate.into(),
    });
    let warnings = outlook.warnings.iter();
    let warnings = warnings.filter_map(|(word, detail)| Provision::of_word(word, detail.as_deref()));
    plan.into_iter().chain(warnings).collect()
}

/// How the last attempt went.
fn behind(view: &View) -> Vec<Sentence> {
    if view.state == "working" {
        return Vec::new();
    }
    let word = view.word.as_deref().and_then(|word| Provision::of_word(word, view.detail.as_deref()));
    let also = match view.state {
        "unsure" => Some(Provision::UnsureBody.into()),
        "failed" if view.record.is_some() => Some(Provision::StillStands.into()),
        _ => None,
    };
    word.into_iter().chain(also).collect()
}

fn words(fault: &ProvisionFault) -> Sentence {
    match fault {
        ProvisionFault::NoCrm => Provision::NoCrm.into(),
        ProvisionFault::NothingAdvertised => Accounts::NothingAdvertised.into(),
        ProvisionFault::NotAdministrator => Provision::NotAdministrator.into(),
        ProvisionFault::SignInRefused => Provision::Refused.into(),
        ProvisionFault::TooMany => Sentence::from(Provision::TooMany).with("count", &MOST),
        ProvisionFault::Crm(_) | ProvisionFault::Store(_) => {
            Sentence::from(Accounts::Failed).with("why", fault)
        }
    }
}
