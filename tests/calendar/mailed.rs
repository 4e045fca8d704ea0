//! A CRM that mails people of what is assigned to them.

use postern::actions::By;
use postern_core::model::actor::Actor;

use super::world::World;

impl World {
    pub fn mails(&self) -> usize {
        self.crm.notifications().iter().filter(|told| told.by_mail).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_5_a_first_import_that_would_mail_more_than_ten_people_waits_for_a_word() {
    let world = World::new().await;
    world.crm.set_assignment_mails(true);
    world.anna().await;
    let event = |n: usize| {
        world.event(
            &format!("E{n}"),
            &format!("2037-03-{n:02}T10:00:00Z"),
            &format!("2037-03-{n:02}T11:00:00Z"),
        )
    };
    (1..=10).for_each(|n| drop(event(n)));
    world.rest().await;
    assert_eq!((world.crm.records("Meeting").len(), world.mails()), (10, 10));
    (11..=21).for_each(|n| drop(event(n)));
    world.rest().await;
    assert_eq!((world.crm.records("Meeting").len(), world.mails()), (10, 10), "eleven wait");
    let store = &world.gateway.parts.store;
    let held = world.pending().await;
    assert_eq!((held.len(), held[0].class.as_str(), held[0].count), (1, "mailed", 11));
    let by = By::new(Actor::CommandLine("anna".to_owned()), store.dice()).unwrap();
    postern::actions::holds::approve(store, &by, held[0].id).await.unwrap();
    world.rest().await;
    assert_eq!((world.crm.records("Meeting").len(), world.mails()), (21, 21), "each once, and announced");
    world.nobody_was_told();
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_2_5_a_crm_that_mails_nobody_holds_nothing_up() {
    let world = World::new().await;
    world.anna().await;
    for n in 1..=20 {
        world.event(
            &format!("E{n}"),
            &format!("2037-03-{n:02}T10:00:00Z"),
            &format!("2037-03-{n:02}T11:00:00Z"),
        );
    }
    world.rest().await;
    assert_eq!((world.crm.records("Meeting").len(), world.mails()), (20, 0));
}
