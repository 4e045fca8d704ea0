//! `/admin`: what needs attention, then how things stand.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::account::State;
use postern_core::model::role::Right;

use super::frame::{Frame, Place, answer};
use super::state;
use crate::actions::account::onboarding;
use crate::http::gate::Admitted;
use crate::http::page::{Tongue, refusal};
use crate::http::site::Site;
use crate::store::{Store, StoreError, accounts, clients, mail_sessions};
use crate::texts::{Desk, Onboarding, Sentence, Text};

/// The page.
#[derive(Template)]
#[template(path = "overview.html", config = "src/http/askama.toml")]
struct Overview {
    frame: Frame,
    warnings: Vec<String>,
    stuck: String,
    counts: Vec<(State, i64)>,
    all: i64,
    connected: String,
    sessions: usize,
}

/// States that want somebody to act, the most urgent first.
const WANTING: [State; 4] = [State::NeedsConsent, State::NeedsSignIn, State::AwaitingApproval, State::New];

struct Standing {
    counts: Vec<(State, i64)>,
    sessions: usize,
    stuck: i64,
    client: Option<clients::Client>,
}

async fn standing(store: &Store) -> Result<Standing, StoreError> {
    let stuck = onboarding::stuck(store).await?;
    let mut read = store.read().await?;
    Ok(Standing {
        stuck,
        counts: accounts::counts(&mut read).await?,
        sessions: mail_sessions::open(&mut read).await?.len(),
        client: clients::current(store, &mut read).await?,
    })
}

pub(super) async fn page(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    let Standing { counts, sessions, stuck, client } = match standing(&site.store).await {
        Ok(standing) => standing,
        Err(error) => {
            tracing::error!(%error, "the overview could not be read");
            return refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown);
        }
    };
    let mut warnings = Vec::new();
    match client {
        None => warnings.push(Desk::ClientMissing.say(lang)),
        Some(client) => warnings
            .extend(client.fault.map(|code| Sentence::from(Desk::ClientFault).with("code", &code).say(lang))),
    }
    let of = |state: State| counts.iter().find(|(s, _)| *s == state).map_or(0, |(_, count)| *count);
    let all = counts.iter().map(|(_, count)| count).sum();
    let connected = Sentence::from(Desk::CountConnected).with("count", &of(State::Active)).with("all", &all);
    let told = match stuck {
        0 => String::new(),
        count => Sentence::from(Onboarding::StuckWarning).with("count", &count).say(lang),
    };
    let page = Overview {
        connected: connected.say(lang),
        counts: WANTING.map(|state| (state, of(state))).into_iter().filter(|(_, count)| *count > 0).collect(),
        frame: Frame::new(&site, lang, admitted, Place::Overview, Desk::Overview),
        warnings,
        stuck: told,
        all,
        sessions,
    };
    answer(&page, StatusCode::OK)
}
