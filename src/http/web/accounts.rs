//! `/admin/accounts`: the mailboxes, searched and in pages.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::account::State;
use postern_core::model::role::Right;

use super::frame::{Frame, Place, answer};
use super::state;
use crate::http::form::parameter;
use crate::http::gate::Admitted;
use crate::http::page::{Tongue, refusal};
use crate::http::site::Site;
use crate::store::accounts::{self, Listed, Search};
use crate::store::{Store, StoreError};
use crate::texts::{Accounts, Desk, Sentence, Text};

const PAGE: i64 = 50;
const LAST: i64 = 10_000;

const STATES: [State; 6] = [
    State::NeedsConsent,
    State::NeedsSignIn,
    State::AwaitingApproval,
    State::New,
    State::Active,
    State::Disabled,
];

/// The list.
#[derive(Template)]
#[template(path = "accounts.html", config = "src/http/askama.toml")]
struct List {
    frame: Frame,
    search: Search,
    rows: Vec<Listed>,
    found: String,
    earlier: Option<String>,
    later: Option<String>,
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    admitted: Admitted,
) -> Response {
    let of = |name| parameter(query.as_deref().unwrap_or_default().as_bytes(), name).unwrap_or_default();
    let text: String = of("q").trim().chars().take(100).collect();
    let search = Search { text, state: of("state").parse().ok() };
    let page = of("page").parse::<i64>().unwrap_or(1).clamp(1, LAST);
    let (rows, all) = match found(&site.store, &search, page).await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "the accounts could not be listed");
            return refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown);
        }
    };
    let link = |page: i64| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &search.text).append_pair("state", search.state.map_or("", State::name));
        format!("{}?{}", site.at("/admin/accounts"), query.append_pair("page", &page.to_string()).finish())
    };
    let list = List {
        frame: Frame::new(&site, lang, admitted, Place::Accounts, Desk::Mailboxes),
        earlier: (page > 1).then(|| link(page - 1)),
        later: (page * PAGE < all && page < LAST).then(|| link(page + 1)),
        found: Sentence::from(Accounts::Found).with("count", &all).say(lang),
        search,
        rows,
    };
    answer(&list, StatusCode::OK)
}

async fn found(store: &Store, search: &Search, page: i64) -> Result<(Vec<Listed>, i64), StoreError> {
    let mut read = store.read().await?;
    accounts::page(&mut read, search, store.clock().now(), PAGE, (page - 1) * PAGE).await
}
