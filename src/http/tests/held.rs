//! What pages say where the synchronisation is held: the database was restored, or is a copy.

use postern_core::model::actor::Actor;
use postern_core::model::role::Role;

use super::House;
use crate::actions::By;
use crate::actions::adopt::adopt;
use crate::store::{home, trial};

const HERE: &str = "https://crm.acme.cz/postern";
const HELD: &str = "Nothing is synchronised at present";
const BEFORE: &str = "was served at https://old.acme.cz/&#60;b&#62; (two) before";

#[tokio::test]
async fn pages_of_a_copy_say_that_nothing_runs_until_it_is_adopted() {
    let house = House::build().await;
    let (store, owner) = (house.stage.store(), house.in_group().await);
    let jan = house.signed_in("jan", Role::Admin).await;
    let account = format!("/admin/accounts/{}", house.stage.account);
    trial::served_elsewhere(store, HERE, "https://old.acme.cz/<b>").await;
    for held in [true, false] {
        for page in ["/postern/me/calendar", "/postern/me/contacts"] {
            let told = house.see(&owner, page).await.text;
            assert_eq!(told.contains(HELD), held, "{page}: {told}");
        }
        for page in ["calendar", "contacts"] {
            let told = jan.get(&format!("{account}/{page}")).await.text;
            assert_eq!(told.contains(HELD), held, "{page}: {told}");
        }
        let overview = jan.get("/admin").await.text;
        assert_eq!(overview.contains(BEFORE), held, "{overview}");
        if held {
            let by = By::new(Actor::Gateway, store.dice()).unwrap();
            adopt(store, &by, HERE).await.unwrap();
        }
    }
}

#[tokio::test]
async fn the_overview_of_a_restored_database_says_that_it_was_restored() {
    let house = House::build().await;
    let store = house.stage.store();
    store.is_at(HERE, "one").await.unwrap();
    home::restored(store, false).await.unwrap();
    let jan = house.signed_in("jan", Role::Admin).await;
    let overview = jan.get("/admin").await.text;
    assert!(overview.contains("The database was restored from a backup: calendars"), "{overview}");
}
