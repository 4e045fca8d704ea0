//! Mailing consent links: to the address of each mailbox and to no other.

use std::sync::Arc;

use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;

use super::account::{author, failed, known};
use crate::actions::account::mail::{self, Asked};
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::site::Site;
use crate::texts::{Desk, Onboarding, Sentence};

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
