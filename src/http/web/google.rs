//! `/admin/google`: how the installation stands with Google.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::finding::{Finding, Severity};
use postern_core::model::role::Right;
use postern_core::model::scope::Product;

use super::account::failed;
use super::findings;
use super::frame::{Frame, Place, answer};
use crate::actions::ActError;
use crate::actions::client::tried;
use crate::clock::written;
use crate::doctor::{client, redirect};
use crate::http::gate::Admitted;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::store::{Store, StoreError, clients};
use crate::texts::{Desk, Google, Lang, Sentence, Settings};

/// The page.
#[derive(Template)]
#[template(path = "google.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    client: Option<Shown>,
    tried: Option<Tried>,
    redirect: String,
    rules: [(Google, bool); 3],
    local: bool,
    api_step: String,
    scope_step: String,
    /// Whether owners may connect, and of which domains.
    connect: Settings,
    domains: String,
}

/// The client without its secret.
struct Shown {
    id: String,
    set_at: Option<String>,
    fault: Option<String>,
}

/// How a test went.
pub(in crate::http) struct Tried {
    pub tone: &'static str,
    pub verdict: String,
    pub finding: Finding,
}

pub(super) async fn page(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    show(&site, lang, admitted, None).await
}

/// Asks Google about the client.
pub(super) async fn test(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    let asked = async {
        let by = admitted.by(&site)?;
        let Some(client) = current(&site.store).await? else { return Err(ActError::NoClient) };
        let reach = site.reach();
        let found = client::look(reach.exchange, reach.endpoints, reach.redirect_uri, &site.store).await?;
        let Some(finding) = found.into_iter().find(|it| it.id == "client") else {
            return Err(ActError::NoClient);
        };
        tried(&site.store, &by, &client.client_id, finding.severity).await?;
        Ok(finding)
    };
    match asked.await {
        Ok(finding) => {
            let verdict = verdict(&finding).say(lang);
            let tried = Tried { tone: findings::tone(&finding), verdict, finding };
            show(&site, lang, admitted, Some(tried)).await
        }
        Err(error) => failed(lang, &error),
    }
}

async fn show(site: &Site, lang: Lang, admitted: Admitted, tried: Option<Tried>) -> Response {
    let client = match shown(&site.store, lang).await {
        Ok(client) => client,
        Err(error) => return failed(lang, &error.into()),
    };
    let (redirect, google) = (&site.consents.redirect_uri, site.google());
    let rules = redirect::rules(redirect);
    let sheet = Sheet {
        frame: Frame::new(site, lang, admitted, Place::Google, Google::Title),
        client,
        tried,
        redirect: redirect.to_string(),
        rules: [
            (Google::RuleEncrypted, rules.encrypted),
            (Google::RuleNamed, rules.named),
            (Google::RulePublic, rules.public),
        ],
        local: rules.local,
        api_step: Sentence::from(Google::StepApi).with("apis", &apis(&google.products)).say(lang),
        scope_step: Sentence::from(Google::StepConsent)
            .with("scope", &Product::scopes_of(&google.products))
            .say(lang),
        connect: if google.connect { Settings::Yes } else { Settings::No },
        domains: match google.allowed_domains.join(", ") {
            none if none.is_empty() => Settings::Everybody.say(lang),
            domains => domains,
        },
    };
    answer(&sheet, StatusCode::OK)
}

/// What has to be enabled at Google for these products, by Google's names.
fn apis(products: &[Product]) -> String {
    let api = |product: &Product| match product {
        Product::Gmail => "Gmail API",
        Product::Calendar => "Google Calendar API",
        Product::Contacts => "People API",
    };
    products.iter().map(api).collect::<Vec<_>>().join(", ")
}

async fn current(store: &Store) -> Result<Option<clients::Client>, StoreError> {
    clients::current(store, &mut store.read().await?).await
}

async fn shown(store: &Store, lang: Lang) -> Result<Option<Shown>, StoreError> {
    let mut read = store.read().await?;
    let Some(client) = clients::current(store, &mut read).await? else { return Ok(None) };
    Ok(Some(Shown {
        set_at: clients::set_at(&mut read, client.id).await?.map(written),
        fault: client.fault.map(|code| fault(&code).say(lang)),
        id: client.client_id,
    }))
}

fn verdict(finding: &Finding) -> Google {
    match finding.severity {
        Severity::Ok => Google::TestGood,
        Severity::Note => Google::TestUnclear,
        Severity::Warning => Google::TestUnreached,
        Severity::Fault => Google::TestRefused,
    }
}

/// What Google has against a client or a service account, by its code.
pub(super) fn fault(code: &str) -> Sentence {
    let phrase = match code {
        "invalid_client" => Google::FaultInvalidClient,
        "deleted_client" => Google::FaultDeleted,
        "disabled_client" => Google::FaultDisabled,
        "org_internal" => Google::FaultInternal,
        "admin_policy_enforced" => Google::FaultPolicy,
        "redirect_uri_mismatch" => Google::FaultRedirect,
        "unauthorized_client" | "invalid_scope" => Google::FaultDelegation,
        "key_refused" | "service_account_gone" | "key_unusable" => Google::FaultKey,
        "clock" => Google::FaultClock,
        _ => return Sentence::from(Google::FaultOther).with("code", code),
    };
    phrase.into()
}
