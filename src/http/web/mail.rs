//! Mailing consent links: to the address of each mailbox and to no other.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;

use super::account::{author, failed, known};
use super::frame::{Frame, Place, answer};
use super::onboarding::missing;
use super::register::run;
use crate::actions::account::mail::{self, Asked, MOST};
use crate::actions::account::onboarding;
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::site::Site;
use crate::texts::{Desk, Onboarding, Sentence};

/// The question before many letters leave.
#[derive(Template)]
#[template(path = "mail_many.html", config = "src/http/askama.toml")]
struct Question {
    frame: Frame,
    body: String,
    path: String,
}

/// A link for one mailbox.
pub(super) async fn one(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
) -> Response {
    let (address, by) = match (known(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(address), Ok(by)) => (address, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let back = site.at(&format!("/admin/accounts/{id}"));
    let told = |tone, title: Onboarding, words: Onboarding, status| {
        Page::new(lang, tone, title)
            .mailbox(&address)
            .say(Sentence::from(words).with("address", &address))
            .onward(back, Desk::Back)
            .answer(status)
    };
    let (bad, conflict) = (Tone::Bad, StatusCode::CONFLICT);
    if !site.mails {
        return told(bad, Onboarding::NotMailed, Onboarding::NoNotices, conflict);
    }
    let Ok(account) = id.parse() else {
        return told(bad, Onboarding::NotMailed, Onboarding::Needless, conflict);
    };
    match mail::ask(&site.store, &by, account).await {
        Ok(Asked::Queued) => told(Tone::Good, Onboarding::Mailed, Onboarding::MailedBody, StatusCode::OK),
        Ok(Asked::Lately) => told(bad, Onboarding::NotMailed, Onboarding::Lately, conflict),
        Ok(Asked::Needless) => told(bad, Onboarding::NotMailed, Onboarding::Needless, conflict),
        Err(error) => failed(lang, &error),
    }
}

/// A link for each mailbox whose owner has to act; the first press asks.
pub(super) async fn many(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let path = site.at("/admin/accounts/onboarding");
    let told = |tone, title: Sentence, words: Sentence, status| {
        Page::new(lang, tone, title).say(words).onward(path.clone(), Desk::Back).answer(status)
    };
    if !site.mails {
        let (title, why) = (Onboarding::NotMailed.into(), Onboarding::NoNotices.into());
        return told(Tone::Bad, title, why, StatusCode::CONFLICT);
    }
    let all = match onboarding::all(&site.store).await {
        Ok(all) => all,
        Err(error) => return failed(lang, &error),
    };
    // Whoever was mailed one longest ago comes first, so that each press reaches others.
    let mut all: Vec<_> = missing(&all).map(|mailbox| (mailbox.mailed_at, mailbox.account)).collect();
    all.sort_unstable();
    let all: Vec<_> = all.into_iter().map(|(_, account)| account).collect();
    if form.get("confirm").is_none() {
        let title = Sentence::from(Onboarding::MailConfirm).with("count", &all.len().min(MOST));
        let frame = Frame::new(&site, lang, admitted, Place::Accounts, title);
        let body = Sentence::from(Onboarding::MailConfirmBody).with("most", &MOST).say(lang);
        return answer(&Question { frame, body, path }, StatusCode::OK);
    }
    match mail::ask_all(&site.store, &by, &all).await {
        Ok(tally) => {
            let title = Sentence::from(Onboarding::MailedMany).with("count", &tally.queued);
            let left = Sentence::from(Onboarding::LeftOut).with("lately", &tally.lately);
            told(Tone::Good, title, left.with("needless", &tally.needless), StatusCode::OK)
        }
        Err(error) => failed(lang, &error),
    }
}

/// A link for each mailbox whose owner has to act, to be copied; the first
/// [`MOST`] of them.
pub(super) async fn copied(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    let all = match onboarding::all(&site.store).await {
        Ok(all) => all,
        Err(error) => return failed(lang, &error),
    };
    let all: Vec<_> = missing(&all).take(MOST).map(|mailbox| mailbox.account).collect();
    run::make(&site, lang, admitted, &by, &all).await
}
