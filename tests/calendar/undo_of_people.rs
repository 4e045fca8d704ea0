//! What taking a run back has to do with people: whom the CRM mails, whose a record
//! was, who takes part, and which runs are listed for them.

use postern::actions::calendars::undo::changed;
use postern::actions::undoing::Runs;
use postern::store::sync::runs::{self, Counts};
use postern::store::sync::sync_journal;
use postern::store::sync::undos::State;
use postern_core::model::id::{AccountId, RunId};
use postern_core::plan::undo::Why;
use serde_json::json;

use super::guests::contact;
use super::undo::at;
use super::world::{ANNA, ANNA_ID, BEN_ID, World};

const EVA: &str = "eva@other.test";

impl World {
    async fn changed(&self, account: AccountId, page: (i64, i64)) -> Runs {
        changed(&self.gateway.parts.store, account, page).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_again_is_assigned_as_it_was_and_its_mails_are_told_before() {
    let world = World::new().await;
    world.crm.set_assignment_mails(true);
    let whose = world.anna().await;
    world.crm.add_person(BEN_ID, ("Ben", "Nova"), &["ben@example.com"]);
    let events: Vec<_> = (3..15).map(|n| world.event(&format!("E{n}"), &at(n).0, &at(n).1)).collect();
    world.rest().await;
    let store = &world.gateway.parts.store;
    let held =
        postern::store::sync::holds::pending(store, &mut store.read().await.unwrap(), 9).await.unwrap();
    for hold in held {
        postern::actions::holds::approve(store, &world.by(), hold.id).await.unwrap();
    }
    world.rest().await;
    let made = world.crm.records("Meeting").into_iter().find(|it| it["name"] == "E3").unwrap();
    let hand = world.crm.as_user(ANNA_ID);
    hand.edit("Meeting", made["id"].as_str().unwrap(), &json!({ "assignedUserId": BEN_ID })).unwrap();
    world.rest().await;
    for event in &events {
        world.google().delete_event(ANNA, ANNA, event).unwrap();
    }
    world.rest().await;
    let held =
        postern::store::sync::holds::pending(store, &mut store.read().await.unwrap(), 9).await.unwrap();
    for hold in held {
        postern::actions::holds::approve(store, &world.by(), hold.id).await.unwrap();
    }
    world.rest().await;
    assert!(world.meetings().is_empty(), "{:?}", world.meetings());
    let (run, before) = (world.last_run(whose).await, world.mails());
    let mut preview = world.preview(whose.0, run).await;
    assert_eq!((preview.acts(), preview.mails), (12, 12));
    let mark = preview.mark();
    preview.mails = 0;
    assert_ne!(mark, preview.mark(), "whoever confirms has seen how many mails it is");
    world.confirm(whose.0, run).await;
    world.run().await;
    let meetings = world.crm.records("Meeting");
    assert_eq!((meetings.len(), world.mails() - before), (12, 12));
    for meeting in &meetings {
        let user = if meeting["name"] == "E3" { BEN_ID } else { ANNA_ID };
        assert_eq!(meeting["assignedUserId"], user, "{}", meeting["name"]);
    }
    world.settles().await;
    assert_eq!((world.meetings().len(), world.mails() - before), (12, 12));
    assert_eq!(world.events(), world.meetings(), "their events are made again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_mails_nobody_is_not_said_to() {
    let world = World::new().await;
    let whose = world.anna().await;
    let event = world.event("Dentist", &at(3).0, &at(3).1);
    world.rest().await;
    world.google().delete_event(ANNA, ANNA, &event).unwrap();
    world.run().await;
    let preview = world.preview(whose.0, world.last_run(whose).await).await;
    assert_eq!((preview.acts(), preview.mails), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_however_many_came_after_and_those_of_people_say_so() {
    let world = World::new().await;
    let whose = world.anna().await;
    let eva = contact(&world.crm, "Eva", EVA);
    let event = world.invite("Pitch", &[]);
    world.rest().await;
    let made = world.last_run(whose).await;
    world.set_guests(&event, &[EVA]);
    world.run().await;
    let people = world.last_run(whose).await;
    assert_ne!(made, people);
    let store = &world.gateway.parts.store;
    for _ in 0..60 {
        let mut batch = store.batch().await.unwrap();
        let run = runs::begin(&mut batch, whose.1).await.unwrap();
        let seen = Counts { seen: 1, ..Counts::default() };
        runs::end(&mut batch, whose.1, run, &seen, None).await.unwrap();
        batch.commit().await.unwrap();
    }
    let all = world.changed(whose.0, (10, 0)).await;
    let ids: Vec<_> = all.list.iter().map(|one| RunId(one.run.run_id)).collect();
    assert_eq!((ids, all.total), (vec![people, made], 2));
    let [of_people, of_made] = &all.list[..] else { unreachable!() };
    assert_eq!((of_people.run.people, of_people.run.written, of_made.run.made), (1, 0, 1));
    let second = world.changed(whose.0, (1, 1)).await;
    assert_eq!((second.list, second.total), (vec![of_made.clone()], 2));
    let preview = world.preview(whose.0, people).await;
    assert_eq!((preview.acts(), preview.parts[0].left[0].why), (0, Why::People));
    assert_eq!(world.only_meeting()["contactsIds"], json!([eva]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_goes_with_the_people_whom_its_run_has_put_in() {
    let world = World::new().await;
    let whose = world.anna().await;
    let eva = contact(&world.crm, "Eva", EVA);
    world.invite("Pitch", &[EVA]);
    world.run().await;
    assert_eq!(world.only_meeting()["contactsIds"], json!([eva]));
    let run = world.last_run(whose).await;
    let preview = world.confirm(whose.0, run).await;
    assert_eq!((preview.acts(), preview.left()), (1, 0));
    world.settles().await;
    assert_eq!(world.state(whose.0, run).await, (State::Done, 1, 1, 0));
    assert_eq!((world.meetings(), world.events()), (Vec::new(), vec!["Pitch".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_7_who_took_part_in_a_hidden_event_is_not_written_down() {
    let world = World::new().await;
    let whose = world.anna().await;
    let eva = contact(&world.crm, "Eva", EVA);
    let event = world.invite("Pitch", &[EVA]);
    world.rest().await;
    assert_eq!(world.only_meeting()["contactsIds"], json!([eva]));
    world.edit(&event, &json!({ "visibility": "private", "attendees": [] }));
    world.rest().await;
    let store = &world.gateway.parts.store;
    let told = sync_journal::of_account(store, &mut store.read().await.unwrap(), whose.0, 100).await.unwrap();
    let of_people = told.iter().filter(|entry| entry.rule == "guests-changed").count();
    assert!(
        told.iter().all(|entry| !entry.content.as_deref().unwrap_or_default().contains(&eva)),
        "{told:?}"
    );
    assert_eq!(
        (of_people, &world.only_meeting()["contactsIds"]),
        (2, &json!([])),
        "she was put in and taken out"
    );
}
