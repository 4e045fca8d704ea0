//! What an admin has chosen for everybody holds for the runs, too.

use std::collections::BTreeSet;

use postern::actions::By;
use postern::actions::calendars::choose::{Wanted, choose};
use postern::actions::calendars::defaults::set;
use postern::actions::calendars::teams::Teams;
use postern::actions::calendars::{CalendarFault, view};
use postern_core::model::actor::Actor;
use postern_core::plan::calendar::choices::Choices;
use postern_core::plan::calendar::defaults::{Defaults, Lock};
use postern_core::plan::policy::{Direction, Winner};

use super::world::{ANNA, World};

const TEN: (&str, &str) = ("2037-03-02 10:00:00", "2037-03-02 11:00:00");
const NINE: (&str, &str) = ("2037-03-03T09:00:00Z", "2037-03-03T09:30:00Z");

impl World {
    async fn house(&self, direction: Direction, locked: &[Lock], version: i64) -> Option<usize> {
        let store = &self.gateway.parts.store;
        let by = By::new(Actor::CommandLine("jan".to_owned()), store.dice()).unwrap();
        let choices = Choices { direction, ..Choices::default() };
        let wanted = Defaults { choices, locked: locked.iter().copied().collect() };
        let affected = set(store, (&by, &Teams::default()), &wanted, version).await.unwrap();
        self.sync.drain().await.unwrap();
        affected
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_4_defaults_hold_for_who_has_not_chosen_and_locks_for_everybody() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    assert_eq!(world.house(Direction::ToGoogle, &[], 0).await, Some(1));
    world.meeting("Plan", TEN.0, TEN.1);
    world.event("Dentist", NINE.0, NINE.1);
    world.rest().await;
    assert_eq!((world.google().live_events(ANNA).len(), world.crm.records("Meeting").len()), (2, 1));
    // She chooses both ways, then an admin locks the one.
    world.choose(anna, |choices| choices.direction = Direction::Both).await;
    world.event("Lunch", "2037-03-04T12:00:00Z", "2037-03-04T13:00:00Z");
    world.rest().await;
    assert_eq!(world.crm.records("Meeting").len(), 3, "the dentist, too");
    assert_eq!(world.house(Direction::ToGoogle, &[Lock::Direction], 1).await, Some(1));
    let before = world.crm.records("Meeting").len();
    world.event("Dinner", "2037-03-04T19:00:00Z", "2037-03-04T20:00:00Z");
    world.rest().await;
    assert_eq!(world.crm.records("Meeting").len(), before);
    // What was left alone comes as soon as nobody forbids it.
    assert_eq!(world.house(Direction::ToGoogle, &[], 2).await, Some(1));
    world.rest().await;
    assert_eq!(world.crm.records("Meeting").len(), before + 1);
    assert_eq!(world.house(Direction::ToCrm, &[], 3).await, Some(0), "she has chosen");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_4_who_chose_one_thing_follows_later_defaults_in_all_others() {
    let world = World::new().await;
    let (anna, calendar) = world.anna().await;
    let store = &world.gateway.parts.store;
    let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    let wanted = |choices, seen| Wanted {
        main: Some(calendar),
        monitored: BTreeSet::new(),
        choices,
        defaults: Some(seen),
    };
    // Of her own she has chosen who wins.
    let own = Choices { winner: Winner::Crm, ..Choices::default() };
    assert!(choose(store, (&by, &Teams::default()), anna, &wanted(own.clone(), 0), 0).await.unwrap());
    assert_eq!(world.house(Direction::ToGoogle, &[], 0).await, Some(1), "she follows");
    let holds = view::one(store, anna).await.unwrap().choices;
    assert_eq!((holds.direction, holds.winner), (Direction::ToGoogle, Winner::Crm));
    // A form that was opened before does not bring the old defaults back as hers.
    let late = choose(store, (&by, &Teams::default()), anna, &wanted(own, 0), 1).await;
    assert!(matches!(late, Err(CalendarFault::Stale { .. })), "{late:?}");
}
