//! `/admin/admins`: those who run the installation.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::AdminId;
use postern_core::model::role::{Right, Role};

use super::frame::{Frame, Place, answer, onward};
use super::me::down;
use crate::actions::admin::link::Link;
use crate::actions::admin::{self, AdminFault, View};
use crate::clock::written;
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::site::Site;
use crate::store::{Store, StoreError, admins, totp};
use crate::texts::{Admins, Desk, Lang, Sentence, Text};

/// The list.
#[derive(Template)]
#[template(path = "admins.html", config = "src/http/askama.toml")]
struct List {
    frame: Frame,
    all: Vec<View>,
    mandatory: bool,
}

impl List {
    #[expect(clippy::unused_self, reason = "templates ask the page")]
    fn word(&self, role: &Role) -> Admins {
        match role {
            Role::Admin => Admins::RoleAdmin,
            Role::Helpdesk => Admins::RoleHelpdesk,
            Role::Auditor => Admins::RoleAuditor,
        }
    }
}

/// A link, shown once.
#[derive(Template)]
#[template(path = "invited.html", config = "src/http/askama.toml")]
struct Invited {
    frame: Frame,
    body: String,
    link: String,
}

pub(super) async fn page(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    let (all, mandatory) = match standing(&site.store).await {
        Ok(standing) => standing,
        Err(error) => return down(lang, &error),
    };
    let frame = Frame::new(&site, lang, admitted, Place::Admins, Admins::Title);
    answer(&List { frame, all, mandatory }, StatusCode::OK)
}

async fn standing(store: &Store) -> Result<(Vec<View>, bool), StoreError> {
    Ok((admin::list(store).await?, totp::mandatory(&mut store.read().await?).await?))
}

pub(super) async fn add(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let added = async {
        let role = role_of(&form)?;
        let by = admitted.by(&site)?;
        admin::add(&site.store, &by, &form.text("name"), role, site.public_url()).await
    };
    match added.await {
        Ok(link) => invited(&site, lang, admitted, &link),
        Err(fault) => failed(lang, &fault),
    }
}

pub(super) async fn reset(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let reset = async {
        let (name, by) = (name(&site.store, &id).await?, admitted.by(&site)?);
        admin::reset(&site.store, &by, &name, site.public_url()).await
    };
    match reset.await {
        Ok(link) => invited(&site, lang, admitted, &link),
        Err(fault) => failed(lang, &fault),
    }
}

pub(super) async fn role(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
    form: Form,
) -> Response {
    let changed = async {
        let (name, by) = (name(&site.store, &id).await?, admitted.by(&site)?);
        admin::set_role(&site.store, &by, &name, role_of(&form)?).await
    };
    after(&site, lang, changed.await)
}

pub(super) async fn disable(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let done = async {
        let (name, by) = (name(&site.store, &id).await?, admitted.by(&site)?);
        admin::disable(&site.store, &by, &name).await
    };
    after(&site, lang, done.await)
}

pub(super) async fn enable(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let done = async {
        let (name, by) = (name(&site.store, &id).await?, admitted.by(&site)?);
        admin::enable(&site.store, &by, &name).await
    };
    after(&site, lang, done.await)
}

pub(super) async fn mandatory(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let on = form.text("mandatory") == "yes";
    let set = async { admin::set_mandatory(&site.store, &admitted.by(&site)?, on).await };
    after(&site, lang, set.await)
}

fn role_of(form: &Form) -> Result<Role, AdminFault> {
    form.text("role").parse().map_err(|_| AdminFault::Name)
}

// The name of the admin with that identity, for actions.
async fn name(store: &Store, id: &str) -> Result<String, AdminFault> {
    let nobody = || AdminFault::Nobody(String::new());
    let id = id.parse::<AdminId>().map_err(|_| nobody())?;
    let admin = admins::by_id(&mut store.read().await?, id).await?;
    admin.map(|admin| admin.name).ok_or_else(nobody)
}

fn invited(site: &Site, lang: Lang, admitted: Admitted, link: &Link) -> Response {
    let title = Sentence::from(Admins::LinkTitle).with("name", &link.name);
    let frame = Frame::new(site, lang, admitted, Place::Admins, title);
    let end = frame.time(&written(link.expires_at));
    let body = Sentence::from(Admins::LinkBody).with("name", &link.name).with("end", &end);
    answer(&Invited { body: frame.say(body), link: link.url.reveal().to_owned(), frame }, StatusCode::OK)
}

fn after(site: &Site, lang: Lang, done: Result<bool, AdminFault>) -> Response {
    match done {
        Ok(_) => onward(site, "/admin/admins"),
        Err(fault) => failed(lang, &fault),
    }
}

fn failed(lang: Lang, fault: &AdminFault) -> Response {
    let (status, why) = match fault {
        AdminFault::Name => (StatusCode::UNPROCESSABLE_ENTITY, Admins::BadName.into()),
        AdminFault::Taken(name) => {
            (StatusCode::CONFLICT, Sentence::from(Admins::NameTaken).with("name", name))
        }
        AdminFault::Nobody(_) => (StatusCode::NOT_FOUND, Admins::NobodyThere.into()),
        AdminFault::Last(name) => (StatusCode::CONFLICT, Sentence::from(Admins::LastOne).with("name", name)),
        AdminFault::Link
        | AdminFault::Unfit(_)
        | AdminFault::Hash(_)
        | AdminFault::Store(_)
        | AdminFault::NoRandomness(_) => return down(lang, fault),
    };
    Page::new(lang, Tone::Bad, Text::RequestTitle).say(why).answer(status)
}
