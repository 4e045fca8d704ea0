//! Guests and answers, from one look to the next.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::{Change, Kind, MOST, Met, People, Person, Shown, answered, taking_part, touched};
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
    let (people, change) = people.follow(&event, false, &known, &meeting);
    let body = Json::Object(change.body(&meeting));
    assert_eq!(body, json!({ "usersIds": ["u1", "u2"], "contactsIds": ["c0", "c1"] }));
    assert!(!people.stirs(&event, &known), "the stranger is nobody's");
    assert_eq!(people.unknown(&event).collect::<Vec<_>>(), ["stranger@far.cz"]);
}

#[test]
fn whoever_was_taken_out_in_the_crm_is_not_put_in_again() {
    let known = found(&[(EVA, Kind::Contact, "c1")]);
    let event_of = |guests: &[&str]| event(guests);
    let (people, _) = People::of_new(false).follow(&event_of(&[EVA]), false, &known, &shown(&["u1"], &[]));
    let without = shown(&["u1"], &[]);
    let (people, change) = people.follow(&event_of(&[EVA, BEN]), false, &known, &without);
    assert!(change.is_empty());
    let (_, change) = people.follow(&event_of(&[]), false, &known, &shown(&["u1"], &["c1"]));
    assert!(change.is_empty(), "somebody has put her in since: she is not ours to take out");
}

#[test]
fn whoever_has_left_is_taken_out_if_we_have_put_him_in() {
    let known =
        found(&[(EVA, Kind::Contact, "c1"), ("eva@home.cz", Kind::Contact, "c1"), (BEN, Kind::User, "u2")]);
    let there = shown(&["u1", "u2"], &[]);
    let (people, change) =
        People::of_new(false).follow(&event(&[EVA, "eva@home.cz", BEN]), false, &known, &there);
    assert_eq!(change.joined.len(), 1, "the user was there before us");
    let now = shown(&["u1", "u2"], &["c1"]);
    let (one, change) = people.follow(&event(&["eva@home.cz", BEN]), false, &known, &now);
    assert!(change.is_empty(), "she is still a guest by her other address");
    assert!(people.stirs(&event(&[]), &known));
    let (_, change) = people.follow(&event(&[]), false, &known, &now);
    assert_eq!(change, Change { left: [person(Kind::Contact, "c1")].into(), ..Change::default() });
    let mut cut = event(&[]);
    cut.tells_guests = false;
    assert!(one.follow(&cut, false, &known, &now).1.is_empty(), "who is not told has not left");
}

#[test]
fn the_assigned_user_the_organizer_and_the_owner_stay() {
    let known = found(&[("anna@acme.cz", Kind::User, "u1"), (BEN, Kind::User, "u2")]);
    let (mut people, _) =
        People::of_new(false).follow(&event(&["anna@acme.cz", BEN]), false, &known, &shown(&[], &[]));
    assert!(people.met.as_mut().unwrap().values().all(|met| met.ours));
    let mut bens = event(&[]);
    bens.own = BEN.to_owned();
    let (_, change) = people.follow(&bens, false, &known, &shown(&["u1", "u2"], &[]));
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

/// Eva, whom we have put in, and Ben, who was there before us.
fn met_both() -> People {
    let met = |person, ours| Met { person: Some(person), ours };
    let eva = (EVA.to_owned(), met(person(Kind::Contact, "c1"), true));
    let ben = (BEN.to_owned(), met(person(Kind::User, "u2"), false));
    People { met: Some([eva, ben].into()), ..People::default() }
}

fn addresses(people: &People) -> Vec<&str> {
    people.met.iter().flatten().map(|(address, _)| address.as_str()).collect()
}

#[test]
fn rule_3_7_while_guests_are_hidden_only_whom_we_have_put_in_has_an_address() {
    let mut people = met_both();
    people.hide();
    let hidden = addresses(&people);
    assert!(hidden.len() == 2 && hidden.contains(&EVA) && !hidden.contains(&BEN), "{hidden:?}");
    let once = people.clone();
    people.hide();
    assert_eq!(people, once);
    people.unveil(&event(&[EVA, BEN]));
    assert_eq!(people, met_both());
    people.hide();
    people.unveil(&event(&[EVA]));
    assert_eq!(addresses(&people), [EVA], "who is no guest any more is not remembered without an address");
    people.unveil(&event(&[]));
    assert_eq!(addresses(&people), [EVA]);
}

#[test]
fn whom_a_cut_list_does_not_tell_is_not_put_in_again_when_it_is_whole() {
    let known = found(&[(BEN, Kind::User, "u2"), (EVA, Kind::Contact, "c1")]);
    let met = |address: &str| (address.to_owned(), Met { person: Some(known[address].clone()), ours: false });
    let mut people = People { met: Some([BEN, EVA].map(met).into()), ..People::of_new(false) };
    people.hide();
    let mut cut = event(&[]);
    cut.tells_guests = false;
    people.unveil(&cut);
    let whole = event(&[EVA, BEN]);
    people.unveil(&whole);
    assert!(!people.stirs(&whole, &known));
}

#[test]
fn whoever_leaves_and_is_not_ours_is_forgotten_unless_the_guests_are_hidden() {
    let (there, known) = (shown(&["u1", "u2"], &["c1"]), found(&[(BEN, Kind::User, "u2")]));
    let mut forgets = met_both();
    forgets.forget_left(&event(&[]));
    assert_eq!(addresses(&forgets), [EVA], "whom we have put in is taken out first");
    let (open, change) = met_both().follow(&event(&[]), false, &known, &there);
    assert_eq!((open.met, change.left), (Some(BTreeMap::new()), [person(Kind::Contact, "c1")].into()));
    let (mut hidden, _) = met_both().follow(&event(&[]), true, &known, &there);
    assert_eq!(hidden.met.as_ref().unwrap().len(), 1);
    assert_eq!(addresses(&hidden).iter().filter(|address| address.contains('@')).count(), 0);
    assert!(!hidden.stirs(&event(&[]), &known), "he left before");
    hidden.unveil(&event(&[BEN]));
    assert!(!hidden.stirs(&event(&[BEN]), &known), "whom somebody may have taken out is not put in again");
}

#[test]
fn no_more_guests_are_remembered_than_is_said() {
    let many: Vec<_> = (0..=MOST).map(|n| format!("g{n}@far.cz")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let mut people = People::default();
    people.take_as_they_are(&event(&many[..MOST]));
    let known = found(&[(many[MOST], Kind::Contact, "c1")]);
    let (_, change) = people.follow(&event(&many[1..]), false, &known, &shown(&["u1"], &[]));
    assert!(change.is_empty(), "there is no place for her until who has left is forgotten");
    people.forget_left(&event(&many[1..]));
    let (_, change) = people.follow(&event(&many[1..]), false, &known, &shown(&["u1"], &[]));
    assert_eq!(change.joined.len(), 1);
}

#[test]
fn what_is_agreed_of_people_is_written_and_read_again() {
    let nothing = serde_json::to_value(People::default()).unwrap();
    assert!(nothing.get("quiet").is_none() && nothing.get("took").is_none());
    let took = Some([person(Kind::Lead, "l1")].into());
    for people in [People::default(), People { quiet: true, took, ..met_both() }] {
        let text = serde_json::to_string(&people).unwrap();
        assert_eq!(serde_json::from_str::<People>(&text).unwrap(), people, "{text}");
    }
    assert!(Kind::ALL.into_iter().all(|kind| json!(kind) == kind.name()));
}

#[test]
fn an_answer_is_told_of_who_takes_part_and_nothing_is_none() {
    let columns =
        json!({ "u1": { "status": "Accepted" }, "u2": { "status": "" }, "u4": { "status": "Declined" } });
    let meeting = Shown::read(&raw(json!({
        "usersIds": ["u1", "u2", "u3"], "contactsIds": [], "leadsIds": [], "usersColumns": columns,
    })));
    let answers = ["u1", "u2", "u3", "u4"].map(|user| meeting.as_ref().unwrap().answer(user));
    assert_eq!(answers, [Some("Accepted"), Some("None"), Some("None"), None]);
}

#[test]
fn who_takes_part_is_told_by_all_lists_or_not_at_all() {
    let all = json!({ "usersIds": ["u1"], "contactsIds": ["c1", "c2"], "leadsIds": [] });
    let [user, one, two] =
        [(Kind::User, "u1"), (Kind::Contact, "c1"), (Kind::Contact, "c2")].map(|(kind, id)| person(kind, id));
    assert_eq!(taking_part(&raw(all.clone())), Some(BTreeSet::from([user, one, two])));
    let mut cut = raw(all);
    cut.remove("leadsIds");
    assert_eq!(taking_part(&cut), None);
}

#[test]
fn a_change_is_empty_when_nobody_comes_and_nobody_goes() {
    let one = || BTreeSet::from([person(Kind::Contact, "c1")]);
    assert!(Change::default().is_empty());
    assert!(!Change { joined: one(), ..Change::default() }.is_empty());
    assert!(!Change { left: one(), ..Change::default() }.is_empty());
}

#[test]
fn a_record_is_untouched_while_we_have_changed_it_last_and_have_put_everybody_in() {
    let ours = json!({
        "modifiedById": "us", "assignedUserId": "u1", "usersIds": ["u1"], "contactsIds": ["c1"], "leadsIds": [],
    });
    let touches = |key: &str, value: Json| {
        let mut record = raw(ours.clone());
        record.insert(key.to_owned(), value);
        touched(&record, "us", &met_both())
    };
    assert!(!touches("leadsIds", json!([])), "whom it is assigned to and whom we have put in");
    assert!(!touches("modifiedById", Json::Null));
    for (key, value) in [
        ("modifiedById", json!("anna")),
        ("assignedUserId", json!("u3")),
        ("usersIds", json!(["u1", "u2"])),
        ("contactsIds", json!(["c1", "c2"])),
        ("contactsIds", json!(["u1"])),
        ("leadsIds", json!(["c1"])),
    ] {
        assert!(touches(key, value.clone()), "{key} {value}");
    }
    assert!(
        touched(&raw(ours), "us", &People::default()),
        "of whom we know nothing somebody else has put in"
    );
}
