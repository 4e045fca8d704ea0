//! What could not be done is told and tried again, what was let go is taken up
//! again, and every change says why.

use postern::actions::By;
use postern::actions::calendars::resume::{resume, retry};
use postern::actions::calendars::story::{self, Story, Whose};
use postern::actions::calendars::waiting::{self, Waiting};
use postern::app;
use postern::node::requests::day;
use postern::store::sync::{requests, runs};
use postern_core::model::actor::Actor;
use postern_core::model::id::{AccountId, PairId};
use postern_core::plan::link::{Side, State};
use postern_core::plan::record::{Field, Value};
use postern_sandbox::CrmTrouble;
use serde_json::json;

use super::world::{ANNA, ANNA_ID, World};

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");

impl World {
    pub(super) async fn waiting(&self, account: AccountId) -> Waiting {
        waiting::of(&self.gateway.parts.store, account).await.unwrap()
    }

    pub fn by(&self) -> By {
        By::new(Actor::Gateway, self.gateway.parts.store.dice()).unwrap()
    }

    /// The story of the one pair of a meeting.
    async fn story(&self, account: AccountId, meeting: &str) -> Story {
        let store = &self.gateway.parts.store;
        let pairs = story::pairs(store, Whose::Record("Meeting", meeting)).await.unwrap();
        let [(_, link)] = pairs.as_slice() else { panic!("{pairs:?}") };
        story::of(store, account, link.id).await.unwrap()
    }

    /// The one pair that is let go, taken up again.
    async fn take_up(&self, account: AccountId, state: State) -> PairId {
        let pairs = self.waiting(account).await.pairs;
        let [pair] = pairs.as_slice() else { panic!("{pairs:?}") };
        assert_eq!(pair.state, state);
        resume(&self.gateway.parts.store, &self.by(), account, pair.id).await.unwrap();
        pair.id
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn j_2_rule_6_3_what_the_crm_refused_is_told_and_made_when_somebody_asks() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    let event = world.event("Dentist", "2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    world.crm.faults().next(CrmTrouble::Answer(400).at("POST", "Meeting"));
    world.run().await;
    world.rest().await;
    assert!(world.crm.records("Meeting").is_empty(), "a refusal is not asked again unasked");
    let waiting = world.waiting(anna).await;
    let [letter] = waiting.letters.as_slice() else { panic!("{waiting:?}") };
    assert_eq!((letter.title.as_str(), letter.event.as_deref()), ("Dentist", Some(event.as_str())));
    assert!(!letter.reason.is_empty());
    retry(&world.gateway.parts.store, &world.by(), anna, letter.id).await.unwrap();
    world.sync.drain().await.unwrap();
    assert_eq!(world.only_meeting()["name"], "Dentist");
    assert!(world.waiting(anna).await.letters.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_explained_with_what_was_lost() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    let meeting = world.meeting("Plan", TEN.0, TEN.1);
    world.rest().await;
    let event = world.only_event();
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": "Plan of the CRM" })).unwrap();
    let id = event["id"].as_str().unwrap();
    world.google().edit_event(ANNA, ANNA, id, json!({ "summary": "Plan of Google" })).unwrap();
    world.rest().await;
    let story = world.story(anna, &meeting).await;
    assert_eq!(story.pair.title, "Plan of the CRM", "{story:?}");
    let [conflict, made] = story.changes.as_slice() else { panic!("{story:?}") };
    assert_eq!((made.kind.as_str(), made.rule.as_str()), ("make-event", "new-from-crm"));
    assert_eq!((conflict.side(), conflict.rule.as_str()), (Side::Google, "conflict-crm"));
    assert_ne!(conflict.run, made.run);
    let fields = conflict.fields.as_ref().unwrap();
    let [title] = fields.as_slice() else { panic!("{fields:?}") };
    assert_eq!((title.field, title.before.clone()), (Field::Title, Some(Value::text("Plan"))));
    assert_eq!(title.lost, Some((Side::Google, Value::text("Plan of Google"))));
    assert_eq!(title.written, Some(Value::text("Plan of the CRM")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_gone_is_made_again_when_somebody_asks_and_only_then() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    world.rest().await;
    let crm = world.crm.as_user(ANNA_ID);
    crm.edit("Meeting", &meeting, &json!({ "status": "Held" })).unwrap();
    world.rest().await;
    let event = world.only_event();
    world.google().delete_event(ANNA, ANNA, event["id"].as_str().unwrap()).unwrap();
    world.rest().await;
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "status": "Planned" })).unwrap();
    world.rest().await;
    assert!(world.google().live_events(ANNA).is_empty(), "what was let go creates nothing");
    let pair = world.take_up(anna, State::Detached).await;
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.only_event()["summary"], "Kickoff");
    let story = world.story(anna, &meeting).await;
    assert_eq!((story.pair.id, story.pair.state), (pair, State::Active));
    assert_eq!(story.changes[0].rule, "asked-again");
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": "Kickoff again" })).unwrap();
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.only_event()["summary"], "Kickoff again", "it is kept in step");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_gone_is_made_again_when_somebody_asks_and_only_then() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.event("Dentist", "2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    world.rest().await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    world.crm.as_user(ANNA_ID).delete("Meeting", &meeting).unwrap();
    world.sweep().await;
    world.rest().await;
    assert!(world.crm.records("Meeting").is_empty(), "what was let go creates nothing");
    world.take_up(anna, State::Ignored).await;
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.only_meeting()["name"], "Dentist");
    assert_eq!(world.google().live_events(ANNA).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_says_how_much_it_planned_and_what_was_asked_of_google_is_counted() {
    let world = World::new().await;
    let (anna, calendar) = world.anna().await;
    let mut counted = app::requests(&world.gateway.parts);
    for day in 10..15 {
        world.meeting("Plan", &format!("2037-03-{day} 10:00:00"), &format!("2037-03-{day} 11:00:00"));
    }
    world.run().await;
    let store = &world.gateway.parts.store;
    let mut read = store.read().await.unwrap();
    let run = runs::last(&mut read, calendar, 1).await.unwrap().remove(0);
    assert_eq!((run.made, run.planned, run.done), (5, 5, 5), "{run:?}");
    drop(read);
    counted.write().await.unwrap();
    let today = day(store.clock().now());
    let rows = requests::of_day(&mut store.read().await.unwrap(), today, 9).await.unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row.account_id, row.job.as_str(), row.count)).collect();
    assert_eq!(told, [(anna.0, "write", 5), (anna.0, "import", 1)]);
    world.run().await;
    counted.write().await.unwrap();
    let total = requests::total(&mut store.read().await.unwrap(), today).await.unwrap();
    assert_eq!(total, 7, "a run at rest polls once");
}
