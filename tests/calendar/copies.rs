//! What people take part in without its being theirs, shown as copies.

use postern::actions::By;
use postern::actions::account::disconnect::disconnect;
use postern::actions::calendars::choose::{Wanted, choose};
use postern::actions::calendars::resume::resume;
use postern::actions::calendars::teams::Teams;
use postern::actions::calendars::{CalendarFault as Fault, undo, view};
use postern::store::sync::calendar_users;
use postern::store::sync::holds::{self, Hold};
use postern::store::sync::sync_journal;
use postern::store::{accounts, clients, grants};
use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, CalendarId, PairId};
use postern_core::model::scope::{Product, ScopeSet};
use postern_core::model::secret::Secret;
use postern_core::plan::calendar::choices::{Choices, Invitations};
use postern_sandbox::{CalendarFault, CalendarTrouble, CrmTrouble, Version};
use serde_json::{Value, json};

use super::world::{ANNA, ANNA_ID, BEN, BEN_ID, SCOPES, World};
use crate::support::gateway::CLIENT;

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");

type Whose = (AccountId, CalendarId);

impl World {
    /// Anna's meetings are hers, and Ben wants to see those in which he takes part.
    async fn of_two(&self) -> (Whose, Whose) {
        let (anna, ben) = (self.anna().await, self.ben().await);
        self.want(ben.0, true).await;
        (anna, ben)
    }

    async fn want(&self, account: AccountId, wanted: bool) {
        let store = &self.gateway.parts.store;
        let view = view::one(store, account).await.unwrap();
        let choices = Choices { takes_part: wanted, ..view.choices.clone() };
        let all = Wanted {
            main: view.main(),
            monitored: view.monitored().into_iter().collect(),
            choices,
            defaults: None,
        };
        let by = (&self.hand(), &Teams::default());
        assert!(Box::pin(choose(store, by, account, &all, view.version)).await.unwrap());
    }

    /// A meeting of Anna's in which Ben takes part.
    fn shared(&self, name: &str) -> String {
        self.shared_at(name, TEN)
    }

    fn shared_at(&self, name: &str, at: (&str, &str)) -> String {
        let meeting = json!({ "name": name, "status": "Planned", "dateStart": at.0, "dateEnd": at.1,
            "usersIds": [ANNA_ID, BEN_ID] });
        self.crm.as_user(ANNA_ID).create("Meeting", &meeting).unwrap()
    }

    fn change(&self, meeting: &str, to: &Value) {
        self.crm.as_user(ANNA_ID).edit("Meeting", meeting, to).unwrap();
    }

    fn bens(&self) -> Vec<String> {
        let events = self.google().live_events(BEN).into_iter();
        let mut titles: Vec<_> = events.map(|it| it["summary"].as_str().unwrap_or("").to_owned()).collect();
        titles.sort();
        titles
    }

    fn annas(&self) -> Vec<String> {
        let events = self.google().live_events(ANNA).into_iter();
        events.map(|it| it["summary"].as_str().unwrap_or("").to_owned()).collect()
    }

    fn copy(&self) -> String {
        let events = self.google().live_events(BEN);
        assert_eq!(events.len(), 1, "{events:?}");
        events[0]["id"].as_str().unwrap().to_owned()
    }

    fn bens_answer(&self, meeting: &str) -> Value {
        self.crm.record("Meeting", meeting).unwrap()["usersColumns"][BEN_ID]["status"].clone()
    }

    async fn roles(&self) -> Vec<String> {
        self.raw().await.words("SELECT role || ' ' || state FROM links ORDER BY role, state").await
    }

    /// Comes to rest, and writes nothing more then; nobody was told of anything.
    async fn settled(&self) {
        Box::pin(self.sweep()).await;
        Box::pin(self.rest()).await;
        let before = self.writes();
        Box::pin(self.sweep()).await;
        assert_eq!(self.writes(), before);
        self.nobody_was_told();
    }

    async fn held_back(&self) -> Vec<(String, i64)> {
        let store = &self.gateway.parts.store;
        let held: Vec<Hold> = holds::pending(store, &mut store.read().await.unwrap(), 10).await.unwrap();
        held.into_iter().map(|hold| (hold.class, hold.count)).collect()
    }

    fn hand(&self) -> By {
        By::new(Actor::CommandLine("ben".to_owned()), self.gateway.parts.store.dice()).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_3_nobody_gets_a_copy_who_has_not_asked_for_it() {
    let world = World::new().await;
    world.anna().await;
    world.ben().await;
    world.shared("Plan");
    Box::pin(world.settled()).await;
    assert_eq!((world.annas(), world.bens()), (vec!["Plan".to_owned()], Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_3_who_takes_part_gets_one_copy_without_guests() {
    for version in [Version::V10_0_0, Version::V9_2_7] {
        let world = World::on(version, "").await;
        world.of_two().await;
        world.shared("Plan");
        world.meeting("Annas own", "2037-03-03 10:00:00", "2037-03-03 11:00:00");
        Box::pin(world.settled()).await;
        assert_eq!((world.annas().len(), world.bens()), (2, vec!["Plan".to_owned()]));
        let copy = world.google().event(BEN, &world.copy()).unwrap();
        assert!(copy.get("attendees").is_none(), "{copy}");
        assert_eq!(world.crm.records("Meeting").len(), 2, "it is never taken for an event of Ben's");
        assert_eq!(world.roles().await, ["copy active", "owner active", "owner active"]);
        world.google().expire_sync_tokens(BEN);
        Box::pin(world.settled()).await;
        assert_eq!((world.bens().len(), world.crm.records("Meeting").len()), (1, 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_3_copies_are_kept_in_postgres_likewise() {
    let world = World::in_postgres(Version::V10_0_0).await;
    let (_, ben) = world.of_two().await;
    let meeting = world.shared("Plan");
    Box::pin(world.settled()).await;
    world.change(&meeting, &json!({ "name": "Plan B" }));
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Plan B"]);
    world.want(ben.0, false).await;
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_3_no_copy_of_what_google_shows_already() {
    let world = World::new().await;
    let (_, ben) = world.of_two().await;
    // An event of Anna's to which Ben is invited becomes a record in which he takes part.
    let event = json!({ "summary": "Review", "start": { "dateTime": "2037-03-02T10:00:00Z" },
        "end": { "dateTime": "2037-03-02T11:00:00Z" }, "attendees": [{ "email": BEN }] });
    world.google().put_event(ANNA, ANNA, event).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Review"]);
    // One that was made in the CRM, to which Anna invites him in Google. He takes over none that he
    // has not answered, so only Google's own identity of it tells.
    world.choose(ben.0, |choices| choices.unanswered = false).await;
    let meeting = world.meeting("Plan", "2037-03-03 10:00:00", "2037-03-03 11:00:00");
    Box::pin(world.settled()).await;
    let own = world.google().live_events(ANNA).into_iter().find(|it| it["summary"] == "Plan").unwrap();
    let guests = json!({ "attendees": [{ "email": BEN }] });
    world.google().edit_event(ANNA, ANNA, own["id"].as_str().unwrap(), guests).unwrap();
    world.change(&meeting, &json!({ "usersIds": [ANNA_ID, BEN_ID] }));
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Plan", "Review"]);
    assert!(!world.roles().await.iter().any(|role| role.starts_with("copy")));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_3_an_invitation_that_comes_later_takes_the_place_of_the_copy() {
    let world = World::new().await;
    world.of_two().await;
    world.shared("Plan");
    Box::pin(world.settled()).await;
    let copy = world.copy();
    let own = world.google().live_events(ANNA)[0]["id"].as_str().unwrap().to_owned();
    let guests = json!({ "attendees": [{ "email": BEN }] });
    world.google().edit_event(ANNA, ANNA, &own, guests).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Plan"]);
    assert_ne!(world.copy(), copy, "the invitation is left");
    assert_eq!(world.only_meeting()["usersColumns"][BEN_ID]["status"], "None", "nobody has declined");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_3_a_copy_follows_the_record_and_an_edit_of_it_stays() {
    let world = World::new().await;
    world.of_two().await;
    let meeting = world.shared("Plan");
    Box::pin(world.settled()).await;
    let copy = world.copy();
    world.change(&meeting, &json!({ "name": "Plan B", "description": "Bring tea" }));
    Box::pin(world.settled()).await;
    let shown = world.google().event(BEN, &copy).unwrap();
    assert_eq!((&shown["summary"], &shown["description"]), (&json!("Plan B"), &json!("Bring tea")));
    let edit = json!({ "summary": "With Anna", "location": "Room 5" });
    world.google().edit_event(BEN, BEN, &copy, edit).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!(world.only_meeting()["name"], "Plan B", "nothing of it goes to the CRM");
    assert_eq!(world.bens(), ["With Anna"]);
    world.change(&meeting, &json!({ "dateStart": "2037-03-02 12:00:00", "dateEnd": "2037-03-02 13:00:00" }));
    Box::pin(world.settled()).await;
    let shown = world.google().event(BEN, &copy).unwrap();
    assert_eq!((&shown["summary"], &shown["location"]), (&json!("With Anna"), &json!("Room 5")));
    assert!(shown["start"]["dateTime"].as_str().unwrap().starts_with("2037-03-02T1"), "{shown}");
    // What Anna changes in her own event goes through the record.
    let own = world.google().live_events(ANNA)[0]["id"].as_str().unwrap().to_owned();
    world.google().edit_event(ANNA, ANNA, &own, json!({ "description": "Bring cake" })).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!(world.google().event(BEN, &copy).unwrap()["description"], "Bring cake");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_2_deleting_a_copy_declines_once_and_touches_nothing_else() {
    let world = World::new().await;
    world.of_two().await;
    let meeting = world.shared("Plan");
    Box::pin(world.settled()).await;
    let before = world.only_meeting();
    world.google().delete_event(BEN, BEN, &world.copy()).unwrap();
    world.crm.forget_requests();
    Box::pin(world.settled()).await;
    assert_eq!((world.bens_answer(&meeting), world.crm.requests("PUT", "Meeting")), (json!("Declined"), 1));
    for (key, value) in before.as_object().unwrap() {
        let ours = ["usersColumns", "modifiedAt", "modifiedById", "modifiedByName"].contains(&key.as_str());
        assert!(ours || world.only_meeting()[key] == *value, "{key}");
    }
    assert_eq!((world.annas(), world.bens()), (vec!["Plan".to_owned()], Vec::new()));
    // It is made no more, whatever becomes of the record, and a later answer in the CRM stands.
    world.crm.as_user(BEN_ID).answer("Meeting", &meeting, "Accepted").unwrap();
    world.change(&meeting, &json!({ "name": "Plan B" }));
    Box::pin(world.settled()).await;
    assert_eq!((world.bens_answer(&meeting), world.bens().len()), (json!("Accepted"), 0));
    assert_eq!(world.roles().await, ["copy ignored", "owner active"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_3_sync_again_brings_a_deleted_copy_back_while_its_user_takes_part() {
    let world = World::new().await;
    let (_, ben) = world.of_two().await;
    let meeting = world.shared("Plan");
    Box::pin(world.settled()).await;
    world.google().delete_event(BEN, BEN, &world.copy()).unwrap();
    Box::pin(world.settled()).await;
    let id: String =
        world.raw().await.words("SELECT lower(hex(id)) FROM links WHERE role = 'copy'").await.remove(0);
    let pair = PairId(id.parse().unwrap());
    let store = &world.gateway.parts.store;
    Box::pin(resume(store, &world.hand(), ben.0, pair)).await.unwrap();
    Box::pin(world.settled()).await;
    assert_eq!(
        (world.bens().len(), world.bens_answer(&meeting)),
        (0, json!("Declined")),
        "declined is declined"
    );
    world.crm.as_user(BEN_ID).answer("Meeting", &meeting, "Tentative").unwrap();
    Box::pin(world.settled()).await;
    Box::pin(resume(store, &world.hand(), ben.0, pair)).await.unwrap();
    Box::pin(world.settled()).await;
    assert_eq!((world.bens(), world.bens_answer(&meeting)), (vec!["Plan".to_owned()], json!("Tentative")));
    let again = resume(store, &world.hand(), ben.0, pair).await.unwrap_err();
    assert!(matches!(again, Fault::InStep));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_3_a_copy_ends_with_its_reason_and_comes_back_with_it() {
    let world = World::new().await;
    let (_, ben) = world.of_two().await;
    let meeting = world.shared("Plan");
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Plan"]);
    // Through the relation panel, of which no list of changes tells.
    world.crm.as_user(ANNA_ID).unrelate("Meeting", &meeting, "users", BEN_ID).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!((world.bens(), world.roles().await), (Vec::new(), vec!["owner active".to_owned()]));
    world.crm.as_user(ANNA_ID).relate("Meeting", &meeting, "users", BEN_ID).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Plan"]);
    world.crm.as_user(BEN_ID).answer("Meeting", &meeting, "Declined").unwrap();
    Box::pin(world.settled()).await;
    assert_eq!(world.bens().len(), 0, "declined in the CRM");
    world.crm.as_user(BEN_ID).answer("Meeting", &meeting, "Accepted").unwrap();
    Box::pin(world.settled()).await;
    world.want(ben.0, false).await;
    Box::pin(world.settled()).await;
    assert_eq!(
        (world.bens().len(), world.bens_answer(&meeting)),
        (0, json!("Accepted")),
        "not wanted any more"
    );
    world.want(ben.0, true).await;
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Plan"]);
    world.change(&meeting, &json!({ "status": "Not Held" }));
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Plan"], "it stays unless its user has chosen otherwise");
    world.crm.as_user(ANNA_ID).delete("Meeting", &meeting).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!(world.bens().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_3_only_what_is_to_come_is_copied_and_what_is_over_stays() {
    let world = World::new().await;
    let (_, ben) = world.of_two().await;
    world.shared_at("Long ago", ("2020-03-02 10:00:00", "2020-03-02 11:00:00"));
    let soon = world.shared("Soon");
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Soon"]);
    // It is over by now.
    world.change(&soon, &json!({ "dateStart": "2020-03-02 10:00:00", "dateEnd": "2020-03-02 11:00:00" }));
    Box::pin(world.settled()).await;
    world.want(ben.0, false).await;
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Soon"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_6_1_many_copies_wait_like_anything_else() {
    let world = World::new().await;
    let (_, ben) = world.of_two().await;
    world.rest().await;
    let day = |n: usize| (format!("2037-{:02}-{:02} 10:00:00", 1 + n / 20, 1 + n % 20), n);
    let meeting = |n: usize| {
        let (at, _) = day(n);
        world.shared_at(&format!("Plan {n}"), (&at, &at.replace("10:00", "11:00")))
    };
    (0..11).for_each(|n| drop(meeting(n)));
    Box::pin(world.settled()).await;
    assert_eq!((world.bens().len(), world.held_back().await), (11, Vec::new()));
    world.want(ben.0, false).await;
    Box::pin(world.settled()).await;
    assert_eq!((world.bens().len(), world.held_back().await), (11, vec![("replan".to_owned(), 11)]));
    world.want(ben.0, true).await;
    Box::pin(world.settled()).await;
    assert_eq!(world.bens().len(), 11);
    (11..212).for_each(|n| drop(meeting(n)));
    Box::pin(world.settled()).await;
    let held = world.held_back().await;
    assert_eq!(held, [("create".to_owned(), 201), ("create".to_owned(), 201)], "Anna's, and Ben's copies");
    assert_eq!(world.bens().len(), 11);
}

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
