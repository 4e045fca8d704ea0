//! People of a record who become guests of its event, where somebody wants that: who is put on and
//! taken off, who is not, and how many mails that makes.

use postern::actions::calendars::choose::{Wanted, choose};
use postern::actions::calendars::teams::Teams;
use postern_core::model::id::{AccountId, CalendarId};
use postern_core::plan::calendar::choices::{Choices, Invitations};
use serde_json::{Value, json};

use super::world::{ANNA, ANNA_ID, BEN, BEN_ID, World};

pub(super) const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");
pub(super) const EVA: &str = "eva@other.test";
pub(super) const IVO: &str = "ivo@other.test";

/// Anna, who has guests written, and whose calendar has run.
pub(super) async fn writing(invitations: Invitations) -> (World, (AccountId, CalendarId)) {
    let world = World::new().await;
    let anna = world.anna().await;
    let change = |choices: &mut Choices| {
        choices.writes_guests = true;
        choices.invitations = invitations;
    };
    world.choose(anna.0, change).await;
    world.run().await;
    (world, anna)
}

impl World {
    /// A contact of Anna's.
    pub(super) fn contact(&self, last: &str, address: &str) -> String {
        let contact = json!({ "firstName": "Guest", "lastName": last, "emailAddress": address,
            "assignedUserId": ANNA_ID });
        self.crm.as_user(ANNA_ID).create("Contact", &contact).unwrap()
    }

    /// A meeting of Anna's in which these contacts take part.
    pub(super) fn meeting_with(&self, name: &str, contacts: &[&str]) -> String {
        let meeting = json!({ "name": name, "status": "Planned", "dateStart": TEN.0, "dateEnd": TEN.1,
            "contactsIds": contacts });
        self.crm.as_user(ANNA_ID).create("Meeting", &meeting).unwrap()
    }

    pub(super) fn take_part(&self, meeting: &str, contacts: &[&str]) {
        let change = json!({ "contactsIds": contacts });
        self.crm.as_user(ANNA_ID).edit("Meeting", meeting, &change).unwrap();
    }

    /// Who is invited to the one event of Anna's.
    pub(super) fn invited(&self) -> Vec<String> {
        addresses(&self.only_event())
    }

    pub(super) fn guest_mails(&self) -> u64 {
        self.google().calendar_counters().guest_mails
    }
}

pub(super) fn addresses(event: &Value) -> Vec<String> {
    let guests = event["attendees"].as_array().cloned().unwrap_or_default();
    let mut all: Vec<_> = guests.iter().map(|guest| guest["email"].as_str().unwrap().to_owned()).collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_without_the_choice_nobody_is_invited() {
    let world = World::new().await;
    world.anna().await;
    world.ben().await;
    world.run().await;
    let eva = world.contact("Eva", EVA);
    let meeting = world.meeting_with("Pitch", &[&eva]);
    world.rest().await;
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "usersIds": [ANNA_ID, BEN_ID] })).unwrap();
    world.sweep().await;
    world.rest().await;
    assert_eq!(world.only_event()["attendees"], Value::Null);
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_whoever_takes_part_in_the_crm_is_invited_once_and_goes_with_it() {
    let (world, _) = writing(Invitations::None).await;
    let (eva, ivo) = (world.contact("Eva", EVA), world.contact("Ivo", IVO));
    let meeting = world.meeting_with("Pitch", &[&eva]);
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.invited(), [EVA], "not the owner");
    let guest = world.only_event()["attendees"][0].clone();
    assert_eq!(guest["responseStatus"], "needsAction");
    world.take_part(&meeting, &[&eva, &ivo]);
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.invited(), [EVA, IVO]);
    world.take_part(&meeting, &[&ivo]);
    assert_eq!(world.rest().await, 1);
    assert_eq!(world.invited(), [IVO]);
    assert_eq!(world.only_meeting()["contactsIds"], json!([ivo]), "the CRM is not written");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_a_relation_that_changes_no_time_is_found_by_the_sweep() {
    let (world, _) = writing(Invitations::None).await;
    let eva = world.contact("Eva", EVA);
    let meeting = world.meeting("Pitch", TEN.0, TEN.1);
    world.rest().await;
    let hand = world.crm.as_user(ANNA_ID);
    hand.relate("Meeting", &meeting, "contacts", &eva).unwrap();
    world.sweep().await;
    assert_eq!(world.invited(), [EVA]);
    hand.unrelate("Meeting", &meeting, "contacts", &eva).unwrap();
    world.sweep().await;
    world.rest().await;
    assert!(world.invited().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_users_leads_and_contacts_are_invited_and_only_whom_the_user_may_see() {
    let (world, _) = writing(Invitations::None).await;
    world.ben().await;
    world.crm.add_person("0000000000000c44c", ("Cyril", "Novak"), &["cyril@example.com"]);
    let eva = world.contact("Eva", EVA);
    let secret = json!({ "lastName": "Secret", "emailAddress": "secret@far.test", "assignedUserId": BEN_ID });
    let secret = world.crm.as_user(BEN_ID).create("Contact", &secret).unwrap();
    let lead = json!({ "lastName": "Lead", "emailAddress": "lena@lead.test", "assignedUserId": ANNA_ID });
    let lead = world.crm.as_user(ANNA_ID).create("Lead", &lead).unwrap();
    let mute = json!({ "lastName": "Mute", "assignedUserId": ANNA_ID });
    let mute = world.crm.as_user(ANNA_ID).create("Contact", &mute).unwrap();
    let meeting = json!({ "name": "Pitch", "status": "Planned", "dateStart": TEN.0, "dateEnd": TEN.1,
        "contactsIds": [eva, secret, mute], "leadsIds": [lead],
        "usersIds": [ANNA_ID, BEN_ID, "0000000000000c44c"] });
    let meeting = world.crm.as_user(ANNA_ID).create("Meeting", &meeting).unwrap();
    world.crm.as_user(BEN_ID).answer("Meeting", &meeting, "Accepted").unwrap();
    world.rest().await;
    assert_eq!(world.invited(), [BEN, "cyril@example.com", EVA, "lena@lead.test"]);
    let guests = world.only_event()["attendees"].as_array().unwrap().clone();
    assert!(guests.iter().all(|guest| guest["responseStatus"] == "needsAction"), "{guests:?}");
    assert_eq!(world.only_meeting()["usersColumns"][BEN_ID]["status"], "Accepted", "the answer stays");
    assert_eq!(world.guest_mails(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_unknown_guests_and_what_is_told_of_them_survive() {
    let (world, _) = writing(Invitations::None).await;
    let (eva, ivo) = (world.contact("Eva", EVA), world.contact("Ivo", IVO));
    let meeting = world.meeting_with("Pitch", &[&eva, &ivo]);
    world.rest().await;
    let id = world.only_event()["id"].as_str().unwrap().to_owned();
    let guests = json!([
        { "email": EVA, "responseStatus": "accepted", "comment": "Gladly", "additionalGuests": 1 },
        { "email": "far@away.test", "responseStatus": "tentative", "optional": true, "notYetKnown": { "deep": [1] } },
        { "email": IVO, "responseStatus": "declined" },
    ]);
    world.google().edit_event(ANNA, ANNA, &id, json!({ "attendees": guests })).unwrap();
    world.rest().await;
    let before = world.only_event()["attendees"].clone();
    world.take_part(&meeting, &[&eva]);
    world.rest().await;
    assert_eq!(world.only_event()["attendees"], json!([before[0], before[1]]));
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_whom_somebody_takes_off_at_google_is_not_put_on_again() {
    let (world, _) = writing(Invitations::None).await;
    let (eva, ivo) = (world.contact("Eva", EVA), world.contact("Ivo", IVO));
    let meeting = world.meeting_with("Pitch", &[&eva]);
    world.rest().await;
    let id = world.only_event()["id"].as_str().unwrap().to_owned();
    world.google().edit_event(ANNA, ANNA, &id, json!({ "attendees": [] })).unwrap();
    world.rest().await;
    assert!(world.invited().is_empty());
    world.take_part(&meeting, &[&eva, &ivo]);
    world.rest().await;
    assert_eq!(world.invited(), [IVO]);
    assert_eq!(world.only_meeting()["contactsIds"], json!([eva, ivo]), "who takes part in the CRM stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_a_guest_of_google_who_takes_part_is_invited_no_second_time_and_goes_with_the_record() {
    let (world, _) = writing(Invitations::None).await;
    let (eva, _) = (world.contact("Eva", EVA), world.contact("Ivo", IVO));
    let event = world.event("Pitch", "2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    world.rest().await;
    let guests = json!([{ "email": "Eva@Other.test", "responseStatus": "accepted" }, { "email": IVO }]);
    world.google().edit_event(ANNA, ANNA, &event, json!({ "attendees": guests })).unwrap();
    world.rest().await;
    let meeting = world.only_meeting();
    assert_eq!(meeting["contactsIds"].as_array().unwrap().len(), 2);
    let counted = world.google().calendar_counters().writes;
    world.sweep().await;
    world.rest().await;
    assert_eq!(world.google().calendar_counters().writes, counted, "nothing comes back");
    world.take_part(meeting["id"].as_str().unwrap(), &[&eva]);
    world.rest().await;
    assert_eq!(world.only_event()["attendees"][0]["responseStatus"], "accepted");
    assert_eq!(world.only_event()["attendees"].as_array().unwrap().len(), 1, "Ivo left the record");
    assert_eq!(world.only_meeting()["contactsIds"], json!([eva]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_nobody_is_invited_in_a_first_run_and_who_comes_later_is() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    let all = |choices: &mut Choices| {
        choices.writes_guests = true;
        choices.invitations = Invitations::All;
    };
    world.choose(anna, all).await;
    let (eva, ivo) = (world.contact("Eva", EVA), world.contact("Ivo", IVO));
    let meeting = world.meeting_with("Pitch", &[&eva]);
    world.rest().await;
    world.sweep().await;
    assert!(world.invited().is_empty());
    world.nobody_was_told();
    world.take_part(&meeting, &[&eva, &ivo]);
    world.rest().await;
    assert_eq!(world.invited(), [IVO]);
    assert_eq!(world.guest_mails(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_nobody_is_invited_to_what_is_over_or_not_ours_to_write() {
    let (world, _) = writing(Invitations::All).await;
    let eva = world.contact("Eva", EVA);
    let invited = json!({
        "iCalUID": "outside@example.org", "summary": "Theirs", "organizer": { "email": "boss@example.org" },
        "guestsCanModify": true,
        "attendees": [{ "email": "boss@example.org" }, { "email": ANNA, "responseStatus": "accepted" }],
        "start": { "dateTime": "2037-03-02T10:00:00Z" }, "end": { "dateTime": "2037-03-02T11:00:00Z" },
    });
    let theirs = world.google().invite(ANNA, invited).unwrap();
    let past = world.event("Past", "2001-03-02T10:00:00Z", "2001-03-02T11:00:00Z");
    let held = world.event("Held", "2037-04-02T10:00:00Z", "2037-04-02T11:00:00Z");
    world.rest().await;
    for meeting in world.crm.records("Meeting") {
        let mut change = json!({ "contactsIds": [eva] });
        if meeting["name"] == "Held" {
            change["status"] = json!("Held");
        }
        world.crm.as_user(ANNA_ID).edit("Meeting", meeting["id"].as_str().unwrap(), &change).unwrap();
    }
    world.rest().await;
    for event in [theirs, past, held] {
        let event = world.google().event(ANNA, &event).unwrap();
        assert!(!addresses(&event).contains(&EVA.to_owned()), "{event}");
    }
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_turning_it_on_invites_nobody_who_was_there_before() {
    let world = World::new().await;
    let (anna, calendar) = world.anna().await;
    world.run().await;
    let (eva, ivo) = (world.contact("Eva", EVA), world.contact("Ivo", IVO));
    let meeting = world.meeting_with("Pitch", &[&eva]);
    world.rest().await;
    let store = &world.gateway.parts.store;
    let by = || world.by();
    let wanted = |writes_guests| Wanted {
        main: Some(calendar),
        choices: Choices { writes_guests, ..Choices::default() },
        ..Wanted::default()
    };
    assert!(choose(store, (&by(), &Teams::default()), anna, &wanted(true), 0).await.unwrap());
    world.rest().await;
    assert!(world.invited().is_empty());
    world.take_part(&meeting, &[&eva, &ivo]);
    world.rest().await;
    assert_eq!(world.invited(), [IVO]);
    assert!(choose(store, (&by(), &Teams::default()), anna, &wanted(false), 1).await.unwrap());
    world.rest().await;
    world.take_part(&meeting, &[]);
    world.sweep().await;
    assert!(choose(store, (&by(), &Teams::default()), anna, &wanted(true), 2).await.unwrap());
    world.rest().await;
    assert_eq!(world.invited(), [IVO], "what happened while it was off is not made up for");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_3_7_nobody_is_invited_to_a_private_event() {
    let (world, _) = writing(Invitations::All).await;
    let (eva, ivo) = (world.contact("Eva", EVA), world.contact("Ivo", IVO));
    let event = world.event("Pitch", "2037-03-02T10:00:00Z", "2037-03-02T11:00:00Z");
    world.rest().await;
    world.google().edit_event(ANNA, ANNA, &event, json!({ "visibility": "private" })).unwrap();
    world.rest().await;
    let meeting = world.only_meeting()["id"].as_str().unwrap().to_owned();
    world.take_part(&meeting, &[&eva]);
    world.rest().await;
    assert!(world.invited().is_empty());
    world.google().edit_event(ANNA, ANNA, &event, json!({ "visibility": "default" })).unwrap();
    world.rest().await;
    assert!(world.invited().is_empty(), "nor when it is public again");
    world.take_part(&meeting, &[&eva, &ivo]);
    world.rest().await;
    assert_eq!(world.invited(), [IVO]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_who_comes_to_one_occurrence_is_invited_to_that_one() {
    let (world, _) = writing(Invitations::None).await;
    let eva = world.contact("Eva", EVA);
    let now = i64::try_from(world.google().clock().now().as_secs()).unwrap() + 24 * 3_600;
    let day = jiff::Timestamp::from_second(now).unwrap().to_zoned(jiff::tz::TimeZone::UTC).date();
    let at = |hour: u8| json!({ "dateTime": format!("{day}T{hour}:00:00Z"), "timeZone": "UTC" });
    let series = json!({ "summary": "Jour fixe", "start": at(10), "end": at(11),
        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"] });
    let series = world.google().put_event(ANNA, ANNA, series).unwrap();
    world.rest().await;
    let meetings = world.crm.records("Meeting");
    assert_eq!(meetings.len(), 3);
    let second = meetings.iter().max_by_key(|it| it["dateStart"].as_str().unwrap().to_owned()).unwrap();
    world.take_part(second["id"].as_str().unwrap(), &[&eva]);
    world.rest().await;
    let events = world.google().live_events(ANNA);
    let invited: Vec<_> = events.iter().filter(|it| !addresses(it).is_empty()).collect();
    assert_eq!(invited.len(), 1, "{events:?}");
    assert_eq!(invited[0]["recurringEventId"], series.as_str());
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn k_2_an_idle_run_asks_and_writes_nothing_because_of_people() {
    let (world, _) = writing(Invitations::All).await;
    let eva = world.contact("Eva", EVA);
    world.meeting_with("Pitch", &[&eva]);
    world.rest().await;
    world.crm.forget_requests();
    let (writes, mails) = (world.writes(), world.guest_mails());
    world.run().await;
    assert_eq!((world.writes(), world.guest_mails()), (writes, mails));
    let asked = ["", "Meeting", "Call"].map(|kind| world.crm.requests("GET", kind));
    assert_eq!(asked, [2, 1, 1], "what has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_3_what_moves_to_a_colleague_invites_nobody_there() {
    let world = World::new().await;
    let ((anna, _), (ben, _)) = (world.anna().await, world.ben().await);
    for account in [anna, ben] {
        let all = |choices: &mut Choices| {
            choices.writes_guests = true;
            choices.invitations = Invitations::All;
        };
        world.choose(account, all).await;
    }
    world.run().await;
    let meeting = world.meeting("Pitch", TEN.0, TEN.1);
    world.rest().await;
    world.crm.as_user(ANNA_ID).edit("Meeting", &meeting, &json!({ "assignedUserId": BEN_ID })).unwrap();
    world.rest().await;
    assert_eq!((world.google().live_events(ANNA).len(), world.google().live_events(BEN).len()), (0, 1));
    assert_eq!(addresses(&world.google().live_events(BEN)[0]), Vec::<String>::new(), "Anna still takes part");
    world.nobody_was_told();
}
