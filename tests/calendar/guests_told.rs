//! What Google tells the guests that we write, what of it waits for a person, and what is written
//! again after an answer was lost.

use postern::actions::calendars::undo;
use postern::store::sync::sync_journal;
use postern_core::plan::calendar::choices::Invitations;
use postern_sandbox::{CalendarFault, CalendarTrouble, CrmTrouble};
use serde_json::json;

use super::guests_written::{EVA, IVO, TEN, addresses, writing};
use super::world::{ANNA, ANNA_ID, BEN_ID};

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_many_events_wait_for_a_person_and_a_rejection_writes_nothing() {
    let (world, _) = writing(Invitations::All).await;
    let eva = world.contact("Eva", EVA);
    for n in 0..11 {
        world.meeting_with(&format!("Pitch {n}"), &[&eva]);
    }
    world.rest().await;
    assert_eq!(world.held_back().await, [("invited".to_owned(), 11)]);
    let invited = || world.google().live_events(ANNA).iter().filter(|it| !addresses(it).is_empty()).count();
    assert_eq!((world.google().live_events(ANNA).len(), invited(), world.guest_mails()), (11, 0, 0));
    world.run().await;
    assert_eq!(world.held_back().await, [("invited".to_owned(), 11)], "it still waits");
    let (store, by) = (&world.gateway.parts.store, world.by());
    let hold = world.pending().await[0].id;
    assert!(postern::actions::holds::approve(store, &by, hold).await.is_ok());
    world.rest().await;
    assert_eq!((invited(), world.guest_mails(), world.held_back().await), (11, 11, vec![]));
    for meeting in world.crm.records("Meeting") {
        world.take_part(meeting["id"].as_str().unwrap(), &[]);
    }
    world.rest().await;
    assert_eq!(world.held_back().await, [("invited".to_owned(), 11)], "taking off waits as well");
    let hold = world.pending().await[0].id;
    assert!(postern::actions::holds::reject(store, &by, hold).await.is_ok());
    world.rest().await;
    assert_eq!((invited(), world.guest_mails(), world.held_back().await), (11, 11, vec![]));
    // What was rejected is who is a guest, not the whole pair.
    let first = world.crm.records("Meeting")[0]["id"].as_str().unwrap().to_owned();
    world.crm.as_user(ANNA_ID).edit("Meeting", &first, &json!({ "name": "Goes on" })).unwrap();
    world.rest().await;
    assert!(world.google().live_events(ANNA).iter().any(|it| it["summary"] == "Goes on"));
    assert_eq!((invited(), world.held_back().await), (11, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_nobody_is_invited_to_a_time_that_waits_to_be_another() {
    let (world, _) = writing(Invitations::All).await;
    let (eva, ivo) = (world.contact("Eva", EVA), world.contact("Ivo", IVO));
    let meeting = world.meeting_with("Pitch", &[&eva]);
    world.rest().await;
    let mails = world.guest_mails();
    let both = json!({ "contactsIds": [eva, ivo], "dateStart": "2037-03-04 10:00:00",
        "dateEnd": "2037-03-04 11:00:00" });
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &both).unwrap();
    world.rest().await;
    assert_eq!(world.held_back().await, [("guests".to_owned(), 1)]);
    assert_eq!((world.invited(), world.guest_mails()), (vec![EVA.to_owned()], mails));
    let (store, by) = (&world.gateway.parts.store, world.by());
    postern::actions::holds::approve(store, &by, world.pending().await[0].id).await.unwrap();
    world.rest().await;
    assert_eq!(world.invited(), [EVA, IVO]);
    assert!(world.only_event()["start"]["dateTime"].as_str().unwrap().starts_with("2037-03-04"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_what_has_guests_of_ours_is_moved_and_deleted_by_a_person_only() {
    let (world, _) = writing(Invitations::None).await;
    world.ben().await;
    let eva = world.contact("Eva", EVA);
    let meeting = world.meeting_with("Pitch", &[&eva]);
    world.rest().await;
    let hand = || world.crm.as_user(ANNA_ID);
    let later = json!({ "dateStart": "2037-03-04 10:00:00", "dateEnd": "2037-03-04 11:00:00" });
    hand().edit("Meeting", &meeting, &later).unwrap();
    world.rest().await;
    assert_eq!(world.held_back().await, [("guests".to_owned(), 1)]);
    assert!(world.only_event()["start"]["dateTime"].as_str().unwrap().starts_with("2037-03-02"));
    hand().edit("Meeting", &meeting, &json!({ "assignedUserId": BEN_ID })).unwrap();
    world.rest().await;
    assert_eq!(world.google().live_events(ANNA).len(), 1, "it stays where its guests know it");
    hand().delete("Meeting", &meeting).unwrap();
    world.sweep().await;
    world.rest().await;
    assert_eq!(world.held_back().await, [("guests".to_owned(), 1)]);
    assert_eq!(world.google().live_events(ANNA).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_each_guest_is_told_once_of_each_change_where_that_is_chosen() {
    let (world, anna) = writing(Invitations::All).await;
    let eva = world.contact("Eva", EVA);
    let meeting = world.meeting("Pitch", TEN.0, TEN.1);
    world.rest().await;
    assert_eq!(world.guest_mails(), 0, "there is nobody to be told");
    world.take_part(&meeting, &[&eva]);
    world.rest().await;
    assert_eq!(world.guest_mails(), 1);
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": "Pitch at last" })).unwrap();
    world.rest().await;
    assert_eq!(world.guest_mails(), 2);
    world.take_part(&meeting, &[]);
    world.rest().await;
    assert_eq!(world.guest_mails(), 3);
    world.sweep().await;
    world.rest().await;
    assert_eq!(world.guest_mails(), 3);
    world.choose(anna.0, |choices| choices.invitations = Invitations::None).await;
    world.take_part(&meeting, &[&eva]);
    world.rest().await;
    assert_eq!((world.guest_mails(), world.invited()), (3, vec![EVA.to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_a_deletion_is_told_where_that_is_chosen_and_approved() {
    let (world, _) = writing(Invitations::All).await;
    let eva = world.contact("Eva", EVA);
    let meeting = world.meeting_with("Pitch", &[&eva]);
    world.rest().await;
    world.crm.as_user(ANNA_ID).delete("Meeting", &meeting).unwrap();
    world.sweep().await;
    assert_eq!((world.guest_mails(), world.held_back().await), (1, vec![("guests".to_owned(), 1)]));
    let (store, by) = (&world.gateway.parts.store, world.by());
    let hold = world.pending().await[0].id;
    assert!(postern::actions::holds::approve(store, &by, hold).await.is_ok());
    world.rest().await;
    assert_eq!((world.guest_mails(), world.google().live_events(ANNA).len()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_a_lost_answer_invites_nobody_twice_and_makes_no_second_mail() {
    let (world, _) = writing(Invitations::All).await;
    let eva = world.contact("Eva", EVA);
    let meeting = world.meeting("Pitch", TEN.0, TEN.1);
    world.rest().await;
    let lost = |trouble| world.google().calendar_faults().next(CalendarFault::on("PUT", "/events/", trouble));
    lost(CalendarTrouble::LoseAnswer);
    world.take_part(&meeting, &[&eva]);
    world.rest().await;
    assert_eq!((world.invited(), world.guest_mails()), (vec![EVA.to_owned()], 1), "it was done");
    lost(CalendarTrouble::LoseAnswer);
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": "Pitch at last" })).unwrap();
    world.rest().await;
    assert_eq!(world.guest_mails(), 2);
    world.google().calendar_faults().next(CalendarFault::on("PUT", "/events/", CalendarTrouble::Close));
    world.take_part(&meeting, &[]);
    world.run().await;
    assert_eq!((world.invited().len(), world.guest_mails()), (1, 2));
    world.rest().await;
    assert_eq!((world.invited().len(), world.guest_mails()), (0, 3), "it was not done, and is done then");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_what_may_have_been_done_is_done_again_without_a_word() {
    let (world, _) = writing(Invitations::All).await;
    let (eva, ivo) = (world.contact("Eva", EVA), world.contact("Ivo", IVO));
    let meeting = world.meeting("Pitch", TEN.0, TEN.1);
    world.rest().await;
    world.google().calendar_faults().next(CalendarFault::on("PUT", "/events/", CalendarTrouble::LoseAnswer));
    world.take_part(&meeting, &[&eva]);
    world.run().await;
    let id = world.only_event()["id"].as_str().unwrap().to_owned();
    world.google().edit_event(ANNA, ANNA, &id, json!({ "attendees": [] })).unwrap();
    world.rest().await;
    assert_eq!(world.guest_mails(), 1, "nobody knows whether it was done");
    world.take_part(&meeting, &[&eva, &ivo]);
    world.rest().await;
    assert!(world.invited().contains(&IVO.to_owned()));
    assert_eq!(world.guest_mails(), 1 + world.invited().len() as u64, "later changes are told again");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_a_crash_of_the_crm_between_leaves_guests_as_they_are() {
    let (world, _) = writing(Invitations::None).await;
    let eva = world.contact("Eva", EVA);
    let meeting = world.meeting("Pitch", TEN.0, TEN.1);
    world.rest().await;
    world.crm.faults().next(CrmTrouble::Answer(503).at("GET", "Contact"));
    world.take_part(&meeting, &[&eva]);
    world.run().await;
    assert!(world.invited().is_empty(), "by which address is not known");
    world.rest().await;
    assert_eq!(world.invited(), [EVA]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_6_2_an_undo_mails_nobody_and_leaves_guests() {
    let (world, anna) = writing(Invitations::All).await;
    let eva = world.contact("Eva", EVA);
    let meeting = world.meeting_with("Pitch", &[&eva]);
    world.rest().await;
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": "Pitch at last" })).unwrap();
    world.rest().await;
    assert_eq!(world.guest_mails(), 2);
    let store = &world.gateway.parts.store;
    let run =
        sync_journal::last_run(&mut store.read().await.unwrap(), anna.1, anna.0).await.unwrap().unwrap();
    let preview = undo::preview(store, anna.0, run).await.unwrap();
    let by = world.by();
    undo::undo(store, &by, anna.0, run, &preview.mark()).await.unwrap();
    world.rest().await;
    assert_eq!(world.only_event()["summary"], "Pitch");
    assert_eq!((world.guest_mails(), world.invited()), (2, vec![EVA.to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_6_2_what_an_undo_leads_to_is_told_to_nobody() {
    let (world, anna) = writing(Invitations::All).await;
    let eva = world.contact("Eva", EVA);
    world.meeting_with("Pitch", &[&eva]);
    world.rest().await;
    let event = world.only_event()["id"].as_str().unwrap().to_owned();
    world.google().edit_event(ANNA, ANNA, &event, json!({ "summary": "Pitch at last" })).unwrap();
    world.rest().await;
    let mails = world.guest_mails();
    let store = &world.gateway.parts.store;
    let run =
        sync_journal::last_run(&mut store.read().await.unwrap(), anna.1, anna.0).await.unwrap().unwrap();
    let preview = undo::preview(store, anna.0, run).await.unwrap();
    let by = world.by();
    undo::undo(store, &by, anna.0, run, &preview.mark()).await.unwrap();
    world.rest().await;
    assert_eq!(
        (&world.only_meeting()["name"], &world.only_event()["summary"]),
        (&json!("Pitch"), &json!("Pitch"))
    );
    assert_eq!((world.guest_mails(), world.invited()), (mails, vec![EVA.to_owned()]));
}
