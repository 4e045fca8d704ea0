//! A calendar in which not all is in step: what its owner sees of it.

use std::time::Duration;

use postern::store::sync::google_seen::From;
use postern::store::sync::links::{self, Link, Role};
use postern::store::sync::runs::{self, Counts};
use postern::store::sync::sync_journal::{self, Note};
use postern::store::sync::{calendar_users, crm_seen, dead_letters, google_seen, holds, requests};
use postern::store::{Batch, Write as _, accounts};
use postern_core::model::address::Address;
use postern_core::model::id::{AccountId, CalendarId, PairId, RunId};
use postern_core::model::role::Role as DeskRole;
use postern_core::plan::calendar::people::People;
use postern_core::plan::link::{Base, Side, State};
use postern_core::plan::record::{Field, Record, Value};
use serde_json::json;

use super::gallery::pictures;
use super::house::{House, Way};

const ANNA: &str = "anna@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_step_is_explained_and_tried_again() {
    for way in [Way::Straight, Way::ThroughNginx] {
        told(way, "").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_about_what_is_not_in_step_look_right() {
    told(Way::ThroughNginx, &pictures()).await;
}

async fn told(way: Way, pictures: &str) {
    let products = [("POSTERN__GOOGLE__PRODUCTS", "[\"gmail\", \"calendar\"]")];
    let house = House::with(way, &products, "").await;
    house.gateway.sandbox.google().add_user(ANNA);
    let [jan, eva] =
        [house.invited("jan", DeskRole::Admin).await, house.invited("eva", DeskRole::Admin).await];
    house.tell("calendar_chosen.js", &[("LINK", &jan)]).await;
    let run = fill(&house).await;
    let told = [("LINK", eva.as_str()), ("PICTURES", pictures)];
    tokio::select! {
        () = house.tell("unequal.js", &told) => {}
        () = goes_on(&house, run) => {}
    }
    house.close().await;
}

/// The run does ever more, as the page that is open shows.
async fn goes_on(house: &House, run: RunId) {
    for done in 400.. {
        let counts = Counts { seen: 4_100, made: done, planned: 4_000, done, ..Counts::default() };
        let mut batch = house.gateway.parts.store.batch().await.unwrap();
        runs::note(&mut batch, run, &counts).await.unwrap();
        batch.commit().await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn fill(house: &House) -> RunId {
    let store = &house.gateway.parts.store;
    let mut batch = store.batch().await.unwrap();
    let anna = accounts::by_address(&mut batch, &Address::parse(ANNA).unwrap()).await.unwrap().unwrap().id;
    let calendar = calendar_users::of_account(&mut batch, anna).await.unwrap().remove(0).calendar;
    let at = (anna, calendar);
    let plan = pair(&mut batch, at, "Plan <b>with</b> partners", State::Active).await;
    pair(&mut batch, at, "Lunch", State::Quarantined).await;
    pair(&mut batch, at, "Retrospective", State::Detached).await;
    let why = "invalid: dateEnd is before dateStart";
    dead_letters::put(&mut batch, calendar, anna, "Meeting/m-Plan", Side::Crm, why, "{}").await.unwrap();
    let run = runs::begin(&mut batch, calendar).await.unwrap();
    conflict(&mut batch, at, plan, run).await;
    let meant = json!([{ "hash": "x", "rule": "removal-deletes", "about": format!("pair {plan}") }]);
    for class in ["delete", "replan"] {
        holds::open(&mut batch, calendar, anna, class, 12, &meant.to_string()).await.unwrap();
    }
    let today = postern::node::requests::day(store.clock().now());
    for (job, count, busiest) in [("poll", 144, 1), ("import", 17, 17), ("write", 801, 280)] {
        requests::add(&mut batch, today, anna, job, count, busiest).await.unwrap();
    }
    batch.commit().await.unwrap();
    run
}

async fn pair(
    batch: &mut Batch,
    (account, calendar): (AccountId, CalendarId),
    name: &str,
    state: State,
) -> PairId {
    let word = name.split(' ').next().unwrap();
    let id = PairId(batch.store().dice().id(batch.store().clock()).unwrap());
    let title = Record::new().with(Field::Title, Value::text(name));
    let link = Link {
        id,
        account,
        calendar,
        event: Some(format!("e-{word}")),
        ical_uid: None,
        entity: "Meeting".to_owned(),
        record: Some(format!("m-{word}")),
        origin: Side::Crm,
        role: Role::Owner,
        state,
        generation: 0,
        base: Base::of(title.clone(), title),
        people: People::default(),
    };
    assert!(links::add(batch, &link).await.unwrap());
    let google = google_seen::Seen {
        event: format!("e-{word}"),
        etag: "\"1\"".to_owned(),
        live: true,
        epoch: 1,
        hash: vec![1],
        series: None,
        computed: false,
        content: Some(json!({ "id": format!("e-{word}"), "summary": name }).to_string()),
    };
    let crm = crm_seen::Seen {
        entity: "Meeting".to_owned(),
        record: format!("m-{word}"),
        live: true,
        user: None,
        hash: vec![1],
        content: Some(json!({ "name": name }).to_string()),
        people: None,
    };
    google_seen::put(batch, calendar, &[google], From::Ourselves).await.unwrap();
    crm_seen::put(batch, &[crm], From::Ourselves).await.unwrap();
    id
}

async fn conflict(batch: &mut Batch, (account, calendar): (AccountId, CalendarId), link: PairId, run: RunId) {
    let text = |words: &str| json!({ "title": { "text": words } });
    let content = json!({
        "before": { "google": text("Plan"), "crm": text("Plan") },
        "written": text("Plan <b>with</b> partners"),
        "fields": [{ "title": "conflict-crm" }],
        "lost": [{ "field": "title", "side": "google", "value": { "text": "Plan of Google" } }],
    })
    .to_string();
    let (kind, rule) = ("write-event", "conflict-crm");
    let note = Note { run, synced: calendar.into(), account, link, kind, rule, content: &content };
    sync_journal::add(batch, &note).await.unwrap();
}
