//! What a person has said of who somebody is, and what a saved filter shows.

use serde_json::json;

use super::{GROUP, World, candidate, card, pair, someone};
use crate::plan::contacts::card::Entity;
use crate::plan::contacts::choices::{Choices, Strangers};
use crate::plan::contacts::compose::{Candidate, Is};
use crate::plan::contacts::operation::{Left, Subject, What};
use crate::plan::link::State;
use crate::plan::policy::Direction;
use crate::plan::rule::Rule;
use crate::plan::seen::Seen;

fn pushed() -> Subject {
    Subject::Card(Entity::Contact, "c1".to_owned())
}

#[test]
fn rule_7_1_of_several_a_person_says_who_it_is() {
    let two = || vec![someone("people/c1", &[], json!({})), someone("people/c2", &[], json!({}))];
    let mut world =
        World { people: two(), pushed: vec![candidate(card("c1", json!({})))], ..World::default() };
    assert!(matches!(world.plan().left[..], [(_, Left::Ambiguous(_))]));
    world.decided = vec![(pushed(), Is::Same(Subject::Person("people/c2".to_owned())))];
    let plan = world.plan();
    let [operation] = &plan.operations[..] else { panic!("{plan:?}") };
    assert!(matches!(&operation.what, What::Adopt(adoption) if adoption.person == "people/c2"));
    world.decided = vec![(pushed(), Is::New(Entity::Contact))];
    assert!(matches!(world.plan().operations[..], [ref one] if matches!(one.what, What::MakePerson(_))));
    // One who is not there any more is nobody's answer.
    world.decided = vec![(pushed(), Is::Same(Subject::Person("people/c9".to_owned())))];
    assert!(matches!(world.plan().left[..], [(_, Left::Ambiguous(_))]));
}

#[test]
fn rule_7_1_an_unknown_person_becomes_what_somebody_says() {
    let stranger = Subject::Person("people/c1".to_owned());
    let mut world = World {
        people: vec![someone("people/c1", &[GROUP], json!({}))],
        choices: Choices { direction: Direction::Both, strangers: Strangers::Review, ..Choices::default() },
        ..World::default()
    };
    assert!(matches!(world.plan().left[..], [(_, Left::Undecided)]));
    world.decided = vec![(stranger.clone(), Is::New(Entity::Lead))];
    assert!(matches!(
        world.plan().operations[..],
        [ref one] if matches!(one.what, What::MakeRecord(Entity::Lead, _))
    ));
    let seen = Candidate { asked: false, ..candidate(card("c5", json!({ "emailAddressData": [] }))) };
    world.decided = vec![(stranger, Is::Same(Subject::Card(Entity::Contact, "c5".to_owned())))];
    world.records = vec![seen.clone()];
    assert!(matches!(
        world.plan().operations[..],
        [ref one] if matches!(&one.what, What::Adopt(adoption) if adoption.record == "c5")
    ));
    // Nobody can say it of a record that the user may not see.
    world.records = vec![Candidate { visible: false, ..seen }];
    assert!(matches!(world.plan().left[..], [(_, Left::Undecided)]));
}

#[test]
fn rule_7_1_what_a_saved_filter_shows_is_not_asked_for_and_brings_nobody_back() {
    let shown = Candidate { asked: false, ..candidate(card("c1", json!({}))) };
    let mut world = World { pushed: vec![shown], ..World::default() };
    let plan = world.plan();
    let [operation] = &plan.operations[..] else { panic!("{plan:?}") };
    assert_eq!((operation.rule, operation.asked()), (Rule::Filtered, false));
    let mut link = pair(Seen::Live(someone("people/c1", &[], json!({}))), Seen::Live(card("c1", json!({}))));
    link.link.state = State::Detached;
    world.pairs = vec![link];
    assert_eq!(world.plan().operations, []);
}
