//! The whole table: every state, direction and origin with everything that can
//! be seen of both sides. What must hold in all of it is asserted for each cell;
//! the cells that people ask about have their own tests.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use super::{Act, Verdict, decide};
use crate::plan::dialect::Dialect;
use crate::plan::link::{Base, Link, Side, State};
use crate::plan::merge::Merge;
use crate::plan::policy::{Direction, Endings, Policy, Winner};
use crate::plan::record::{Field, Record, Value};
use crate::plan::rule::Rule;
use crate::plan::seen::{CrmSide, GoogleSide, Seen, Standing};

mod people;

/// Google shouts, the CRM whispers: each shows the other's words in its own way.
struct Loud;

impl Dialect for Loud {
    fn to_google(&self, _: Field, crm: &Value, _: Option<&Value>) -> Option<Value> {
        let Value::Text(words) = crm else { return None };
        Some(Value::text(words.to_uppercase()))
    }

    fn to_crm(&self, _: Field, google: &Value, _: Option<&Value>) -> Option<Value> {
        let Value::Text(words) = google else { return None };
        Some(Value::text(words.to_lowercase()))
    }
}

fn record(title: &str, text: &str) -> Record {
    Record::new().with(Field::Title, Value::text(title)).with(Field::Text, Value::text(text))
}

fn link(state: State, origin: Side) -> Link {
    Link { origin, state, base: Base::of(record("PLAN", "A"), record("plan", "a")) }
}

fn google(title: &str, text: &str) -> GoogleSide {
    GoogleSide { record: record(title, text), updated: 1_000, editable: true, elsewhere: false }
}

fn crm(title: &str, text: &str) -> CrmSide {
    CrmSide { record: record(title, text), modified: 1_000, standing: Standing::Planned, over: false }
}

fn at_rest() -> (GoogleSide, CrmSide) {
    (google("PLAN", "A"), crm("plan", "a"))
}

fn policy(direction: Direction) -> Policy {
    Policy { direction, ..Policy::default() }
}

fn of(
    link: &Link,
    google: impl Borrow<Seen<GoogleSide>>,
    crm: impl Borrow<Seen<CrmSide>>,
    policy: &Policy,
) -> Verdict {
    decide(link, google.borrow(), crm.borrow(), policy, &Loud)
}

fn merged(verdict: &Verdict) -> &Merge {
    match &verdict.act {
        Act::Merge(merge) => merge,
        other => unreachable!("{other:?}"),
    }
}

fn googles() -> Vec<Seen<GoogleSide>> {
    let mut all = vec![Seen::Gone, Seen::Unproven];
    for (title, text) in [("PLAN", "A"), ("PLAN B", "A"), ("PLAN B", "B"), ("PLAN C", "A")] {
        for editable in [true, false] {
            for updated in [0, 1_000, 5_000] {
                all.push(Seen::Live(GoogleSide { editable, updated, ..google(title, text) }));
            }
        }
    }
    all
}

fn crms() -> Vec<Seen<CrmSide>> {
    let mut all = vec![Seen::Gone, Seen::Unproven];
    for (title, text) in [("plan", "a"), ("plan b", "a"), ("plan", "b"), ("plan d", "a")] {
        for standing in [Standing::Planned, Standing::Held, Standing::NotHeld] {
            for over in [true, false] {
                all.push(Seen::Live(CrmSide { standing, over, ..crm(title, text) }));
            }
        }
    }
    all
}

fn policies() -> Vec<Policy> {
    let mut all = Vec::new();
    for direction in Direction::ALL {
        for winner in [Winner::Newest, Winner::Google, Winner::Crm] {
            for (removes, removes_not_held) in [(false, false), (true, false), (false, true), (true, true)] {
                let endings = Endings::Appointments { removes, removes_not_held };
                all.push(Policy { direction, winner, endings });
            }
        }
    }
    all
}

fn each(mut see: impl FnMut(&Link, &Seen<GoogleSide>, &Seen<CrmSide>, &Policy, &Verdict)) {
    for state in State::ALL {
        for origin in Side::ALL {
            let link = link(state, origin);
            for policy in policies() {
                for google in googles() {
                    for crm in crms() {
                        let verdict = decide(&link, &google, &crm, &policy, &Loud);
                        see(&link, &google, &crm, &policy, &verdict);
                    }
                }
            }
        }
    }
}

#[test]
fn rule_4_nothing_is_deleted_without_a_proof_and_the_masked_side_is_never_written() {
    let mut rules = BTreeSet::new();
    each(|link, google, crm, policy, verdict| {
        rules.insert(verdict.rule);
        let cell = format!("{link:?} {google:?} {crm:?} {policy:?} {verdict:?}");
        match &verdict.act {
            Act::Delete(Side::Google) => {
                let asked = matches!(policy.endings, Endings::Appointments { removes_not_held: true, .. });
                let cancelled = matches!(crm, Seen::Live(crm) if crm.standing == Standing::NotHeld && asked);
                assert!(*crm == Seen::Gone || cancelled, "{cell}");
                assert!(matches!(google, Seen::Live(google) if google.editable), "{cell}");
                assert!(policy.direction.writes(), "{cell}");
            }
            Act::Delete(Side::Crm) | Act::SetNotHeld => {
                assert!(*google == Seen::Gone && policy.direction.reads(), "{cell}");
                assert!(
                    matches!(crm, Seen::Live(crm) if crm.standing == Standing::Planned && !crm.over),
                    "{cell}"
                );
            }
            Act::Recreate => assert!(link.origin == Side::Crm && policy.direction.writes(), "{cell}"),
            Act::Merge(merge) => {
                assert!(policy.direction.writes() || merge.to_google.is_empty(), "{cell}");
                assert!(policy.direction.reads() || merge.to_crm.is_empty(), "{cell}");
                let (Seen::Live(google), Seen::Live(crm)) = (google, crm) else { unreachable!("{cell}") };
                let held = crm.standing != Standing::Planned;
                assert!((google.editable && !held) || merge.to_google.is_empty(), "{cell}");
            }
            Act::Rest | Act::Detach | Act::Ignore | Act::Close => {}
        }
        if link.state != State::Active {
            assert_eq!(verdict.act, Act::Rest, "{cell}");
        }
        if *google == Seen::Unproven || *crm == Seen::Unproven {
            assert_eq!(verdict.act, Act::Rest, "{cell}");
        }
    });
    assert!(rules.len() > 15, "{rules:?}");
}

#[test]
fn what_was_done_leaves_nothing_to_do() {
    each(|link, google, crm, policy, verdict| {
        let Act::Merge(merge) = &verdict.act else { return };
        let (Seen::Live(google), Seen::Live(crm)) = (google, crm) else { return };
        let (mut link, mut google, mut crm) = (link.clone(), google.clone(), crm.clone());
        google.record.extend(&merge.to_google);
        crm.record.extend(&merge.to_crm);
        link.base.google.extend(&merge.agreed.google);
        link.base.crm.extend(&merge.agreed.crm);
        let again = decide(&link, &Seen::Live(google), &Seen::Live(crm), policy, &Loud);
        assert_eq!(again.act, Act::Rest, "{verdict:?}");
    });
}

#[test]
fn no_edit_of_a_followed_side_is_lost_untold() {
    each(|link, google, crm, policy, verdict| {
        let Act::Merge(merge) = &verdict.act else { return };
        let (Seen::Live(google), Seen::Live(crm)) = (google, crm) else { return };
        for (written, side, showed, before) in [
            (&merge.to_google, Side::Google, &google.record, &link.base.google),
            (&merge.to_crm, Side::Crm, &crm.record, &link.base.crm),
        ] {
            for (field, _) in written.iter() {
                let edited = showed.get(field) != before.get(field);
                let told = merge.fields.iter().any(|outcome| {
                    outcome.field == field
                        && outcome
                            .lost
                            .as_ref()
                            .is_some_and(|(of, value)| *of == side && Some(value) == showed.get(field))
                });
                assert_eq!(edited, told, "{policy:?} {verdict:?}");
            }
        }
    });
}

#[test]
fn both_at_rest_cost_nothing() {
    let (google, crm) = at_rest();
    for direction in Direction::ALL {
        let link = link(State::Active, Side::Google);
        let verdict = of(&link, Seen::Live(google.clone()), Seen::Live(crm.clone()), &policy(direction));
        assert_eq!(verdict, Verdict { rule: Rule::AtRest, act: Act::Rest });
    }
}

#[test]
fn only_the_changed_field_goes_over() {
    let link = link(State::Active, Side::Google);
    let verdict =
        of(&link, Seen::Live(google("PLAN B", "A")), Seen::Live(crm("plan", "b")), &policy(Direction::Both));
    let merge = merged(&verdict);
    assert_eq!(merge.to_crm, Record::new().with(Field::Title, Value::text("plan b")));
    assert_eq!(merge.to_google, Record::new().with(Field::Text, Value::text("B")));
    assert!(merge.fields.iter().all(|outcome| outcome.lost.is_none()));
}

#[test]
fn the_later_of_two_edits_wins_and_the_crm_when_nobody_was_later() {
    let link = link(State::Active, Side::Google);
    for (updated, modified, winner) in [
        (5_000, 1_000, Side::Google),
        (1_000, 5_000, Side::Crm),
        (1_120, 1_000, Side::Crm),
        (1_121, 1_000, Side::Google),
    ] {
        let google = GoogleSide { updated, ..google("PLAN B", "A") };
        let crm = CrmSide { modified, ..crm("plan c", "a") };
        let verdict = of(&link, Seen::Live(google), Seen::Live(crm), &policy(Direction::Both));
        let merge = merged(&verdict);
        let expected = match winner {
            Side::Google => (Rule::ConflictGoogle, Some((Side::Crm, Value::text("plan c")))),
            Side::Crm => (Rule::ConflictCrm, Some((Side::Google, Value::text("PLAN B")))),
        };
        assert_eq!((merge.fields[0].rule, merge.fields[0].lost.clone()), expected, "{updated} {modified}");
        assert_eq!(merge.to_crm.is_empty(), winner == Side::Crm);
        assert_eq!(merge.to_google.is_empty(), winner == Side::Google);
    }
}

#[test]
fn rule_4_a_masked_edit_stays_until_the_master_changes_the_field() {
    let link = link(State::Active, Side::Crm);
    let edited = google("MINE", "A");
    let rested =
        of(&link, Seen::Live(edited.clone()), Seen::Live(crm("plan", "a")), &policy(Direction::ToGoogle));
    assert_eq!(rested, Verdict { rule: Rule::Masked, act: Act::Rest });
    let other =
        of(&link, Seen::Live(edited.clone()), Seen::Live(crm("plan", "b")), &policy(Direction::ToGoogle));
    assert_eq!(merged(&other).to_google, Record::new().with(Field::Text, Value::text("B")));
    let same = of(&link, Seen::Live(edited), Seen::Live(crm("plan c", "a")), &policy(Direction::ToGoogle));
    let merge = merged(&same);
    assert_eq!(merge.fields[0].rule, Rule::MaskedOverwritten);
    assert_eq!(merge.fields[0].lost, Some((Side::Google, Value::text("MINE"))));
}

#[test]
fn rule_3_5_a_tombstone_of_google_deletes_calls_off_or_lets_go() {
    let both = policy(Direction::Both);
    let verdict = |origin, crm| of(&link(State::Active, origin), Seen::Gone, Seen::Live(crm), &both);
    let planned = crm("plan", "a");
    assert_eq!(verdict(Side::Google, planned.clone()).act, Act::Delete(Side::Crm));
    assert_eq!(verdict(Side::Crm, planned.clone()).act, Act::SetNotHeld);
    for kept in [
        CrmSide { standing: Standing::Held, ..planned.clone() },
        CrmSide { standing: Standing::NotHeld, ..planned.clone() },
        CrmSide { over: true, ..planned },
    ] {
        for origin in Side::ALL {
            assert_eq!(verdict(origin, kept.clone()).act, Act::Detach);
        }
    }
}

#[test]
fn rule_4_an_edit_beats_a_tombstone_only_where_the_record_was_made() {
    let both = policy(Direction::Both);
    let edited = Seen::Live(crm("plan b", "a"));
    let made_here = of(&link(State::Active, Side::Crm), Seen::Gone, edited.clone(), &both);
    assert_eq!(made_here, Verdict { rule: Rule::EditBeatsTombstone, act: Act::Recreate });
    let made_there = of(&link(State::Active, Side::Google), Seen::Gone, edited, &both);
    assert_eq!(made_there, Verdict { rule: Rule::TombstoneBeatsEdit, act: Act::Delete(Side::Crm) });
}

#[test]
fn rule_3_6_a_removal_in_the_crm_deletes_only_what_was_made_there_unless_asked() {
    let removal = |origin, google, removes| {
        let endings = Endings::Appointments { removes, removes_not_held: false };
        let policy = Policy { endings, ..policy(Direction::Both) };
        of(&link(State::Active, origin), Seen::Live(google), Seen::Gone, &policy)
    };
    let rest = google("PLAN", "A");
    assert_eq!(removal(Side::Crm, rest.clone(), false).act, Act::Delete(Side::Google));
    assert_eq!(removal(Side::Google, rest.clone(), false).act, Act::Ignore);
    assert_eq!(removal(Side::Google, rest.clone(), true).act, Act::Delete(Side::Google));
    let edited = google("PLAN B", "A");
    assert_eq!(removal(Side::Google, edited.clone(), true).rule, Rule::EditBeatsRemoval);
    assert_eq!(removal(Side::Crm, edited, false).act, Act::Delete(Side::Google));
    let theirs = GoogleSide { editable: false, ..rest };
    assert_eq!(removal(Side::Crm, theirs, false).rule, Rule::RemovalNotEditable);
}

#[test]
fn rule_3_5_what_is_held_is_not_written_to_google_and_not_held_only_when_asked() {
    let link = link(State::Active, Side::Crm);
    let rest = google("PLAN", "A");
    let edited = CrmSide { standing: Standing::NotHeld, ..crm("plan b", "a") };
    let verdict = of(&link, Seen::Live(rest.clone()), Seen::Live(edited), &policy(Direction::Both));
    assert_eq!(verdict, Verdict { rule: Rule::HeldKeeps, act: Act::Rest });
    let held = CrmSide { standing: Standing::Held, ..crm("plan b", "a") };
    let verdict = of(&link, Seen::Live(rest.clone()), Seen::Live(held), &policy(Direction::Both));
    assert_eq!(verdict, Verdict { rule: Rule::HeldKeeps, act: Act::Rest });
    let not_held = CrmSide { standing: Standing::NotHeld, ..crm("plan", "a") };
    let verdict = of(&link, Seen::Live(rest.clone()), Seen::Live(not_held.clone()), &policy(Direction::Both));
    assert_eq!(verdict.act, Act::Rest);
    let endings = Endings::Appointments { removes: false, removes_not_held: true };
    let asked = Policy { endings, ..policy(Direction::Both) };
    let verdict = of(&link, Seen::Live(rest), Seen::Live(not_held), &asked);
    assert_eq!(verdict, Verdict { rule: Rule::NotHeldDeletes, act: Act::Delete(Side::Google) });
}

#[test]
fn a_field_that_may_not_be_read_is_never_written_or_concluded_from() {
    let link = link(State::Active, Side::Google);
    let blind =
        GoogleSide { record: Record::new().with(Field::Title, Value::text("PLAN")), ..google("", "") };
    let verdict = of(&link, Seen::Live(blind), Seen::Live(crm("plan", "b")), &policy(Direction::Both));
    assert_eq!(verdict, Verdict { rule: Rule::AtRest, act: Act::Rest });
}

#[test]
fn rule_3_10_a_lossy_rendering_is_not_written_back() {
    let mut link = link(State::Active, Side::Google);
    link.base = Base::of(record("PlAn", "A"), record("plan", "a"));
    let verdict =
        of(&link, Seen::Live(google("PlAn", "A")), Seen::Live(crm("plan", "a")), &policy(Direction::Both));
    assert_eq!(verdict.act, Act::Rest, "the title that Google shows is not PLAN");
}

#[test]
fn what_both_changed_alike_is_agreed_and_written_nowhere() {
    let link = link(State::Active, Side::Google);
    let (google, crm) = (google("PLAN B", "A"), crm("plan b", "a"));
    for direction in Direction::ALL {
        let verdict = of(&link, Seen::Live(google.clone()), Seen::Live(crm.clone()), &policy(direction));
        let merge = merged(&verdict);
        assert_eq!(verdict.rule, Rule::Agreed);
        assert!(merge.to_google.is_empty() && merge.to_crm.is_empty());
        assert_eq!(merge.agreed.google.words(Field::Title), "PLAN B");
        assert_eq!(merge.agreed.crm.words(Field::Title), "plan b");
    }
}

#[test]
fn what_both_changed_alike_is_agreed_whatever_keeps_it_from_being_written() {
    let link = link(State::Active, Side::Google);
    let (shouted, whispered) = (google("PLAN B", "A"), crm("plan b", "a"));
    let theirs = GoogleSide { editable: false, elsewhere: true, ..shouted.clone() };
    let held = CrmSide { standing: Standing::Held, ..whispered.clone() };
    for (google, crm) in [(theirs, whispered.clone()), (shouted, held), (google("PlAn B", "A"), whispered)] {
        let verdict = of(&link, Seen::Live(google), Seen::Live(crm), &policy(Direction::Both));
        assert_eq!(verdict.rule, Rule::Agreed);
        let merge = merged(&verdict);
        assert!(merge.to_google.is_empty() && merge.to_crm.is_empty(), "{merge:?}");
    }
}

#[test]
fn where_google_may_not_be_written_its_edit_wins_whatever_was_chosen() {
    let link = link(State::Active, Side::Google);
    for winner in [Winner::Newest, Winner::Crm, Winner::Google] {
        let google = GoogleSide { editable: false, ..google("PLAN B", "A") };
        let crm = CrmSide { modified: 9_000, ..crm("plan c", "a") };
        let policy = Policy { winner, ..policy(Direction::Both) };
        let verdict = of(&link, Seen::Live(google), Seen::Live(crm), &policy);
        assert_eq!(merged(&verdict).fields[0].rule, Rule::ConflictGoogle, "{winner:?}");
    }
}

#[test]
fn a_pair_that_was_taken_up_again_has_its_event_made_again_where_google_is_written() {
    for origin in Side::ALL {
        let taken_up = Link { base: Base::default(), ..link(State::Active, origin) };
        for over in [false, true] {
            let record = Seen::Live(CrmSide { over, ..crm("plan", "a") });
            for (direction, expected) in [
                (Direction::Both, Verdict { rule: Rule::AskedAgain, act: Act::Recreate }),
                (Direction::ToGoogle, Verdict { rule: Rule::AskedAgain, act: Act::Recreate }),
            ] {
                assert_eq!(of(&taken_up, Seen::Gone, &record, &policy(direction)), expected);
            }
            let verdict = of(&taken_up, Seen::Gone, &record, &policy(Direction::ToCrm));
            assert_ne!(verdict.act, Act::Recreate, "{verdict:?}");
        }
    }
}

#[test]
fn rule_1_2_a_conflict_is_left_to_the_calendar_where_the_event_is_organized() {
    let organized = GoogleSide { elsewhere: true, ..google("PLAN C", "A") };
    let organized = GoogleSide { editable: false, ..organized };
    let both = of(
        &link(State::Active, Side::Google),
        Seen::Live(organized),
        Seen::Live(crm("plan d", "a")),
        &Policy::default(),
    );
    assert_eq!((both.act, both.rule), (Act::Rest, Rule::NotEditable), "its organizer's calendar decides");
}

#[test]
fn where_what_was_agreed_is_forgotten_both_stand_as_they_are_and_nothing_follows_from_one_that_is_gone() {
    for origin in Side::ALL {
        let link = Link { base: Base::forgotten(), ..link(State::Active, origin) };
        for direction in [Direction::Both, Direction::ToGoogle, Direction::ToCrm] {
            let policy = policy(direction);
            let (google, crm) = (Seen::Live(google("PLAN", "B")), Seen::Live(crm("plan", "c")));
            let rule = Rule::Forgotten;
            assert_eq!(of(&link, &Seen::Gone, &crm, &policy), Verdict { rule, act: Act::Detach });
            // An event whose record is gone makes it again for no edit.
            assert_eq!(of(&link, &google, &Seen::Gone, &policy), Verdict { rule, act: Act::Ignore });
            let verdict = of(&link, google, crm, &policy);
            let merge = merged(&verdict);
            assert!(merge.to_google.is_empty() && merge.to_crm.is_empty());
            assert!(!merge.agreed.is_forgotten());
        }
    }
    let read: Base = serde_json::from_value(serde_json::json!(Base::forgotten())).unwrap();
    assert!(read.is_forgotten() && !Base::default().is_forgotten());
}
