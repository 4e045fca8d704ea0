//! A run that was taken back is as if it had not been, as far as nobody has
//! touched what it did; and then all is quiet.

use std::collections::BTreeSet;

use postern::actions::By;
use postern::actions::calendars::choose::{Wanted, choose};
use postern::actions::calendars::teams::Teams;
use postern::actions::calendars::undo;
use postern::actions::calendars::{CalendarFault as Fault, view};
use postern::actions::undoing::{NotUndone, Preview};
use postern::store::sync::undos::{self, State};
use postern::store::sync::{runs, sync_journal};
use postern_core::model::actor::Actor;
use postern_core::model::id::{AccountId, CalendarId, RunId};
use postern_core::plan::calendar::choices::Choices;
use postern_sandbox::{CalendarFault, CalendarTrouble, CrmTrouble};
use serde_json::{Value, json};

use super::world::{ANNA, ANNA_ID, World};

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");

impl World {
    /// The last run that changed something.
    pub async fn last_run(&self, (account, calendar): (AccountId, CalendarId)) -> RunId {
        let mut read = self.gateway.parts.store.read().await.unwrap();
        sync_journal::last_run(&mut read, calendar, account).await.unwrap().unwrap()
    }

    pub async fn preview(&self, account: AccountId, run: RunId) -> Preview {
        undo::preview(&self.gateway.parts.store, account, run).await.unwrap()
    }

    /// Confirms what the preview shows.
    pub async fn confirm(&self, account: AccountId, run: RunId) -> Preview {
        let preview = self.preview(account, run).await;
        let store = &self.gateway.parts.store;
        let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
        undo::undo(store, &by, account, run, &preview.mark()).await.unwrap();
        preview
    }

    pub async fn state(&self, account: AccountId, run: RunId) -> (State, i64, i64, i64) {
        let asked = self.preview(account, run).await.asked;
        (asked[0].state, asked[0].acts, asked[0].done, asked[0].failed)
    }

    /// The second of two runs writes nothing.
    pub async fn settles(&self) {
        self.run().await;
        self.run().await;
        let before = self.writes();
        self.run().await;
        assert_eq!(self.writes(), before, "a run after two more still writes");
        assert_eq!(self.google().calendar_counters().guest_mails, 0);
    }

    pub fn events(&self) -> Vec<String> {
        titles(&self.google().live_events(ANNA), "summary")
    }

    pub fn meetings(&self) -> Vec<String> {
        titles(&self.crm.records("Meeting"), "name")
    }

    pub fn edit(&self, event: &str, change: &Value) {
        self.google().edit_event(ANNA, ANNA, event, change.clone()).unwrap();
    }

    pub fn rename(&self, meeting: &str, name: &str) {
        self.crm.as_user(ANNA_ID).edit("Meeting", meeting, &json!({ "name": name })).unwrap();
    }
}

fn titles(all: &[Value], key: &str) -> Vec<String> {
    let mut titles: Vec<_> = all.iter().map(|one| one[key].as_str().unwrap_or("").to_owned()).collect();
    titles.sort();
    titles
}

/// An hour of that day.
pub fn at(day: u8) -> (String, String) {
    (format!("2037-03-{day:02}T10:00:00Z"), format!("2037-03-{day:02}T11:00:00Z"))
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_that_went_both_ways_come_back_both_ways() {
    let world = World::new().await;
    let whose = world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    let event = world.event("Dentist", &at(3).0, &at(3).1);
    world.rest().await;
    world.rename(&meeting, "Kickoff by the CRM");
    world.edit(&event, &json!({ "summary": "Dentist by Google" }));
    world.run().await;
    assert_eq!(world.meetings(), ["Dentist by Google", "Kickoff by the CRM"]);
    let run = world.last_run(whose).await;
    let preview = world.confirm(whose.0, run).await;
    assert_eq!((preview.acts(), preview.left()), (2, 0));
    world.settles().await;
    for shown in [world.meetings(), world.events()] {
        assert_eq!(shown, ["Dentist", "Kickoff"]);
    }
    assert_eq!(world.state(whose.0, run).await, (State::Done, 2, 2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_can_be_undone() {
    let world = World::new().await;
    let whose = world.anna().await;
    let event = world.event("Dentist", &at(3).0, &at(3).1);
    world.rest().await;
    world.edit(&event, &json!({ "summary": "Doctor" }));
    world.run().await;
    let first = world.last_run(whose).await;
    world.confirm(whose.0, first).await;
    world.settles().await;
    assert_eq!((world.meetings(), world.events()), (vec!["Dentist".to_owned()], vec!["Dentist".to_owned()]));
    let second = world.last_run(whose).await;
    assert_ne!(first, second);
    world.confirm(whose.0, second).await;
    world.settles().await;
    assert_eq!((world.meetings(), world.events()), (vec!["Doctor".to_owned()], vec!["Doctor".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_goes_and_what_was_edited_since_stays() {
    let world = World::new().await;
    let whose = world.anna().await;
    for n in 3..6 {
        world.event(&format!("There {n}"), &at(n).0, &at(n).1);
        let (start, end) = (format!("2037-03-1{n} 10:00:00"), format!("2037-03-1{n} 11:00:00"));
        world.meeting(&format!("Here {n}"), &start, &end);
    }
    world.run().await;
    assert_eq!((world.meetings().len(), world.events().len()), (6, 6));
    let run = world.last_run(whose).await;
    let made = world.crm.records("Meeting").into_iter().find(|it| it["name"] == "There 3").unwrap();
    world.rename(made["id"].as_str().unwrap(), "Mine now");
    world.run().await;
    let preview = world.confirm(whose.0, run).await;
    assert_eq!((preview.acts(), preview.left()), (5, 1));
    world.settles().await;
    assert_eq!(world.meetings(), ["Here 3", "Here 4", "Here 5", "Mine now"]);
    assert_eq!(world.events(), ["Mine now", "There 4", "There 5"]);
    world.sweep().await;
    world.settles().await;
    assert_eq!((world.meetings().len(), world.events().len()), (4, 3), "what is left is not made again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_or_called_off_comes_back() {
    let world = World::new().await;
    let whose = world.anna().await;
    let here = world.meeting("Here", TEN.0, TEN.1);
    let called_off = world.meeting("Called off", "2037-03-09 10:00:00", "2037-03-09 11:00:00");
    let there = world.event("There", &at(3).0, &at(3).1);
    world.rest().await;
    let events = world.google().live_events(ANNA);
    let off = events.iter().find(|event| event["summary"] == "Called off").unwrap();
    world.google().delete_event(ANNA, ANNA, off["id"].as_str().unwrap()).unwrap();
    world.google().delete_event(ANNA, ANNA, &there).unwrap();
    world.crm.as_user(ANNA_ID).delete("Meeting", &here).unwrap();
    world.sweep().await;
    assert_eq!((world.meetings(), world.events()), (vec!["Called off".to_owned()], Vec::new()));
    let run = world.last_run(whose).await;
    let preview = world.confirm(whose.0, run).await;
    assert_eq!((preview.acts(), preview.left()), (3, 0));
    world.settles().await;
    for shown in [world.meetings(), world.events()] {
        assert_eq!(shown, ["Called off", "Here", "There"]);
    }
    assert_eq!(world.crm.record("Meeting", &called_off).unwrap()["status"], "Planned");
    world.sweep().await;
    world.settles().await;
    assert_eq!((world.meetings().len(), world.events().len()), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_lost_in_the_middle_are_found_and_nothing_is_done_twice() {
    let world = World::new().await;
    let whose = world.anna().await;
    let meeting = world.meeting("Kickoff", TEN.0, TEN.1);
    let event = world.event("Dentist", &at(3).0, &at(3).1);
    let gone = world.event("Gone", &at(4).0, &at(4).1);
    world.rest().await;
    world.rename(&meeting, "Kickoff B");
    world.edit(&event, &json!({ "summary": "Dentist B" }));
    world.google().delete_event(ANNA, ANNA, &gone).unwrap();
    world.event("New", &at(5).0, &at(5).1);
    world.run().await;
    assert_eq!(world.meetings(), ["Dentist B", "Kickoff B", "New"]);
    let run = world.last_run(whose).await;
    let preview = world.confirm(whose.0, run).await;
    assert_eq!((preview.acts(), preview.left()), (4, 0));
    world.google().calendar_faults().next(CalendarFault::on("PUT", "/events/", CalendarTrouble::LoseAnswer));
    for (method, path) in [("PUT", "Meeting"), ("POST", "Meeting"), ("DELETE", "Meeting")] {
        world.crm.faults().next(CrmTrouble::LoseAnswer.at(method, path));
    }
    world.run().await;
    assert_eq!(world.state(whose.0, run).await.0, State::Waiting);
    world.settles().await;
    assert_eq!(world.meetings(), ["Dentist", "Gone", "Kickoff"]);
    assert_eq!(world.events(), ["Dentist", "Gone", "Kickoff", "New"]);
    assert_eq!(world.state(whose.0, run).await, (State::Done, 4, 4, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_shown_is_done_and_one_at_a_time() {
    let world = World::new().await;
    let whose = world.anna().await;
    let event = world.event("Dentist", &at(3).0, &at(3).1);
    let other = world.event("Plan", &at(4).0, &at(4).1);
    world.rest().await;
    world.edit(&event, &json!({ "summary": "Dentist B" }));
    world.edit(&other, &json!({ "summary": "Plan B" }));
    world.run().await;
    let run = world.last_run(whose).await;
    let store = &world.gateway.parts.store;
    let by = || By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    let stale = undo::undo(store, &by(), whose.0, run, "other").await.unwrap_err();
    assert!(matches!(stale, Fault::Undo(NotUndone::Different)));
    let preview = world.confirm(whose.0, run).await;
    let again = undo::undo(store, &by(), whose.0, run, &preview.mark()).await.unwrap_err();
    assert!(matches!(again, Fault::Undo(NotUndone::Undoing)));
    let meeting = world.crm.records("Meeting").into_iter().find(|it| it["name"] == "Plan B").unwrap();
    world.rename(meeting["id"].as_str().unwrap(), "Plan C");
    world.settles().await;
    assert_eq!(world.meetings(), ["Dentist", "Plan C"], "what is another by then stays");
    let (state, acts, done, _) = world.state(whose.0, run).await;
    assert_eq!((state, acts, done), (State::Partly, 2, 1));
    let all = runs::last(&mut store.read().await.unwrap(), whose.1, 9).await.unwrap();
    let nothing = undo::preview(store, whose.0, RunId(all[0].calendar_id)).await.unwrap_err();
    assert!(matches!(nothing, Fault::NotThere));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_edited_while_its_removal_is_not_known_to_have_failed_is_kept_in_step() {
    let world = World::new().await;
    let whose = world.anna().await;
    world.event("Dentist", &at(3).0, &at(3).1);
    world.run().await;
    let run = world.last_run(whose).await;
    assert_eq!(world.confirm(whose.0, run).await.acts(), 1);
    world.crm.faults().next(CrmTrouble::Answer(503).at("DELETE", "Meeting"));
    world.run().await;
    assert_eq!(world.state(whose.0, run).await, (State::Waiting, 1, 0, 0));
    let meeting = world.crm.records("Meeting").remove(0);
    world.rename(meeting["id"].as_str().unwrap(), "Mine");
    world.settles().await;
    assert_eq!((world.meetings(), world.events()), (vec!["Mine".to_owned()], vec!["Mine".to_owned()]));
    assert_eq!(world.state(whose.0, run).await, (State::Partly, 1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_somebody_has_touched_stays_and_is_told() {
    let world = World::new().await;
    let whose = world.anna().await;
    world.event("Dentist", &at(3).0, &at(3).1);
    world.run().await;
    let run = world.last_run(whose).await;
    let meeting = world.crm.records("Meeting").remove(0);
    world.rename(meeting["id"].as_str().unwrap(), "Mine");
    world.run().await;
    world.rename(meeting["id"].as_str().unwrap(), "Dentist");
    world.run().await;
    assert_eq!(world.confirm(whose.0, run).await.acts(), 1, "it shows what was made");
    world.settles().await;
    assert_eq!((world.meetings(), world.events()), (vec!["Dentist".to_owned()], vec!["Dentist".to_owned()]));
    assert_eq!(world.state(whose.0, run).await, (State::Partly, 1, 0, 1));
    world.edit(world.google().live_events(ANNA)[0]["id"].as_str().unwrap(), &json!({ "summary": "Doctor" }));
    world.settles().await;
    assert_eq!(world.meetings(), ["Doctor"], "it is kept in step");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_and_taken_back_is_made_again_and_kept_in_step() {
    let world = World::new().await;
    let whose = world.anna().await;
    let here = world.meeting("Here", TEN.0, TEN.1);
    world.event("There", &at(3).0, &at(3).1);
    world.run().await;
    let made = world.last_run(whose).await;
    assert_eq!(world.confirm(whose.0, made).await.acts(), 2);
    world.settles().await;
    assert_eq!((world.meetings(), world.events()), (vec!["Here".to_owned()], vec!["There".to_owned()]));
    let taken_back = world.last_run(whose).await;
    assert_eq!(world.confirm(whose.0, taken_back).await.acts(), 2);
    world.settles().await;
    for shown in [world.meetings(), world.events()] {
        assert_eq!(shown, ["Here", "There"]);
    }
    world.rename(&here, "Here B");
    world.settles().await;
    assert_eq!(world.events(), ["Here B", "There"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_back_what_is_not_their_mailboxs_and_what_waited_too_long_is_not_done() {
    let world = World::new().await;
    let whose = world.anna().await;
    let event = world.event("Dentist", &at(3).0, &at(3).1);
    world.rest().await;
    world.edit(&event, &json!({ "summary": "Doctor" }));
    world.run().await;
    let run = world.last_run(whose).await;
    let store = &world.gateway.parts.store;
    let other = undo::preview(store, AccountId(run.0), run).await.unwrap_err();
    assert!(matches!(other, Fault::NotThere));
    world.confirm(whose.0, run).await;
    let mut batch = store.batch().await.unwrap();
    undos::expire(&mut batch, store.clock().now() + 1).await.unwrap();
    batch.commit().await.unwrap();
    world.settles().await;
    assert_eq!(world.meetings(), ["Doctor"]);
    assert_eq!(world.state(whose.0, run).await, (State::Expired, 1, 0, 0));
    let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    let none = Wanted { main: None, monitored: BTreeSet::new(), choices: Choices::default(), defaults: None };
    let version = view::one(store, whose.0).await.unwrap().version;
    choose(store, (&by, &Teams::default()), whose.0, &none, version).await.unwrap();
    let unused = undo::preview(store, whose.0, run).await.unwrap_err();
    assert!(matches!(unused, Fault::NotThere));
}
