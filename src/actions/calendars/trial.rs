//! The way to the calendars of the Google on a stage, calendars in which not all is
//! in step, and runs that can be taken back.

use postern_core::model::id::{AccountId, CalendarId, DeadLetterId, PairId, RunId};
use postern_core::plan::calendar::event_id::Marker;
use postern_core::plan::calendar::people::People;
use postern_core::plan::link::{Base, Side, State};
use postern_core::plan::record::{Field, Record, Value};

use super::refresh::Lists;
use crate::actions::consent::trial::Stage;
use crate::google::trial::calendar;
use crate::store::Store;
use crate::store::meta;
use crate::store::sync::google_seen::From;
use crate::store::sync::links::{self, Link, Role};
use crate::store::sync::runs::{self, Counts};
use crate::store::sync::sync_journal::Note;
use crate::store::sync::{calendars, crm_seen, dead_letters, google_seen, sync_journal, undos};

/// The lists of that Google.
pub fn lists(stage: &Stage) -> Lists {
    let (store, exchange) = (stage.store().clone(), stage.consents.exchange.clone());
    Lists::new(&calendar(store, exchange, stage.consents.redirect_uri.clone()))
}

/// A pair of the event and the record of that name, both planned for; which of them are there.
pub async fn pair(
    store: &Store,
    (account, calendar): (AccountId, CalendarId),
    name: &str,
    state: State,
    (event_lives, record_lives): (bool, bool),
) -> PairId {
    let id = PairId(store.dice().id(store.clock()).unwrap());
    let title = Record::new().with(Field::Title, Value::text(name));
    let link = Link {
        id,
        account,
        calendar,
        event: Some(format!("event{name}")),
        ical_uid: None,
        entity: "Meeting".to_owned(),
        record: Some(format!("record{name}")),
        origin: Side::Crm,
        role: Role::Owner,
        state,
        generation: 0,
        base: Base::of(title.clone(), title),
        people: People::default(),
    };
    let google = google_seen::Seen {
        event: format!("event{name}"),
        etag: "\"1\"".to_owned(),
        live: event_lives,
        epoch: 1,
        hash: vec![1],
        series: None,
        computed: false,
        content: event_lives.then(|| format!("{{\"summary\":\"{name}\"}}")),
    };
    let crm = crm_seen::Seen {
        entity: "Meeting".to_owned(),
        record: format!("record{name}"),
        live: record_lives,
        user: None,
        hash: vec![1],
        content: record_lives.then(|| format!("{{\"name\":\"{name}\"}}")),
        people: None,
    };
    let mut batch = store.batch().await.unwrap();
    assert!(links::add(&mut batch, &link).await.unwrap());
    google_seen::put(&mut batch, calendar, &[google], From::Ourselves).await.unwrap();
    crm_seen::put(&mut batch, &[crm], From::Ourselves).await.unwrap();
    batch.commit().await.unwrap();
    id
}

/// Something that could not be done about what the key names.
pub async fn letter(
    store: &Store,
    (account, calendar): (AccountId, CalendarId),
    key: &str,
    why: &str,
) -> DeadLetterId {
    let side = if key.contains('/') { Side::Crm } else { Side::Google };
    let mut batch = store.batch().await.unwrap();
    dead_letters::put(&mut batch, calendar, account, key, side, why, "{}").await.unwrap();
    let all = dead_letters::of_calendar(store, &mut batch, calendar, 100).await.unwrap();
    batch.commit().await.unwrap();
    all.into_iter().find(|letter| letter.key == key).unwrap().id
}

/// A conflict of the pair: Google's title was lost.
pub async fn conflict(store: &Store, (account, calendar): (AccountId, CalendarId), link: PairId) {
    let content = serde_json::json!({
        "before": {
            "google": { "title": { "text": "Plan" } },
            "crm": { "title": { "text": "Plan" } },
        },
        "written": { "title": { "text": "Plan <i>of the CRM</i>" } },
        "fields": [{ "title": "conflict-crm" }],
        "lost": [{ "field": "title", "side": "google", "value": { "text": "Plan of Google" } }],
    });
    let run = RunId(store.dice().id(store.clock()).unwrap());
    let content = content.to_string();
    let note = Note {
        run,
        synced: calendar.into(),
        account,
        link,
        kind: "write-event",
        rule: "conflict-crm",
        content: &content,
    };
    let mut batch = store.batch().await.unwrap();
    sync_journal::add(&mut batch, &note).await.unwrap();
    batch.commit().await.unwrap();
}

/// A run that gave an event another title, which it still shows.
pub async fn renaming(store: &Store, at: (AccountId, CalendarId), name: &str) -> RunId {
    let (account, calendar) = at;
    let link = pair(store, at, name, State::Active, (true, true)).await;
    let seen = google_seen::Seen {
        event: format!("event{name}"),
        etag: "\"2\"".to_owned(),
        live: true,
        epoch: 1,
        hash: vec![2],
        series: None,
        computed: false,
        content: Some(format!("{{\"id\":\"event{name}\",\"summary\":\"{name}\"}}")),
    };
    let content = serde_json::json!({
        "before": { "google": { "title": { "text": "Before" } }, "crm": {} },
        "written": { "title": { "text": name } },
    });
    let mut batch = store.batch().await.unwrap();
    google_seen::put(&mut batch, calendar, &[seen], From::Ourselves).await.unwrap();
    let run = runs::begin(&mut batch, calendar).await.unwrap();
    let content = content.to_string();
    let note = Note {
        run,
        synced: calendar.into(),
        account,
        link,
        kind: "write-event",
        rule: "crm-changed",
        content: &content,
    };
    sync_journal::add(&mut batch, &note).await.unwrap();
    runs::end(&mut batch, calendar, run, &Counts { written: 1, ..Counts::default() }, None).await.unwrap();
    batch.commit().await.unwrap();
    run
}

/// An event that we have made of a record of that name, in the calendar of that name.
pub async fn made(store: &Store, at: (AccountId, CalendarId), name: &str) -> PairId {
    let (installation, _) = meta::found(store).await.unwrap();
    let id = pair(store, at, name, State::Active, (false, true)).await;
    let mut batch = store.batch().await.unwrap();
    let calendar = calendars::get(store, &mut batch, at.1).await.unwrap().unwrap();
    let event = Marker { pair: id.0, generation: 0 }.event_id(&installation, &calendar.google_id).to_string();
    let link = links::get(store, &mut batch, id).await.unwrap().unwrap();
    links::put(&mut batch, &Link { event: Some(event.clone()), ..link }).await.unwrap();
    let content = serde_json::json!({ "id": event, "summary": name }).to_string();
    let seen = google_seen::Seen {
        event,
        etag: "\"1\"".to_owned(),
        live: true,
        epoch: 1,
        hash: vec![1],
        series: None,
        computed: false,
        content: Some(content),
    };
    let crm = crm_seen::Seen {
        entity: "Meeting".to_owned(),
        record: format!("record{name}"),
        live: true,
        user: None,
        hash: vec![2],
        people: None,
        content: Some(format!("{{\"id\":\"record{name}\",\"name\":\"{name}\"}}")),
    };
    google_seen::put(&mut batch, at.1, &[seen], From::Ourselves).await.unwrap();
    crm_seen::put(&mut batch, &[crm], From::Ourselves).await.unwrap();
    batch.commit().await.unwrap();
    id
}

/// Nothing waits to be taken back any more.
pub async fn too_late(store: &Store) {
    let mut batch = store.batch().await.unwrap();
    undos::expire(&mut batch, store.clock().now() + 1).await.unwrap();
    batch.commit().await.unwrap();
}
