//! A copy of a database writes nothing before somebody has it take over.

use postern::actions::By;
use postern::actions::adopt::adopt;
use postern_core::model::actor::Actor;

use super::world::{ANNA, World};

const URL: &str = "http://localhost:8025/postern";

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_reads_and_writes_nothing_until_it_is_adopted() {
    let world = World::new().await;
    world.anna().await;
    world.meeting("Kickoff", "2037-03-02 10:00:00", "2037-03-02 11:00:00");
    for home in ["https://crm.example.com/postern elsewhere", "restored"] {
        world.raw().await.run("DELETE FROM meta WHERE name = 'home'").await;
        let row = format!("INSERT INTO meta (name, value) VALUES ('home', '{home}')");
        world.raw().await.run(&row).await;
        let before = (world.writes(), world.google().calendar_counters().requests);
        world.run().await;
        world.listen().await;
        let after = (world.writes(), world.google().calendar_counters().requests);
        assert_eq!(after, before, "{home}");
    }
    let store = &world.gateway.parts.store;
    let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    assert!(adopt(store, &by, URL).await.unwrap().holds());
    assert!(!store.standing().await.unwrap().holds());
    world.rest().await;
    assert_eq!(world.google().live_events(ANNA).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_word_waits_on_after_a_move() {
    let world = World::new().await;
    let (_, calendar) = world.anna().await;
    world.rest().await;
    for n in 0..201 {
        world.event(&format!("Event {n}"), "2037-03-02T10:00:00+01:00", "2037-03-02T11:00:00+01:00");
    }
    world.run().await;
    assert_eq!((world.pending().await.len(), world.crm.records("Meeting").len()), (1, 0));
    world.raw().await.run("DELETE FROM meta WHERE name = 'home'").await;
    world.raw().await.run("INSERT INTO meta (name, value) VALUES ('home', 'restored')").await;
    let store = &world.gateway.parts.store;
    let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    adopt(store, &by, URL).await.unwrap();
    world.run_only(calendar).await;
    world.run().await;
    assert_eq!((world.pending().await.len(), world.crm.records("Meeting").len()), (1, 0));
}
