//! Copies when their record changes hands, their account or ours is away, an answer or all memory is
//! lost, or something is taken back.

use postern::actions::account::disconnect::disconnect;
use postern::actions::calendars::undo;
use postern::store::sync::{calendar_users, sync_journal};
use postern::store::{accounts, clients, grants};
use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use postern_core::plan::calendar::choices::{Choices, Invitations};
use postern_sandbox::{CalendarFault, CalendarTrouble, CrmTrouble};
use serde_json::json;

use super::world::{ANNA, ANNA_ID, BEN, BEN_ID, SCOPES, World};
use crate::support::gateway::CLIENT;

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_9_a_copy_becomes_the_event_of_who_gets_the_record() {
    let world = World::new().await;
    world.of_two().await;
    let meeting = world.shared("Plan");
    Box::pin(world.settled()).await;
    let copy = world.copy();
    world.crm.as_user(ANNA_ID).assign("Meeting", &meeting, BEN_ID).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!((world.annas().len(), world.bens(), world.copy()), (0, vec!["Plan".to_owned()], copy.clone()));
    world.google().edit_event(BEN, BEN, &copy, json!({ "summary": "Plan B" })).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!(world.only_meeting()["name"], "Plan B", "it carries both ways now");
    // And back: Ben still takes part.
    world.crm.as_user(BEN_ID).assign("Meeting", &meeting, ANNA_ID).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!((world.annas(), world.bens()), (vec!["Plan B".to_owned()], vec!["Plan B".to_owned()]));
    assert_eq!(world.crm.records("Meeting").len(), 1);
    let (roles, active) = (world.roles().await, |role: &str| format!("{role} active"));
    let count = |role: &str| roles.iter().filter(|it| **it == active(role)).count();
    assert_eq!((count("owner"), count("copy")), (1, 1), "{roles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_a_copy_that_becomes_the_event_invites_nobody() {
    let world = World::new().await;
    let (_, (ben, _)) = world.of_two().await;
    let all = |choices: &mut Choices| {
        (choices.takes_part, choices.writes_guests, choices.invitations) = (true, true, Invitations::All);
    };
    world.choose(ben, all).await;
    Box::pin(world.run()).await;
    let meeting = world.shared("Plan");
    Box::pin(world.rest()).await;
    world.crm.as_user(ANNA_ID).assign("Meeting", &meeting, BEN_ID).unwrap();
    Box::pin(world.settled()).await;
    let events = world.google().live_events(BEN);
    assert_eq!((events.len(), events[0].get("attendees")), (1, None), "Anna takes part as before");
    let roles = world.roles().await;
    assert!(roles.contains(&"owner active".to_owned()), "{roles:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_3_whoever_is_invited_to_a_copy_makes_no_second_record() {
    let world = World::new().await;
    world.of_two().await;
    world.person("carl@example.com", "0000000000000c44c", "Carl").await;
    let meeting = world.shared("Plan");
    Box::pin(world.rest()).await;
    let guests = json!({ "attendees": [{ "email": "carl@example.com" }] });
    world.google().edit_event(BEN, BEN, &world.copy(), guests).unwrap();
    Box::pin(world.rest()).await;
    assert_eq!(world.google().live_events("carl@example.com").len(), 1);
    assert_eq!(world.crm.records("Meeting").len(), 1);
    world.crm.as_user(ANNA_ID).assign("Meeting", &meeting, BEN_ID).unwrap();
    Box::pin(world.rest()).await;
    Box::pin(world.sweep()).await;
    let faults = world.raw().await.words("SELECT fault FROM calendars WHERE fault IS NOT NULL").await;
    assert_eq!((world.crm.records("Meeting").len(), faults), (1, Vec::<String>::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_3_a_record_that_nobody_owns_becomes_that_of_the_copys_user() {
    let world = World::new().await;
    let (ben, _) = world.ben().await;
    world.want(ben, true).await;
    world.crm.add_person(ANNA_ID, ("Anna", "Nova"), &[ANNA]);
    let meeting = world.shared("Plan");
    Box::pin(world.settled()).await;
    let copy = world.copy();
    assert_eq!(world.roles().await, ["copy active"]);
    world.crm.as_user(ANNA_ID).assign("Meeting", &meeting, BEN_ID).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!((world.copy(), world.roles().await), (copy, vec!["owner active".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_2_when_the_owner_goes_the_copy_goes_on() {
    let world = World::new().await;
    let (anna, _) = world.of_two().await;
    let meeting = world.shared("Plan");
    Box::pin(world.settled()).await;
    let parts = &world.gateway.parts;
    let gone =
        disconnect(&parts.store, &world.hand(), parts.exchange.as_ref(), &parts.endpoints, anna.0).await;
    gone.unwrap();
    world.rest().await;
    world.change(&meeting, &json!({ "name": "Plan B" }));
    Box::pin(world.settled()).await;
    assert_eq!((world.bens(), world.annas()), (vec!["Plan B".to_owned()], vec!["Plan".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_5_a_copy_sleeps_with_its_account_and_goes_on_with_it() {
    let world = World::new().await;
    let (_, ben) = world.of_two().await;
    let meeting = world.shared("Plan");
    Box::pin(world.settled()).await;
    let parts = &world.gateway.parts;
    let gone =
        disconnect(&parts.store, &world.hand(), parts.exchange.as_ref(), &parts.endpoints, ben.0).await;
    gone.unwrap();
    world.rest().await;
    assert_eq!(world.roles().await, ["copy dormant", "owner active"]);
    world.change(&meeting, &json!({ "name": "Plan B" }));
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Plan"], "nothing is deleted, nothing written");
    let refresh = world.google().issue_refresh_token(BEN, CLIENT, &SCOPES).unwrap();
    let mut act = world.gateway.act().await;
    let client = clients::current(&parts.store, &mut act).await.unwrap().unwrap();
    let granted = ScopeSet::consent(&[Product::Calendar]);
    grants::replace(&mut act, ben.0, client.id, &granted, &Secret::new(refresh)).await.unwrap();
    accounts::set_state(&mut act, ben.0, State::Active).await.unwrap();
    let address = Address::parse(BEN).unwrap();
    let event = Event::AccountImported { account: ben.0, address, scopes: String::new() };
    act.commit(event).await.unwrap();
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Plan B"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_6_a_lost_answer_makes_no_second_copy_and_declines_nothing() {
    let world = World::new().await;
    world.of_two().await;
    let meeting = world.shared("Plan");
    let faults = world.google().calendar_faults();
    let lost = |method: &str| CalendarFault::on(method, "/events", CalendarTrouble::LoseAnswer);
    faults.next_for(BEN, lost("POST"));
    world.run().await;
    Box::pin(world.settled()).await;
    assert_eq!((world.bens(), world.crm.records("Meeting").len()), (vec!["Plan".to_owned()], 1));
    // The deletion of a copy whose answer is lost is no word of its user.
    world.crm.as_user(ANNA_ID).unrelate("Meeting", &meeting, "users", BEN_ID).unwrap();
    faults.next_for(BEN, lost("DELETE"));
    world.sweep().await;
    world.crm.as_user(ANNA_ID).relate("Meeting", &meeting, "users", BEN_ID).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!((world.bens(), world.bens_answer(&meeting)), (vec!["Plan".to_owned()], json!("None")));
    // And so is a decline of which the CRM's answer is lost.
    world.google().delete_event(BEN, BEN, &world.copy()).unwrap();
    world.crm.faults().next(CrmTrouble::LoseAnswer.at("PUT", "Meeting"));
    world.run().await;
    Box::pin(world.settled()).await;
    assert_eq!((world.bens().len(), world.bens_answer(&meeting)), (0, json!("Declined")));
    assert_eq!(world.roles().await, ["copy ignored", "owner active"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_3_with_our_database_lost_copies_are_known_again() {
    let world = World::new().await;
    world.of_two().await;
    let meeting = world.shared("Plan");
    Box::pin(world.settled()).await;
    let copy = world.copy();
    let world = world.anew().await;
    world.of_two().await;
    let before = world.writes();
    Box::pin(world.settled()).await;
    assert_eq!((world.writes(), world.copy()), (before, copy.clone()));
    assert_eq!(world.roles().await, ["copy active", "owner active"]);
    world.change(&meeting, &json!({ "name": "Plan B" }));
    Box::pin(world.settled()).await;
    assert_eq!((world.bens(), world.copy()), (vec!["Plan B".to_owned()], copy));
    // Lost once more, and nobody wants copies: what is there is nobody's event.
    let world = world.anew().await;
    world.anna().await;
    world.ben().await;
    Box::pin(world.settled()).await;
    assert_eq!((world.bens().len(), world.crm.records("Meeting").len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_6_2_taking_a_run_back_leaves_copies_alone() {
    let world = World::new().await;
    let (_, ben) = world.of_two().await;
    world.shared("Plan");
    Box::pin(world.settled()).await;
    let store = &world.gateway.parts.store;
    let mut read = store.read().await.unwrap();
    let run = sync_journal::last_run(&mut read, ben.1, ben.0).await.unwrap().unwrap();
    drop(read);
    let preview = undo::preview(store, ben.0, run).await.unwrap();
    assert_eq!((preview.acts(), preview.left()), (0, 1));
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Plan"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_9_another_main_calendar_is_for_new_copies_only() {
    const TEAM: &str = "team@group.calendar.google.com";
    let world = World::new().await;
    let (_, ben) = world.of_two().await;
    let first = world.shared("First");
    Box::pin(world.settled()).await;
    world.google().add_calendar(BEN, TEAM, "Team", "UTC");
    let team = world.monitored(ben.0, ben.1, TEAM).await;
    let mut act = world.gateway.act().await;
    assert!(calendar_users::choose(&mut act, ben.0, Some(team), &[ben.1]).await.unwrap());
    let address = Address::parse(BEN).unwrap();
    act.commit(Event::AccountImported { account: ben.0, address, scopes: String::new() }).await.unwrap();
    world.shared_at("Second", ("2037-03-03 10:00:00", "2037-03-03 11:00:00"));
    world.change(&first, &json!({ "name": "First B" }));
    Box::pin(world.settled()).await;
    let team: Vec<_> = world.google().live_events(TEAM).iter().map(|it| it["summary"].clone()).collect();
    assert_eq!((world.bens(), team), (vec!["First B".to_owned()], vec![json!("Second")]));
    assert_eq!(world.crm.records("Meeting").len(), 2);
}
