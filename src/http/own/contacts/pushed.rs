//! `/me/contacts/push/{id}`: how far a push is, and what came of each record. The
//! page asks again by itself, with scripts and without.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::{AccountId, PushId};
use postern_core::plan::contacts::card::Entity;

use super::{author, failed};
use crate::actions::contacts::ContactsFault;
use crate::actions::contacts::names::names;
use crate::actions::contacts::push::{View, cancel, lines};
use crate::clock::{micros, written};
use crate::http::asset::HTMX;
use crate::http::contacts::{result, why};
use crate::http::form::parameter;
use crate::http::gate::Owned;
use crate::http::own::contacts::pairs::{Turning, from};
use crate::http::page::{Page, Tone, Tongue};
use crate::http::policy::Needs;
use crate::http::site::Site;
use crate::http::web::frame::{answer_that, onward};
use crate::store::contacts::books;
use crate::store::contacts::pushes::{Line, Push};
use crate::texts::{Accounts, ContactWords, Contacts, Lang, Sentence, Text};

/// Records of a page.
const SHOWN: i64 = 100;
/// Nobody is told of a shorter wait.
const SOON: Duration = Duration::from_secs(10);

/// The page.
#[derive(Template)]
#[template(path = "pushed.html", config = "src/http/askama.toml")]
struct Sheet {
    lang: Lang,
    push: Push,
    asked: String,
    told: String,
    rest: Option<String>,
    paused: Option<String>,
    cancelled: bool,
    words: Vec<(String, i64)>,
    records: Vec<Record>,
    turning: Turning,
    here: String,
    script: String,
    form_token: String,
    base: String,
}

impl Sheet {
    fn running(&self) -> bool {
        self.push.ended_at.is_none()
    }
}

/// A record, and what came of it.
struct Record {
    kind: String,
    id: String,
    name: String,
    result: String,
}

pub(in crate::http::own) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    owned: Owned,
) -> Response {
    let Ok(push) = id.parse::<PushId>() else { return refused(&site, lang, &ContactsFault::NotThere) };
    let query = query.unwrap_or_default();
    match sheet(&site, lang, &owned, push, from(&query)).await {
        Ok(sheet) => {
            let cancelled = parameter(query.as_bytes(), "done").as_deref() == Some("cancelled");
            let needs = if sheet.running() { Needs::Script } else { Needs::Form };
            answer_that(needs, &Sheet { cancelled, ..sheet }, StatusCode::OK)
        }
        Err(fault) => refused(&site, lang, &fault),
    }
}

/// Gives up what still waits.
pub(in crate::http::own) async fn end(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    owned: Owned,
) -> Response {
    let by = match author(&site, lang, &owned) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let Ok(push) = id.parse::<PushId>() else { return refused(&site, lang, &ContactsFault::NotThere) };
    match cancel(&site.store, &by, owned.account.id, push).await {
        Ok(()) => onward(&site, &format!("/me/contacts/push/{push}?done=cancelled")),
        Err(fault) => refused(&site, lang, &fault),
    }
}

async fn sheet(
    site: &Site,
    lang: Lang,
    owned: &Owned,
    id: PushId,
    from: i64,
) -> Result<Sheet, ContactsFault> {
    let account = owned.account.id;
    let View { push, words, rest } = site.pushing.view(&site.store, account, id).await?;
    let records = records(site, lang, account, lines(&site.store, account, id, (SHOWN, from)).await?).await?;
    let path = site.at(&format!("/me/contacts/push/{id}"));
    let counted = |phrase: Contacts| {
        Sentence::from(phrase).with("done", &push.done).with("total", &push.total).say(lang)
    };
    let minutes = rest.map(|rest| rest.as_secs().div_ceil(60));
    let said = |minutes: u64| {
        let phrase = if minutes <= 1 { Contacts::PushedRestOne } else { Contacts::PushedRest };
        Sentence::from(phrase).with("minutes", &minutes).with("rate", &site.pushing.a_minute()).say(lang)
    };
    Ok(Sheet {
        lang,
        asked: Sentence::from(Contacts::PushedBy).with("at", &written(push.asked_at)).say(lang),
        told: counted(Contacts::PushedDone),
        rest: minutes.map(said),
        paused: paused(site, lang, &push, account).await?,
        cancelled: false,
        words: words.into_iter().map(|(word, count)| (result(lang, &word), count)).collect(),
        turning: Turning::of(lang, &path, (from, SHOWN, push.total)),
        here: format!("{path}?from={from}"),
        records,
        push,
        script: site.at(&HTMX.path()),
        form_token: owned.visit.token.clone(),
        base: site.base.clone(),
    })
}

/// Why nothing is pushed for now, where that is so.
async fn paused(
    site: &Site,
    lang: Lang,
    push: &Push,
    account: AccountId,
) -> Result<Option<String>, ContactsFault> {
    if push.ended_at.is_some() {
        return Ok(None);
    }
    let mut read = site.store.read().await?;
    let Some(book) = books::of(&site.store, &mut read, account).await? else { return Ok(None) };
    if let Some(word) = book.fault {
        return Ok(Some(Sentence::from(Contacts::PushedPaused).with("why", &why(lang, &word)).say(lang)));
    }
    // What waits is due at once, but for Google's pace.
    let parked = book.next_at - site.store.clock().now() > micros(SOON);
    let until = Sentence::from(Contacts::PushedParked).with("at", &written(book.next_at));
    Ok(parked.then(|| until.say(lang)))
}

async fn records(
    site: &Site,
    lang: Lang,
    account: AccountId,
    lines: Vec<Line>,
) -> Result<Vec<Record>, ContactsFault> {
    let key = |line: &Line| format!("{}/{}", line.entity, line.record_id);
    let names = names(&site.store, account, lines.iter().map(key)).await?;
    let record = |line: Line| Record {
        name: names.get(&key(&line)).cloned().unwrap_or_default(),
        kind: Entity::parse(&line.entity)
            .map_or_else(|| line.entity.clone(), |kind| Contacts::from(kind).say(lang)),
        result: line.word.map_or_else(|| ContactWords::Waits.say(lang), |word| result(lang, &word)),
        id: line.record_id,
    };
    Ok(lines.into_iter().map(record).collect())
}

fn refused(site: &Site, lang: Lang, fault: &ContactsFault) -> Response {
    if !matches!(fault, ContactsFault::NotThere) {
        return failed(site, lang, fault);
    }
    let page = Page::new(lang, Tone::Bad, Text::NotFoundTitle).say(Contacts::PushGone);
    page.onward(site.at("/me/contacts/push"), Contacts::ToPush).answer(StatusCode::NOT_FOUND)
}
