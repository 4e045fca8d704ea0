//! `/admin`: what needs attention, then how things stand.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use postern_core::model::role::Right;

use super::chart::{Chart, Span, draw};
use super::frame::{Frame, Place, answer};
use super::jobs::words;
use super::state;
use crate::actions::account::onboarding;
use crate::http::gate::Admitted;
use crate::http::page::{Tongue, refusal};
use crate::http::site::Site;
use crate::store::home::Standing as Home;
use crate::store::hourly::{self, Figure};
use crate::store::{Store, StoreError, accounts, clients, crm_absent, jobs, mail_sessions, programs};
use crate::texts::{Charts, Desk, Jobs, Lang, Leaving, Onboarding, Sentence, Text};

/// The page.
#[derive(Template)]
#[template(path = "overview.html", config = "src/http/askama.toml")]
struct Overview {
    frame: Frame,
    warnings: Vec<String>,
    stuck: String,
    undecided: Option<String>,
    absent: Option<String>,
    absentees: Vec<(AccountId, Address)>,
    named: Vec<(AccountId, Address)>,
    counts: Vec<(State, i64)>,
    all: i64,
    connected: String,
    sessions: usize,
    span: Span,
    charts: Vec<Chart>,
}

/// States that want somebody to act, the most urgent first.
const WANTING: [State; 4] = [State::NeedsConsent, State::NeedsSignIn, State::AwaitingApproval, State::New];

struct Standing {
    home: Home,
    counts: Vec<(State, i64)>,
    sessions: usize,
    stuck: i64,
    client: Option<clients::Client>,
    figures: Vec<Figure>,
    undecided: (Vec<(AccountId, Address)>, i64),
    absent: (Vec<(AccountId, Address)>, i64),
    jobs: Vec<jobs::Job>,
}

/// So many mailboxes are named at once.
const NAMED: i64 = 10;

async fn standing(store: &Store, span: Span) -> Result<Standing, StoreError> {
    let (stuck, home) = (onboarding::stuck(store).await?, store.standing().await?);
    let mut read = store.read().await?;
    Ok(Standing {
        home,
        stuck,
        counts: accounts::counts(&mut read).await?,
        sessions: mail_sessions::open(&mut read).await?.len(),
        client: clients::current(store, &mut read).await?,
        figures: hourly::since(&mut read, span.begin(store.clock().now())).await?,
        undecided: programs::undecided(&mut read, NAMED).await?,
        absent: (crm_absent::named(&mut read, NAMED).await?, crm_absent::count(&mut read).await?),
        jobs: jobs::all(&mut read).await?,
    })
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    admitted: Admitted,
) -> Response {
    let span = Span::asked(query.as_deref().unwrap_or_default());
    let standing = match standing(&site.store, span).await {
        Ok(standing) => standing,
        Err(error) => {
            tracing::error!(%error, "the overview could not be read");
            return refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown);
        }
    };
    let warnings = warnings(lang, &standing);
    let Standing { counts, sessions, stuck, figures, undecided: (named, undecided), .. } = standing;
    let (absentees, absent) = standing.absent;
    let of = |state: State| counts.iter().find(|(s, _)| *s == state).map_or(0, |(_, count)| *count);
    let all = counts.iter().map(|(_, count)| count).sum();
    let connected = Sentence::from(Desk::CountConnected).with("count", &of(State::Active)).with("all", &all);
    let told = match stuck {
        0 => String::new(),
        count => Sentence::from(Onboarding::StuckWarning).with("count", &count).say(lang),
    };
    let frame = Frame::new(&site, lang, admitted, Place::Overview, Desk::Overview);
    let page = Overview {
        connected: connected.say(lang),
        counts: WANTING.map(|state| (state, of(state))).into_iter().filter(|(_, count)| *count > 0).collect(),
        charts: draw(lang, &figures, span, site.store.clock().now(), frame.zone()),
        frame,
        span,
        undecided: (undecided > 0)
            .then(|| Sentence::from(Desk::UndecidedUsers).with("count", &undecided).say(lang)),
        named,
        absent: (absent > 0).then(|| Sentence::from(Leaving::GoneCount).with("count", &absent).say(lang)),
        absentees,
        warnings,
        stuck: told,
        all,
        sessions,
    };
    answer(&page, StatusCode::OK)
}

fn warnings(lang: Lang, standing: &Standing) -> Vec<String> {
    let mut warnings = Vec::new();
    match &standing.home {
        Home::Here => {}
        Home::Restored => warnings.push(Desk::HeldRestored.say(lang)),
        Home::Elsewhere { before, .. } => {
            let held = Sentence::from(Desk::HeldElsewhere)
                .with("before", &before.public_url)
                .with("place", &before.place);
            warnings.push(held.say(lang));
        }
    }
    match &standing.client {
        None => warnings.push(Desk::ClientMissing.say(lang)),
        Some(client) => warnings.extend(
            client.fault.as_ref().map(|code| Sentence::from(Desk::ClientFault).with("code", code).say(lang)),
        ),
    }
    for job in standing.jobs.iter().filter(|job| job.status == "failed") {
        let (name, _) = words(lang, &job.name);
        warnings.push(Sentence::from(Jobs::Attention).with("name", &name).say(lang));
    }
    warnings
}
