//! Guests of events and their answers: what reaches the CRM, and that nothing reaches the guests.

use postern_sandbox::Crm;
use serde_json::{Value, json};

use super::world::{ANNA, ANNA_ID, BEN, BEN_ID, World};

const EVA: &str = "eva@other.test";

impl World {
    /// An event of Anna's with these guests.
    pub fn invite(&self, title: &str, guests: &[&str]) -> String {
        let guests: Vec<_> = guests.iter().map(|email| json!({ "email": email })).collect();
        let event = json!({
            "summary": title, "attendees": guests,
            "start": { "dateTime": "2037-03-02T10:00:00Z" }, "end": { "dateTime": "2037-03-02T11:00:00Z" },
        });
        self.google().put_event(ANNA, ANNA, event).unwrap()
    }

    /// Gives the event these guests, who have not answered.
    pub fn set_guests(&self, event: &str, guests: &[&str]) {
        let guests: Vec<_> = guests.iter().map(|email| json!({ "email": email })).collect();
        self.google().edit_event(ANNA, ANNA, event, json!({ "attendees": guests })).unwrap();
    }
}

/// A contact of Anna's.
pub fn contact(crm: &Crm, last: &str, address: &str) -> String {
    let contact = json!({ "firstName": "Guest", "lastName": last, "emailAddress": address,
        "assignedUserId": ANNA_ID });
    crm.as_user(ANNA_ID).create("Contact", &contact).unwrap()
}

fn ids(record: &Value, link: &str) -> Vec<String> {
    let ids = record[format!("{link}Ids")].as_array().unwrap();
    let mut ids: Vec<_> = ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn status<'a>(meeting: &'a Value, user: &str) -> Option<&'a str> {
    meeting["usersColumns"][user]["status"].as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_2_two_connected_people_answer_and_the_record_stays() {
    let world = World::new().await;
    world.anna().await;
    world.ben().await;
    let event = world.invite("Review", &[BEN]);
    world.rest().await;
    let meeting = world.only_meeting();
    assert_eq!(ids(&meeting, "users"), [ANNA_ID, BEN_ID]);
    assert_eq!(status(&meeting, BEN_ID), Some("None"));
    for (said, told) in [("accepted", "Accepted"), ("tentative", "Tentative"), ("declined", "Declined")] {
        world.google().respond(BEN, &event, said).unwrap();
        assert_eq!(world.rest().await, 1, "an answer is told once");
        let meeting = world.only_meeting();
        assert_eq!((status(&meeting, BEN_ID), meeting["status"].as_str()), (Some(told), Some("Planned")));
    }
    assert_eq!(world.only_meeting()["assignedUserId"], ANNA_ID);
    assert_eq!(world.crm.notifications().len(), 1, "of the meeting that was made");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_2_a_view_that_is_removed_is_declined_and_the_event_stays() {
    let world = World::new().await;
    world.anna().await;
    world.ben().await;
    let event = world.invite("Review", &[BEN]);
    world.rest().await;
    world.google().delete_event(BEN, BEN, &event).unwrap();
    world.rest().await;
    let meeting = world.only_meeting();
    assert_eq!(status(&meeting, BEN_ID), Some("Declined"));
    assert_eq!((meeting["status"].as_str(), meeting["name"].as_str()), (Some("Planned"), Some("Review")));
    assert_eq!(world.google().live_events(ANNA).len(), 1);
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_2_an_answer_of_the_crm_is_not_overwritten_by_an_old_one_of_google() {
    let world = World::new().await;
    world.anna().await;
    world.ben().await;
    let event = world.invite("Review", &[BEN]);
    world.rest().await;
    world.google().respond(BEN, &event, "accepted").unwrap();
    world.rest().await;
    let id = world.only_meeting()["id"].as_str().unwrap().to_owned();
    world.crm.as_user(BEN_ID).answer("Meeting", &id, "Declined").unwrap();
    world.google().edit_event(ANNA, ANNA, &event, json!({ "summary": "Review at last" })).unwrap();
    world.rest().await;
    let meeting = world.only_meeting();
    assert_eq!(
        (status(&meeting, BEN_ID), meeting["name"].as_str()),
        (Some("Declined"), Some("Review at last"))
    );
    world.google().respond(BEN, &event, "tentative").unwrap();
    world.rest().await;
    assert_eq!(status(&world.only_meeting(), BEN_ID), Some("Tentative"), "a new answer counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_1_2_an_invitation_from_outside_that_is_declined_leaves_its_record() {
    let world = World::new().await;
    world.anna().await;
    let event = json!({
        "iCalUID": "outside@example.org", "summary": "Pitch", "organizer": { "email": "boss@example.org" },
        "attendees": [{ "email": "boss@example.org" }, { "email": ANNA, "responseStatus": "accepted" }],
        "start": { "dateTime": "2037-03-02T10:00:00Z" }, "end": { "dateTime": "2037-03-02T11:00:00Z" },
    });
    let event = world.google().invite(ANNA, event).unwrap();
    world.rest().await;
    assert_eq!(status(&world.only_meeting(), ANNA_ID), Some("Accepted"));
    world.google().respond(ANNA, &event, "declined").unwrap();
    world.rest().await;
    let meeting = world.only_meeting();
    assert_eq!((status(&meeting, ANNA_ID), meeting["status"].as_str()), (Some("Declined"), Some("Planned")));
}

#[tokio::test(flavor = "multi_thread")]
async fn e_1_guests_whom_the_crm_knows_take_part_and_nobody_is_made() {
    let world = World::new().await;
    world.anna().await;
    world.crm.add_person("0000000000000c44c", ("Cyril", "Novak"), &["cyril@example.com"]);
    let eva = contact(&world.crm, "Other", "Eva@Other.test");
    let lead = json!({ "lastName": "Lead", "emailAddress": "lena@lead.test",
        "assignedUserId": ANNA_ID });
    let lead = world.crm.as_user(ANNA_ID).create("Lead", &lead).unwrap();
    for last in ["Twin", "Twice"] {
        contact(&world.crm, last, "twins@other.test");
    }
    let guests = ["Cyril@example.com", EVA, "lena@lead.test", "twins@other.test", "nobody@far.test"];
    world.invite("Pitch", &guests);
    world.rest().await;
    let meeting = world.only_meeting();
    assert_eq!(ids(&meeting, "users"), [ANNA_ID, "0000000000000c44c"]);
    assert_eq!((ids(&meeting, "contacts"), ids(&meeting, "leads")), (vec![eva], vec![lead]));
    assert_eq!((world.crm.records("Contact").len(), world.crm.records("Lead").len()), (3, 1));
    assert_eq!(world.crm.notifications().len(), 1, "of the meeting that was made");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn e_2_who_was_taken_out_stays_out_and_who_leaves_goes_if_we_have_put_him_in() {
    let world = World::new().await;
    world.anna().await;
    let (eva, ivo) = (contact(&world.crm, "Eva", EVA), contact(&world.crm, "Ivo", "ivo@other.test"));
    let (by_hand, guest) = (contact(&world.crm, "Hand", "hand@other.test"), "hand@other.test");
    let event = world.invite("Pitch", &[EVA, "ivo@other.test"]);
    world.rest().await;
    let contacts = || ids(&world.only_meeting(), "contacts");
    let both = |one: &str, other: &str| {
        let mut both = vec![one.to_owned(), other.to_owned()];
        both.sort();
        both
    };
    assert_eq!(contacts(), both(&eva, &ivo));
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    let hand = world.crm.as_user(ANNA_ID);
    hand.unrelate("Meeting", &meeting, "contacts", &ivo).unwrap();
    hand.relate("Meeting", &meeting, "contacts", &by_hand).unwrap();
    world.set_guests(&event, &[EVA, "ivo@other.test", guest]);
    world.rest().await;
    assert_eq!(contacts(), both(&eva, &by_hand), "Ivo was taken out by a person");
    world.set_guests(&event, &[]);
    world.rest().await;
    assert_eq!(contacts(), [by_hand], "who was put in by a person is not ours to take out");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_a_title_of_the_crm_leaves_guests_and_answers_at_google_alone() {
    let world = World::new().await;
    world.anna().await;
    contact(&world.crm, "Eva", EVA);
    let event = world.invite("Pitch", &[]);
    let guests = json!([
        { "email": EVA, "responseStatus": "accepted", "comment": "Gladly", "additionalGuests": 1 },
        { "email": "nobody@far.test", "responseStatus": "tentative", "optional": true },
    ]);
    world.google().edit_event(ANNA, ANNA, &event, json!({ "attendees": guests })).unwrap();
    world.rest().await;
    let before = world.google().event(ANNA, &event).unwrap()["attendees"].clone();
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "name": "Pitch at last" })).unwrap();
    world.rest().await;
    let after = world.google().event(ANNA, &event).unwrap();
    assert_eq!((&after["attendees"], after["summary"].as_str()), (&before, Some("Pitch at last")));
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn k_2_two_thousand_guests_cost_a_bounded_number_of_questions() {
    let world = World::new().await;
    world.anna().await;
    for n in 0..100 {
        let guests: Vec<_> = (0..20).map(|g| format!("guest{}@far.test", n * 20 + g)).collect();
        world.invite(&format!("Pitch {n}"), &guests.iter().map(String::as_str).collect::<Vec<_>>());
    }
    world.run().await;
    let asked = |world: &World| ["User", "Contact", "Lead"].map(|kind| world.crm.requests("GET", kind));
    assert_eq!(world.crm.records("Meeting").len(), 100);
    assert_eq!(asked(&world), [20, 20, 20], "a hundred at a time");
    assert!(world.crm.records("Contact").is_empty() && world.crm.records("Lead").is_empty());
    for event in world.google().live_events(ANNA) {
        let id = event["id"].as_str().unwrap();
        world.google().edit_event(ANNA, ANNA, id, json!({ "location": "Room 1" })).unwrap();
    }
    world.run().await;
    assert_eq!(asked(&world), [20, 20, 20], "what was found, or not, is remembered for an hour");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_2_contacts_of_others_are_not_there() {
    let world = World::new().await;
    world.anna().await;
    let secret = json!({ "lastName": "Secret", "emailAddress": EVA, "assignedUserId": BEN_ID });
    world.crm.add_person(BEN_ID, ("Ben", "Nova"), &[BEN]);
    world.crm.as_user(BEN_ID).create("Contact", &secret).unwrap();
    world.invite("Pitch", &[EVA, BEN]);
    world.rest().await;
    let meeting = world.only_meeting();
    assert_eq!(ids(&meeting, "contacts"), Vec::<String>::new());
    assert_eq!(ids(&meeting, "users"), [ANNA_ID, BEN_ID], "colleagues are known to everybody");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_3_a_record_that_is_adopted_keeps_its_people() {
    let world = World::new().await;
    world.anna().await;
    let eva = contact(&world.crm, "Eva", EVA);
    world.meeting("Pitch", "2037-03-02 10:00:00", "2037-03-02 11:00:00");
    let event = world.invite("Pitch", &["nobody@far.test", EVA]);
    let before = world.writes();
    world.run().await;
    assert_eq!(world.crm.records("Meeting").len(), 1);
    assert!(ids(&world.only_meeting(), "contacts").is_empty(), "{eva}");
    let ivo = contact(&world.crm, "Ivo", "ivo@other.test");
    world.set_guests(&event, &["nobody@far.test", EVA, "ivo@other.test"]);
    world.rest().await;
    assert_eq!(ids(&world.only_meeting(), "contacts"), [ivo], "who comes later is new");
    assert!(world.writes() > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn k_2_an_idle_run_asks_and_writes_nothing_because_of_guests() {
    let world = World::new().await;
    world.anna().await;
    world.ben().await;
    contact(&world.crm, "Eva", EVA);
    world.invite("Pitch", &[BEN, EVA, "nobody@far.test"]);
    world.rest().await;
    world.crm.forget_requests();
    let (writes, modified) = (world.writes(), world.only_meeting()["modifiedAt"].clone());
    world.run().await;
    assert_eq!((world.writes(), &world.only_meeting()["modifiedAt"]), (writes, &modified));
    let asked = ["", "Meeting", "Call"].map(|kind| world.crm.requests("GET", kind));
    assert_eq!(asked, [2, 1, 1], "what has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn e_1_without_the_choice_guests_stay_in_google() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    world.choose(anna, |choices| choices.guests = false).await;
    let eva = contact(&world.crm, "Eva", EVA);
    let event = world.invite("Pitch", &[EVA]);
    world.crm.forget_requests();
    world.rest().await;
    let contacts = || ids(&world.only_meeting(), "contacts");
    assert!(contacts().is_empty());
    let asked = || ["User", "Contact", "Lead"].map(|kind| world.crm.requests("GET", kind));
    assert_eq!(asked(), [0, 0, 0], "nobody is looked for");
    world.choose(anna, |choices| choices.guests = true).await;
    world.google().edit_event(ANNA, ANNA, &event, json!({ "location": "Room 1" })).unwrap();
    world.rest().await;
    assert_eq!(contacts(), [eva], "from the next change of the event on");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_4_who_takes_part_is_sent_alone_and_the_answers_of_others_stay() {
    let world = World::new().await;
    world.anna().await;
    let (eva, by_hand) = (contact(&world.crm, "Eva", EVA), contact(&world.crm, "Hand", "hand@other.test"));
    let event = world.invite("Pitch", &[]);
    world.rest().await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    let hand = world.crm.as_user(ANNA_ID);
    let said = json!({ "contactsIds": [by_hand], "contactsColumns": { &by_hand: { "status": "Accepted" } } });
    hand.edit("Meeting", &meeting, &said).unwrap();
    hand.answer("Meeting", &meeting, "Tentative").unwrap();
    world.set_guests(&event, &[EVA]);
    world.rest().await;
    let meeting = world.only_meeting();
    let mut both = vec![eva, by_hand.clone()];
    both.sort();
    assert_eq!(ids(&meeting, "contacts"), both);
    assert_eq!(meeting["contactsColumns"][&by_hand]["status"], "Accepted");
    assert_eq!(status(&meeting, ANNA_ID), Some("Tentative"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_7_who_takes_part_in_a_private_event_is_not_told() {
    let world = World::new().await;
    world.anna().await;
    contact(&world.crm, "Eva", EVA);
    let event = world.invite("Pitch", &[EVA]);
    world.rest().await;
    assert_eq!(ids(&world.only_meeting(), "contacts").len(), 1);
    world.google().edit_event(ANNA, ANNA, &event, json!({ "visibility": "private" })).unwrap();
    world.rest().await;
    assert!(ids(&world.only_meeting(), "contacts").is_empty());
    assert_eq!(ids(&world.only_meeting(), "users"), [ANNA_ID]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_7_who_was_taken_out_stays_out_when_a_private_event_is_public_again() {
    let world = World::new().await;
    world.anna().await;
    let (eva, ivo) = (contact(&world.crm, "Eva", EVA), contact(&world.crm, "Ivo", "ivo@other.test"));
    let event = world.invite("Pitch", &[EVA, "ivo@other.test"]);
    world.rest().await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    world.crm.as_user(ANNA_ID).unrelate("Meeting", &meeting, "contacts", &ivo).unwrap();
    let set = |visibility: &str| {
        let changed = json!({ "visibility": visibility });
        world.google().edit_event(ANNA, ANNA, &event, changed).unwrap();
    };
    set("private");
    world.rest().await;
    assert!(ids(&world.only_meeting(), "contacts").is_empty());
    set("default");
    world.rest().await;
    assert_eq!(ids(&world.only_meeting(), "contacts"), [eva], "Ivo was taken out by a person");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_7_an_adopted_record_keeps_its_people_when_its_event_is_public_again() {
    let world = World::new().await;
    world.anna().await;
    contact(&world.crm, "Eva", EVA);
    world.meeting("Pitch", "2037-03-02 10:00:00", "2037-03-02 11:00:00");
    let event = world.invite("Pitch", &[EVA]);
    world.rest().await;
    for visibility in ["private", "default"] {
        let changed = json!({ "visibility": visibility });
        world.google().edit_event(ANNA, ANNA, &event, changed).unwrap();
        world.rest().await;
    }
    assert!(ids(&world.only_meeting(), "contacts").is_empty());
    assert_eq!(world.only_meeting()["name"], "Pitch");
}
