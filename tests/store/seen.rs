//! What the synchronisation has seen and paired.

use postern::store::Store;
use postern::store::sync::google_seen::{self, From, Seen};
use postern::store::sync::links::{self, Link, Role};
use postern::store::sync::{calendar_users, calendars, crm_cursors, crm_seen, intents, owners, runs};
use postern_core::model::id::{AccountId, CalendarId, PairId};
use postern_core::plan::calendar::people::People;
use postern_core::plan::link::{Base, Side, State};
use postern_core::plan::record::{Field, Record, Value};

use super::rows::{self, event};
use crate::support::databases::{Database, on_both};

on_both!(
    what_shows_the_same_stays_planned_for,
    a_row_that_changed_since_the_plan_stays_dirty,
    an_event_is_one_pairs_in_all_calendars,
    a_pair_has_one_intent,
    a_record_that_was_stored_since_the_crm_was_asked_stays_as_it_is,
    a_record_changes_hands_as_it_is_by_then,
    a_cursor_is_stored_with_its_rows_or_not_at_all,
    only_what_somebody_uses_is_due,
    a_reading_that_began_before_somebody_wanted_another_one_counts_for_nothing,
);

async fn calendar(store: &Store, account: AccountId, name: &str) -> CalendarId {
    let mut batch = store.batch().await.unwrap();
    let calendar = calendars::put(&mut batch, name, "Name", "UTC").await.unwrap();
    calendar_users::put(&mut batch, account, calendar, "owner").await.unwrap();
    batch.commit().await.unwrap();
    calendar
}

fn seen(hash: u8) -> Seen {
    Seen {
        event: "e1".to_owned(),
        etag: format!("\"{hash}\""),
        live: true,
        epoch: 1,
        hash: vec![hash; 32],
        series: None,
        computed: false,
        content: Some(format!("{{\"n\":{hash}}}")),
    }
}

async fn put(store: &Store, calendar: CalendarId, row: &Seen, from: From) {
    let mut batch = store.batch().await.unwrap();
    google_seen::put(&mut batch, calendar, std::slice::from_ref(row), from).await.unwrap();
    batch.commit().await.unwrap();
}

async fn dirty(store: &Store, calendar: CalendarId) -> Vec<Seen> {
    google_seen::dirty(store, &mut store.read().await.unwrap(), calendar, 100).await.unwrap()
}

async fn clean(store: &Store, calendar: CalendarId, row: &Seen) {
    let mut batch = store.batch().await.unwrap();
    google_seen::clean(&mut batch, calendar, row).await.unwrap();
    batch.commit().await.unwrap();
}

async fn what_shows_the_same_stays_planned_for(database: &Database) {
    let store = database.open("main").await;
    let account = rows::account(&store, "anna@example.com").await;
    let calendar = calendar(&store, account, "anna@example.com").await;
    put(&store, calendar, &seen(1), From::Reading).await;
    assert_eq!(dirty(&store, calendar).await, [seen(1)]);
    clean(&store, calendar, &seen(1)).await;
    let touched = Seen { etag: "\"2\"".to_owned(), epoch: 2, ..seen(1) };
    put(&store, calendar, &touched, From::Reading).await;
    assert!(dirty(&store, calendar).await.is_empty(), "another version that shows the same");
    let known = google_seen::get(&store, &mut store.read().await.unwrap(), calendar, "e1").await.unwrap();
    assert_eq!(known, Some(touched));
    put(&store, calendar, &seen(3), From::Ourselves).await;
    assert!(dirty(&store, calendar).await.is_empty(), "the answer to our own write");
    put(&store, calendar, &seen(3), From::Reading).await;
    assert!(dirty(&store, calendar).await.is_empty(), "and its echo");
    let mut batch = store.batch().await.unwrap();
    google_seen::gone(&mut batch, calendar, "e1", From::Reading).await.unwrap();
    batch.commit().await.unwrap();
    let gone = dirty(&store, calendar).await;
    assert_eq!((gone[0].live, gone[0].content.as_deref()), (false, None));
}

async fn a_row_that_changed_since_the_plan_stays_dirty(database: &Database) {
    let store = database.open("main").await;
    let account = rows::account(&store, "anna@example.com").await;
    let calendar = calendar(&store, account, "anna@example.com").await;
    put(&store, calendar, &seen(1), From::Reading).await;
    let planned = dirty(&store, calendar).await;
    put(&store, calendar, &seen(2), From::Reading).await;
    clean(&store, calendar, &planned[0]).await;
    assert_eq!(dirty(&store, calendar).await, [seen(2)]);
}

fn link(store: &Store, account: AccountId, calendar: CalendarId, event: &str, record: &str) -> Link {
    Link {
        id: PairId(store.dice().id(store.clock()).unwrap()),
        account,
        calendar,
        event: Some(event.to_owned()),
        ical_uid: Some("uid1".to_owned()),
        entity: "Meeting".to_owned(),
        record: Some(record.to_owned()),
        origin: Side::Google,
        role: Role::Owner,
        state: State::Active,
        generation: 0,
        base: Base::default(),
        people: People::default(),
    }
}

async fn add(store: &Store, link: &Link) -> bool {
    let mut batch = store.batch().await.unwrap();
    let added = links::add(&mut batch, link).await.unwrap();
    batch.commit().await.unwrap();
    added
}

async fn an_event_is_one_pairs_in_all_calendars(database: &Database) {
    let store = database.open("main").await;
    let account = rows::account(&store, "anna@example.com").await;
    let one = calendar(&store, account, "anna@example.com").await;
    let two = calendar(&store, account, "team@example.com").await;
    let first = link(&store, account, one, "e1", "r1");
    assert!(add(&store, &first).await);
    for other in [
        link(&store, account, one, "e1", "r2"),
        link(&store, account, two, "e2", "r2"),
        Link { ical_uid: Some("uid2".to_owned()), ..link(&store, account, two, "e2", "r1") },
    ] {
        assert!(!add(&store, &other).await, "{other:?}");
    }
    let view = Link { role: Role::View, ..link(&store, account, two, "e2", "r1") };
    assert!(add(&store, &view).await);
    let found = links::by_uid(&store, &mut store.read().await.unwrap(), "uid1").await.unwrap();
    assert_eq!(found, Some(first));
}

async fn a_pair_has_one_intent(database: &Database) {
    let store = database.open("main").await;
    let account = rows::account(&store, "anna@example.com").await;
    let calendar = calendar(&store, account, "anna@example.com").await;
    let pair = link(&store, account, calendar, "e1", "r1");
    assert!(add(&store, &pair).await);
    let mut batch = store.batch().await.unwrap();
    let run = runs::begin(&mut batch, calendar).await.unwrap();
    assert!(intents::add(&mut batch, calendar, run, pair.id, "update", "{\"a\":1}").await.unwrap());
    assert!(!intents::add(&mut batch, calendar, run, pair.id, "delete", "{}").await.unwrap());
    batch.commit().await.unwrap();
    let open = intents::open(&store, &mut store.read().await.unwrap(), calendar).await.unwrap();
    assert_eq!((open.len(), open[0].kind.as_str(), open[0].body.as_str()), (1, "update", "{\"a\":1}"));
    let mut batch = store.batch().await.unwrap();
    intents::done(&mut batch, pair.id).await.unwrap();
    assert!(intents::add(&mut batch, calendar, run, pair.id, "delete", "{}").await.unwrap());
    batch.commit().await.unwrap();
}

async fn a_record_that_was_stored_since_the_crm_was_asked_stays_as_it_is(database: &Database) {
    let store = database.open("main").await;
    let shown = |hash: u8| crm_seen::Seen {
        entity: "Meeting".to_owned(),
        record: "r1".to_owned(),
        live: true,
        user: None,
        hash: vec![hash; 32],
        content: Some(format!("{{\"n\":{hash}}}")),
        people: None,
    };
    let mut batch = store.batch().await.unwrap();
    let first = crm_cursors::ask(&mut batch, "Meeting").await.unwrap();
    crm_seen::put_listed(&mut batch, &[shown(1)], first).await.unwrap();
    let asked = crm_cursors::ask(&mut batch, "Meeting").await.unwrap();
    batch.commit().await.unwrap();
    let now = async || {
        let found = crm_seen::get(&store, &mut store.read().await.unwrap(), "Meeting", "r1").await.unwrap();
        found.unwrap().hash[0]
    };
    assert_eq!(now().await, 1, "nothing was known of it");
    let mut batch = store.batch().await.unwrap();
    crm_seen::put(&mut batch, &[shown(2)], From::Ourselves).await.unwrap();
    crm_seen::put_listed(&mut batch, &[shown(1)], asked).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(now().await, 2, "the list may have been made before our own write");
    let mut batch = store.batch().await.unwrap();
    let asked = crm_cursors::ask(&mut batch, "Meeting").await.unwrap();
    crm_seen::put_listed(&mut batch, &[shown(3)], asked).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(now().await, 3);
}

async fn a_record_changes_hands_as_it_is_by_then(database: &Database) {
    let store = database.open("main").await;
    let account = rows::account(&store, "anna@example.com").await;
    let (one, two) = (
        calendar(&store, account, "anna@example.com").await,
        calendar(&store, account, "team@example.com").await,
    );
    let mut owner = link(&store, account, one, "e1", "r1");
    assert!(add(&store, &owner).await);
    let mut batch = store.batch().await.unwrap();
    let run = runs::begin(&mut batch, one).await.unwrap();
    assert!(intents::add(&mut batch, one, run, owner.id, "update", "{}").await.unwrap());
    batch.commit().await.unwrap();
    let heir = link(&store, account, two, "e2", "r1");
    let take = async || {
        let mut batch = store.batch().await.unwrap();
        let taken = owners::hand_over(&store, &mut batch, owner.id, &heir).await.unwrap();
        batch.commit().await.unwrap();
        taken
    };
    assert!(!take().await, "nobody knows what came of a write");
    let agreed = Record::new().with(Field::Title, Value::text("Plan B"));
    owner.base = Base::of(agreed.clone(), agreed);
    let mut batch = store.batch().await.unwrap();
    links::put(&mut batch, &owner).await.unwrap();
    intents::done(&mut batch, owner.id).await.unwrap();
    batch.commit().await.unwrap();
    assert!(take().await);
    let found = links::by_uid(&store, &mut store.read().await.unwrap(), "uid1").await.unwrap().unwrap();
    assert_eq!((found.id, found.base), (heir.id, owner.base), "what was agreed by then");
    let mut batch = store.batch().await.unwrap();
    assert!(!links::hold(&mut batch, owner.id).await.unwrap(), "a view writes nothing");
    assert!(links::hold(&mut batch, heir.id).await.unwrap());
}

async fn a_cursor_is_stored_with_its_rows_or_not_at_all(database: &Database) {
    let store = database.open("main").await;
    let account = rows::account(&store, "anna@example.com").await;
    let calendar = calendar(&store, account, "anna@example.com").await;
    let cursor = calendars::Cursor { token: Some("t1"), epoch: 1, covered: true };
    for kept in [false, true] {
        let mut batch = store.batch().await.unwrap();
        google_seen::put(&mut batch, calendar, &[seen(1)], From::Reading).await.unwrap();
        calendars::advance(&mut batch, calendar, &cursor, true).await.unwrap();
        if kept {
            batch.commit().await.unwrap();
        } else {
            drop(batch);
        }
        let mut read = store.read().await.unwrap();
        let now = calendars::get(&store, &mut read, calendar).await.unwrap().unwrap();
        assert_eq!((now.cursor.is_some(), now.covered), (kept, kept));
        assert_eq!(google_seen::count(&mut read, calendar).await.unwrap(), i64::from(kept));
    }
}

async fn only_what_somebody_uses_is_due(database: &Database) {
    let store = database.open("main").await;
    let account = rows::account(&store, "anna@example.com").await;
    let main = calendar(&store, account, "anna@example.com").await;
    let other = calendar(&store, account, "holidays@example.com").await;
    let stranger = CalendarId(store.dice().id(store.clock()).unwrap());
    let now = store.clock().now();
    let due = async || calendars::due(&mut store.read().await.unwrap(), now, 10).await.unwrap();
    assert!(due().await.is_empty(), "nobody has chosen");
    let mut act = rows::act(&store).await;
    assert!(!calendar_users::choose(&mut act, account, Some(stranger), &[]).await.unwrap());
    drop(act);
    let mut act = rows::act(&store).await;
    assert!(calendar_users::choose(&mut act, account, Some(main), &[]).await.unwrap());
    act.commit(event("anna@example.com")).await.unwrap();
    assert_eq!(due().await, [main]);
    let mut batch = store.batch().await.unwrap();
    calendars::begin(&mut batch, main, now + 60_000_000).await.unwrap();
    batch.commit().await.unwrap();
    assert!(due().await.is_empty(), "somebody is at it");
    let mut batch = store.batch().await.unwrap();
    assert_eq!(calendars::wake_all(&mut batch, Some(account), now).await.unwrap(), 1);
    calendars::wake(&mut batch, other, now).await.unwrap();
    batch.commit().await.unwrap();
    assert_eq!(due().await, [main]);
}

async fn a_reading_that_began_before_somebody_wanted_another_one_counts_for_nothing(database: &Database) {
    let store = database.open("main").await;
    let mut batch = store.batch().await.unwrap();
    crm_cursors::ask(&mut batch, "Meeting").await.unwrap();
    let began = crm_cursors::of(&mut batch, "Meeting").await.unwrap();
    let read = crm_cursors::Cursor { covered: 1, ..began.clone() };
    assert!(crm_cursors::put(&mut batch, "Meeting", &read).await.unwrap());
    crm_cursors::sweep_now(&mut batch, "Meeting").await.unwrap();
    assert!(!crm_cursors::put(&mut batch, "Meeting", &read).await.unwrap(), "it read too little");
    crm_cursors::swept(&mut batch, "Meeting", began.restarts).await.unwrap();
    let stands = crm_cursors::of(&mut batch, "Meeting").await.unwrap();
    assert_eq!((stands.swept_at, stands.restarts), (None, began.restarts + 1));
    crm_cursors::swept(&mut batch, "Meeting", stands.restarts).await.unwrap();
    assert!(crm_cursors::of(&mut batch, "Meeting").await.unwrap().swept_at.is_some());
    batch.commit().await.unwrap();
}
