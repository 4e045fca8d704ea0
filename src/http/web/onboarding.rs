//! `/admin/accounts/onboarding`: who is connected, who is not, and why.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::role::Right;

use super::account::failed;
use super::frame::{Frame, Place, answer};
use crate::actions::account::onboarding::{self, Mailbox, Step};
use crate::clock::{Micros, written};
use crate::http::form::parameter;
use crate::http::gate::Admitted;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::texts::{Accounts, Desk, Onboarding, Sentence};

const PAGE: usize = 50;
const LAST: usize = 10_000;

/// What Google shows to people who do not come back, and what mends it.
const CODES: [(&str, Onboarding); 6] = [
    ("access_denied", Onboarding::CodeDenied),
    ("org_internal", Onboarding::CodeInternal),
    ("redirect_uri_mismatch", Onboarding::CodeRedirect),
    ("admin_policy_enforced", Onboarding::CodePolicy),
    ("disallowed_useragent", Onboarding::CodeAgent),
    ("invalid_client, deleted_client", Onboarding::CodeClient),
];

/// The page.
#[derive(Template)]
#[template(path = "onboarding.html", config = "src/http/askama.toml")]
struct Ways {
    frame: Frame,
    none: bool,
    connected: String,
    groups: Vec<(Step, usize)>,
    step: Option<Step>,
    text: String,
    rows: Vec<Mailbox>,
    found: String,
    missing: usize,
    mails: bool,
    earlier: Option<String>,
    later: Option<String>,
}

impl Ways {
    fn chosen(&self, step: &Step) -> bool {
        self.step.as_ref() == Some(step)
    }

    fn time(&self, at: &Micros) -> String {
        self.frame.time(&written(*at))
    }

    #[expect(clippy::unused_self, reason = "templates ask the page")]
    fn utc(&self, at: &Micros) -> String {
        written(*at)
    }
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    admitted: Admitted,
) -> Response {
    let all = match onboarding::all(&site.store).await {
        Ok(all) => all,
        Err(error) => return failed(lang, &error),
    };
    let of = |name| parameter(query.as_deref().unwrap_or_default().as_bytes(), name).unwrap_or_default();
    let text: String = of("q").trim().chars().take(100).collect();
    let step = Step::ALL.into_iter().find(|step| step.name() == of("step"));
    let page = of("page").parse::<usize>().unwrap_or(1).clamp(1, LAST);
    let count = |step: Step| all.iter().filter(|mailbox| mailbox.step == step).count();
    let connected =
        Sentence::from(Onboarding::Connected).with("count", &count(Step::Connected)).with("all", &all.len());
    let groups = Step::ALL.map(|step| (step, count(step))).into_iter().filter(|(_, count)| *count > 0);
    let (groups, missing) = (groups.collect(), missing(&all).count());
    let none = all.is_empty();
    let wanted = |mailbox: &Mailbox| step.is_none_or(|step| mailbox.step == step) && holds(mailbox, &text);
    let mut rows: Vec<Mailbox> = all.into_iter().filter(wanted).collect();
    // The most urgent first; within a step by address, as they come.
    rows.sort_by_key(|mailbox| mailbox.step);
    let matching = rows.len();
    let link = |page: usize| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &text).append_pair("step", step.map_or("", Step::name));
        let query = query.append_pair("page", &page.to_string()).finish();
        format!("{}?{query}", site.at("/admin/accounts/onboarding"))
    };
    let ways = Ways {
        frame: Frame::new(&site, lang, admitted, Place::Accounts, Onboarding::Title),
        connected: connected.say(lang),
        earlier: (page > 1).then(|| link(page - 1)),
        later: (page * PAGE < matching).then(|| link(page + 1)),
        found: Sentence::from(Accounts::Found).with("count", &matching).say(lang),
        rows: rows.into_iter().skip((page - 1) * PAGE).take(PAGE).collect(),
        mails: site.mails,
        none,
        groups,
        step,
        text,
        missing,
    };
    answer(&ways, StatusCode::OK)
}

/// Those whose owner has to act.
pub(super) fn missing(all: &[Mailbox]) -> impl Iterator<Item = &Mailbox> {
    all.iter().filter(|mailbox| mailbox.step.wants_a_link())
}

fn holds(mailbox: &Mailbox, text: &str) -> bool {
    let text = text.to_lowercase();
    let user = mailbox.crm_user.as_deref().unwrap_or_default().to_lowercase();
    mailbox.address.as_str().contains(&text) || user.contains(&text)
}

/// What a step is called.
pub(super) fn word(step: &Step) -> Onboarding {
    match step {
        Step::Stuck => Onboarding::StepStuck,
        Step::Refused => Onboarding::StepRefused,
        Step::Lacking => Onboarding::StepLacking,
        Step::Ended => Onboarding::StepEnded,
        Step::Waiting => Onboarding::StepWaiting,
        Step::Underway => Onboarding::StepUnderway,
        Step::Off => Onboarding::StepOff,
        Step::Barred => Onboarding::StepBarred,
        Step::Connected => Onboarding::StepConnected,
    }
}

/// The class that colours it; the word stands beside the colour.
fn tone(step: &Step) -> &'static str {
    match step {
        Step::Connected => "good",
        Step::Stuck | Step::Refused | Step::Lacking | Step::Ended => "bad",
        Step::Waiting | Step::Underway | Step::Off | Step::Barred => "calm",
    }
}

/// What is to be done.
pub(super) fn next(mailbox: &Mailbox) -> Sentence {
    let phrase = match mailbox.step {
        Step::Stuck => Onboarding::NextStuck,
        Step::Refused => return refused(mailbox.fault.as_deref().unwrap_or_default()),
        Step::Lacking => Onboarding::NextLacking,
        Step::Ended => Onboarding::NextEnded,
        Step::Waiting => Onboarding::NextWaiting,
        Step::Underway => Onboarding::NextUnderway,
        Step::Off => Onboarding::NextOff,
        Step::Barred => Onboarding::NextBarred,
        Step::Connected => Onboarding::NextConnected,
    };
    phrase.into()
}

/// A consent that was not accepted, by its stable name.
fn refused(fault: &str) -> Sentence {
    let phrase = match fault {
        "declined" => Onboarding::FaultDeclined,
        "wrong_account" | "stranger" => Onboarding::FaultWrongAccount,
        "wrong_domain" => Onboarding::FaultWrongDomain,
        "another_person" | "known_elsewhere" => Onboarding::FaultAnotherPerson,
        "state_expired" | "cookie" | "code_refused" => Onboarding::FaultLate,
        "no_refresh_token" => Onboarding::FaultNoRefresh,
        "email_not_verified" => Onboarding::FaultNotVerified,
        "no_client"
        | "invalid_client"
        | "deleted_client"
        | "disabled_client"
        | "unauthorized_client"
        | "invalid_scope"
        | "org_internal"
        | "admin_policy_enforced"
        | "redirect_uri_mismatch"
        | "invalid_request" => Onboarding::FaultClient,
        _ => Onboarding::FaultOther,
    };
    Sentence::from(phrase).with("code", fault)
}
