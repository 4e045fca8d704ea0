//! What people take part in without its being theirs, shown as copies.

use postern::actions::By;
use postern::actions::calendars::choose::{Wanted, choose};
use postern::actions::calendars::resume::resume;
use postern::actions::calendars::teams::Teams;
use postern::actions::calendars::{CalendarFault as Fault, view};
use postern_core::model::actor::Actor;
use postern_core::model::id::{AccountId, CalendarId, PairId};
use postern_core::plan::calendar::choices::Choices;
use postern_sandbox::Version;
use serde_json::{Value, json};

use super::world::{ANNA, ANNA_ID, BEN, BEN_ID, World};

pub(super) const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");

type Whose = (AccountId, CalendarId);

impl World {
    /// Anna's meetings are hers, and Ben wants to see those in which he takes part.
    pub(super) async fn of_two(&self) -> (Whose, Whose) {
        let (anna, ben) = (self.anna().await, self.ben().await);
        self.want(ben.0, true).await;
        (anna, ben)
    }

    pub(super) async fn want(&self, account: AccountId, wanted: bool) {
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
    pub(super) fn shared(&self, name: &str) -> String {
        self.shared_at(name, TEN)
    }

    pub(super) fn shared_at(&self, name: &str, at: (&str, &str)) -> String {
        let meeting = json!({ "name": name, "status": "Planned", "dateStart": at.0, "dateEnd": at.1,
            "usersIds": [ANNA_ID, BEN_ID] });
        self.crm.as_user(ANNA_ID).create("Meeting", &meeting).unwrap()
    }

    pub(super) fn change(&self, meeting: &str, to: &Value) {
        self.crm.as_user(ANNA_ID).edit("Meeting", meeting, to).unwrap();
    }

    pub(super) fn bens(&self) -> Vec<String> {
        let events = self.google().live_events(BEN).into_iter();
        let mut titles: Vec<_> = events.map(|it| it["summary"].as_str().unwrap_or("").to_owned()).collect();
        titles.sort();
        titles
    }

    pub(super) fn annas(&self) -> Vec<String> {
        let events = self.google().live_events(ANNA).into_iter();
        events.map(|it| it["summary"].as_str().unwrap_or("").to_owned()).collect()
    }

    pub(super) fn copy(&self) -> String {
        let events = self.google().live_events(BEN);
        assert_eq!(events.len(), 1, "{events:?}");
        events[0]["id"].as_str().unwrap().to_owned()
    }

    pub(super) fn bens_answer(&self, meeting: &str) -> Value {
        self.crm.record("Meeting", meeting).unwrap()["usersColumns"][BEN_ID]["status"].clone()
    }

    pub(super) async fn roles(&self) -> Vec<String> {
        self.raw().await.words("SELECT role || ' ' || state FROM links ORDER BY role, state").await
    }

    /// Comes to rest, and writes nothing more then; nobody was told of anything.
    pub(super) async fn settled(&self) {
        Box::pin(self.sweep()).await;
        Box::pin(self.rest()).await;
        let before = self.writes();
        Box::pin(self.sweep()).await;
        assert_eq!(self.writes(), before);
        self.nobody_was_told();
    }

    pub(super) async fn held_back(&self) -> Vec<(String, i64)> {
        self.pending().await.into_iter().map(|hold| (hold.class, hold.count)).collect()
    }

    pub(super) fn hand(&self) -> By {
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
async fn rule_1_3_who_is_put_into_what_nobody_here_keeps_gets_a_copy_with_the_next_sweep() {
    let world = World::new().await;
    world.crm.add_person(ANNA_ID, ("Anna", "Nova"), &[ANNA]);
    let ben = world.ben().await;
    world.want(ben.0, true).await;
    let meeting = world.meeting("Plan", TEN.0, TEN.1);
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), Vec::<String>::new());
    // It changes nothing of the meeting that a list of changes shows.
    world.google().clock().advance(std::time::Duration::from_secs(3_600));
    world.crm.as_user(ANNA_ID).relate("Meeting", &meeting, "users", BEN_ID).unwrap();
    Box::pin(world.settled()).await;
    assert_eq!(world.bens(), ["Plan"]);
}
