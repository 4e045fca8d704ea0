//! `/admin/google/service-accounts`: those that open a Workspace's mailboxes.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::address::Address;
use postern_core::model::finding::{Finding, Severity};
use postern_core::model::role::Right;
use postern_core::model::scope::{GMAIL, Product};
use postern_core::model::secret::Secret;

use super::account::{author, failed};
use super::findings;
use super::frame::{Frame, Place, answer};
use super::google::{Tried, fault};
use crate::actions::service_account::{self, Stored};
use crate::actions::{ActError, By};
use crate::config::listed;
use crate::doctor::delegation;
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::store::accounts::{self, Search};
use crate::store::{Store, StoreError};
use crate::texts::{Accounts, Desk, Google, Lang, Sentence};

/// The page.
#[derive(Template)]
#[template(path = "service_accounts.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    said: Option<Said>,
    tried: Option<Tried>,
    robots: Vec<Robot>,
    scopes: String,
}

/// What an act came to.
struct Said {
    good: bool,
    words: String,
}

struct Robot {
    email: String,
    number: Option<String>,
    domains: Vec<Domain>,
    fault: Option<String>,
}

struct Domain {
    name: String,
    label: String,
    mailbox: String,
}

pub(super) async fn page(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    show(&site, lang, admitted, None, None).await
}

/// Stores a key and the domains it serves.
pub(super) async fn import(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let key = Secret::new(form.text("key"));
    let domains: Vec<String> = listed(&form.text("domains")).map(str::to_owned).collect();
    let stored =
        service_account::import(&site.store, &by, &key, &domains, &site.google().allowed_domains).await;
    let said = match stored {
        Ok(stored) => Said { good: true, words: imported(lang, &stored) },
        Err(error @ ActError::Store(_)) => return failed(lang, &error),
        Err(ActError::NoDomain) => Said { good: false, words: Google::ImportNoDomain.say(lang) },
        Err(error) => refused(lang, &error),
    };
    show(&site, lang, admitted, Some(said), None).await
}

/// Asks Google whether one of them opens a mailbox.
pub(super) async fn test(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let mailbox = match Address::parse(&form.text("mailbox")) {
        Ok(mailbox) => mailbox,
        Err(why) => {
            let words = Sentence::from(Google::TryNoAddress).with("why", &why).say(lang);
            return show(&site, lang, admitted, Some(Said { good: false, words }), None).await;
        }
    };
    match tried(&site, &by, &form.text("email"), mailbox).await {
        Ok(Some(finding)) => {
            let verdict = Sentence::from(verdict(&finding)).with("scope", GMAIL).say(lang);
            let tried = Tried { tone: findings::tone(&finding), verdict, finding };
            show(&site, lang, admitted, None, Some(tried)).await
        }
        Ok(None) => {
            let said = Said { good: false, words: Google::TryGone.say(lang) };
            show(&site, lang, admitted, Some(said), None).await
        }
        Err(error) => failed(lang, &error),
    }
}

async fn tried(site: &Site, by: &By, email: &str, mailbox: Address) -> Result<Option<Finding>, ActError> {
    let reach = site.reach();
    let found = delegation::look(reach.exchange, reach.endpoints, &site.store, email, &mailbox).await?;
    if let Some(finding) = &found {
        service_account::tried(&site.store, by, email, mailbox, finding.severity).await?;
    }
    Ok(found)
}

fn verdict(finding: &Finding) -> Google {
    match finding.id {
        _ if finding.severity == Severity::Ok => Google::TryGood,
        delegation::SCOPE => Google::TryScope,
        delegation::MAILBOX => Google::TryRefused,
        delegation::KEY => Google::TryKey,
        _ => Google::TryUnreached,
    }
}

fn imported(lang: Lang, stored: &Stored) -> String {
    Sentence::from(Google::ImportDone)
        .with("email", &stored.email)
        .with("domains", &stored.domains.join(", "))
        .with("number", &stored.client_id)
        .say(lang)
}

fn refused(lang: Lang, error: &ActError) -> Said {
    Said { good: false, words: Sentence::from(Accounts::Failed).with("why", error).say(lang) }
}

async fn show(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    said: Option<Said>,
    tried: Option<Tried>,
) -> Response {
    let stored = match service_account::list(&site.store).await {
        Ok(stored) => stored,
        Err(error) => return failed(lang, &error),
    };
    let mut robots = Vec::with_capacity(stored.len());
    for listed in stored {
        let mut domains = Vec::with_capacity(listed.domains.len());
        for name in listed.domains {
            let label = Sentence::from(Google::TryMailbox).with("domain", &name).say(lang);
            match first(&site.store, &name).await {
                Ok(mailbox) => domains.push(Domain { name, label, mailbox }),
                Err(error) => return failed(lang, &error.into()),
            }
        }
        let fault = listed.fault.map(|code| fault(&code).say(lang));
        robots.push(Robot { email: listed.email, number: listed.client_id, domains, fault });
    }
    let bad = said.as_ref().is_some_and(|said| !said.good);
    let frame = Frame::new(site, lang, admitted, Place::Google, Google::RobotsTitle);
    let status = if bad { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let scopes = Product::scopes_of(&site.google().products);
    answer(&Sheet { frame, said, tried, robots, scopes }, status)
}

/// A registered mailbox of the domain, to be proposed for a test.
async fn first(store: &Store, domain: &str) -> Result<String, StoreError> {
    let search = Search { text: format!("@{domain}"), state: None };
    let now = store.clock().now();
    let (rows, _) = accounts::page(&mut store.read().await?, &search, now, 10, 0).await?;
    let own = rows.into_iter().map(|row| row.account.address).find(|it| it.domain() == domain);
    Ok(own.map(|address| address.to_string()).unwrap_or_default())
}
