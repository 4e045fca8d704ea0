//! What keeping calendars in step costs Google, counted where it arrives.

use postern_core::plan::policy::Direction;

use super::world::World;

/// Events of the largest list that is counted here.
const MANY: u64 = 10_000;
/// What Google gives in one page at most.
const A_PAGE: u64 = 2_500;

#[tokio::test(flavor = "multi_thread")]
async fn a_first_list_costs_a_request_for_each_2500_events() {
    let world = World::new().await;
    let (anna, _) = world.anna().await;
    // They are listed and kept; to make a record of each is not what is counted.
    world.choose(anna, |choices| choices.direction = Direction::ToGoogle).await;
    for n in 0..MANY {
        world.event(&format!("E{n}"), "2037-03-02T10:00:00Z", "2037-03-02T10:30:00Z");
    }
    world.google().clear_calendar_counters();
    world.crm.forget_requests();
    world.run().await;
    assert_eq!(world.google().calendar_counters().total(), MANY.div_ceil(A_PAGE));
    assert_eq!(world.raw().await.count("google_seen").await, i64::try_from(MANY).unwrap());
    assert_eq!(world.crm.requests("POST", ""), 0);
    world.google().clear_calendar_counters();
    world.run().await;
    assert_eq!(
        world.google().calendar_counters().total(),
        1,
        "from then on a run asks once: {:?}",
        world.google().calendar_counters()
    );
}
