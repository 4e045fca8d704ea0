//! Rows that tests start from.

use std::collections::BTreeSet;

use postern::store::access_tokens::{self, AccessToken};
use postern::store::consents::Started;
use postern::store::mail_sessions::{self, MailSession};
use postern::store::progress::Line;
use postern::store::sync::{
    calendar_users, calendars, channels, choices, crm_seen, dead_letters, google_seen, holds, intents, links,
    requests, runs, sync_journal, takers, undos,
};
use postern::store::web_sessions::Holder;
use postern::store::{
    Act, Batch, Store, Write as _, accounts, aliases, api_keys, clients, consents, crm_absent, crm_mail,
    crm_tokens, grants, help_refs, logins, offboarded, onboarding, panels, progress, switched_off,
    web_sessions,
};
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId, PairId, RunId, SessionId, TokenId};
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use postern_core::model::token::{Protocol, Protocols};
use postern_core::plan::calendar::people::People;
use postern_core::plan::link::{Base, Side};

use super::address_book;
use crate::support::databases::START;

pub const HOUR: i64 = 3_600_000_000;

pub fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

pub async fn act(store: &Store) -> Act {
    store.act(&Actor::CommandLine("root".to_owned()), "ref").await.unwrap()
}

/// Lets another process have SQLite's one write lock, for which nobody queues.
pub async fn pause() {
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
}

/// Some event about the mailbox.
pub fn event(about: &str) -> Event {
    Event::ConsentLinkIssued { account: AccountId(uuid::Uuid::nil()), address: address(about) }
}

pub async fn account(store: &Store, mailbox: &str) -> AccountId {
    let mut act = act(store).await;
    let account = accounts::insert(&mut act, &address(mailbox), None, State::New).await.unwrap();
    act.commit(event(mailbox)).await.unwrap();
    account.id
}

pub async fn token(store: &Store, account: AccountId, hash: &[u8; 32]) -> TokenId {
    let mut act = act(store).await;
    let token = crm_tokens::insert(&mut act, account, hash, "crm", Protocols::Both, None).await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    token
}

/// A panel in the CRM, and the key that asked for it.
async fn panel(act: &mut Act, id: AccountId, [ticket, hash]: [&[u8; 32]; 2]) {
    let terms = api_keys::Terms {
        name: "crm".to_owned(),
        scopes: "account:link".parse().unwrap(),
        reach: api_keys::Reach::default(),
        signs: true,
        per_minute: 600,
    };
    let key = api_keys::insert(act, hash, &terms).await.unwrap();
    api_keys::set_secret(act, key, &Secret::new("hmac secret")).await.unwrap();
    let terms = panels::Terms {
        key,
        account: Some(id),
        crm_user: "66ab".to_owned(),
        record: "EmailAccount 66ac".to_owned(),
        host: "imap.gmail.com".to_owned(),
        smtp_host: String::new(),
    };
    panels::insert(act, &terms, ticket, START + HOUR).await.unwrap();
}

/// Puts rows of the account into every table that goes with it.
pub async fn everything(store: &Store, mailbox: &str, number: u8) -> AccountId {
    let id = account(store, mailbox).await;
    let (one, two) = ([number; 32], [number + 100; 32]);
    let mut act = act(store).await;
    aliases::insert(&mut act, id, &address(&format!("alias.{mailbox}"))).await.unwrap();
    let client = clients::set(&mut act, "client", &Secret::new("client secret")).await.unwrap();
    let refresh = Secret::new(format!("refresh {mailbox}"));
    grants::replace(&mut act, id, client, &ScopeSet::mail(), &refresh).await.unwrap();
    let access = AccessToken { token: Secret::new(format!("access {mailbox}")), expires_at: START };
    access_tokens::put(&mut act, id, &ScopeSet::mail(), &access).await.unwrap();
    let link = consents::add_link(&mut act, id, &one, START + HOUR).await.unwrap();
    let started = Started { link: Some(link), ..started(id) };
    consents::start(&mut act, &two, &started).await.unwrap();
    panel(&mut act, id, [&one, &two]).await;
    onboarding::started(&mut act, id).await.unwrap();
    switched_off::set(&mut act, id, Product::Gmail, false).await.unwrap();
    offboarded::put(&mut act, id).await.unwrap();
    web_sessions::insert(&mut act, &one, Holder::Owner(id), "192.0.2.1", "browser", START).await.unwrap();
    assert!(choices::put(&mut act, id, "{}", 0, &Actor::Gateway).await.unwrap());
    accounts::set_crm_user(&mut act, id, Some(&format!("user{number}"))).await.unwrap();
    assert!(crm_absent::put(&mut act, id, crm_absent::Why::Deleted).await.unwrap());
    for state in [State::NeedsConsent, State::New] {
        accounts::set_state(&mut act, id, state).await.unwrap();
    }
    act.commit(event(mailbox)).await.unwrap();

    let token = token(store, id, &one).await;
    let mut act = self::act(store).await;
    crm_mail::keep(&mut act, id, token).await.unwrap();
    act.commit(event(mailbox)).await.unwrap();
    let mut batch = store.batch().await.unwrap();
    assert!(crm_mail::claim(&mut batch, id, START).await.unwrap());
    logins::count(&mut batch, token, START, 1).await.unwrap();
    logins::first_from(&mut batch, token, "192.0.2.1", START).await.unwrap();
    let session = MailSession {
        id: SessionId(store.dice().id(store.clock()).unwrap()),
        account: id,
        token,
        protocol: Protocol::Imap,
        peer: "192.0.2.1".to_owned(),
        node: "incarnation".to_owned(),
        began_at: START,
    };
    let (calendar, of_calendar) = calendar(&mut batch, id, number).await;
    let line = Line { number: 1, outcome: Ok(id) };
    let begun = progress::begin(&mut batch, mailbox, 1, START).await.unwrap();
    let progress::Begun::Run(run) = begun else { panic!("another one runs") };
    progress::note(&mut batch, run, &[line]).await.unwrap();
    mail_sessions::put(&mut batch, &session).await.unwrap();
    help_refs::put(&mut batch, &format!("ref{number}"), id, "needs_consent", START + HOUR).await.unwrap();
    batch.commit().await.unwrap();
    let mut act = self::act(store).await;
    let whose = (calendar.into(), id, Some(of_calendar));
    undos::add(&mut act, whose, &["hash".to_owned()], (&Actor::Gateway, START)).await.unwrap().unwrap();
    act.commit(event(mailbox)).await.unwrap();
    address_book::everything(store, id, number).await;
    id
}

/// A calendar with an event, the record of it, and a run that changed both.
async fn calendar(batch: &mut Batch, id: AccountId, number: u8) -> (CalendarId, RunId) {
    let calendar =
        calendars::put(batch, &format!("cal{number}@example.com"), "Private name", "UTC").await.unwrap();
    calendar_users::put(batch, id, calendar, "owner").await.unwrap();
    let cursor = calendars::Cursor { token: Some("token"), epoch: 1, covered: true };
    calendars::advance(batch, calendar, &cursor, true).await.unwrap();
    let seen = google_seen::Seen {
        event: format!("e{number}"),
        etag: "1".to_owned(),
        live: true,
        epoch: 1,
        hash: vec![1; 32],
        series: None,
        computed: false,
        content: Some("{}".to_owned()),
    };
    google_seen::put(batch, calendar, &[seen], google_seen::From::Reading).await.unwrap();
    let seen = crm_seen::Seen {
        entity: "Meeting".to_owned(),
        record: format!("r{number}"),
        live: true,
        user: None,
        hash: vec![1; 32],
        content: Some("{}".to_owned()),
        people: None,
    };
    crm_seen::put(batch, &[seen], google_seen::From::Reading).await.unwrap();
    let user = format!("user{number}");
    let takes = BTreeSet::from([user.as_str()]);
    let wanting = BTreeSet::from([user.clone()]);
    takers::put(batch, ("Meeting", &format!("r{number}")), &takes, &wanting).await.unwrap();
    let pair = pair(batch, (id, calendar), number).await;
    let run = runs::begin(batch, calendar).await.unwrap();
    assert!(intents::add(batch, calendar, run, pair, "update", "{}").await.unwrap());
    let note = sync_journal::Note {
        run,
        synced: calendar.into(),
        account: id,
        link: pair,
        kind: "update",
        rule: "from-crm",
        content: "{}",
    };
    sync_journal::add(batch, &note).await.unwrap();
    requests::add(batch, 20_000, id, "poll", 9, 3).await.unwrap();
    holds::open(batch, calendar, id, "delete", 12, "[]").await.unwrap();
    channel(batch, id, calendar, number).await;
    dead_letters::put(batch, calendar, id, "e9", Side::Crm, "refused", "too long").await.unwrap();
    (calendar, run)
}

/// The pair of an event and its record.
async fn pair(batch: &mut Batch, (account, calendar): (AccountId, CalendarId), number: u8) -> PairId {
    let id = PairId(batch.store().dice().id(batch.store().clock()).unwrap());
    let link = links::Link {
        id,
        account,
        calendar,
        event: Some(format!("e{number}")),
        ical_uid: Some(format!("uid{number}")),
        entity: "Meeting".to_owned(),
        record: Some(format!("r{number}")),
        origin: Side::Google,
        role: links::Role::Owner,
        state: postern_core::plan::link::State::Active,
        generation: 0,
        base: Base::default(),
        people: People::default(),
    };
    assert!(links::add(batch, &link).await.unwrap());
    id
}

/// A channel on which Google calls about a calendar.
async fn channel(batch: &mut Batch, account: AccountId, calendar: CalendarId, number: u8) {
    let meant = channels::Meant {
        id: batch.store().dice().id(batch.store().clock()).unwrap(),
        calendar,
        account,
        token_hash: [number; 32],
        address: "https://crm.example.com/hooks/google",
        life: std::time::Duration::from_secs(3_600),
    };
    channels::mean(batch, &meant, START).await.unwrap();
}

/// A consent without a link.
pub fn started(account: AccountId) -> Started {
    Started {
        account,
        link: None,
        cookie_hash: vec![7; 32],
        verifier: Secret::new("verifier"),
        nonce: "nonce".to_owned(),
        expires_at: START + HOUR,
    }
}
