//! Guests that are written, from one look to the next.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::{Invitation, Inviting, MOST, Reach};
use crate::plan::calendar::event::{Event, read};
use crate::plan::calendar::people::{Kind, Met, People, Person, Shown};

const EVA: &str = "eva@other.cz";
const IVO: &str = "ivo@other.cz";

fn raw(guests: &Json) -> Map<String, Json> {
    let raw = json!({ "id": "e1", "summary": "Plan", "organizer": { "email": "anna@acme.cz", "self": true },
        "attendees": guests });
    raw.as_object().unwrap().clone()
}

fn event(guests: &[&str]) -> Event {
    read(&raw(&guests.iter().map(|email| json!({ "email": email })).collect())).unwrap()
}

fn contact(id: &str) -> Person {
    Person { kind: Kind::Contact, id: id.to_owned() }
}

fn user(id: &str) -> Person {
    Person { kind: Kind::User, id: id.to_owned() }
}

fn set(all: &[Person]) -> BTreeSet<Person> {
    all.iter().cloned().collect()
}

fn by(reach: &[(Person, &[&str])]) -> Inviting {
    let addresses = |all: &[&str]| all.iter().map(|address| (*address).to_owned()).collect();
    let reach: Reach = reach.iter().map(|(person, all)| (person.clone(), addresses(all))).collect();
    Inviting { on: true, first: false, user: Some("u1".to_owned()), reach: Some(reach) }
}

fn known() -> Inviting {
    by(&[(contact("c1"), &[EVA, "eva@home.cz"]), (contact("c2"), &[IVO]), (user("u1"), &["anna@acme.cz"])])
}

fn took(people: &[Person]) -> People {
    People { took: Some(set(people)), ..People::of_new(true) }
}

#[test]
fn rule_2_3_whom_the_crm_shows_anew_is_invited_once() {
    let (mut people, now) = (People::of_new(true), set(&[user("u1"), contact("c1"), contact("c9")]));
    let invitation = people.invite(&event(&[]), &now, &known(), true).unwrap();
    assert_eq!(invitation.added, BTreeMap::from([(EVA.to_owned(), contact("c1"))]), "not the owner");
    people.invited(&event(&[]), &invitation);
    let found = BTreeMap::from([(EVA.to_owned(), contact("c1"))]);
    assert!(!people.stirs(&event(&[EVA]), &found), "she is in the record");
    assert_eq!(people.invite(&event(&[EVA]), &now, &known(), true), None);
    assert_eq!(people.invite(&event(&[]), &now, &known(), true), None, "taken off at Google: not again");
}

#[test]
fn rule_2_3_who_leaves_the_record_is_no_guest_any_more_and_others_stay() {
    let guests = event(&[EVA, IVO, "far@away.cz"]);
    let mut people = took(&[]);
    let both = set(&[contact("c1"), contact("c2")]);
    let matched = people.invite(&guests, &both, &known(), true).unwrap();
    assert!(!matched.writes(), "they are guests already: {matched:?}");
    people.invited(&guests, &matched);
    let left = people.invite(&guests, &set(&[contact("c2")]), &known(), true).unwrap();
    assert_eq!(left.removed, BTreeMap::from([(EVA.to_owned(), contact("c1"))]));
    let never = took(&[]).invite(&guests, &set(&[]), &known(), true);
    assert_eq!(never, None, "whom the record never had is nobody's to take off");
}

#[test]
fn rule_2_3_the_owner_and_the_organizer_are_invited_by_none_of_their_addresses() {
    let invitation = json!({ "id": "e1", "summary": "Plan", "organizer": { "email": "boss@acme.cz" },
        "attendees": [{ "email": "anna@acme.cz", "self": true }] });
    let event = read(invitation.as_object().unwrap()).unwrap();
    let by = by(&[
        (user("u1"), &["anna@home.cz"]),
        (user("u2"), &["ben@acme.cz"]),
        (contact("u1"), &[EVA]),
        (contact("c1"), &["anna.private@home.cz", "anna@acme.cz"]),
        (contact("c2"), &["boss.private@home.cz", "boss@acme.cz"]),
    ]);
    let now = by.reach.iter().flatten().map(|(person, _)| person.clone()).collect();
    let added = took(&[]).invite(&event, &now, &by, true).unwrap().added;
    assert_eq!(added, [("ben@acme.cz".to_owned(), user("u2")), (EVA.to_owned(), contact("u1"))].into());
}

#[test]
fn rule_2_3_whoever_is_taken_off_the_owner_the_organizer_and_rooms_stay() {
    let all = ["anna@acme.cz", "boss@acme.cz", "room@acme.cz"];
    let guests = json!([
        { "email": all[0], "self": true },
        { "email": all[1], "organizer": true },
        { "email": all[2], "resource": true },
        { "email": EVA },
    ]);
    let removed = all.into_iter().chain([EVA]).map(|address| (address.to_owned(), contact("c1")));
    let mut written = raw(&guests);
    Invitation { removed: removed.collect(), ..Invitation::default() }.apply(&mut written);
    assert_eq!(written["attendees"], json!([guests[0], guests[1], guests[2]]));
}

#[test]
fn rule_2_3_whoever_comes_or_goes_is_written_and_done_only_as_a_whole() {
    let one = |address: &str| BTreeMap::from([(address.to_owned(), contact("c1"))]);
    let comes = Invitation { added: one(EVA), ..Invitation::default() };
    let goes = Invitation { removed: one(IVO), ..Invitation::default() };
    assert!(comes.writes() && goes.writes() && !Invitation::default().writes());
    let both = Invitation { added: one(EVA), ..goes };
    assert!(both.was_done(&event(&[EVA])));
    for part in [event(&[EVA, IVO]), event(&[]), event(&[IVO])] {
        assert!(!both.was_done(&part), "{part:?}");
    }
}

#[test]
fn whoever_is_new_in_the_record_needs_an_address() {
    let now = set(&[user("u1"), contact("c1"), contact("c2")]);
    let people = took(&[contact("c1"), contact("c3")]);
    assert_eq!(people.newcomers(&now).collect::<Vec<_>>(), [&user("u1"), &contact("c2")]);
    assert_eq!(People::of_new(false).newcomers(&now).count(), 0, "while guests are not written nobody");
}

#[test]
fn a_guest_is_ours_to_take_out_only_as_the_person_whom_we_have_put_in() {
    let lead = Person { kind: Kind::Lead, id: "l1".to_owned() };
    let met = |person, ours| Met { person: Some(person), ours };
    for (before, ours) in
        [(met(contact("c1"), true), true), (met(contact("c1"), false), false), (met(lead, true), false)]
    {
        let mut people = People { met: Some([(EVA.to_owned(), before)].into()), ..took(&[]) };
        let known = [(EVA.to_owned(), contact("c1"))].into();
        people.invited(&event(&[EVA]), &Invitation { known, ..Invitation::default() });
        assert_eq!(people.met.unwrap()[EVA], met(contact("c1"), ours));
    }
}

#[test]
fn rule_2_3_one_who_becomes_another_kind_of_record_stays_a_guest() {
    let lead = Person { kind: Kind::Lead, id: "l1".to_owned() };
    let by = by(&[(contact("c1"), &[EVA]), (lead.clone(), &[EVA])]);
    let mut people = took(&[]);
    let invitation = people.invite(&event(&[]), &set(std::slice::from_ref(&lead)), &by, true).unwrap();
    people.invited(&event(&[]), &invitation);
    let turned = people.invite(&event(&[EVA]), &set(&[contact("c1")]), &by, true).unwrap();
    assert!(!turned.writes() && turned.known.contains_key(EVA), "{turned:?}");
}

#[test]
fn rule_2_3_nobody_is_invited_in_a_first_run_nor_to_what_is_not_open_nor_later_for_that() {
    let now = set(&[contact("c1")]);
    let first = Inviting { first: true, ..known() };
    for (by, open) in [(first, true), (known(), false)] {
        let mut people = People::of_new(true);
        let invitation = people.invite(&event(&[]), &now, &by, open).unwrap();
        assert!(!invitation.writes());
        people.invited(&event(&[]), &invitation);
        assert_eq!(people.invite(&event(&[]), &now, &known(), true), None);
    }
}

#[test]
fn rule_2_3_turning_it_on_writes_nothing_and_turning_it_off_forgets() {
    let (mut people, now) = (People::of_new(false), set(&[contact("c1")]));
    assert_eq!(people.forgotten(), None);
    let seen = people.invite(&event(&[]), &now, &known(), true).unwrap();
    assert!(!seen.writes());
    people.invited(&event(&[]), &seen);
    let more = people.invite(&event(&[]), &set(&[contact("c1"), contact("c2")]), &known(), true).unwrap();
    assert_eq!(more.added.keys().collect::<Vec<_>>(), [IVO]);
    let forgotten = people.forgotten().unwrap();
    people.invited(&event(&[]), &forgotten);
    assert_eq!(people, People::of_new(false));
}

#[test]
fn nobody_is_invited_while_the_crm_does_not_say_by_which_address() {
    let silent = Inviting { reach: None, ..known() };
    let people = took(&[contact("c1")]);
    assert_eq!(people.invite(&event(&[]), &set(&[contact("c1"), contact("c2")]), &silent, true), None);
    let left = people.invite(&event(&[]), &set(&[]), &silent, true).unwrap();
    assert_eq!(left.took, Some(set(&[])), "who leaves needs none");
}

#[test]
fn a_long_list_of_guests_gets_no_longer() {
    let many: Vec<_> = (0..MOST).map(|n| format!("g{n}@far.cz")).collect();
    let full = event(&many.iter().map(String::as_str).collect::<Vec<_>>());
    let invitation = took(&[]).invite(&full, &set(&[contact("c1")]), &known(), true).unwrap();
    assert!(!invitation.writes());
}

#[test]
fn rule_2_3_a_write_keeps_every_other_guest_and_key() {
    let before = json!([
        { "email": "Eva@Other.cz", "responseStatus": "accepted" },
        { "email": "far@away.cz", "comment": "Gladly", "deep": { "new": [1] } },
        { "email": "room@resource.calendar.google.com", "resource": true },
    ]);
    let mut written = raw(&before);
    written.insert("somethingNew".to_owned(), json!({ "deep": [1, 2] }));
    let mut expected = written.clone();
    let invitation = Invitation {
        added: [(IVO.to_owned(), contact("c2")), ("far@away.cz".to_owned(), contact("c3"))].into(),
        removed: [
            (EVA.to_owned(), contact("c1")),
            ("room@resource.calendar.google.com".to_owned(), contact("c4")),
        ]
        .into(),
        ..Invitation::default()
    };
    invitation.apply(&mut written);
    let new = json!({ "email": IVO, "responseStatus": "needsAction" });
    expected["attendees"] = json!([before[1], before[2], new]);
    assert_eq!(written, expected);
    assert!(invitation.was_done(&read(&written).unwrap()) && !invitation.was_done(&event(&[EVA])));
    let mut none = raw(&json!([]));
    none.remove("attendees");
    invitation.apply(&mut none);
    assert_eq!(none["attendees"].as_array().unwrap().len(), 2);
}

/// A pair whose guests are read and written.
#[derive(Debug, Clone)]
struct Both {
    guests: BTreeSet<String>,
    record: BTreeSet<Person>,
    people: People,
}

impl Both {
    fn event(&self) -> Event {
        event(&self.guests.iter().map(String::as_str).collect::<Vec<_>>())
    }

    // A run: whether it wrote anything.
    fn run(&mut self) -> bool {
        let reach: Vec<_> = (0..4).map(|n| (contact(&format!("c{n}")), format!("g{n}@x.cz"))).collect();
        let found: BTreeMap<_, _> =
            reach.iter().map(|(who, address)| (address.clone(), who.clone())).collect();
        let by = Inviting {
            on: true,
            reach: Some(reach.into_iter().map(|(who, address)| (who, vec![address])).collect()),
            ..Inviting::default()
        };
        let mut wrote = false;
        if let Some(invitation) = self.people.invite(&self.event(), &self.record, &by, true) {
            wrote |= invitation.writes();
            self.people.invited(&self.event(), &invitation);
            self.guests.extend(invitation.added.into_keys());
            self.guests.retain(|guest| !invitation.removed.contains_key(guest));
        }
        let event = self.event();
        self.people.forget_left(&event);
        let ids: Vec<_> = self.record.iter().map(|person| person.id.clone()).collect();
        let shown = json!({ "usersIds": [], "contactsIds": ids, "leadsIds": [] });
        let shown = Shown::read(shown.as_object().unwrap()).unwrap();
        if self.people.stirs(&event, &found) {
            let (people, change) = self.people.follow(&event, false, &found, &shown);
            wrote |= !change.is_empty();
            self.people = people;
            self.record.extend(change.joined);
            self.record.retain(|person| !change.left.contains(person));
        }
        wrote
    }
}

proptest! {
    #[test]
    fn rule_2_3_whatever_people_do_on_both_sides_it_comes_to_rest(
        steps in prop::collection::vec((0_u8..2, 0_u8..4, any::<bool>(), any::<bool>()), 1..40),
    ) {
        let (guests, record) = (BTreeSet::new(), BTreeSet::new());
        let mut both = Both { guests, record, people: People::of_new(true) };
        for (side, who, comes, runs) in steps {
            let (address, person) = (format!("g{who}@x.cz"), contact(&format!("c{who}")));
            match (side, comes) {
                (0, true) => drop(both.guests.insert(address)),
                (0, false) => drop(both.guests.remove(&address)),
                (_, true) => drop(both.record.insert(person)),
                (_, false) => drop(both.record.remove(&person)),
            }
            if runs {
                let before = both.clone();
                both.run();
                prop_assert!(!both.run(), "it goes on: {before:?}, {both:?}");
            }
        }
        both.run();
        prop_assert!(!both.run());
    }

    #[test]
    fn rule_2_3_what_one_side_alone_does_reaches_the_other(
        steps in prop::collection::vec((0_u8..4, any::<bool>()), 1..20),
        by_crm in any::<bool>(),
    ) {
        let (guests, record) = (BTreeSet::new(), BTreeSet::new());
        let mut both = Both { guests, record, people: People::of_new(true) };
        for (who, comes) in steps {
            let (address, person) = (format!("g{who}@x.cz"), contact(&format!("c{who}")));
            match (by_crm, comes) {
                (false, true) => drop(both.guests.insert(address)),
                (false, false) => drop(both.guests.remove(&address)),
                (true, true) => drop(both.record.insert(person)),
                (true, false) => drop(both.record.remove(&person)),
            }
            both.run();
            let same: BTreeSet<_> = both.record.iter().map(|it| it.id.replace('c', "g") + "@x.cz").collect();
            prop_assert_eq!(&same, &both.guests);
        }
    }
}
