//! Whom the event of a pair invites, by how both sides stand.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::plan::calendar::choices::Choices;
use crate::plan::calendar::compose::{Pair, Scene, compose};
use crate::plan::calendar::entry::{self, Entity, Entry, Habits};
use crate::plan::calendar::event::{self, Event};
use crate::plan::calendar::invite::{Invitation, Inviting};
use crate::plan::calendar::operation::{Operation, What};
use crate::plan::calendar::people::{Kind, People, Person};
use crate::plan::guard::Class;
use crate::plan::link::{Base, Link, Side, State};
use crate::plan::policy::Direction;
use crate::plan::rule::Rule;
use crate::plan::seen::Seen;

const NOW: i64 = 1_795_000_000;
const EVA: &str = "eva@other.cz";

fn eva() -> Person {
    Person { kind: Kind::Contact, id: "c1".to_owned() }
}

fn event(year: i32, more: &Json) -> Event {
    let mut raw = json!({
        "id": "e1", "status": "confirmed", "summary": "Plan", "organizer": { "self": true },
        "start": { "dateTime": format!("{year}-12-01T09:00:00Z") },
        "end": { "dateTime": format!("{year}-12-01T09:30:00Z") },
        "updated": "2026-11-20T10:00:00Z", "created": "2026-11-20T10:00:00Z",
    });
    raw.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event::read(raw.as_object().unwrap()).unwrap()
}

fn entry(title: &str, year: i32, status: &str) -> Entry {
    let raw = json!({
        "id": "m1", "name": title, "status": status, "description": "", "usersIds": [], "contactsIds": ["c1"],
        "leadsIds": [], "dateStart": format!("{year}-12-01 09:00:00"), "dateEnd": format!("{year}-12-01 09:30:00"),
        "modifiedAt": "2026-11-20 10:00:00", "createdAt": "2026-11-20 10:00:00",
    });
    entry::read(Entity::Meeting, raw.as_object().unwrap(), &Habits::default()).unwrap()
}

/// At rest, but that nobody was invited yet.
fn pair(event: Event, entry: Entry) -> Pair {
    let base = Base::of(event.record.clone(), entry.record.clone());
    Pair {
        id: Uuid::from_u128(7),
        entity: Entity::Meeting,
        link: Link { origin: Side::Crm, state: State::Active, base },
        people: People::of_new(true),
        google: Seen::Live(event),
        crm: Seen::Live(entry),
    }
}

fn to_come() -> Pair {
    pair(event(2026, &json!({})), entry("Plan", 2026, "Planned"))
}

fn planned(pair: Pair) -> Vec<Operation> {
    planned_by(true, true, &Choices::default(), pair)
}

fn planned_by(on: bool, writable: bool, choices: &Choices, pair: Pair) -> Vec<Operation> {
    let reach = BTreeMap::from([(eva(), vec![EVA.to_owned()])]);
    let scene = Scene {
        pairs: &[pair],
        left_behind: &[],
        copies: &[],
        homes: &BTreeSet::new(),
        events: &[],
        entries: &[],
        door: &choices.door(Vec::new()).unwrap(),
        policy: &choices.policy(),
        writable,
        connected: &BTreeSet::new(),
        inviting: &Inviting { on, reach: Some(reach), ..Inviting::default() },
        maker: "us",
        now: NOW,
    };
    compose(&scene).operations
}

fn classes(operations: &[Operation]) -> Vec<Class> {
    operations.iter().map(Operation::class).collect()
}

#[test]
fn rule_2_3_who_takes_part_is_invited_to_what_is_to_come_and_may_be_written() {
    let invited = planned(to_come());
    let took = Some([eva()].into());
    let added = [(EVA.to_owned(), eva())].into();
    let invitation = Invitation { added, took, ..Invitation::default() };
    assert_eq!((invited.len(), invited[0].rule), (1, Rule::Invited));
    assert_eq!(invited[0].what, What::Invite(invitation));
    for more in [
        json!({ "organizer": { "email": "boss@acme.cz" }, "guestsCanModify": true }),
        json!({ "recurrence": ["RRULE:FREQ=DAILY"] }),
        json!({ "locked": true }),
        json!({ "visibility": "private" }),
    ] {
        let kept = planned(pair(event(2026, &more), entry("Plan", 2026, "Planned")));
        assert_eq!(classes(&kept), [Class::Memory], "{more}");
    }
    let cut = Event { tells_guests: false, ..event(2026, &json!({})) };
    for (event, entry) in [
        (cut, entry("Plan", 2026, "Planned")),
        (event(2025, &json!({})), entry("Plan", 2026, "Planned")),
        (event(2026, &json!({})), entry("Plan", 2025, "Planned")),
        (event(2026, &json!({})), entry("Plan", 2026, "Not Held")),
    ] {
        assert_eq!(classes(&planned(pair(event, entry))), [Class::Memory]);
    }
    assert_eq!(classes(&planned_by(true, false, &Choices::default(), to_come())), [Class::Memory]);
    let one_way = Choices { direction: Direction::ToCrm, ..Choices::default() };
    assert_eq!(classes(&planned_by(true, true, &one_way, to_come())), [Class::Memory]);
}

#[test]
fn rule_2_3_where_guests_are_not_written_any_more_who_took_part_is_forgotten() {
    let off = |people| planned_by(false, true, &Choices::default(), Pair { people, ..to_come() });
    assert_eq!(off(People::of_new(true))[0].what, What::Invite(Invitation::default()));
    assert!(off(People::of_new(false)).is_empty());
}

#[test]
fn nobody_is_invited_to_what_is_withheld_nor_by_a_record_that_does_not_tell_its_people() {
    let mut frozen = to_come();
    frozen.link.state = State::Frozen;
    assert!(planned(frozen).is_empty());
    let silent = Entry { people: None, ..entry("Plan", 2026, "Planned") };
    assert!(planned(pair(event(2026, &json!({})), silent)).is_empty());
}

#[test]
fn rule_2_3_nobody_is_invited_to_a_time_that_is_about_to_be_another_nor_to_what_goes() {
    let edited = |now: Entry| planned(Pair { crm: Seen::Live(now), ..to_come() });
    assert_eq!(classes(&edited(entry("Plan", 2027, "Planned"))), [Class::Update]);
    assert_eq!(classes(&edited(entry("Plan B", 2026, "Planned"))), [Class::Update, Class::Invited]);
    let wanted = Choices { removes_not_held: true, ..Choices::default() };
    let called_off = pair(event(2026, &json!({})), entry("Plan", 2026, "Not Held"));
    assert_eq!(classes(&planned_by(true, true, &wanted, called_off)), [Class::Delete]);
}

#[test]
fn rule_6_1_guests_are_approved_for_the_event_as_it_was_shown() {
    let of = |title: &str| {
        let shown = event(2026, &json!({ "summary": title }));
        planned(pair(shown, entry("Plan", 2026, "Planned"))).remove(0)
    };
    assert_eq!(of("Plan").fingerprint(), of("Plan").fingerprint());
    assert_ne!(of("Plan").fingerprint(), of("Another plan").fingerprint());
}
