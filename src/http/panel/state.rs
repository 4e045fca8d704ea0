//! `GET /panel/state`: how the mailbox stands, in the words that are shown.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Of;
use postern_core::model::account::State;
use postern_core::model::scope::Product;
use serde::Serialize;

use super::{Seen, Sorry, words};
use crate::actions::ActError;
use crate::actions::account::view::{self, Granted, Leave, View};
use crate::actions::panel::gmail;
use crate::auth::panel::{Bar, Opened};
use crate::clock::written;
use crate::config::Advertised;
use crate::http::own::mailbox::standing;
use crate::http::page::Tongue;
use crate::http::products::lines;
use crate::http::site::Site;
use crate::http::web::settings;
use crate::store::logins;
use crate::texts::{Accounts, Lang, Owner, Panel, Sentence};

/// Everything that the script shows.
#[derive(Serialize, Default)]
struct Shown {
    title: String,
    stands: String,
    good: bool,
    notes: Vec<String>,
    /// Words on the button that connects.
    connect: Option<String>,
    issue: bool,
    disconnect: bool,
    facts: Vec<Fact>,
    enter: Vec<Side>,
    /// Is another one once the mailbox was connected or its connection ended.
    mark: String,
}

#[derive(Serialize)]
struct Fact {
    name: String,
    value: Option<String>,
    /// A time, which the browser writes in its own zone.
    at: Option<String>,
}

#[derive(Serialize)]
struct Side {
    name: String,
    rows: Vec<[String; 2]>,
}

pub(super) async fn answer(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    seen: Seen,
) -> Result<Json<impl Serialize>, Sorry> {
    let opened = &seen.0;
    let Some(account) = &opened.account else {
        let stands = Panel::NotRegistered.say(lang);
        return Ok(Json(Shown { title: Panel::Title.say(lang), stands, ..Shown::default() }));
    };
    // How a colleague's mailbox stands is nobody's business.
    if let Err(bar @ Bar::Foreign) = opened.own() {
        let (title, stands) = (account.address.to_string(), words(bar).say(lang));
        return Ok(Json(Shown { title, stands, ..Shown::default() }));
    }
    let looked = async {
        let view = view::one(&site.store, &account.address).await?;
        let used = logins::last_used(&mut site.store.read().await?, view.id).await?;
        Ok::<_, ActError>((view, used))
    };
    let (view, used) = looked.await.map_err(|error| Sorry::of(lang, &error))?;
    let enter =
        [(Accounts::SettingsImap, &site.settings.imap), (Accounts::SettingsSmtp, &site.settings.smtp)];
    let sides = enter.into_iter().filter_map(|(name, at)| Some(side(lang, name, at.as_ref()?, &view)));
    let mut shown = shown(lang, opened, &view, sides.collect());
    shown.facts = facts(lang, &view, &site.google().products, used.map(written));
    if view.switched_off.contains(&Product::Gmail) {
        let url = format!("{}{}", site.origin, site.at("/me"));
        shown.stands = Sentence::from(Panel::MailOff).with("url", &url).say(lang);
        shown.good = false;
    }
    Ok(Json(shown))
}

fn shown(lang: Lang, opened: &Opened, view: &View, enter: Vec<Side>) -> Shown {
    let connected = view.gmail == Granted::Granted;
    let (stands, connect) = standing(view.state, connected);
    let good = stands == Owner::Connected;
    let terms = &opened.panel.terms;
    let points_at_gmail = gmail(&terms.host) || gmail(&terms.smtp_host);
    let mut notes = Vec::new();
    let stands = match (good, points_at_gmail) {
        (true, true) => Panel::Bypassed.say(lang),
        (true, false) => Panel::Connected.say(lang),
        (false, _) => stands.say(lang),
    };
    if points_at_gmail && !good {
        notes.push(Panel::PointsAtGmail.say(lang));
    }
    let served = view.connected_by == Leave::ServiceAccount;
    if served {
        notes.push(Panel::ServiceAccount.say(lang));
    }
    let barred = matches!(view.state, State::Disabled | State::AwaitingApproval);
    let issue = opened.may_issue();
    notes.extend(issue.err().map(|bar: Bar| words(bar).say(lang)));
    if enter.is_empty() {
        notes.push(Panel::NothingToEnter.say(lang));
    }
    let may_connect = opened.may_connect().is_ok() && !served;
    Shown {
        title: view.address.to_string(),
        stands,
        good: good && !points_at_gmail,
        notes,
        connect: connect.filter(|_| may_connect).map(|words| words.say(lang)),
        issue: issue.is_ok() && !barred,
        disconnect: view.connected_by == Leave::Consent && opened.own().is_ok(),
        facts: Vec::new(),
        enter,
        mark: format!("{} {}", view.state.name(), view.granted_at.as_deref().unwrap_or_default()),
    }
}

fn facts(lang: Lang, view: &View, offered: &[Product], used: Option<String>) -> Vec<Fact> {
    let said = |name: Sentence, value: String| Fact { name: name.say(lang), value: Some(value), at: None };
    let granted: Vec<String> = lines(lang, view, offered).into_iter().map(|line| line.words).collect();
    let mut facts = vec![said(Panel::Products.into(), granted.join(", "))];
    facts.push(match used {
        Some(at) => Fact { name: Owner::LastUsed.say(lang), value: None, at: Some(at) },
        None => said(Owner::LastUsed.into(), Owner::Never.say(lang)),
    });
    facts.extend(view.noted.clone().map(|noted| said(Owner::LastRefusal.into(), noted)));
    facts
}

fn side(lang: Lang, name: Accounts, at: &Advertised, view: &View) -> Side {
    let security =
        settings::security(&at.security).map_or_else(|| Accounts::SecurityNone.say(lang), str::to_owned);
    let mut rows = vec![
        [Accounts::Host.say(lang), at.host.clone()],
        [Accounts::Port.say(lang), at.port.to_string()],
        [Accounts::Security.say(lang), security],
        [Accounts::UserName.say(lang), view.address.to_string()],
    ];
    if name == Accounts::SettingsSmtp {
        rows.push([Accounts::SmtpAuth.say(lang), Accounts::SmtpAuthOn.say(lang)]);
    }
    Side { name: name.say(lang), rows }
}
