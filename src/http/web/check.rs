//! A mailbox opened as a login would open it, step by step.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::event::Event;
use postern_core::model::finding::Finding;

use super::account::{author, failed, known};
use super::findings;
use super::frame::{Frame, Place, answer};
use crate::actions::account::named;
use crate::actions::{ActError, By, witness};
use crate::doctor::account::{Submit, check};
use crate::http::gate::Admitted;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::store::accounts::Account;
use crate::texts::{Desk, Google, Lang, Sentence};

/// Less than a request may take.
const LIMIT: Duration = Duration::from_secs(40);

/// What was found.
#[derive(Template)]
#[template(path = "check.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    rows: Vec<Row>,
    works: bool,
    path: String,
}

struct Row {
    finding: Finding,
    took: Option<String>,
}

pub(super) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let (address, by) = match (known(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(address), Ok(by)) => (address, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let checked = async {
        let account = named(&mut site.store.read().await?, &address).await?;
        let found = looked(&site, lang, &account).await;
        witnessed(&site, &by, account, &found).await?;
        Ok::<_, ActError>(found)
    };
    let found = match checked.await {
        Ok(found) => found,
        Err(error) => return failed(lang, &error),
    };
    let title = Sentence::from(Google::CheckTitle).with("address", &address);
    let sheet = Sheet {
        frame: Frame::new(&site, lang, admitted, Place::Accounts, title),
        works: !found.iter().any(Finding::is_fault),
        rows: found.into_iter().map(|finding| row(lang, finding)).collect(),
        path: site.at(&format!("/admin/accounts/{id}")),
    };
    answer(&sheet, StatusCode::OK)
}

async fn looked(site: &Site, lang: Lang, account: &Account) -> Vec<Finding> {
    let whole = check(site.gmail.gmail(), account, Submit::Nothing);
    tokio::time::timeout(LIMIT, whole).await.unwrap_or_else(|_| {
        let seen = Sentence::from(Google::CheckLate).with("seconds", &LIMIT.as_secs()).say(lang);
        vec![Finding::fault("account", seen, "postern doctor")]
    })
}

async fn witnessed(site: &Site, by: &By, account: Account, found: &[Finding]) -> Result<(), ActError> {
    let (account, address) = (account.id, account.address);
    let event = Event::AccountChecked { account, address, outcome: witness::outcome(found) };
    witness::record(&site.store, by, event).await
}

fn row(lang: Lang, finding: Finding) -> Row {
    let took = finding.took_ms.map(|ms| Sentence::from(Google::CheckTook).with("ms", &ms).say(lang));
    Row { finding, took }
}
