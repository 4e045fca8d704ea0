//! `/admin/me`: one's own password, codes, language, time zone and sessions.

use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::id::WebSessionId;
use postern_core::model::secret::Secret;

use super::frame::{Frame, Place, answer, onward};
use super::welcome::told;
use super::zone;
use crate::actions::admin::enter::EntryFault;
use crate::actions::admin::own::{self, Change, ChangeFault, Session};
use crate::actions::admin::second;
use crate::clock::written;
use crate::http::form::{Form, parameter};
use crate::http::gate::Admitted;
use crate::http::page::{Tongue, refusal};
use crate::http::site::Site;
use crate::store::admins::Taste;
use crate::store::{Store, StoreError};
use crate::texts::{Admins, Desk, Lang, Sentence, Text};

/// The page.
#[derive(Template)]
#[template(path = "me.html", config = "src/http/askama.toml")]
struct Me {
    frame: Frame,
    done: bool,
    said: Option<Said>,
    totp_at: Option<String>,
    first: bool,
    left: i64,
    left_words: String,
    lang: String,
    zone: String,
    zones: Vec<String>,
    sessions: Vec<Session>,
    here: WebSessionId,
}

/// What was wrong, and with which form.
#[derive(Clone, Copy)]
enum Said {
    Password(Wrong),
    Zone,
}

#[derive(Clone, Copy)]
enum Wrong {
    Old,
    New(Desk),
}

impl Me {
    // What is said beside the form for the password.
    fn password(&self) -> Option<String> {
        match self.said? {
            Said::Password(Wrong::Old) => Some(self.frame.say(Admins::OldWrong)),
            Said::Password(Wrong::New(why)) => Some(self.frame.say(why)),
            Said::Zone => None,
        }
    }

    fn unknown_zone(&self) -> bool {
        matches!(self.said, Some(Said::Zone))
    }
}

pub(super) async fn page(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    RawQuery(query): RawQuery,
    admitted: Admitted,
) -> Response {
    let done = query.as_deref().and_then(|query| parameter(query.as_bytes(), "done")).is_some();
    form(&site, lang, admitted, done, None).await
}

pub(super) async fn password(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let of = |field| Secret::new(form.get(field).unwrap_or_default());
    let (old, new) = (of("old"), of("password"));
    let wrong = if new == of("again") {
        let (session, peer) = (admitted.visit.session.id, admitted.peer);
        match site.entrance.change(&admitted.admin, Change { session, old, new, peer }).await {
            Ok(()) => return done(&site),
            Err(ChangeFault::Unfit(unfit)) => Wrong::New(told(unfit)),
            Err(ChangeFault::Entry(EntryFault::Wrong(delay))) => {
                tokio::time::sleep(delay).await;
                Wrong::Old
            }
            Err(error) => return down(lang, &error),
        }
    } else {
        Wrong::New(Desk::PasswordsDiffer)
    };
    self::form(&site, lang, admitted, false, Some(Said::Password(wrong))).await
}

pub(super) async fn taste(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let taste =
        Taste { lang: form.get("lang"), zone: Some(form.text("zone")).filter(|zone| !zone.is_empty()) };
    let set = async {
        let by = admitted.by(&site)?;
        own::set_taste(&site.store, &by, &admitted.admin, &taste).await
    };
    match set.await {
        Ok(true) => done(&site),
        Ok(false) => self::form(&site, lang, admitted, false, Some(Said::Zone)).await,
        Err(error) => down(lang, &error),
    }
}

/// Ends the named session, or all others.
pub(super) async fn end(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    form: Form,
) -> Response {
    let named = form.get("session").map(|id| id.parse::<WebSessionId>());
    let ended = async {
        let (by, admin) = (admitted.by(&site)?, &admitted.admin);
        match named {
            Some(Ok(id)) => own::end(&site.store, &by, admin, id).await,
            Some(Err(_)) => Ok(false),
            None => own::end_others(&site.store, &by, admin, admitted.visit.session.id).await,
        }
    };
    match ended.await {
        Ok(_) => done(&site),
        Err(error) => down(lang, &error),
    }
}

pub(super) fn done(site: &Site) -> Response {
    onward(site, "/admin/me?done=yes")
}

pub(super) fn down(lang: Lang, error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "nothing was done about an admin's sign-in");
    refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown)
}

struct Standing {
    sessions: Vec<Session>,
    left: i64,
    mandatory: bool,
}

async fn standing(store: &Store, admitted: &Admitted) -> Result<Standing, StoreError> {
    let (left, mandatory) = second::standing(store, &admitted.admin).await?;
    Ok(Standing { sessions: own::sessions(store, &admitted.admin).await?, left, mandatory })
}

async fn form(site: &Site, lang: Lang, admitted: Admitted, done: bool, said: Option<Said>) -> Response {
    let Standing { sessions, left, mandatory } = match standing(&site.store, &admitted).await {
        Ok(standing) => standing,
        Err(error) => return down(lang, &error),
    };
    let admin = &admitted.admin;
    let taste = admin.taste.clone();
    let page = Me {
        totp_at: admin.totp_at.map(written),
        first: mandatory && admin.totp_at.is_none(),
        here: admitted.visit.session.id,
        left_words: Sentence::from(Admins::CodesLeft).with("count", &left).say(lang),
        lang: taste.lang.unwrap_or_default(),
        zone: taste.zone.unwrap_or_default(),
        zones: zone::names(),
        frame: Frame::new(site, lang, admitted, Place::Me, Admins::Mine),
        done,
        said,
        left,
        sessions,
    };
    answer(&page, if said.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK })
}
