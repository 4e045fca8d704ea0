//! What the two sides told of, and by which ways they tell.

use std::time::Duration;

use postern::store::sync::google_seen::From;
use postern::store::sync::hints::{self, About};
use postern::store::sync::{calendar_users, calendars, channels, crm_seen};
use postern::store::{Store, accounts};
use postern_core::model::account::State;
use postern_core::model::id::{AccountId, CalendarId};
use uuid::Uuid;

use super::rows::{self, event};
use crate::support::databases::{Database, on_both};

on_both!(
    many_hints_are_one_reading_and_the_next_one_waits,
    a_hint_makes_a_calendar_due_but_not_one_that_fails,
    a_run_does_not_undo_what_made_it_due_meanwhile,
    a_record_that_is_named_again_while_it_is_read_stays_named,
    a_channel_is_wanted_once_and_spent_when_another_one_stands,
    a_channel_goes_with_whoever_uses_the_calendar,
);

const ADDRESS: &str = "https://crm.example.com/hooks/google";
const WEEK: Duration = Duration::from_secs(7 * 86_400);
const LATE: i64 = i64::MAX;

/// A calendar that somebody who is connected uses.
async fn used(store: &Store) -> (AccountId, CalendarId) {
    let account = rows::account(store, "anna@example.com").await;
    let mut act = rows::act(store).await;
    for state in [State::NeedsConsent, State::Active] {
        accounts::set_state(&mut act, account, state).await.unwrap();
    }
    let calendar = calendars::put(&mut act, "anna@example.com", "Name", "UTC").await.unwrap();
    calendar_users::put(&mut act, account, calendar, "owner").await.unwrap();
    assert!(calendar_users::choose(&mut act, account, Some(calendar), &[]).await.unwrap());
    act.commit(event("anna@example.com")).await.unwrap();
    (account, calendar)
}

async fn give(store: &Store, about: About) {
    let mut batch = store.batch().await.unwrap();
    hints::give(&mut batch, about).await.unwrap();
    batch.commit().await.unwrap();
}

async fn take(store: &Store, about: About) -> bool {
    let mut batch = store.batch().await.unwrap();
    let taken = hints::take(&mut batch, about).await.unwrap();
    batch.commit().await.unwrap();
    taken
}

async fn waits(store: &Store, about: About) -> Option<i64> {
    hints::waits(&mut store.read().await.unwrap(), about).await.unwrap()
}

async fn many_hints_are_one_reading_and_the_next_one_waits(database: &Database) {
    let store = database.open("main").await;
    let (_, calendar) = used(&store).await;
    for about in [About::Crm, About::Calendar(calendar)] {
        assert_eq!(waits(&store, about).await, None);
        for _ in 0..3 {
            give(&store, about).await;
        }
        let now = store.clock().now();
        assert!(waits(&store, about).await.is_some_and(|at| at <= now), "the first one at once");
        assert!(take(&store, about).await);
        assert!(!take(&store, about).await, "of two processes one has it");
        give(&store, about).await;
        assert!(waits(&store, about).await.is_some_and(|at| at >= now + 15_000_000));
    }
    let mut batch = store.batch().await.unwrap();
    hints::prune(&mut batch, LATE).await.unwrap();
    batch.commit().await.unwrap();
    assert!(waits(&store, About::Crm).await.is_some(), "what waits is kept");
}

async fn due(store: &Store) -> Vec<CalendarId> {
    calendars::due(&mut store.read().await.unwrap(), store.clock().now(), 10).await.unwrap()
}

/// A run that was planned for `next`, and how often it failed.
async fn ran(store: &Store, calendar: CalendarId, next_at: i64, failures: i64) {
    let mut batch = store.batch().await.unwrap();
    let fault = (failures > 0).then(|| "backend".to_owned());
    let ended = calendars::Ended { fault, failures, next_at };
    calendars::end(&mut batch, calendar, &ended).await.unwrap();
    batch.commit().await.unwrap();
}

async fn begun(store: &Store, calendar: CalendarId) {
    let mut batch = store.batch().await.unwrap();
    calendars::begin(&mut batch, calendar, LATE).await.unwrap();
    batch.commit().await.unwrap();
}

async fn a_hint_makes_a_calendar_due_but_not_one_that_fails(database: &Database) {
    let store = database.open("main").await;
    let (_, calendar) = used(&store).await;
    begun(&store, calendar).await;
    assert!(due(&store).await.is_empty());
    give(&store, About::Calendar(calendar)).await;
    assert_eq!(due(&store).await, [calendar]);
    ran(&store, calendar, LATE, 1).await;
    assert!(due(&store).await.is_empty(), "the pause after a failure stands");
    ran(&store, calendar, LATE, 0).await;
    assert_eq!(due(&store).await, [calendar]);
    assert!(take(&store, About::Calendar(calendar)).await);
    give(&store, About::Calendar(calendar)).await;
    assert!(due(&store).await.is_empty(), "not within the pause");
}

async fn a_run_does_not_undo_what_made_it_due_meanwhile(database: &Database) {
    let store = database.open("main").await;
    let (_, calendar) = used(&store).await;
    for (failures, stands) in [(0, true), (1, false)] {
        begun(&store, calendar).await;
        let mut batch = store.batch().await.unwrap();
        calendars::wake(&mut batch, calendar, store.clock().now()).await.unwrap();
        batch.commit().await.unwrap();
        ran(&store, calendar, LATE, failures).await;
        assert_eq!(!due(&store).await.is_empty(), stands, "{failures}");
    }
}

async fn a_record_that_is_named_again_while_it_is_read_stays_named(database: &Database) {
    let store = database.open("main").await;
    let mut batch = store.batch().await.unwrap();
    let seen = |record: &str, live| crm_seen::Seen {
        entity: "Meeting".to_owned(),
        record: record.to_owned(),
        live,
        user: None,
        hash: vec![1; 32],
        content: None,
        people: None,
    };
    crm_seen::put(&mut batch, &[seen("r1", true), seen("gone", false)], From::Reading).await.unwrap();
    for name in ["r1", "gone", "unknown"] {
        crm_seen::name(&mut batch, "Meeting", name).await.unwrap();
    }
    batch.commit().await.unwrap();
    let named = async || crm_seen::named(&mut store.read().await.unwrap(), "Meeting", 10).await.unwrap();
    let first = named().await;
    assert_eq!(first.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["r1"]);
    let mut batch = store.batch().await.unwrap();
    crm_seen::name(&mut batch, "Meeting", "r1").await.unwrap();
    crm_seen::looked_up(&mut batch, "Meeting", "r1", first[0].1).await.unwrap();
    batch.commit().await.unwrap();
    let second = named().await;
    assert_eq!(second.len(), 1);
    let mut batch = store.batch().await.unwrap();
    crm_seen::looked_up(&mut batch, "Meeting", "r1", second[0].1).await.unwrap();
    batch.commit().await.unwrap();
    assert!(named().await.is_empty());
}

/// A channel that Google has opened.
async fn opened(
    store: &Store,
    (account, calendar): (AccountId, CalendarId),
    number: u8,
    renew_at: i64,
) -> Uuid {
    let id = store.dice().id(store.clock()).unwrap();
    let token_hash = [number; 32];
    let meant = channels::Meant { id, calendar, account, token_hash, address: ADDRESS, life: WEEK };
    let mut batch = store.batch().await.unwrap();
    channels::mean(&mut batch, &meant, 0).await.unwrap();
    channels::opened(&mut batch, id, "r1", renew_at, LATE).await.unwrap();
    batch.commit().await.unwrap();
    id
}

async fn wanting(store: &Store, address: &str) -> usize {
    let now = store.clock().now();
    channels::wanting(&mut store.read().await.unwrap(), now, address, 10).await.unwrap().len()
}

async fn spent(store: &Store, address: &str) -> Vec<Uuid> {
    let now = store.clock().now();
    let spent = channels::spent(&mut store.read().await.unwrap(), now, address, 10).await.unwrap();
    spent.into_iter().map(|channel| channel.id).collect()
}

async fn a_channel_is_wanted_once_and_spent_when_another_one_stands(database: &Database) {
    let store = database.open("main").await;
    let whose = used(&store).await;
    assert_eq!(wanting(&store, ADDRESS).await, 1);
    let first = opened(&store, whose, 1, LATE).await;
    assert_eq!((wanting(&store, ADDRESS).await, spent(&store, ADDRESS).await), (0, vec![]));
    // Another address, or none any more.
    assert_eq!(
        (wanting(&store, "https://other.example.com").await, spent(&store, "").await),
        (1, vec![first])
    );
    store.clock().advance(Duration::from_secs(1));
    let second = opened(&store, whose, 2, 1).await;
    assert_eq!(spent(&store, ADDRESS).await, [first]);
    let mut batch = store.batch().await.unwrap();
    channels::forget(&mut batch, first).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!((wanting(&store, ADDRESS).await, spent(&store, ADDRESS).await), (1, vec![]), "it is late");
    let mut batch = store.batch().await.unwrap();
    channels::wait(&mut batch, whose.1, LATE).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(wanting(&store, ADDRESS).await, 0, "not before");
    let found = channels::by_id(&mut store.read().await.unwrap(), second).await.unwrap().unwrap();
    assert_eq!((found.token_hash, found.resource.as_deref()), (vec![2; 32], Some("r1")));
}

async fn a_channel_goes_with_whoever_uses_the_calendar(database: &Database) {
    let store = database.open("main").await;
    let whose = used(&store).await;
    let channel = opened(&store, whose, 1, LATE).await;
    let mut act = rows::act(&store).await;
    accounts::set_state(&mut act, whose.0, State::NeedsConsent).await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    assert_eq!((wanting(&store, ADDRESS).await, spent(&store, ADDRESS).await), (0, vec![channel]));
    let mut act = rows::act(&store).await;
    accounts::remove(&mut act, whose.0).await.unwrap();
    act.commit(event("anna@example.com")).await.unwrap();
    assert!(channels::by_id(&mut store.read().await.unwrap(), channel).await.unwrap().is_none());
}
