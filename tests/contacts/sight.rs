//! Nobody pushes or reads by their address book what they may not see in the CRM.

use std::time::Duration;

use serde_json::json;

use super::hands::called;
use super::world::{ANNA_ID, BEN_ID, World};

const SALES: &str = "6b035d7000000team";
const SWEEP: Duration = Duration::from_secs(7 * 3_600);

impl World {
    fn in_sales(&self, users: &[&str]) {
        self.crm.add_team(SALES, "Sales");
        for user in users {
            self.crm.set_teams(user, &[SALES]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_2_nobody_pushes_what_another_one_has() {
    let world = World::new().await;
    let (_, ben) = (world.anna().await, world.ben().await);
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    assert_eq!(world.pushed(&ben, &[&eva]).await, ["no-access"]);
    // Nor what there is not, which looks the same.
    assert_eq!(world.pushed(&ben, &["6b035d7000000none"]).await, ["no-access"]);
    assert!(world.people(&ben).is_empty() && world.links(&ben).await.is_empty());
    // One who shares a team may.
    world.in_sales(&[BEN_ID]);
    world.edit(&eva, &json!({ "teamsIds": [SALES] }));
    assert_eq!(world.pushed(&ben, &[&eva]).await, ["made"]);
    assert_eq!(called(&world.only_person(&ben)), "Eva Stone");
    assert_eq!(world.rest().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_2_nobody_reads_what_another_one_has_by_a_person_of_the_same_address() {
    let world = World::new().await;
    let (_, ben) = (world.anna().await, world.ben().await);
    world.choose(&ben, |choices| choices.direction = postern_core::plan::policy::Direction::Both).await;
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.edit(&eva, &json!({ "phoneNumber": "+420601123456" }));
    let person = world.friend(&ben, ("E.", "S."), "eva@outside.test", true);
    world.rest().await;
    assert!(world.links(&ben).await.is_empty() && world.reviews(&ben).await.is_empty());
    let shown = world.only_person(&ben);
    assert_eq!((called(&shown).as_str(), shown.get("phoneNumbers")), ("E. S.", None));
    world
        .google()
        .edit_person(ben.address, &person, &json!({ "names": [{ "givenName": "Mallory" }] }))
        .unwrap();
    world.rest().await;
    assert_eq!(world.only_contact()["firstName"], "Eva");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_2_what_the_crm_vouches_for_is_pushed_once_and_then_left_alone() {
    let world = World::new().await;
    let (_, ben) = (world.anna().await, world.ben().await);
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    let push = world.push_vouched(&ben, &[&eva]).await;
    world.run().await;
    assert_eq!(world.told(push).await, ["made"]);
    world.run().await;
    assert_eq!(world.states(&ben).await, ["frozen"]);
    world.edit(&eva, &json!({ "lastName": "Secret" }));
    world.rest().await;
    world.pass(SWEEP);
    world.rest().await;
    assert_eq!(called(&world.only_person(&ben)), "Eva Stone");
    // Without the CRM's word Ben cannot have it told again.
    assert_eq!(world.pushed(&ben, &[&eva]).await, ["no-access"]);
    assert_eq!(called(&world.only_person(&ben)), "Eva Stone");
    let push = world.push_vouched(&ben, &[&eva]).await;
    world.rest().await;
    assert_eq!(world.told(push).await, ["linked"]);
    assert_eq!(called(&world.only_person(&ben)), "Eva Secret");
    assert_eq!(world.states(&ben).await, ["frozen"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_2_what_is_out_of_sight_is_frozen_and_goes_on_when_it_is_back() {
    let world = World::new().await;
    let anna = world.anna().await;
    world.crm.add_person(BEN_ID, ("Ben", "Nova"), &["ben@example.com"]);
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.pushed(&anna, &[&eva]).await;
    let hand = world.crm.as_user(ANNA_ID);
    hand.assign("Contact", &eva, BEN_ID).unwrap();
    hand.edit("Contact", &eva, &json!({ "lastName": "Secret" })).unwrap();
    world.rest().await;
    assert_eq!(
        (world.states(&anna).await, called(&world.only_person(&anna))),
        (vec!["frozen"], "Eva Stone".to_owned())
    );
    hand.assign("Contact", &eva, ANNA_ID).unwrap();
    world.pass(SWEEP);
    world.rest().await;
    assert_eq!(
        (world.states(&anna).await, called(&world.only_person(&anna))),
        (vec!["active"], "Eva Secret".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_2_who_leaves_a_team_is_told_nothing_more_of_its_records() {
    let world = World::new().await;
    let (_, ben) = (world.anna().await, world.ben().await);
    world.in_sales(&[BEN_ID]);
    let eva = world.contact(("Eva", "Stone"), "eva@outside.test");
    world.edit(&eva, &json!({ "teamsIds": [SALES] }));
    assert_eq!(world.pushed(&ben, &[&eva]).await, ["made"]);
    world.choose(&ben, |choices| choices.deletes_persons = true).await;
    world.rest().await;
    world.crm.set_teams(BEN_ID, &[]);
    world.pass(SWEEP);
    world.rest().await;
    assert_eq!(world.states(&ben).await, ["frozen"]);
    world.edit(&eva, &json!({ "lastName": "Secret" }));
    world.rest().await;
    assert_eq!(called(&world.only_person(&ben)), "Eva Stone");
    assert_eq!(world.members(&ben).len(), 1, "nothing is deleted, and nobody leaves the group");
    world.crm.set_teams(BEN_ID, &[SALES]);
    world.pass(SWEEP);
    world.rest().await;
    assert_eq!(called(&world.only_person(&ben)), "Eva Secret");
}
