use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Copy, may_be};
use crate::plan::calendar::admit::Left;
use crate::plan::calendar::choices::Choices;
use crate::plan::calendar::compose::{Pair, Scene, compose};
use crate::plan::calendar::entry::{self, Entity, Entry, Habits};
use crate::plan::calendar::event::{self, Event};
use crate::plan::calendar::event_id::{COPY, Marker};
use crate::plan::calendar::invite::Inviting;
use crate::plan::calendar::operation::{Operation, Plan, Subject, What};
use crate::plan::calendar::people::People;
use crate::plan::guard::Class;
use crate::plan::link::{Base, Link, Side, State};
use crate::plan::policy::Direction;
use crate::plan::record::{Field, Record, Value};
use crate::plan::rule::Rule;
use crate::plan::seen::Seen;

const NOW: i64 = 1_795_000_000;

fn id() -> String {
    Marker { pair: Uuid::from_u128(9), generation: 0 }.event_id("one", "ben@example.com").to_string()
}

fn event(title: &str, year: i32, more: &Json) -> Event {
    let mut raw = json!({
        "id": id(), "status": "confirmed", "summary": title, "organizer": { "self": true },
        "start": { "dateTime": format!("{year}-12-01T09:00:00Z") },
        "end": { "dateTime": format!("{year}-12-01T09:30:00Z") },
        "updated": "2026-11-20T10:00:00Z", "created": "2026-11-20T10:00:00Z", "location": "", "description": "",
        "extendedProperties": { "private": { COPY: "Meeting/m1" } },
    });
    raw.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event::read(raw.as_object().unwrap()).unwrap()
}

fn entry(title: &str, year: i32, status: &str) -> Entry {
    let raw = json!({
        "id": "m1", "name": title, "status": status, "description": "", "assignedUserId": "anna",
        "createdById": "anna", "dateStart": format!("{year}-12-01 09:00:00"),
        "dateEnd": format!("{year}-12-01 09:30:00"),
        "modifiedAt": "2026-11-20 10:00:00", "createdAt": "2026-11-20 10:00:00",
    });
    entry::read(Entity::Meeting, raw.as_object().unwrap(), &Habits::default()).unwrap()
}

fn pair(state: State, google: Seen<Event>, crm: Seen<Entry>) -> Pair {
    let base = Base::of(event("Plan", 2026, &json!({})).record, entry("Plan", 2026, "Planned").record);
    Pair {
        id: Uuid::from_u128(7),
        entity: Entity::Meeting,
        link: Link { origin: Side::Crm, state, base },
        people: People::default(),
        google,
        crm,
    }
}

fn planned(copies: &[Copy], events: &[Event], choices: &Choices) -> Plan {
    planned_in(true, copies, events, choices)
}

fn planned_in(writable: bool, copies: &[Copy], events: &[Event], choices: &Choices) -> Plan {
    compose(&Scene {
        pairs: &[],
        left_behind: &[],
        copies,
        homes: &BTreeSet::new(),
        events,
        entries: &[],
        door: &choices.door(Vec::new()).unwrap(),
        policy: &choices.policy(),
        writable,
        connected: &BTreeSet::new(),
        maker: "us",
        inviting: &Inviting::default(),
        now: NOW,
    })
}

fn one(pair: Pair, wanted: bool) -> Vec<Operation> {
    planned(&[Copy::Made { pair: Box::new(pair), wanted }], &[], &Choices::default()).operations
}

fn live() -> (Seen<Event>, Seen<Entry>) {
    (Seen::Live(event("Plan", 2026, &json!({}))), Seen::Live(entry("Plan", 2026, "Planned")))
}

#[test]
fn rule_1_3_a_copy_is_made_of_what_is_to_come_and_ends_with_its_reason() {
    let made = planned(&[Copy::New(entry("Plan", 2026, "Planned"))], &[], &Choices::default());
    assert_eq!((made.operations[0].rule, made.operations[0].class()), (Rule::Copied, Class::Create));
    for over in [entry("Plan", 2025, "Planned"), entry("Plan", 2026, "Held")] {
        assert!(planned(&[Copy::New(over)], &[], &Choices::default()).operations.is_empty());
    }
    let (google, crm) = live();
    assert!(one(pair(State::Active, google.clone(), crm.clone()), true).is_empty());
    let ended = one(pair(State::Active, google.clone(), crm), false);
    assert_eq!((ended[0].rule, &ended[0].what), (Rule::CopyEnds, &What::Delete(Side::Google)));
    let ended = one(pair(State::Active, google, Seen::Gone), true);
    assert_eq!(ended[0].rule, Rule::CopyEnds);
    let past = (Seen::Live(event("Plan", 2025, &json!({}))), Seen::Live(entry("Plan", 2025, "Planned")));
    assert!(one(pair(State::Active, past.0.clone(), past.1), false).is_empty(), "what is over stays");
    assert!(one(pair(State::Active, past.0, Seen::Gone), false).is_empty());
    let guests = Seen::Live(event("Plan", 2026, &json!({ "attendees": [{ "email": "eva@else.cz" }] })));
    assert_eq!(one(pair(State::Active, guests, Seen::Gone), false)[0].class(), Class::Guests);
}

#[test]
fn rule_1_3_a_copy_follows_the_record_and_an_edit_of_it_stays() {
    let (google, crm) = live();
    let edited = Seen::Live(event("Mine", 2026, &json!({})));
    assert!(one(pair(State::Active, edited.clone(), crm), true).is_empty(), "left alone");
    let moved = Seen::Live(entry("Plan B", 2026, "Planned"));
    for (google, lost) in [(google, None), (edited, Some((Side::Google, Value::text("Mine"))))] {
        let written = one(pair(State::Active, google, moved.clone()), true);
        let What::WriteGoogle(changes, _) = &written[0].what else { panic!("{written:?}") };
        assert_eq!(*changes, Record::new().with(Field::Title, Value::text("Plan B")));
        assert_eq!(written[0].fields[0].lost, lost, "what is overwritten is told");
    }
}

#[test]
fn rule_1_3_a_copy_of_what_is_called_off_ends_where_that_is_wanted() {
    let called_off = Copy::Made {
        pair: Box::new(pair(State::Active, live().0, Seen::Live(entry("Plan", 2026, "Not Held")))),
        wanted: true,
    };
    let of = |removes_not_held| {
        let choices = Choices { removes_not_held, ..Choices::default() };
        planned(std::slice::from_ref(&called_off), &[], &choices).operations
    };
    assert!(of(false).is_empty());
    assert_eq!((of(true)[0].rule, &of(true)[0].what), (Rule::CopyEnds, &What::Delete(Side::Google)));
}

#[test]
fn rule_1_3_no_copy_is_made_where_nothing_may_be_written() {
    let new = [Copy::New(entry("Plan", 2026, "Planned"))];
    assert!(planned_in(false, &new, &[], &Choices::default()).operations.is_empty());
    let mut asked = pair(State::Active, Seen::Gone, live().1);
    asked.link.base = Base::default();
    let asked = [Copy::Made { pair: Box::new(asked), wanted: true }];
    for (writable, direction, rule) in [
        (true, Direction::Both, Rule::AskedAgain),
        (true, Direction::ToCrm, Rule::CopyLetGo),
        (false, Direction::Both, Rule::CopyLetGo),
    ] {
        let choices = Choices { direction, ..Choices::default() };
        assert_eq!(planned_in(writable, &asked, &[], &choices).operations[0].rule, rule);
    }
}

#[test]
fn rule_6_1_an_approved_end_of_a_copy_is_that_of_what_it_showed() {
    let end = |title| {
        let google = Seen::Live(event(title, 2026, &json!({})));
        one(pair(State::Active, google, Seen::Gone), true)[0].fingerprint()
    };
    assert_eq!(end("Plan"), end("Plan"));
    assert_ne!(end("Plan"), end("Mine"));
}

#[test]
fn rule_1_2_a_deleted_copy_declines_once_and_only_where_that_says_something() {
    let declined = |standing: &str, year| Seen::Live(entry("Plan", year, standing));
    let of = |crm, wanted| one(pair(State::Active, Seen::Gone, crm), wanted)[0].what.clone();
    assert_eq!(of(declined("Planned", 2026), true), What::Decline);
    assert_eq!(
        one(pair(State::Active, Seen::Gone, declined("Planned", 2026)), true)[0].class(),
        Class::Delete
    );
    for (crm, wanted) in [
        (declined("Planned", 2026), false),
        (declined("Held", 2026), true),
        (declined("Planned", 2025), true),
    ] {
        assert_eq!(of(crm, wanted), What::Let(State::Ignored));
    }
    assert_eq!(of(Seen::Gone, true), What::Close);
    // Somebody wants it again: that holds while the user takes part.
    let again = |wanted| {
        let mut pair = pair(State::Active, Seen::Gone, declined("Planned", 2026));
        pair.link.base = Base::default();
        one(pair, wanted)[0].rule
    };
    assert_eq!((again(true), again(false)), (Rule::AskedAgain, Rule::CopyLetGo));
}

#[test]
fn rule_4_every_cell_of_a_copy_writes_google_at_most_and_never_the_records_fields() {
    let googles = [Seen::Gone, Seen::Unproven, live().0, Seen::Live(event("Mine", 2025, &json!({})))];
    let crms = [Seen::Gone, Seen::Unproven]
        .into_iter()
        .chain(["Planned", "Held", "Not Held"].map(|status| Seen::Live(entry("Else", 2026, status))));
    for ((google, crm), state) in googles
        .iter()
        .flat_map(|google| crms.clone().map(move |crm| (google.clone(), crm)))
        .flat_map(|sides| State::ALL.map(move |state| (sides.clone(), state)))
    {
        for direction in Direction::ALL {
            for (wanted, removes_not_held) in [(true, true), (true, false), (false, true), (false, false)] {
                let copies =
                    [Copy::Made { pair: Box::new(pair(state, google.clone(), crm.clone())), wanted }];
                let choices = Choices { direction, removes_not_held, ..Choices::default() };
                for operation in planned(&copies, &[], &choices).operations {
                    let cell = format!("{google:?} {crm:?} {state:?} {direction:?} {operation:?}");
                    assert_eq!(state, State::Active, "{cell}");
                    assert!(crm != Seen::Unproven && google != Seen::Unproven, "{cell}");
                    match operation.what {
                        What::WriteGoogle(..) | What::Delete(Side::Google) | What::Recreate(_) => {
                            assert!(direction.writes(), "{cell}");
                        }
                        What::Decline => {
                            assert!(direction.reads() && google == Seen::Gone && wanted, "{cell}");
                        }
                        What::Remember(_) | What::Let(State::Ignored) | What::Close => {}
                        other => panic!("{other:?}: {cell}"),
                    }
                }
            }
        }
    }
}

#[test]
fn rule_1_6_a_copy_is_known_without_a_store_and_a_duplicate_of_one_is_an_event_like_any_other() {
    let alone = planned(&[], &[event("Plan", 2026, &json!({}))], &Choices::default());
    assert_eq!(alone.left, [(Subject::Event(id()), Left::Copied)]);
    assert!(alone.operations.is_empty());
    let kept = planned(
        &[Copy::New(entry("Plan", 2026, "Planned"))],
        &[event("Plan", 2026, &json!({}))],
        &Choices::default(),
    );
    assert_eq!((kept.operations.len(), kept.operations[0].rule), (1, Rule::Adopted));
    for other in [json!({ "id": "e2", "extendedProperties": {} }), json!({ "status": "cancelled" })] {
        let new = [Copy::New(entry("Plan", 2026, "Planned"))];
        let made = planned(&new, &[event("Plan", 2026, &other)], &Choices::default()).operations;
        assert_eq!(made.last().unwrap().rule, Rule::Copied, "{other} is none: {made:?}");
    }
    let duplicate = event("Plan", 2026, &json!({ "id": "7cbh8rpc10lrc0ckih9tafss99" }));
    assert_eq!(planned(&[], &[duplicate], &Choices::default()).operations[0].rule, Rule::NewFromGoogle);
    let part = event("Plan", 2026, &json!({ "id": format!("{}_20261201T090000Z", id()) }));
    assert!(planned(&[], &[part], &Choices::default()).operations.is_empty());
}

#[test]
fn rule_1_3_no_copy_for_whom_it_is_assigned_to_nor_of_what_was_an_event() {
    let (kinds, entry) = ([Entity::Meeting], entry("Plan", 2026, "Planned"));
    assert!(may_be(&entry, "ben", "us", &kinds));
    assert!(!may_be(&entry, "anna", "us", &kinds));
    assert!(!may_be(&entry, "ben", "anna", &kinds));
    assert!(!may_be(&entry, "ben", "us", &[Entity::Call]));
}
