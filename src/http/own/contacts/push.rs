//! `/me/contacts/push`: which records of the CRM become people in the owner's group.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::plan::contacts::card::Entity;

use super::{author, barred, failed, said};
use crate::actions::contacts::ContactsFault;
use crate::actions::contacts::push::Which;
use crate::actions::contacts::view::{View, view};
use crate::clock::written;
use crate::http::form::Form;
use crate::http::gate::Owned;
use crate::http::page::{Tongue, refusal};
use crate::http::site::Site;
use crate::http::web::frame::{answer, onward};
use crate::store::contacts::pushes::{MOST, Push};
use crate::texts::{Contacts, Lang, Sentence, Text};

/// Longest part of a text that is told back.
const TOLD: usize = 100;
/// Pushes that are listed.
const LISTED: usize = 20;

/// The page.
#[derive(Template)]
#[template(path = "push.html", config = "src/http/askama.toml")]
struct Sheet {
    lang: Lang,
    fault: Option<String>,
    barred: Option<Contacts>,
    entities: Vec<Entity>,
    entity: Entity,
    ids: String,
    help: String,
    pushes: Vec<(String, String)>,
    form_token: String,
    base: String,
}

impl Sheet {
    /// The kinds that can be pushed: the word of each in the form, and what it is called.
    fn kinds(&self) -> Vec<(&'static str, Contacts)> {
        self.entities.iter().map(|entity| (entity.name(), Contacts::from(*entity))).collect()
    }
}

pub(in crate::http::own) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    owned: Owned,
) -> Response {
    if let Some(response) = barred(&site, lang, &owned).await {
        return response;
    }
    match view(&site.store, owned.account.id).await {
        Ok(view) => answer(&sheet(&site, lang, owned, &view), StatusCode::OK),
        Err(fault) => failed(&site, lang, &fault),
    }
}

/// Takes up a push of what the form names.
pub(in crate::http::own) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    owned: Owned,
    form: Form,
) -> Response {
    if let Some(response) = barred(&site, lang, &owned).await {
        return response;
    }
    let Some(entity) = Entity::parse(&form.text("entity")) else {
        return refusal(lang, StatusCode::BAD_REQUEST, Text::BadRequestBody);
    };
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let text = form.text("records");
    let pushed = async {
        let which = Which::Ids(named(entity, &text)?);
        site.pushing.push(&site.store, &by, (owned.account.id, entity), &which, false).await
    };
    let fault = match pushed.await {
        Ok(push) => return onward(&site, &format!("/me/contacts/push/{push}")),
        Err(fault) => fault,
    };
    match (said(&fault), view(&site.store, owned.account.id).await) {
        (Some(said), Ok(view)) => {
            let sheet = sheet(&site, lang, owned, &view);
            let sheet = Sheet { fault: Some(said.say(lang)), entity, ids: text, ..sheet };
            answer(&sheet, StatusCode::UNPROCESSABLE_ENTITY)
        }
        (None, _) => failed(&site, lang, &fault),
        (_, Err(fault)) => failed(&site, lang, &fault),
    }
}

fn sheet(site: &Site, lang: Lang, owned: Owned, view: &View) -> Sheet {
    let barred = if view.choices.group.is_none() {
        Some(Contacts::PushNoGroup)
    } else if owned.account.crm_user.is_none() {
        Some(Contacts::NobodyInCrm)
    } else if !view.choices.direction.writes() {
        Some(Contacts::PushOneWay)
    } else {
        None
    };
    Sheet {
        lang,
        fault: None,
        barred,
        entity: view.choices.kinds.first().copied().unwrap_or(Entity::Contact),
        entities: view.choices.kinds.clone(),
        ids: String::new(),
        help: Sentence::from(Contacts::PushIdsHelp).with("most", &MOST).say(lang),
        pushes: view.pushes.iter().take(LISTED).map(|push| line(lang, push)).collect(),
        form_token: owned.visit.token,
        base: site.base.clone(),
    }
}

fn line(lang: Lang, push: &Push) -> (String, String) {
    let words = Sentence::from(Contacts::PushLine)
        .with("at", &written(push.asked_at))
        .with("done", &push.done)
        .with("total", &push.total);
    (push.id.to_string(), words.say(lang))
}

/// The records that a text names: identities, or addresses of their pages in the CRM, which end in
/// `#Contact/view/…`.
fn named(entity: Entity, text: &str) -> Result<Vec<String>, ContactsFault> {
    let parts = text.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';'));
    let one = |part: &str| {
        let Some((_, place)) = part.split_once('#') else { return Ok(part.to_owned()) };
        let mut steps = place.trim_end_matches('/').split('/');
        match (steps.next(), steps.next(), steps.next(), steps.next()) {
            (Some(kind), Some("view"), Some(id), None) if kind == entity.name() => Ok(id.to_owned()),
            _ => Err(ContactsFault::NoRecord(
                part.chars().filter(|letter| !letter.is_control()).take(TOLD).collect(),
            )),
        }
    };
    parts.filter(|part| !part.is_empty()).take(MOST + 1).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::{Entity, named};

    #[test]
    fn records_are_named_by_identity_or_by_the_address_of_their_page() {
        let all = named(Entity::Contact, " a1, b2;c3\r\n\td4 https://crm.example.com/#Contact/view/e5/ ");
        assert_eq!(all.unwrap(), ["a1", "b2", "c3", "d4", "e5"]);
        assert!(named(Entity::Contact, " ,;\n").unwrap().is_empty());
        for other in ["https://crm/#Lead/view/e5", "https://crm/#Contact/edit/e5", "https://crm/#Contact"] {
            assert!(named(Entity::Contact, other).is_err(), "{other}");
        }
    }
}
