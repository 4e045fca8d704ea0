//! `/me/contacts/review`: of whom only the owner can say who they are.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::ReviewId;
use postern_core::plan::contacts::card::Entity;

use super::{author, barred, failed};
use crate::actions::contacts::ContactsFault;
use crate::actions::contacts::review::{Answer, Question, decide};
use crate::actions::contacts::view::{View, view};
use crate::clock::written;
use crate::http::contacts::{asked, named};
use crate::http::form::{Form, parameter};
use crate::http::gate::Owned;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::http::web::frame::{answer, onward};
use crate::store::contacts::reviews;
use crate::texts::{Contacts, Lang, Sentence};

/// The page.
#[derive(Template)]
#[template(path = "review.html", config = "src/http/askama.toml")]
struct Sheet {
    lang: Lang,
    done: bool,
    fault: Option<Contacts>,
    more: Option<String>,
    lines: Vec<Line>,
    form_token: String,
    base: String,
}

/// A question.
struct Line {
    id: ReviewId,
    name: String,
    about: String,
    why: String,
    since: String,
    /// The word of each answer in the form, and what it means.
    answers: Vec<(String, String)>,
}

pub(in crate::http::own) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    owned: Owned,
) -> Response {
    if let Some(response) = barred(&site, lang, &owned).await {
        return response;
    }
    let done = parameter(query.unwrap_or_default().as_bytes(), "done").is_some();
    match sheet(&site, lang, owned).await {
        Ok(sheet) => answer(&Sheet { done, ..sheet }, StatusCode::OK),
        Err(fault) => failed(&site, lang, &fault),
    }
}

/// Keeps the answer.
pub(in crate::http::own) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    owned: Owned,
    form: Form,
) -> Response {
    if let Some(response) = barred(&site, lang, &owned).await {
        return response;
    }
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let Ok(review) = id.parse::<ReviewId>() else { return failed(&site, lang, &ContactsFault::NotThere) };
    let decided = match said(&form.text("answer")) {
        Some(answer) => decide(&site.store, &by, owned.account.id, review, &answer).await,
        None => Err(ContactsFault::NoAnswer),
    };
    match decided {
        Ok(()) => onward(&site, "/me/contacts/review?done=decided"),
        Err(ContactsFault::NoAnswer) => match sheet(&site, lang, owned).await {
            Ok(sheet) => {
                let sheet = Sheet { fault: Some(Contacts::NoAnswer), ..sheet };
                answer(&sheet, StatusCode::UNPROCESSABLE_ENTITY)
            }
            Err(fault) => failed(&site, lang, &fault),
        },
        Err(fault) => failed(&site, lang, &fault),
    }
}

fn said(word: &str) -> Option<Answer> {
    match word.split_once(':') {
        None if word == "leave" => Some(Answer::Leave),
        Some(("same", key)) => Some(Answer::Same(key.to_owned())),
        Some(("new", kind)) => Entity::parse(kind).map(Answer::New),
        _ => None,
    }
}

async fn sheet(site: &Site, lang: Lang, owned: Owned) -> Result<Sheet, ContactsFault> {
    let view = view(&site.store, owned.account.id).await?;
    let all = reviews::count(&mut site.store.read().await?, owned.account.id).await?;
    let lines: Vec<Line> = view.questions.iter().map(|question| line(lang, &view, question)).collect();
    let shown = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    Ok(Sheet {
        lang,
        done: false,
        fault: None,
        more: (all > shown).then(|| Sentence::from(Contacts::ReviewMore).with("count", &all).say(lang)),
        lines,
        form_token: owned.visit.token,
        base: site.base.clone(),
    })
}

fn line(lang: Lang, view: &View, question: &Question) -> Line {
    let about = match kind(&question.key) {
        Some(kind) => Sentence::from(Contacts::ReviewOfRecord).with("kind", &Contacts::from(kind).say(lang)),
        None => Contacts::ReviewOfGoogle.into(),
    };
    Line {
        id: question.id,
        name: named(lang, question.about.clone()),
        about: about.say(lang),
        why: asked(lang, &question.word),
        since: Sentence::from(Contacts::ReviewSince).with("at", &written(question.opened_at)).say(lang),
        answers: answers(lang, view, question),
    }
}

fn answers(lang: Lang, view: &View, question: &Question) -> Vec<(String, String)> {
    let same = |(key, name): &(String, String)| {
        let name = named(lang, name.clone());
        let words = match kind(key) {
            Some(kind) => {
                Sentence::from(Contacts::ReviewSameKind).with("kind", &Contacts::from(kind).say(lang))
            }
            None => Contacts::ReviewSame.into(),
        };
        (format!("same:{key}"), words.with("name", &name).say(lang))
    };
    let new = |kind: Entity, words: Contacts| (format!("new:{}", kind.name()), words.say(lang));
    let mut all: Vec<_> = question.choices().map(same).collect();
    let alone = all.is_empty();
    let of_these = |these, nobody| if alone { nobody } else { these };
    match (question.can_be_new(), kind(&question.key)) {
        (true, Some(kind)) => {
            all.push(new(kind, of_these(Contacts::ReviewNewPerson, Contacts::ReviewNewAlone)));
        }
        (true, None) => all.extend(view.choices.kinds.iter().map(|kind| match kind {
            Entity::Contact => {
                new(*kind, of_these(Contacts::ReviewNewContact, Contacts::ReviewNewContactAlone))
            }
            Entity::Lead => new(*kind, of_these(Contacts::ReviewNewLead, Contacts::ReviewNewLeadAlone)),
        })),
        (false, _) => {}
    }
    all.push(("leave".to_owned(), Contacts::ReviewLeave.say(lang)));
    all
}

/// The kind of record that a key names; none of a person of Google.
fn kind(key: &str) -> Option<Entity> {
    Entity::parse(key.split_once('/')?.0)
}
