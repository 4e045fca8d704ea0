//! `/admin/accounts/{id}`: one mailbox, and what an admin does about it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use postern_core::model::role::Right;
use postern_core::model::token::Protocols;

use super::frame::{Frame, Place, answer, onward};
use super::offboard;
use super::onboarding as steps;
use super::state;
use crate::actions::account::add::{Way, add};
use crate::actions::account::onboarding::{self, Mailbox, Step};
use crate::actions::account::view::{Leave, View};
use crate::actions::account::{Registration, approve, rename, switch, view};
use crate::actions::token::{self, Standing};
use crate::actions::{ActError, By, sessions};
use crate::clock::{Micros, written};
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue, refusal};
use crate::http::products::{Line, lines};
use crate::http::site::Site;
use crate::store::crm_absent::{self, Why};
use crate::store::mail_sessions::MailSession;
use crate::store::{Store, StoreError, accounts, offboarded};
use crate::texts::{Accounts, Desk, Lang, Leaving, Sentence, Text};

/// The page.
#[derive(Template)]
#[template(path = "account.html", config = "src/http/askama.toml")]
struct Sheet {
    frame: Frame,
    view: View,
    products: Vec<Line>,
    tokens: Vec<token::View>,
    sessions: Vec<MailSession>,
    proposed: Option<String>,
    named: Option<(String, String)>,
    linkable: bool,
    mails: bool,
    way: Option<Mailbox>,
    left: Option<String>,
    absent: Option<String>,
    path: String,
}

/// A link, shown once.
#[derive(Template)]
#[template(path = "link.html", config = "src/http/askama.toml")]
struct Made {
    frame: Frame,
    link: String,
    warning: Option<Desk>,
    path: String,
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let address = match known(&site, lang, &id).await {
        Ok(address) => address,
        Err(response) => return *response,
    };
    let sheet = async {
        let view = view::one(&site.store, &address).await?;
        let sessions = sessions::open(&site.store, view.id).await?;
        Ok::<_, ActError>((token::list(&site.store, Some(&address)).await?, sessions, view))
    };
    let (tokens, sessions, view) = match sheet.await {
        Ok(sheet) => sheet,
        Err(error) => return failed(lang, &error),
    };
    let way = match onboarding::one(&site.store, view.id).await {
        Ok(way) => way.filter(|way| beside_its_state(way.step)),
        Err(error) => return failed(lang, &error),
    };
    let parting = match parting(&site.store, view.id).await {
        Ok(parting) => parting,
        Err(error) => return failed(lang, &error.into()),
    };
    let proposed = view.proposed_address.as_ref();
    let named = view.proposed_crm_user.clone();
    let frame = Frame::new(&site, lang, admitted, Place::Accounts, Sentence::said(view.address.as_str()));
    let sheet = Sheet {
        left: parting.0.map(|at| offboard::since(&frame, lang, at)),
        absent: parting.1.map(|(why, at)| absent(why).with("at", &frame.time(&written(at))).say(lang)),
        frame,
        proposed: proposed.map(|new| Sentence::from(Accounts::Proposed).with("address", new).say(lang)),
        named: named.map(|user| (Sentence::from(Accounts::ProposedUser).with("user", &user).say(lang), user)),
        linkable: !matches!(view.state, State::Disabled | State::AwaitingApproval),
        path: site.at(&format!("/admin/accounts/{}", view.id)),
        mails: site.mails,
        products: lines(lang, &view, &site.google().products),
        way,
        tokens,
        sessions,
        view,
    };
    answer(&sheet, StatusCode::OK)
}

/// When the owner left, and since when the CRM has no such user any more.
type Parting = (Option<Micros>, Option<(Why, Micros)>);

async fn parting(store: &Store, id: AccountId) -> Result<Parting, StoreError> {
    let mut read = store.read().await?;
    Ok((offboarded::since(&mut read, id).await?, crm_absent::of(&mut read, id).await?))
}

fn absent(why: Why) -> Sentence {
    match why {
        Why::Deactivated => Leaving::GoneDeactivated.into(),
        Why::Deleted => Leaving::GoneDeleted.into(),
    }
}

/// Whether a step says more than the state of the mailbox does.
fn beside_its_state(step: Step) -> bool {
    match step {
        Step::Stuck | Step::Refused | Step::Lacking | Step::Underway | Step::Off => true,
        Step::Ended | Step::Waiting | Step::Barred | Step::Connected => false,
    }
}

/// A fresh link for the owner, shown once.
pub(super) async fn link(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let (address, by) = match (known(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(address), Ok(by)) => (address, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let wanted = Registration { address, crm_user: None, aliases: Vec::new() };
    let added = match add(&site.store, &by, site.rules(&site.google()), &wanted).await {
        Ok(added) => added,
        Err(error) => return failed(lang, &error),
    };
    let address = added.account.address;
    match added.way {
        Way::Served { by } => {
            let told = Sentence::from(Accounts::ServedBy).with("by", &by);
            Page::new(lang, Tone::Calm, Sentence::said(address.as_str())).say(told).answer(StatusCode::OK)
        }
        Way::Link { link, client_missing } => {
            let title = Sentence::from(Accounts::LinkTitle).with("address", &address);
            let made = Made {
                frame: Frame::new(&site, lang, admitted, Place::Accounts, title),
                link: link.url.reveal().to_owned(),
                warning: client_missing.then_some(Desk::ClientMissing),
                path: site.at(&format!("/admin/accounts/{id}")),
            };
            answer(&made, StatusCode::OK)
        }
    }
}

macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $act:path;)*) => {$(
        $(#[$doc])*
        pub(super) async fn $name(
            Of(site): Of<Arc<Site>>,
            Tongue(lang): Tongue,
            Path(id): Path<String>,
            admitted: Admitted,
        ) -> Response {
            let (address, by) = match (known(&site, lang, &id).await, author(&site, lang, &admitted)) {
                (Ok(address), Ok(by)) => (address, by),
                (Err(response), _) | (_, Err(response)) => return *response,
            };
            match $act(&site.store, &by, &address).await {
                Ok(_) => onward(&site, &format!("/admin/accounts/{id}")),
                Err(error) => failed(lang, &error),
            }
        }
    )*};
}

acts! {
    /// Lets a waiting mailbox in.
    approve = approve::approve;
    /// Confirms the address that Google shows.
    rename = rename::rename;
    /// Bars every login.
    disable = switch::disable;
    /// Lets it in again.
    enable = switch::enable;
}

/// Ends one open mail session.
pub(super) async fn end_session(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
    form: Form,
) -> Response {
    let (Ok(account), Ok(session)) = (id.parse(), form.text("session").parse()) else {
        return refusal(lang, StatusCode::BAD_REQUEST, Text::BadRequestBody);
    };
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    match sessions::end(&site.store, &by, account, session).await {
        Ok(_) => onward(&site, &format!("/admin/accounts/{id}")),
        Err(error) => failed(lang, &error),
    }
}

/// The address of the mailbox with that identity.
pub(super) async fn known(site: &Site, lang: Lang, id: &str) -> Result<Address, Box<Response>> {
    let gone =
        || Page::new(lang, Tone::Bad, Text::NotFoundTitle).say(Accounts::Gone).answer(StatusCode::NOT_FOUND);
    let Ok(id) = id.parse::<AccountId>() else { return Err(Box::new(gone())) };
    let found = async { accounts::by_id(&mut site.store.read().await?, id).await };
    match found.await {
        Ok(Some(account)) => Ok(account.address),
        Ok(None) => Err(Box::new(gone())),
        Err(error) => Err(Box::new(failed(lang, &error.into()))),
    }
}

/// Who does it.
pub(super) fn author(site: &Site, lang: Lang, admitted: &Admitted) -> Result<By, Box<Response>> {
    admitted.by(site).map_err(|error| Box::new(failed(lang, &error.into())))
}

/// An act that was not done, and why.
pub(super) fn failed(lang: Lang, error: &ActError) -> Response {
    if let ActError::Store(error) = error {
        tracing::error!(%error, "an act was not done");
        return refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown);
    }
    Page::new(lang, Tone::Bad, Text::RequestTitle)
        .say(Sentence::from(Accounts::Failed).with("why", error))
        .answer(StatusCode::CONFLICT)
}
