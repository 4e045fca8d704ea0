//! What stands in the way of contacts, and what an owner does about it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::refusal::Blame;
use postern_core::model::scope::Product;
use postern_core::plan::contacts::choices::{MONITORED, Senseless};

use crate::actions::account::view::{self as account, Granted};
use crate::actions::contacts::ContactsFault;
use crate::http::gate::Owned;
use crate::http::page::{Page, Tone, refusal};
use crate::http::site::Site;
use crate::http::web::frame::answer;
use crate::texts::{Contacts, Lang, Owner, Sentence, Text};

/// The page of whoever has no contacts here, with the button that mends it.
#[derive(Template)]
#[template(path = "contacts_barred.html", config = "src/http/askama.toml")]
struct Barred {
    lang: Lang,
    title: String,
    why: Contacts,
    mends: Option<Mends>,
    form_token: String,
    base: String,
}

/// What mends it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mends {
    /// Another consent.
    Consent,
    /// Switching the product on.
    Switch,
}

/// What stands in the way, with what to do.
pub(super) async fn barred(site: &Site, lang: Lang, owned: &Owned) -> Option<Response> {
    let view = match account::one(&site.store, &owned.account.address).await {
        Ok(view) => view,
        Err(error) => {
            tracing::error!(%error, "the contacts of an owner were not shown");
            return Some(refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown));
        }
    };
    let (why, mends) = if view.granted(Product::Contacts) != Granted::Granted {
        let offered = site.google().products.contains(&Product::Contacts);
        if offered { (Contacts::NotGiven, Some(Mends::Consent)) } else { (Contacts::NotOffered, None) }
    } else if view.switched_off.contains(&Product::Contacts) {
        (Contacts::SwitchedOff, Some(Mends::Switch))
    } else {
        return None;
    };
    let page = Barred {
        lang,
        title: Sentence::from(Contacts::Title).with("address", &owned.account.address).say(lang),
        why,
        mends,
        form_token: owned.visit.token.clone(),
        base: site.base.clone(),
    };
    Some(answer(&page, StatusCode::OK))
}

/// What was wrong with a form, where the owner can mend it there.
pub(super) fn said(fault: &ContactsFault) -> Option<Sentence> {
    Some(match fault {
        ContactsFault::Senseless(Senseless::NoKind) => Contacts::FaultNoKind.into(),
        ContactsFault::Senseless(Senseless::StrangersNotChosen) => Contacts::FaultStrangers.into(),
        ContactsFault::Senseless(Senseless::NoFilter) => Contacts::FaultFilter.into(),
        ContactsFault::Senseless(Senseless::NoGroup) | ContactsFault::NotListed => {
            Contacts::FaultGroup.into()
        }
        ContactsFault::Senseless(Senseless::ManyGroups) => {
            Sentence::from(Contacts::FaultManyGroups).with("most", &MONITORED)
        }
        ContactsFault::Senseless(
            Senseless::KindTwice | Senseless::NoField | Senseless::NoName | Senseless::NoMain,
        ) => Contacts::FaultOther.into(),
        ContactsFault::NameTaken => Contacts::FaultNameTaken.into(),
        ContactsFault::NoName => Contacts::FaultName.into(),
        ContactsFault::Disabled(_) => Contacts::FaultBarred.into(),
        ContactsFault::NoGroup => Contacts::PushNoGroup.into(),
        ContactsFault::NoUser => Contacts::NobodyInCrm.into(),
        ContactsFault::OneWay => Contacts::PushOneWay.into(),
        ContactsFault::NoRecords => Contacts::PushNone.into(),
        ContactsFault::TooMany(most) => Sentence::from(Contacts::PushTooMany).with("most", most),
        ContactsFault::NoRecord(what) => Sentence::from(Contacts::PushNoRecord).with("what", what),
        ContactsFault::NoAnswer => Contacts::NoAnswer.into(),
        // Only programs name them.
        ContactsFault::OtherUser
        | ContactsFault::Undo(_)
        | ContactsFault::OtherGroup
        | ContactsFault::Stale { .. }
        | ContactsFault::NoAccount
        | ContactsFault::Condition(_)
        | ContactsFault::NotThere
        | ContactsFault::NoCrm
        | ContactsFault::Google(_)
        | ContactsFault::Crm(_)
        | ContactsFault::Store(_) => return None,
    })
}

/// What is said of a wish that was not done, away from its form.
pub(super) fn failed(site: &Site, lang: Lang, fault: &ContactsFault) -> Response {
    tracing::warn!(error = %fault, "an owner's wish about the contacts was not done");
    let (status, why) = match fault {
        ContactsFault::Google(_) if fault.blame() == Blame::Account => {
            (StatusCode::CONFLICT, Contacts::GoogleRefused.into())
        }
        ContactsFault::Google(_) => (StatusCode::BAD_GATEWAY, Contacts::GoogleSilent.into()),
        ContactsFault::Crm(_) | ContactsFault::NoCrm => (StatusCode::BAD_GATEWAY, Contacts::CrmSilent.into()),
        ContactsFault::NotThere | ContactsFault::NoAccount => {
            (StatusCode::NOT_FOUND, Contacts::NotThere.into())
        }
        ContactsFault::Store(_) => return refusal(lang, StatusCode::SERVICE_UNAVAILABLE, Text::StoreDown),
        other => (StatusCode::CONFLICT, said(other).unwrap_or_else(|| Contacts::FaultOther.into())),
    };
    let page = Page::new(lang, Tone::Bad, Text::RequestTitle).say(why);
    page.onward(site.at("/me/contacts"), Contacts::BackToContacts).answer(status)
}
