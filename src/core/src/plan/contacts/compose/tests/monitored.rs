//! People of further groups, who are kept in step where they are.

use serde_json::json;

use super::{GROUP, World, at_rest, both, candidate, card, of, someone};
use crate::plan::contacts::choices::{Choices, Strangers};
use crate::plan::contacts::compose::{Group, Pair};
use crate::plan::contacts::operation::{Adoption, Left, Plan, What};
use crate::plan::link::State;
use crate::plan::rule::Rule;
use crate::plan::seen::Seen;

const FRIENDS: &str = "contactGroups/m1";

fn beside(world: World) -> World {
    World { monitored: vec![Group::There(FRIENDS)], ..world }
}

fn pair_in(groups: &[&str]) -> Pair {
    Pair { google: Seen::Live(someone("people/c1", groups, json!({}))), ..at_rest() }
}

fn adopted(world: &World) -> Adoption {
    match world.done() {
        (_, What::Adopt(adoption)) => adoption,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pair_stays_in_step_in_any_of_the_groups() {
    for groups in [&[FRIENDS][..], &[GROUP], &[GROUP, FRIENDS]] {
        assert_eq!(beside(of(pair_in(groups))).plan(), Plan::default(), "{groups:?}");
    }
    let (rule, what) = beside(of(pair_in(&["contactGroups/other"]))).done();
    assert_eq!((rule, what), (Rule::LeftGroup, What::Let(State::Detached)));
    // Without the further group, being in it alone is having left.
    assert_eq!(of(pair_in(&[FRIENDS])).done().0, Rule::LeftGroup);
}

#[test]
fn nobody_leaves_while_a_further_group_is_gone() {
    let gone = World { monitored: vec![Group::Gone(FRIENDS)], ..of(pair_in(&[])) };
    assert_eq!(gone.plan(), Plan::default());
    // And nobody is in it: who comes new has to be in one that is there.
    let stranger = World {
        people: vec![someone("people/c2", &[], json!({}))],
        choices: Choices { strangers: Strangers::Contact, ..both() },
        ..World::default()
    };
    assert_eq!(World { monitored: vec![Group::Gone(FRIENDS)], ..stranger }.plan(), Plan::default());
}

#[test]
fn who_is_in_a_further_group_becomes_what_the_user_wants_and_is_not_moved() {
    let people = vec![someone("people/c2", &[FRIENDS], json!({}))];
    let choices = Choices { strangers: Strangers::Contact, ..both() };
    let stranger = beside(World { people: people.clone(), choices, ..World::default() });
    assert!(matches!(stranger.done(), (Rule::NewFromGoogle, What::MakeRecord(..))));
    let records = vec![candidate(card("c2", json!({})))];
    let known = beside(World { people, records, ..World::default() });
    assert!(!adopted(&known).joins, "nobody is put into a group by being found");
}

#[test]
fn who_is_pushed_comes_into_the_main_group() {
    let pushed = vec![candidate(card("c1", json!({})))];
    let of_friend = beside(World { pushed: pushed.clone(), ..of(pair_in(&[FRIENDS])) });
    assert_eq!(of_friend.done(), (Rule::Pushed, What::Rejoin));
    let free = beside(World {
        pushed: pushed.clone(),
        people: vec![someone("people/c2", &[FRIENDS], json!({}))],
        ..World::default()
    });
    assert!(adopted(&free).joins);
    let there = beside(World { pushed, ..of(pair_in(&[GROUP])) });
    assert_eq!(there.left(), Left::Already);
}
