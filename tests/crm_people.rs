//! Contacts and leads that the client asks of the stand-in CRM.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use postern::crm::client::Client;
use postern::crm::condition::{Conditions, SavedFilter};
use postern::crm::contacts::alike::By;
use postern::crm::contacts::written::{Looked, Made};
use postern::crm::contacts::{Sight, Told};
use postern::crm::describe::people::describe_people;
use postern::crm::fault::Fault;
use postern::crm::records::RecordId;
use postern::net::http;
use postern::net::trust::Trust;
use postern_core::model::secret::Secret;
use postern_core::plan::contacts::card::{self, Card, Entity, Stage};
use postern_core::plan::contacts::words::Habits;
use postern_core::plan::record::{Field, Record, Value as Words};
use postern_sandbox::{Crm, CrmOptions, Version};
use serde_json::{Map, Value, json};

const ALICE: &str = "6b035d19485892bcb";
const BOB: &str = "6b035d19ddfcdda84";

/// The stand-in with two people, of whom Bob is in a team, and a client of it.
struct World {
    crm: Crm,
    client: Client,
}

impl World {
    async fn new() -> Self {
        let crm = Crm::start_with(CrmOptions { version: Version::V9_3_10, ..CrmOptions::default() });
        let crm = crm.await.unwrap();
        crm.add_person(ALICE, ("Alice", "Adams"), &["alice@example.com"]);
        crm.add_person(BOB, ("Bob", "Brown"), &["bob@example.com"]);
        crm.add_team("t1", "Sales");
        crm.set_teams(BOB, &["t1"]);
        let site = crm.url().parse().unwrap();
        let client = Client::new(
            Arc::new(http::Client::new(&Trust::load(None).unwrap())),
            site,
            Secret::new(crm.key()),
        );
        Self { crm, client }
    }

    fn make(&self, entity: Entity, owner: &str, more: &Value) -> String {
        self.crm.as_user(owner).create(entity.name(), more).unwrap()
    }

    async fn teams(&self, user: &str) -> Vec<String> {
        let user = self.client.user(&RecordId::parse(user).unwrap()).await.unwrap();
        user.teams.unwrap().into_iter().map(|team| team.id).collect()
    }
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn id(of: &str) -> RecordId {
    RecordId::parse(of).unwrap()
}

fn ids(all: &[Told]) -> BTreeSet<&str> {
    all.iter().map(|told| told.card.id.as_str()).collect()
}

fn emails(card: &Card) -> Vec<&str> {
    let all = card.record.several(Field::Emails).into_iter().flat_map(|all| all.iter());
    all.map(|item| item.text.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stand_ins_people_are_described() {
    let world = World::new().await;
    let told = describe_people(&world.client).await.unwrap();
    for entity in Entity::ALL {
        assert_eq!(told.kind(entity).habits, Habits { middle: false, ..Habits::default() });
        assert!(told.kind(entity).barred.is_empty());
    }
    assert!(told.unseen.is_empty());
    world.crm.set_middle_names(true);
    world.crm.set_role("Lead", false);
    let told = describe_people(&world.client).await.unwrap();
    assert!(told.contact.habits.middle);
    assert_eq!(told.lead.barred, ["create", "read", "edit", "delete"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_7_2_nobody_is_shown_a_record_of_another_by_any_list() {
    let world = World::new().await;
    let person = |name: &str| json!({ "lastName": name, "emailAddress": format!("{name}@example.org"), "phoneNumber": "+15551234567" });
    let own = world.make(Entity::Contact, ALICE, &person("own"));
    let mut shared = person("shared");
    shared["teamsIds"] = json!(["t1"]);
    let shared = world.make(Entity::Contact, ALICE, &shared);
    let bobs = world.make(Entity::Contact, BOB, &person("bobs"));
    let all = [own.clone(), shared.clone(), bobs.clone()];
    let everything = Conditions::read(&json!([{ "type": "isNotNull", "attribute": "id" }])).unwrap();
    let saved = SavedFilter::parse("notPortalUsers").unwrap();
    for readable in [true, false] {
        // The API user need not be in the teams of those for whom it asks.
        world.crm.set_visible("Team", "t1", readable);
        for (user, wanted) in [(ALICE, vec![&own, &shared]), (BOB, vec![&shared, &bobs])] {
            let teams = world.teams(user).await;
            let sight = Sight { user, teams: &teams };
            let wanted: BTreeSet<&str> = wanted.into_iter().map(String::as_str).collect();
            let seen = world.client.visible(Entity::Contact, sight, &all).await.unwrap();
            assert_eq!(seen.iter().map(String::as_str).collect::<BTreeSet<_>>(), wanted);
            let chosen = world.client.by_where(Entity::Contact, sight, &everything).await.unwrap();
            assert_eq!(chosen.ids.iter().map(String::as_str).collect::<BTreeSet<_>>(), wanted);
            let chosen = world.client.by_filter(Entity::Contact, sight, &saved).await.unwrap();
            assert_eq!(chosen.ids.iter().map(String::as_str).collect::<BTreeSet<_>>(), wanted);
            let number = ["+15551234567".to_owned()];
            let found =
                world.client.alike(Entity::Contact, sight, By::Phone, &number).await.unwrap().unwrap();
            assert_eq!(ids(&found), wanted);
        }
    }
    let mine = Conditions::read(&json!([{ "type": "bool", "value": ["onlyMy"] }])).unwrap();
    let sight = Sight { user: BOB, teams: &["t1".to_owned()] };
    assert_eq!(world.client.by_where(Entity::Contact, sight, &mine).await.unwrap().ids, [bobs]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_crm_does_not_have_cannot_be_chosen_by() {
    let world = World::new().await;
    let sight = Sight { user: ALICE, teams: &[] };
    let nope = Conditions::read(&json!([{ "type": "isNull", "attribute": "nope" }])).unwrap();
    let told = world.client.by_where(Entity::Lead, sight, &nope).await;
    assert!(matches!(told, Err(Fault::Invalid { .. })), "{told:?}");
    let nope = SavedFilter::parse("nope").unwrap();
    let told = world.client.by_filter(Entity::Lead, sight, &nope).await;
    assert!(matches!(told, Err(Fault::Invalid { .. })), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_by_each_address_and_shown_with_all_of_them() {
    let world = World::new().await;
    let rows = json!([{ "emailAddress": "first@example.org", "primary": true },
        { "emailAddress": "Second@Example.org" }]);
    let made = world.make(Entity::Lead, ALICE, &json!({ "lastName": "Lead", "emailAddressData": rows }));
    let sight = Sight { user: ALICE, teams: &[] };
    world.crm.forget_requests();
    for (address, whole, asked) in [("first@example.org", false, 1), ("second@example.org", true, 3)] {
        let found = world.client.alike(Entity::Lead, sight, By::Address, &[address.to_owned()]).await;
        let found = found.unwrap().unwrap();
        assert_eq!(ids(&found), BTreeSet::from([made.as_str()]), "{address}");
        assert_eq!(found[0].is_whole(), whole, "a list tells the first address alone");
        assert_eq!(world.crm.requests("GET", "Lead"), asked);
    }
    let looked = world.client.get_card(Entity::Lead, &id(&made)).await.unwrap();
    let Looked::Found(told) = looked else { panic!("{looked:?}") };
    assert_eq!(emails(&told.card), ["first@example.org", "Second@Example.org"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_come_in_order_and_say_what_became_of_a_lead() {
    let world = World::new().await;
    let first = world.make(Entity::Lead, ALICE, &json!({ "lastName": "First" }));
    world.crm.clock().advance(Duration::from_secs(10));
    let second = world.make(Entity::Lead, ALICE, &json!({ "lastName": "Second", "website": "example.org" }));
    world.crm.clock().advance(Duration::from_secs(10));
    let contact = world.crm.as_user(ALICE).convert(&first).unwrap();
    let told = world.client.changed_since(Entity::Lead, None, 0).await.unwrap();
    assert!(!told.more);
    let order: Vec<_> = told.all.iter().map(|told| &told.card.id).collect();
    assert_eq!(order, [&second, &first]);
    assert_eq!(told.all[0].card.record.words(Field::Web), "example.org");
    assert_eq!(told.all[1].card.stage, Stage::Converted(Some(contact.clone())));
    let since = told.all[1].raw["modifiedAt"].as_str().unwrap();
    let told = world.client.changed_since(Entity::Lead, Some(since), 0).await.unwrap();
    assert_eq!(ids(&told.all), BTreeSet::from([first.as_str()]));
    let told =
        world.client.cards_by_id(Entity::Contact, &[contact.clone(), "gone".to_owned()]).await.unwrap();
    assert_eq!(ids(&told), BTreeSet::from([contact.as_str()]));
    assert_eq!(told[0].card.user.as_deref(), Some(ALICE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_made_once_changed_and_removed() {
    let world = World::new().await;
    let record = Record::new().with(Field::Given, Words::Text("Eva".into()));
    let record = record.with(Field::Family, Words::Text("Nová".into()));
    let mut body = card::body(Entity::Contact, &record, &Map::new());
    body.extend(map(
        &json!({ "assignedUserId": BOB, "emailAddressData": [{ "emailAddress": "eva@example.org" }] }),
    ));
    let made = world.client.create_card(Entity::Contact, &body).await.unwrap();
    let Made::Made(told) = made else { panic!("{made:?}") };
    assert!(told.is_whole());
    assert_eq!((told.card.user.as_deref(), emails(&told.card)), (Some(BOB), vec!["eva@example.org"]));
    for alike in [
        json!({ "firstName": "eva", "lastName": "Nová" }),
        json!({ "lastName": "Other", "emailAddress": "EVA@example.org" }),
    ] {
        let again = world.client.create_card(Entity::Contact, &map(&alike)).await.unwrap();
        let Made::Duplicate(cards) = again else { panic!("{again:?}") };
        assert_eq!(cards.iter().map(|card| &card.id).collect::<Vec<_>>(), [&told.card.id]);
        assert_eq!(cards[0].teams, None, "whom one may hear of is another question");
    }
    assert_eq!(world.crm.records("Contact").len(), 1);

    let change = Record::new().with(Field::Note, Words::Text("Met in Brno".into()));
    let change = card::body(Entity::Contact, &change, &told.raw);
    let key = id(&told.card.id);
    let changed = world.client.update_card(Entity::Contact, &key, &change).await.unwrap();
    let Looked::Found(changed) = changed else { panic!("{changed:?}") };
    assert_eq!(changed.card.record.words(Field::Note), "Met in Brno");
    assert_eq!(changed.raw["description"], "Met in Brno");

    world.crm.set_visible("Contact", &told.card.id, false);
    assert_eq!(world.client.get_card(Entity::Contact, &key).await, Ok(Looked::NoAccess));
    assert_eq!(world.client.update_card(Entity::Contact, &key, &change).await, Ok(Looked::NoAccess));
    assert_eq!(world.client.delete_card(Entity::Contact, &key).await, Ok(Looked::NoAccess));
    world.crm.set_visible("Contact", &told.card.id, true);
    assert_eq!(world.client.delete_card(Entity::Contact, &key).await, Ok(Looked::Found(())));
    assert_eq!(world.client.delete_card(Entity::Contact, &key).await, Ok(Looked::Gone));
    assert_eq!(world.client.update_card(Entity::Contact, &key, &change).await, Ok(Looked::Gone));
    assert_eq!(world.client.get_card(Entity::Contact, &key).await, Ok(Looked::Gone));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_two_thousand_are_not_chosen_at_once() {
    let world = World::new().await;
    for at in 0..2_001 {
        world.make(Entity::Contact, ALICE, &json!({ "lastName": format!("c{at}") }));
    }
    let sight = Sight { user: ALICE, teams: &[] };
    let chosen = world.client.by_where(Entity::Contact, sight, &Conditions::default()).await.unwrap();
    assert_eq!((chosen.ids.len(), chosen.more), (2_000, true));
    assert_eq!(chosen.ids.iter().collect::<BTreeSet<_>>().len(), 2_000);
    let query = Conditions::read(&json!([{ "type": "textFilter", "value": "c20" }])).unwrap();
    let chosen = world.client.by_where(Entity::Contact, sight, &query).await.unwrap();
    assert_eq!((chosen.ids.len(), chosen.more), (12, false), "c20, c200 to c209, c2000");
}
