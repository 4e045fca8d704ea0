//! `/admin/keys`: keys of the REST API.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::key_scope::{KeyScope, KeyScopes};

use super::account::{author, failed};
use super::frame::{Frame, Place, answer, answer_that, onward};
use crate::actions::api_key::{self, ApiKeyFault, PER_MINUTE, View};
use crate::config::listed;
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Tongue, refusal};
use crate::http::policy::Needs;
use crate::http::site::Site;
use crate::store::Store;
use crate::store::api_keys::Terms;
use crate::texts::{Accounts, Desk, Keys, Lang, Sentence, Text};

/// The page.
#[derive(Template)]
#[template(path = "keys.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    keys: Vec<View>,
    entered: Entered,
    ticks: Vec<Tick>,
    fault: Option<String>,
}

/// A scope to be ticked.
struct Tick {
    name: &'static str,
    words: Keys,
    ticked: bool,
    /// What ticking it means, where that is much.
    warning: Option<Keys>,
}

/// The one page that shows a key.
#[derive(Template)]
#[template(path = "key_made.html", config = "src/http/askama.toml")]
struct Shown {
    frame: Frame,
    key: String,
    hmac: Option<String>,
    address: String,
}

/// The form as it was filled in.
struct Entered {
    name: String,
    scopes: KeyScopes,
    reach: String,
    signs: bool,
    rate: String,
}

impl Default for Entered {
    fn default() -> Self {
        // What a CRM needs; what opens mailboxes is ticked by hand.
        let scopes = [KeyScope::AccountRead, KeyScope::AccountLink].into_iter().collect();
        Self { name: String::new(), scopes, reach: String::new(), signs: false, rate: PER_MINUTE.to_string() }
    }
}

impl Entered {
    fn of(form: &Form) -> Self {
        let ticked = KeyScope::ALL.iter().copied().filter(|scope| form.get(scope.name()).is_some());
        Self {
            name: form.text("name"),
            scopes: ticked.collect(),
            reach: form.text("reach"),
            signs: form.get("signs").is_some(),
            rate: form.text("rate"),
        }
    }

    async fn terms(&self, store: &Store) -> Result<Terms, ApiKeyFault> {
        Ok(Terms {
            name: self.name.clone(),
            scopes: self.scopes.clone(),
            reach: api_key::reach(store, listed(&self.reach)).await?,
            signs: self.signs,
            per_minute: self.rate.parse().map_err(|_| ApiKeyFault::Rate)?,
        })
    }
}

pub(super) async fn page(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    show(&site, lang, admitted, Entered::default(), None).await
}

/// Makes a key and shows it.
pub(super) async fn create(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let entered = Entered::of(&form);
    let made = match entered.terms(&site.store).await {
        Ok(terms) => api_key::create(&site.store, &by, &terms).await,
        Err(fault) => Err(fault),
    };
    match made {
        Ok(made) => {
            let title = Sentence::from(Keys::ShownTitle).with("name", &entered.name);
            let frame = Frame::new(&site, lang, admitted, Place::Keys, title);
            let address = site.address_of("/api/v1");
            let hmac = made.hmac.map(|secret| secret.reveal().to_owned());
            let shown = Shown { frame, key: made.key.reveal().to_owned(), hmac, address };
            answer_that(Needs::Script, &shown, StatusCode::OK)
        }
        Err(ApiKeyFault::Store(error)) => failed(lang, &error.into()),
        Err(fault) => show(&site, lang, admitted, entered, Some(words(lang, &fault))).await,
    }
}

pub(super) async fn revoke(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let Ok(id) = id.parse() else {
        return refusal(lang, StatusCode::NOT_FOUND, Text::BadRequestBody);
    };
    match api_key::revoke(&site.store, &by, id).await {
        Ok(_) => onward(&site, "/admin/keys"),
        Err(ApiKeyFault::Store(error)) => failed(lang, &error.into()),
        Err(fault) => show(&site, lang, admitted, Entered::default(), Some(words(lang, &fault))).await,
    }
}

async fn show(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    entered: Entered,
    fault: Option<String>,
) -> Response {
    let keys = match api_key::list(&site.store).await {
        Ok(keys) => keys,
        Err(error) => return failed(lang, &error.into()),
    };
    let status = if fault.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let frame = Frame::new(site, lang, admitted, Place::Keys, Keys::Title);
    let tick = |scope: &KeyScope| Tick {
        name: scope.name(),
        words: meaning(*scope),
        ticked: entered.scopes.allow(*scope),
        warning: (*scope == KeyScope::TokenIssue).then_some(Keys::TokenIssueBody),
    };
    let ticks = KeyScope::ALL.iter().map(tick).collect();
    answer(&Sheet { frame, keys, entered, ticks, fault }, status)
}

/// What a scope means for people.
fn meaning(scope: KeyScope) -> Keys {
    match scope {
        KeyScope::AccountRead => Keys::AccountRead,
        KeyScope::AccountLink => Keys::AccountLink,
        KeyScope::TokenIssue => Keys::TokenIssue,
        KeyScope::SyncRun => Keys::SyncRun,
        KeyScope::AuditRead => Keys::AuditRead,
    }
}

/// Which mailboxes a key is about, in words.
fn reach(frame: &Frame, key: &View) -> String {
    let mut parts = key.domains.clone();
    if !key.accounts.is_empty() {
        parts.push(frame.say(Sentence::from(Keys::ReachSome).with("count", &key.accounts.len())));
    }
    if parts.is_empty() { frame.say(Keys::ReachAll) } else { parts.join(", ") }
}

fn words(lang: Lang, fault: &ApiKeyFault) -> String {
    match fault {
        ApiKeyFault::Name => Keys::NameWrong.say(lang),
        ApiKeyFault::NoScope => Keys::NoScope.say(lang),
        ApiKeyFault::Rate => Keys::RateWrong.say(lang),
        ApiKeyFault::NoKey(_) => Keys::Gone.say(lang),
        ApiKeyFault::NoMailbox(word) => Sentence::from(Keys::MailboxWrong).with("word", word).say(lang),
        ApiKeyFault::NotADomain(domain) => Sentence::from(Keys::DomainWrong).with("domain", domain).say(lang),
        other => Sentence::from(Accounts::Failed).with("why", other).say(lang),
    }
}
