//! Guests and answers, from one look to the next.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Change, Kind, People, Person, Shown, answered};
use crate::plan::calendar::event::{Answer, Event, read};

fn raw(value: Json) -> Map<String, Json> {
    match value {
        Json::Object(raw) => raw,
        other => panic!("{other}"),
    }
}

fn event(guests: &[&str]) -> Event {
    let guests: Vec<_> = guests.iter().map(|email| json!({ "email": email })).collect();
    read(&raw(json!({ "id": "e1", "summary": "Plan", "attendees": guests }))).unwrap()
}

fn shown(users: &[&str], contacts: &[&str]) -> Shown {
    let columns: Map<_, _> = users.iter().map(|id| ((*id).to_owned(), json!({ "status": "None" }))).collect();
    let record = json!({
        "assignedUserId": "u1", "usersIds": users, "usersColumns": columns, "contactsIds": contacts,
        "leadsIds": [],
    });
    Shown::read(&raw(record)).unwrap()
}

fn person(kind: Kind, id: &str) -> Person {
    Person { kind, id: id.to_owned() }
}

fn found(all: &[(&str, Kind, &str)]) -> BTreeMap<String, Person> {
    all.iter().map(|(address, kind, id)| ((*address).to_owned(), person(*kind, id))).collect()
}

const EVA: &str = "eva@other.cz";
const BEN: &str = "ben@acme.cz";

#[test]
fn rule_2_4_a_guest_is_put_in_once_and_a_list_is_sent_whole() {
    let known = found(&[(BEN, Kind::User, "u2"), (EVA, Kind::Contact, "c1")]);
    let meeting = shown(&["u1"], &["c0"]);
    let event = event(&["Ben@Acme.cz", EVA, "stranger@far.cz"]);
    let people = People::of_new(false);
    assert!(people.stirs(&event, &known));
    let (people, change) = people.follow(&event, &known, &meeting);
    let body = Json::Object(change.body(&meeting));
    assert_eq!(body, json!({ "usersIds": ["u1", "u2"], "contactsIds": ["c0", "c1"] }));
    assert!(!people.stirs(&event, &known), "the stranger is nobody's");
    assert_eq!(people.unknown(&event).collect::<Vec<_>>(), ["stranger@far.cz"]);
}

#[test]
fn whoever_was_taken_out_in_the_crm_is_not_put_in_again() {
    let known = found(&[(EVA, Kind::Contact, "c1")]);
    let event_of = |guests: &[&str]| event(guests);
    let (people, _) = People::of_new(false).follow(&event_of(&[EVA]), &known, &shown(&["u1"], &[]));
    let without = shown(&["u1"], &[]);
    let (people, change) = people.follow(&event_of(&[EVA, BEN]), &known, &without);
    assert!(change.is_empty());
    let (_, change) = people.follow(&event_of(&[]), &known, &shown(&["u1"], &["c1"]));
    assert!(change.is_empty(), "somebody has put her in since: she is not ours to take out");
}

#[test]
fn whoever_has_left_is_taken_out_if_we_have_put_him_in() {
    let known =
        found(&[(EVA, Kind::Contact, "c1"), ("eva@home.cz", Kind::Contact, "c1"), (BEN, Kind::User, "u2")]);
    let there = shown(&["u1", "u2"], &[]);
    let (people, change) = People::of_new(false).follow(&event(&[EVA, "eva@home.cz", BEN]), &known, &there);
    assert_eq!(change.joined.len(), 1, "the user was there before us");
    let now = shown(&["u1", "u2"], &["c1"]);
    let (one, change) = people.follow(&event(&["eva@home.cz", BEN]), &known, &now);
    assert!(change.is_empty(), "she is still a guest by her other address");
    assert!(people.stirs(&event(&[]), &known));
    let (_, change) = people.follow(&event(&[]), &known, &now);
    assert_eq!(change, Change { left: [person(Kind::Contact, "c1")].into(), ..Change::default() });
    let mut cut = event(&[]);
    cut.tells_guests = false;
    assert!(one.follow(&cut, &known, &now).1.is_empty(), "who is not told has not left");
}

#[test]
fn the_assigned_user_the_organizer_and_the_owner_stay() {
    let known = found(&[("anna@acme.cz", Kind::User, "u1"), (BEN, Kind::User, "u2")]);
    let (mut people, _) =
        People::of_new(false).follow(&event(&["anna@acme.cz", BEN]), &known, &shown(&[], &[]));
    assert!(people.met.as_mut().unwrap().values().all(|met| met.ours));
    let mut bens = event(&[]);
    bens.own = BEN.to_owned();
    let (_, change) = people.follow(&bens, &known, &shown(&["u1", "u2"], &[]));
    assert!(change.is_empty(), "{change:?}");
}

#[test]
fn rule_3_3_a_record_that_was_there_before_keeps_its_people() {
    let known = found(&[(EVA, Kind::Contact, "c1")]);
    let mut people = People::default();
    assert_eq!(people.unknown(&event(&[EVA])).count(), 0);
    people.take_as_they_are(&event(&[EVA]));
    assert!(!people.stirs(&event(&[EVA]), &known) && !people.stirs(&event(&[]), &known));
    assert!(people.stirs(&event(&[EVA, BEN]), &found(&[(BEN, Kind::User, "u2")])), "who comes later is new");
}

#[test]
fn rule_1_2_an_answer_is_told_once_and_overwrites_none_of_the_crm() {
    let dealt = |answer| People { answer, ..People::default() };
    for (before, now, shows, written) in [
        (None, Answer::Coming, "None", Some("Accepted")),
        (None, Answer::Coming, "Declined", None),
        (None, Answer::Awaited, "None", None),
        (None, Answer::None, "None", None),
        (Some(Answer::Coming), Answer::Coming, "Declined", None),
        (Some(Answer::Coming), Answer::Declined, "Accepted", Some("Declined")),
        (Some(Answer::Coming), Answer::Declined, "Declined", None),
        (Some(Answer::Coming), Answer::Awaited, "Accepted", Some("None")),
        (Some(Answer::Awaited), Answer::Tentative, "Accepted", Some("Tentative")),
        (Some(Answer::Coming), Answer::None, "Accepted", None),
    ] {
        assert_eq!(dealt(before).reply(now, shows), written, "{before:?} {now:?} {shows}");
    }
    let meeting = shown(&["u1"], &[]);
    assert_eq!((meeting.answer("u1"), meeting.answer("u2")), (Some("None"), None));
    assert_eq!(
        Json::Object(answered("u1", "Accepted")),
        json!({ "usersColumns": { "u1": { "status": "Accepted" } } })
    );
}

#[test]
fn a_record_that_does_not_tell_its_people_is_left_alone() {
    assert_eq!(Shown::read(&raw(json!({ "usersIds": [] }))), None);
}
