//! A ticket of the panel is exchanged once, also by two who come at once, and
//! everything ends in time.

use postern::clock::Micros;
use postern::store::api_keys::{self, Reach};
use postern::store::panels::{self, Terms};
use postern::store::{Store, accounts};
use postern_core::model::id::AccountId;

use super::rows;
use crate::support::databases::{Database, START, on_both};

on_both!(a_ticket_is_exchanged_once, a_window_is_opened_once, a_panel_goes_with_its_mailbox);

const TICKET: [u8; 32] = [1; 32];
const BEARER: [u8; 32] = [2; 32];
const WINDOW: [u8; 32] = [3; 32];

/// A ticket for the mailbox until so long after the start.
async fn ticket(store: &Store, account: Option<AccountId>, life: Micros) {
    let mut act = rows::act(store).await;
    let scopes = "account:link".parse().unwrap();
    let terms = api_keys::Terms {
        name: "crm".to_owned(),
        scopes,
        reach: Reach::default(),
        signs: false,
        per_minute: 600,
    };
    let key = api_keys::insert(&mut act, &[9; 32], &terms).await.unwrap();
    let terms = Terms {
        key,
        account,
        crm_user: "66ab".to_owned(),
        record: "EmailAccount 66ac".to_owned(),
        host: "imap.gmail.com".to_owned(),
        smtp_host: String::new(),
    };
    panels::insert(&mut act, &terms, &TICKET, START + life).await.unwrap();
    act.commit(rows::event("anna@example.com")).await.unwrap();
}

async fn enter(store: &Store, bearer: &[u8; 32]) -> bool {
    let mut act = rows::act(store).await;
    let entered = panels::enter(&mut act, &TICKET, bearer, START + rows::HOUR).await.unwrap();
    act.commit(rows::event("anna@example.com")).await.unwrap();
    entered.is_some_and(|panel| panel.terms.record == "EmailAccount 66ac")
}

async fn window(store: &Store) -> bool {
    let mut act = rows::act(store).await;
    let taken = panels::take_offer(&mut act, &WINDOW).await.unwrap();
    act.commit(rows::event("anna@example.com")).await.unwrap();
    taken.is_some()
}

async fn a_ticket_is_exchanged_once(database: &Database) {
    let store = database.open("main").await;
    let other = database.open("other").await;
    ticket(&store, None, 1).await;
    let (one, two) = tokio::join!(enter(&store, &BEARER), enter(&other, &[4; 32]));
    assert!(one ^ two);
    let bearer = if one { BEARER } else { [4; 32] };
    let mut read = store.read().await.unwrap();
    let panel = panels::by_bearer(&mut read, &bearer, START + rows::HOUR - 1).await.unwrap().unwrap();
    assert_eq!((panel.terms.account, panel.expires_at), (None, START + rows::HOUR));
    assert!(panels::by_bearer(&mut read, &bearer, START + rows::HOUR).await.unwrap().is_none());
    assert!(!panels::stands(&mut read, &TICKET, START).await.unwrap());
}

async fn a_window_is_opened_once(database: &Database) {
    let store = database.open("main").await;
    ticket(&store, None, 1).await;
    assert!(enter(&store, &BEARER).await && !window(&store).await);
    let panel = panels::by_bearer(&mut store.read().await.unwrap(), &BEARER, START).await.unwrap().unwrap();
    for (until, opens) in [(START, false), (START + rows::HOUR, true)] {
        let mut act = rows::act(&store).await;
        panels::offer(&mut act, panel.id, &WINDOW, until).await.unwrap();
        act.commit(rows::event("anna@example.com")).await.unwrap();
        assert!(panels::stands(&mut store.read().await.unwrap(), &WINDOW, START).await.unwrap());
        assert_eq!(window(&store).await, opens, "{until}");
    }
    assert!(!window(&store).await);
}

async fn a_panel_goes_with_its_mailbox(database: &Database) {
    let store = database.open("main").await;
    let anna = rows::account(&store, "anna@example.com").await;
    ticket(&store, Some(anna), rows::HOUR).await;
    assert!(enter(&store, &BEARER).await);
    let mut act = rows::act(&store).await;
    accounts::remove(&mut act, anna).await.unwrap();
    act.commit(rows::event("anna@example.com")).await.unwrap();
    let mut read = store.read().await.unwrap();
    assert!(panels::by_bearer(&mut read, &BEARER, START).await.unwrap().is_none());
}
