//! Everything about a person in one archive, and a person who is forgotten.

use postern::actions::person::{Archive, erase};
use postern::actions::{By, Reach};
use postern::audit::{export, verify};
use postern::net::target::Target;
use postern::store::contacts::books;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use serde_json::Value;

use super::world::{ANNA, Owner, World};

const EVA: &str = "eva@outside.test";

/// Anna keeps Eva in step, and has a letter about her.
async fn anna_and_eva(world: &World) -> Owner {
    let anna = world.anna().await;
    let eva = world.contact(("Eva", "Stone"), EVA);
    assert_eq!(world.pushed(&anna, &[&eva]).await, ["made"]);
    world.rest().await;
    anna
}

async fn told(world: &World, of: &str) -> Vec<Value> {
    let by = By::new(Actor::CommandLine("root".to_owned()), world.store.dice()).unwrap();
    let mut archive = Archive::open(&world.store, &by, &Address::parse(of).unwrap()).await.unwrap();
    let mut all = Vec::new();
    while let Some(lines) = archive.next(&world.store).await.unwrap() {
        all.extend(lines);
    }
    let text = serde_json::to_string(&all).unwrap();
    for secret in ["1//", "ya29", "pst_"] {
        assert!(!text.contains(secret), "{secret}");
    }
    all
}

fn of<'a>(all: &'a [Value], kind: &str, place: &str) -> Vec<&'a Value> {
    all.iter().filter(|line| line["kind"] == kind && (place.is_empty() || line["place"] == place)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_tells_a_mailbox_whole_and_of_somebody_outside_where_they_stand() {
    let world = World::new().await;
    anna_and_eva(&world).await;
    world.friend(
        &world.owner("zoe@example.com", "0000000000000c44c", "Zoe").await,
        ("Tom", "Wood"),
        "tom@x.test",
        true,
    );
    world.run().await;
    let annas = told(&world, ANNA).await;
    assert_eq!((&annas[0]["kind"], &annas[0]["registered"]), (&Value::from("about"), &Value::from(true)));
    assert_eq!(of(&annas, "mailbox", "")[0]["told"]["address"], ANNA);
    let people = of(&annas, "kept", "people_seen");
    assert_eq!(people.len(), 1, "nobody else's: {people:?}");
    assert_eq!(people[0]["content"]["emailAddresses"][0]["value"], EVA);
    assert_eq!(of(&annas, "kept", "people_links").len(), 1);
    assert!(!of(&annas, "journal", "").is_empty());
    let evas = told(&world, "Eva@Outside.test").await;
    assert_eq!(evas[0]["registered"], false);
    assert!(of(&evas, "mailbox", "").is_empty() && of(&evas, "kept", "").is_empty());
    assert_eq!(of(&evas, "elsewhere", "people_seen").len(), 1, "{evas:?}");
    assert_eq!(of(&evas, "elsewhere", "cards_seen").len(), 1);
    let nobodys = told(&world, "nobody@x.test").await;
    assert_eq!(nobodys.len(), 1, "nothing is known: {nobodys:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_forgotten_has_no_name_and_the_journal_holds() {
    let world = World::new().await;
    let anna = anna_and_eva(&world).await;
    let parts = &world.gateway.parts;
    let by = By::new(Actor::CommandLine("root".to_owned()), world.store.dice()).unwrap();
    let imap = Target { host: "localhost".to_owned(), port: 993 };
    let reach = Reach {
        exchange: &*parts.exchange,
        endpoints: &parts.endpoints,
        redirect_uri: &parts.redirect_uri,
        dialer: &parts.dialer,
        imap: &imap,
    };
    let forget = async |who: &str| {
        erase(&world.store, &by, &reach, &Address::parse(who).unwrap(), false).await.unwrap()
    };
    // Who is kept in step stays so as long as they stand in Google and in the CRM; that is told.
    let evas = forget(EVA).await;
    assert!(evas.mailbox.is_none() && evas.words > 0, "{evas:?}");
    assert!(
        evas.remains.contains_key("people_seen") && !evas.remains.contains_key("sync_journal"),
        "{evas:?}"
    );
    assert_eq!(forget(EVA).await.words, 0);
    world.rest().await;
    assert_eq!(world.states(&anna).await, ["active"], "and stays in step");

    let annas = forget(ANNA).await;
    assert!(annas.mailbox.is_some() && annas.names == 1, "{annas:?}");
    assert!(world.google().live_refresh_tokens(ANNA).is_empty());
    assert!(books::all(&world.store, &mut world.store.read().await.unwrap()).await.unwrap().is_empty());
    let verified = verify::verify(&world.store, &[]).await.unwrap();
    assert!(verified.broken.is_empty() && verified.rows > 5, "{:?}", verified.broken);
    let journal = serde_json::to_string(&export::lines(&world.store, 0, 1_000).await.unwrap()).unwrap();
    assert!(!journal.contains(ANNA) && !journal.contains(EVA), "{journal}");
    assert!(journal.contains("person_erased"));
    // In the file neither, but for what others hold.
    let names = world.raw().await.words("SELECT name FROM audit_people").await;
    assert!(names.iter().all(|name| name != ANNA), "{names:?}");
}
