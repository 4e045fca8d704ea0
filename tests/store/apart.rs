//! Pairs that are left alone, runs that go on, and what was asked of Google.

use postern::store::Store;
use postern::store::sync::apart;
use postern::store::sync::google_seen::From;
use postern::store::sync::links::{self, Link, Role};
use postern::store::sync::runs::{self, Counts};
use postern::store::sync::{calendar_users, calendars, crm_seen, google_seen, intents, requests};
use postern_core::model::actor::Actor;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId, PairId};
use postern_core::plan::calendar::people::People;
use postern_core::plan::link::{Base, Side, State};
use postern_core::plan::record::{Field, Record, Value};

use super::rows;
use crate::support::databases::{Database, START, on_both};

on_both!(
    only_what_somebody_may_have_to_look_at_is_listed,
    a_pair_is_found_by_its_event_and_its_record,
    a_pair_is_taken_up_once_and_can_forget_what_it_agreed_on,
    a_run_says_how_far_it_is_and_ends_with_the_same,
    requests_of_all_processes_add_up_by_day,
);

struct Stage {
    store: Store,
    anna: AccountId,
    calendar: CalendarId,
}

impl Stage {
    async fn on(database: &Database) -> Self {
        let store = database.open("main").await;
        let anna = rows::account(&store, "anna@example.com").await;
        let mut batch = store.batch().await.unwrap();
        let calendar = calendars::put(&mut batch, "anna@example.com", "Name", "UTC").await.unwrap();
        calendar_users::put(&mut batch, anna, calendar, "owner").await.unwrap();
        batch.commit().await.unwrap();
        let mut act = store.act(&Actor::Gateway, "").await.unwrap();
        assert!(calendar_users::choose(&mut act, anna, Some(calendar), &[]).await.unwrap());
        let address = rows::address("anna@example.com");
        act.commit(Event::AccountApproved { account: anna, address }).await.unwrap();
        Self { store, anna, calendar }
    }

    async fn pair(&self, name: &str, state: State, (event_lives, record_lives): (bool, bool)) -> PairId {
        let mut batch = self.store.batch().await.unwrap();
        let id = PairId(self.store.dice().id(self.store.clock()).unwrap());
        let title = Record::new().with(Field::Title, Value::text(name));
        let link = Link {
            id,
            account: self.anna,
            calendar: self.calendar,
            event: Some(format!("e{name}")),
            ical_uid: None,
            entity: "Meeting".to_owned(),
            record: Some(format!("r{name}")),
            origin: Side::Google,
            role: Role::Owner,
            state,
            generation: 0,
            base: Base::of(title.clone(), title),
            people: People::default(),
        };
        assert!(links::add(&mut batch, &link).await.unwrap());
        let google = google_seen::Seen {
            event: format!("e{name}"),
            etag: "1".to_owned(),
            live: event_lives,
            epoch: 1,
            hash: vec![1; 32],
            series: None,
            computed: false,
            content: None,
        };
        google_seen::put(&mut batch, self.calendar, &[google], From::Ourselves).await.unwrap();
        let crm = crm_seen::Seen {
            entity: "Meeting".to_owned(),
            record: format!("r{name}"),
            live: record_lives,
            user: None,
            hash: vec![1; 32],
            content: None,
            people: None,
        };
        crm_seen::put(&mut batch, &[crm], From::Ourselves).await.unwrap();
        batch.commit().await.unwrap();
        id
    }

    async fn listed(&self, unsettled: i64) -> Vec<(PairId, bool, bool)> {
        let mut read = self.store.read().await.unwrap();
        let all = apart::of_account(&self.store, &mut read, self.anna, unsettled, 9).await.unwrap();
        all.into_iter().map(|it| (it.link.id, it.event_lives, it.record_lives)).collect()
    }
}

async fn only_what_somebody_may_have_to_look_at_is_listed(database: &Database) {
    let stage = Stage::on(database).await;
    let busy = stage.pair("Busy", State::Active, (true, true)).await;
    stage.pair("Over", State::Detached, (false, false)).await;
    let gone = stage.pair("Gone", State::Ignored, (true, false)).await;
    let shut = stage.pair("Shut", State::Frozen, (false, true)).await;
    assert_eq!(stage.listed(START).await, [(shut, false, true), (gone, true, false)]);
    let mut batch = stage.store.batch().await.unwrap();
    let run = runs::begin(&mut batch, stage.calendar).await.unwrap();
    assert!(intents::add(&mut batch, stage.calendar, run, busy, "write-event", "{}").await.unwrap());
    batch.commit().await.unwrap();
    let now = stage.store.clock().now();
    assert_eq!(stage.listed(now).await.len(), 2, "a write that is new is on its way");
    assert!(stage.listed(now + 1).await.contains(&(busy, true, true)));
}

async fn a_pair_is_found_by_its_event_and_its_record(database: &Database) {
    let stage = Stage::on(database).await;
    let plan = stage.pair("Plan", State::Active, (true, true)).await;
    stage.pair("Other", State::Active, (true, true)).await;
    let (store, mut read) = (&stage.store, stage.store.read().await.unwrap());
    for found in [
        apart::of_event(store, &mut read, "ePlan", 9).await.unwrap(),
        apart::of_record(store, &mut read, "Meeting", "rPlan", 9).await.unwrap(),
    ] {
        assert_eq!(found.iter().map(|link| link.id).collect::<Vec<_>>(), [plan]);
    }
    assert!(apart::of_record(store, &mut read, "Call", "rPlan", 9).await.unwrap().is_empty());
}

async fn a_pair_is_taken_up_once_and_can_forget_what_it_agreed_on(database: &Database) {
    let stage = Stage::on(database).await;
    let pair = stage.pair("Plan", State::Quarantined, (true, true)).await;
    let mut batch = stage.store.batch().await.unwrap();
    let window = 3_600_000_000;
    for times in 1..4 {
        assert_eq!(links::churned(&mut batch, pair, window).await.unwrap(), times);
    }
    assert!(apart::resume(&mut batch, pair).await.unwrap());
    assert!(!apart::resume(&mut batch, pair).await.unwrap());
    assert_eq!(links::churned(&mut batch, pair, window).await.unwrap(), 1, "writes of before count no more");
    apart::disagree(&mut batch, pair).await.unwrap();
    batch.commit().await.unwrap();
    let found =
        apart::one(&stage.store, &mut stage.store.read().await.unwrap(), pair).await.unwrap().unwrap();
    assert_eq!((found.link.state, found.link.base), (State::Active, Base::default()));
}

async fn a_run_says_how_far_it_is_and_ends_with_the_same(database: &Database) {
    let stage = Stage::on(database).await;
    let (store, began) = (&stage.store, stage.store.clock().now());
    let mut batch = store.batch().await.unwrap();
    let run = runs::begin(&mut batch, stage.calendar).await.unwrap();
    let counts = Counts { seen: 9, ..Counts::default() };
    runs::note(&mut batch, run, &counts).await.unwrap();
    batch.commit().await.unwrap();
    let of = async |account| runs::since(&mut store.read().await.unwrap(), began + 1, account).await.unwrap();
    let told = of(Some(stage.anna)).await;
    assert_eq!((told.len(), told[0].planned_at, told[0].seen), (1, None, 9), "one that runs is told");
    let mut batch = store.batch().await.unwrap();
    let counts = Counts { planned: 4, done: 1, ..counts };
    runs::note(&mut batch, run, &counts).await.unwrap();
    batch.commit().await.unwrap();
    let told = of(None).await;
    assert_eq!((told[0].planned, told[0].done, told[0].planned_at.is_some()), (4, 1, true));
    let other = rows::account(store, "ben@example.com").await;
    assert!(of(Some(other)).await.is_empty());
    let mut batch = store.batch().await.unwrap();
    runs::end(&mut batch, stage.calendar, run, &counts, None).await.unwrap();
    batch.commit().await.unwrap();
    assert!(of(None).await.is_empty(), "it began before");
    let now = store.clock().now();
    let mut read = store.read().await.unwrap();
    assert_eq!(calendars::due_of(&mut read, now, Some(stage.anna)).await.unwrap(), 1);
    assert_eq!(calendars::due_of(&mut read, now, Some(other)).await.unwrap(), 0);
    assert_eq!(calendars::due_of(&mut read, now, None).await.unwrap(), 1);
}

async fn requests_of_all_processes_add_up_by_day(database: &Database) {
    let stage = Stage::on(database).await;
    let mut batch = stage.store.batch().await.unwrap();
    for (day, job, count, busiest) in
        [(7, "poll", 5, 5), (7, "poll", 6, 2), (7, "write", 20, 9), (6, "poll", 99, 9)]
    {
        requests::add(&mut batch, day, stage.anna, job, count, busiest).await.unwrap();
    }
    let nobody = AccountId(uuid::Uuid::from_u128(7));
    requests::add(&mut batch, 7, nobody, "poll", 1, 1).await.unwrap();
    requests::prune(&mut batch, 7).await.unwrap();
    batch.commit().await.unwrap();
    let mut read = stage.store.read().await.unwrap();
    let told = requests::of_day(&mut read, 7, 9).await.unwrap();
    let told: Vec<_> = told.iter().map(|row| (row.job.as_str(), row.count, row.busiest)).collect();
    assert_eq!(told, [("write", 20, 9), ("poll", 11, 5)]);
    assert_eq!(requests::total(&mut read, 7).await.unwrap(), 31);
    assert_eq!(requests::total(&mut read, 6).await.unwrap(), 0);
}
