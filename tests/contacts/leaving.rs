//! Somebody leaves: people who were kept in step are pushed into the successor's contacts.

use std::time::Duration;

use postern::actions::account::offboard::{Wanted, Ways, offboard};
use postern::actions::contacts::push::Pushing;
use postern::actions::{By, Reach};
use postern::net::target::Target;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use serde_json::json;

use super::hands::called;
use super::world::{BEN_ID, World};

const SALES: &str = "6b035d7000000team";

#[tokio::test(flavor = "multi_thread")]
async fn the_successor_gets_whom_they_may_see_and_the_leavers_people_stay() {
    let world = World::new().await;
    let (anna, ben) = (world.anna().await, world.ben().await);
    world.crm.add_team(SALES, "Sales");
    world.crm.set_teams(BEN_ID, &[SALES]);
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.edit(&eva, &json!({ "teamsIds": [SALES] }));
    let own = world.contact(("Tom", "Wood"), "tom@outside.test");
    assert_eq!(world.pushed(&anna, &[&eva, &own]).await, ["made", "made"]);
    let parts = &world.gateway.parts;
    let by = By::new(Actor::Gateway, world.store.dice()).unwrap();
    let imap = Target { host: "localhost".to_owned(), port: 993 };
    let reach = Reach {
        exchange: &*parts.exchange,
        endpoints: &parts.endpoints,
        redirect_uri: &parts.redirect_uri,
        dialer: &parts.dialer,
        imap: &imap,
    };
    let of = |text: &str| Address::parse(text).unwrap();
    let wanted = Wanted {
        address: of(anna.address),
        successor: Some(of(ben.address)),
        force: false,
        within: Duration::from_secs(60),
    };
    let ways = Ways { reach, pushing: &Pushing::default() };
    let done = offboard(&world.store, &by, ways, &wanted).await.unwrap();
    assert_eq!(done.handed.unwrap().people, 2);
    world.try_run().await;
    world.try_run().await;
    assert_eq!(called(&world.only_person(&ben)), "Eva Stone", "of Tom's record Ben may not know");
    assert_eq!(world.people(&anna).len(), 2);
}
