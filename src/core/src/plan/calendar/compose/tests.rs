use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Pair, Scene, compose};
use crate::plan::calendar::admit::Left;
use crate::plan::calendar::choices::Choices;
use crate::plan::calendar::entry::{self, Entity, Entry, Habits};
use crate::plan::calendar::event::{self, Event};
use crate::plan::calendar::invite::Inviting;
use crate::plan::calendar::operation::{Operation, Plan, Subject, What};
use crate::plan::calendar::people::People;
use crate::plan::guard::Class;
use crate::plan::link::{Base, Link, Side, State};
use crate::plan::record::{Field, Record, Value};
use crate::plan::rule::Rule;
use crate::plan::seen::{Seen, Standing};

const NOW: i64 = 1_795_000_000;

fn event(id: &str, title: &str, hour: u8, more: &Json) -> Event {
    let mut raw = json!({
        "id": id, "status": "confirmed", "summary": title, "organizer": { "self": true },
        "start": { "dateTime": format!("2026-12-01T{hour:02}:00:00Z") },
        "end": { "dateTime": format!("2026-12-01T{:02}:30:00Z", hour) },
        "updated": "2026-11-20T10:00:00Z", "created": "2026-11-20T10:00:00Z",
    });
    raw.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event::read(raw.as_object().unwrap()).unwrap()
}

fn entry(entity: Entity, id: &str, title: &str, hour: u8, event_id: Option<&str>) -> Entry {
    let habits = Habits { event_field: Some("googleCalendarEventId".into()), ..Habits::default() };
    let raw = json!({
        "id": id, "name": title, "status": "Planned", "description": "", "googleCalendarEventId": event_id,
        "dateStart": format!("2026-12-01 {hour:02}:00:00"), "dateEnd": format!("2026-12-01 {hour:02}:30:00"),
        "modifiedAt": "2026-11-20 10:00:00", "createdAt": "2026-11-20 10:00:00",
    });
    entry::read(entity, raw.as_object().unwrap(), &habits).unwrap()
}

fn meeting(id: &str, title: &str, hour: u8) -> Entry {
    entry(Entity::Meeting, id, title, hour, None)
}

fn pair(google: Seen<Event>, crm: Seen<Entry>) -> Pair {
    let record = |title: &str| Record::new().with(Field::Title, Value::text(title));
    let base = Base::of(record("Plan"), record("Plan"));
    let link = Link { origin: Side::Crm, state: State::Active, base };
    Pair { id: Uuid::from_u128(7), entity: Entity::Meeting, link, people: People::default(), google, crm }
}

fn planned(pairs: &[Pair], events: &[Event], entries: &[Entry]) -> Plan {
    planned_in(true, pairs, &[], events, entries)
}

fn planned_in(
    writable: bool,
    pairs: &[Pair],
    left_behind: &[(Uuid, Event)],
    events: &[Event],
    entries: &[Entry],
) -> Plan {
    let choices = Choices::default();
    let connected = BTreeSet::from(["eva@acme.cz".to_owned()]);
    compose(&Scene {
        pairs,
        left_behind,
        copies: &[],
        homes: &BTreeSet::from(["u2".to_owned()]),
        events,
        entries,
        door: &choices.door(Vec::new()).unwrap(),
        policy: &choices.policy(),
        writable,
        connected: &connected,
        inviting: &Inviting::default(),
        maker: "us",
        now: NOW,
    })
}

fn rules(plan: &Plan) -> Vec<Rule> {
    plan.operations.iter().map(|operation| operation.rule).collect()
}

#[test]
fn what_is_new_on_one_side_is_made_on_the_other() {
    let plan = planned(&[], &[event("e1", "A", 9, &json!({}))], &[meeting("m1", "B", 10)]);
    assert_eq!(rules(&plan), [Rule::NewFromGoogle, Rule::NewFromCrm]);
    assert!(plan.operations.iter().all(|operation| operation.class() == Class::Create));
}

#[test]
fn rule_1_5_a_record_that_was_made_of_an_event_becomes_no_other_one() {
    let made = Entry { creator: Some("us".to_owned()), ..meeting("m1", "B", 10) };
    let by_hand = Entry { creator: Some("u1".to_owned()), ..meeting("m2", "C", 11) };
    let plan = planned(&[], &[], &[made, by_hand]);
    assert_eq!(plan.left, [(Subject::Entry(Entity::Meeting, "m1".to_owned()), Left::Made)]);
    assert_eq!(rules(&plan), [Rule::NewFromCrm]);
}

#[test]
fn a_1_rule_3_3_with_both_sides_full_and_no_memory_nothing_is_made() {
    let events: Vec<_> =
        (0..20).map(|n| event(&format!("e{n}"), &format!("Plan {n}"), n, &json!({}))).collect();
    let entries: Vec<_> = (0..20).map(|n| meeting(&format!("m{n}"), &format!("Plan {n}"), n)).collect();
    let plan = planned(&[], &events, &entries);
    assert_eq!(plan.operations.len(), 20);
    assert!(plan.operations.iter().all(|operation| operation.class() == Class::Memory));
    let call = entry(Entity::Call, "c1", "Ben", 9, None);
    let labelled = planned(&[], &[event("e1", "Call: Ben", 9, &json!({}))], &[call]);
    assert_eq!(rules(&labelled), [Rule::Adopted]);
}

#[test]
fn rule_3_3_the_crms_own_field_says_what_belongs_together() {
    let named = entry(Entity::Meeting, "m1", "Other title", 10, Some("e1"));
    let plan = planned(&[], &[event("e1", "A", 9, &json!({}))], &[named]);
    assert!(matches!(&plan.operations[..], [Operation { what: What::Adopt(event, _, entry, _), .. }]
        if event == "e1" && entry == "m1"));
}

#[test]
fn rule_3_3_what_is_not_unique_is_neither_adopted_nor_made_twice() {
    let twins = [event("e1", "A", 9, &json!({})), event("e2", "A", 9, &json!({}))];
    let plan = planned(&[], &twins, &[meeting("m1", "A", 9)]);
    assert!(plan.operations.is_empty(), "{:?}", plan.operations);
    assert_eq!(plan.left.len(), 3);
    assert!(plan.left.iter().all(|(_, why)| *why == Left::Ambiguous));
    let alone = planned(&[], &twins, &[]);
    assert_eq!(rules(&alone), [Rule::NewFromGoogle; 2], "without a counterpart they are two events");
}

#[test]
fn rule_2_3_an_event_with_guests_outside_is_deleted_only_after_a_person_said_so() {
    for (guest, class) in [("eva@acme.cz", Class::Delete), ("eva@other.cz", Class::Guests)] {
        let guests = json!({ "attendees": [{ "email": guest }] });
        let plan = planned(&[pair(Seen::Live(event("e1", "Plan", 9, &guests)), Seen::Gone)], &[], &[]);
        assert_eq!(plan.operations[0].what, What::Delete(Side::Google));
        assert_eq!(plan.operations[0].class(), class, "{guest}");
    }
}

#[test]
fn each_side_is_written_and_remembered_by_itself() {
    let mut pair = pair(
        Seen::Live(event("e1", "Plan B", 9, &json!({ "description": "new" }))),
        Seen::Live(meeting("m1", "Plan", 10)),
    );
    let first = match (&pair.google, &pair.crm) {
        (Seen::Live(event), Seen::Live(entry)) => (event.record.clone(), entry.record.clone()),
        _ => unreachable!(),
    };
    pair.link.base = Base::of(first.0.with(Field::Title, Value::text("Plan")), first.1);
    pair.link.base.google.set(Field::Text, Value::text(""));
    let times = *meeting("m1", "Plan", 9).record.times().unwrap();
    pair.link.base.crm.set(Field::When, Value::Times(times));
    let plan = planned(&[pair], &[], &[]);
    let [
        Operation { what: What::WriteGoogle(google, one), .. },
        Operation { what: What::WriteCrm(crm, two), .. },
    ] = &plan.operations[..]
    else {
        panic!("{:?}", plan.operations)
    };
    assert_eq!(google.iter().map(|(field, _)| field).collect::<Vec<_>>(), [Field::When]);
    assert_eq!(crm.iter().map(|(field, _)| field).collect::<Vec<_>>(), [Field::Title, Field::Text]);
    assert!(one.google.get(Field::When).is_some() && one.google.get(Field::Title).is_none());
    assert!(two.crm.get(Field::Title).is_some() && two.crm.get(Field::When).is_none());
}

#[test]
fn what_is_no_event_of_people_is_adopted_by_nothing() {
    let meeting = [meeting("m1", "Plan", 9)];
    for more in [
        json!({ "status": "cancelled" }),
        json!({ "eventType": "birthday" }),
        json!({ "recurrence": ["RRULE:FREQ=DAILY"] }),
    ] {
        let plan = planned(&[], &[event("e1", "Plan", 9, &more)], &meeting);
        assert_eq!(rules(&plan), [Rule::NewFromCrm], "{more}");
        let named = [entry(Entity::Meeting, "m1", "Plan", 9, Some("e1"))];
        let plan = planned(&[], &[event("e1", "Plan", 9, &more)], &named);
        assert!(plan.operations.is_empty(), "{more}");
        assert!(plan.left.iter().any(|(_, why)| *why == Left::NamesAnother));
    }
}

#[test]
fn nothing_is_made_in_a_calendar_that_may_only_be_read() {
    let plan = planned_in(false, &[], &[], &[], &[meeting("m1", "Plan", 9)]);
    assert!(plan.operations.is_empty());
    assert_eq!(plan.left[0].1, Left::ReadOnly);
}

proptest! {
    #[test]
    fn nobody_is_planned_twice_and_nothing_is_forgotten(
        events in prop::collection::vec((0_u8..4, 0_u8..3), 0..8),
        entries in prop::collection::vec((0_u8..4, 0_u8..3, prop::option::of(0_usize..8)), 0..8),
    ) {
        let events: Vec<_> = events.iter().enumerate()
            .map(|(n, (title, hour))| event(&format!("e{n}"), &format!("T{title}"), *hour, &json!({}))).collect();
        let entries: Vec<_> = entries.iter().enumerate().map(|(n, (title, hour, named))| {
            let named = named.map(|n| format!("e{n}"));
            entry(Entity::Meeting, &format!("m{n}"), &format!("T{title}"), *hour, named.as_deref())
        }).collect();
        let plan = planned(&[], &events, &entries);
        let mut subjects = Vec::new();
        for operation in &plan.operations {
            subjects.push(operation.subject.clone());
            if let What::Adopt(_, entity, id, _) = &operation.what {
                subjects.push(Subject::Entry(*entity, id.clone()));
            }
        }
        subjects.extend(plan.left.iter().map(|(subject, _)| subject.clone()));
        let all: BTreeSet<_> = subjects.iter().cloned().collect();
        prop_assert_eq!(all.len(), subjects.len(), "{:?}", plan);
        prop_assert_eq!(all.len(), events.len() + entries.len());
        prop_assert_eq!(planned(&[], &events, &entries), plan);
    }
}

#[test]
fn rule_3_7_a_hidden_event_that_is_deleted_is_made_nowhere_again() {
    let record = |title: &str| Record::new().with(Field::Title, Value::text(title));
    let edited = || Seen::Live(meeting("m1", "Edited since", 9));
    let mut blanked = pair(Seen::Gone, edited());
    blanked.link.base = Base::of(record(event::BUSY), record(event::BUSY));
    let open = pair(Seen::Gone, edited());
    let what = |pair: Pair| planned(&[pair], &[], &[]).operations.remove(0).what;
    assert_eq!(what(blanked), What::SetNotHeld);
    assert!(matches!(what(open), What::Recreate(_)));
}

#[test]
fn rule_3_9_what_was_made_in_the_crm_follows_its_user_and_what_has_guests_stays() {
    let of_u2 = || Seen::Live(Entry { user: Some("u2".to_owned()), ..meeting("m1", "Plan", 9) });
    let shown = |more: Json| Seen::Live(event("e1", "Plan", 9, &more));
    let moves = |pair: Pair| {
        let moves = |of: &Operation| of.what == What::Move("u2".to_owned()) && of.rule == Rule::Reassigned;
        planned(&[pair], &[], &[]).operations.iter().any(moves)
    };
    assert!(moves(pair(shown(json!({})), of_u2())));
    let guests = json!({ "attendees": [{ "email": "eva@acme.cz" }] });
    assert!(!moves(pair(shown(guests), of_u2())));
    assert!(!moves(pair(shown(json!({ "visibility": "private" })), of_u2())), "nobody may make it public");
    assert!(!moves(pair(Seen::Gone, of_u2())));
    let held = Entry { standing: Standing::Held, user: Some("u2".to_owned()), ..meeting("m1", "Plan", 9) };
    assert!(!moves(pair(shown(json!({})), Seen::Live(held))));
    let mut born_there = pair(shown(json!({})), of_u2());
    born_there.link.origin = Side::Google;
    assert!(!moves(born_there));
    let stays = Entry { user: Some("u1".to_owned()), ..meeting("m1", "Plan", 9) };
    assert!(!moves(pair(shown(json!({})), Seen::Live(stays))));
}

#[test]
fn an_event_is_written_where_that_is_allowed_and_it_is_no_series() {
    let writes = |writable, more: Json| {
        let (google, crm) = (event("e1", "Plan", 9, &more), meeting("m1", "Plan B", 9));
        let plan = planned_in(writable, &[pair(Seen::Live(google), Seen::Live(crm))], &[], &[], &[]);
        plan.operations.iter().any(|of| matches!(of.what, What::WriteGoogle(..)))
    };
    assert!(writes(true, json!({})));
    assert!(!writes(false, json!({})));
    assert!(!writes(true, json!({ "locked": true })));
    assert!(!writes(true, json!({ "recurrence": ["RRULE:FREQ=DAILY"] })));
}

#[test]
fn rule_1_2_only_the_calendar_of_a_connected_organizer_is_waited_for() {
    let overwrites = |organizer: Json| {
        let theirs = event("e1", "Plan C", 9, &json!({ "organizer": organizer, "locked": true }));
        let pair = pair(Seen::Live(theirs), Seen::Live(meeting("m1", "Plan D", 9)));
        planned(&[pair], &[], &[]).operations.iter().any(|of| matches!(of.what, What::WriteCrm(..)))
    };
    assert!(!overwrites(json!({ "email": "eva@acme.cz" })));
    assert!(overwrites(json!({ "email": "eva@other.cz" })));
    assert!(overwrites(json!({ "email": "eva@acme.cz", "self": true })));
}

#[test]
fn rule_2_3_of_a_write_only_the_times_are_what_guests_outside_notice() {
    let written = |guest: &str, title: &str, hour| {
        let invited = event("e1", "Plan", 9, &json!({ "attendees": [{ "email": guest }] }));
        let base = Base::of(invited.record.clone(), meeting("m1", "Plan", 9).record);
        let mut pair = pair(Seen::Live(invited), Seen::Live(meeting("m1", title, hour)));
        pair.link.base = base;
        let fields = |of: &Operation| match &of.what {
            What::WriteGoogle(changes, _) => changes.iter().map(|(field, _)| field).collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        let plan = planned(&[pair], &[], &[]);
        plan.operations.iter().map(|of| (of.class(), fields(of))).collect::<Vec<_>>()
    };
    let (title, when) = (vec![Field::Title], vec![Field::When]);
    let both = [(Class::Update, title.clone()), (Class::Guests, when.clone())];
    assert_eq!(written("eva@other.cz", "Plan B", 10), both);
    assert_eq!(written("eva@other.cz", "Plan B", 9), [(Class::Update, title)]);
    assert_eq!(written("eva@other.cz", "Plan", 10), [(Class::Guests, when)]);
    assert_eq!(written("eva@acme.cz", "Plan B", 10), [(Class::Update, vec![Field::Title, Field::When])]);
}

#[test]
fn rule_6_1_an_approval_is_good_while_each_side_shows_the_same() {
    let fingerprint = |pair| {
        let operation = planned(&[pair], &[], &[]).operations.remove(0);
        (operation.what.clone(), operation.fingerprint())
    };
    let deletes = |title| fingerprint(pair(Seen::Live(event("e1", title, 9, &json!({}))), Seen::Gone));
    let calls_off = |hour| fingerprint(pair(Seen::Gone, Seen::Live(meeting("m1", "Plan", hour))));
    let (shown, other) = (deletes("Plan"), deletes("Plan B"));
    assert!(shown.0 == other.0 && shown.1 != other.1 && shown == deletes("Plan"));
    let (shown, other) = (calls_off(9), calls_off(10));
    assert!(shown.0 == other.0 && shown.1 != other.1 && shown == calls_off(9));
}

#[test]
fn rule_3_9_what_is_left_behind_goes_and_waits_where_it_has_guests() {
    let of = |title, more: Json| {
        let left_behind = [(Uuid::from_u128(8), event("e1", title, 9, &more))];
        planned_in(true, &[], &left_behind, &[], &[]).operations.remove(0)
    };
    let guests = json!({ "attendees": [{ "email": "eva@acme.cz" }] });
    let (alone, invited) = (of("Plan", json!({})), of("Plan", guests));
    assert_eq!((alone.rule, &alone.what), (Rule::Reassigned, &What::Delete(Side::Google)));
    assert_eq!((alone.class(), invited.class()), (Class::Delete, Class::Guests));
    assert_ne!(alone.fingerprint(), of("Edited", json!({})).fingerprint(), "of what it showed");
}
