//! Contacts and leads, as the CRM tells them.

use std::collections::BTreeSet;

use postern_core::plan::contacts::card::{Entity, Stage};
use serde_json::{Map, Value, json};

use crate::crm::condition::{Conditions, SavedFilter};
use crate::crm::contacts::alike::By;
use crate::crm::contacts::chosen::Chosen;
use crate::crm::contacts::written::{Looked, Made};
use crate::crm::contacts::{Sight, attributes};
use crate::crm::fault::Fault;
use crate::crm::records::RecordId;
use crate::crm::trial::Crm;
use crate::net::exchange::Method;

const OF: &str = "6b035d19485892bcb";

fn listed(records: &[Value], total: i64) -> String {
    json!({ "total": total, "list": records }).to_string()
}

fn query(crm: &Crm, at: usize) -> String {
    let asked = crm.asked();
    let query = url::form_urlencoded::parse(asked[at].url.query().unwrap().as_bytes());
    query.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

fn teams(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|&id| id.to_owned()).collect()
}

#[tokio::test]
async fn what_was_changed_is_told_in_the_order_of_its_change_with_all_that_a_list_has() {
    let one = json!({ "id": "l1", "lastName": "Lead", "status": "Converted", "createdContactId": "c1",
        "modifiedAt": "2026-11-22 21:24:04", "teamsIds": ["t1"], "emailAddress": "l@example.net" });
    let (crm, client) = Crm::of(&[(200, "", &listed(&[one], -1)), (200, "", &listed(&[], -2))]);
    let told = client.changed_since(Entity::Lead, Some("2026-11-22 21:24:03"), 200).await.unwrap();
    assert!(told.more);
    assert_eq!(told.all[0].card.stage, Stage::Converted(Some("c1".to_owned())));
    assert_eq!(told.all[0].card.teams, Some(BTreeSet::from(["t1".to_owned()])));
    assert_eq!(told.all[0].raw["modifiedAt"], "2026-11-22 21:24:04");
    assert!(!told.all[0].is_whole());
    assert_eq!(
        query(&crm, 0),
        "maxSize=200&offset=200&select=id,salutationName,firstName,middleName,lastName,title,accountName,\
         description,emailAddress,phoneNumber,addressStreet,addressCity,addressState,addressPostalCode,\
         addressCountry,assignedUserId,createdById,createdAt,modifiedAt,modifiedById,website,status,\
         createdContactId,emailAddressData,phoneNumberData,teamsIds&orderBy=modifiedAt&order=asc\
         &whereGroup[0][type]=greaterThanOrEquals&whereGroup[0][attribute]=modifiedAt\
         &whereGroup[0][value]=2026-11-22 21:24:03"
    );
    assert!(crm.asked()[0].headers.contains(&("x-no-total", "true".to_owned())));
    client.changed_since(Entity::Contact, None, 0).await.unwrap();
    assert!(!query(&crm, 1).contains("where"));
    assert!(!attributes(Entity::Contact).contains(&"status"));
}

#[tokio::test]
async fn rule_7_2_a_record_is_in_sight_by_whose_it_is_or_by_a_team() {
    let rows = [
        json!({ "id": "own", "assignedUserId": OF }),
        json!({ "id": "team", "assignedUserId": "b", "teamsIds": ["t0", "t2"] }),
        json!({ "id": "other", "assignedUserId": "b", "teamsIds": ["t9"] }),
        json!({ "id": "nobodys", "assignedUserId": null, "teamsIds": [] }),
        json!({ "id": "silent", "assignedUserId": "b" }),
        json!({ "id": "OWN", "assignedUserId": OF }),
    ];
    let (crm, client) = Crm::of(&[(200, "", &listed(&rows, 6)), (200, "", &listed(&rows, 6))]);
    let ids = teams(&["own", "team", "other", "nobodys", "silent", "gone"]);
    let all = teams(&["t1", "t2"]);
    let seen = client.visible(Entity::Contact, Sight { user: OF, teams: &all }, &ids).await.unwrap();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["own", "team"]);
    let nobody = client.visible(Entity::Contact, Sight { user: "", teams: &[] }, &ids).await.unwrap();
    assert!(nobody.is_empty());
    assert!(query(&crm, 0).contains("select=id,assignedUserId,teamsIds&whereGroup[0][type]=in"));
    assert!(client.visible(Entity::Contact, Sight { user: OF, teams: &all }, &[]).await.unwrap().is_empty());
    let many = teams(&["x"; 101]);
    assert_eq!(client.cards_by_id(Entity::Contact, &many).await, Err(Fault::TooMany));
    assert_eq!(crm.asked().len(), 2);
}

#[tokio::test]
async fn who_is_found_by_another_address_than_the_first_is_read_by_itself() {
    let row = |id: &str, email: &str| json!({ "id": id, "assignedUserId": OF, "emailAddress": email });
    let rows = [
        row("first", "Eva@Example.org"),
        row("second", "work@example.org"),
        row("shut", "x@example.org"),
        json!({ "id": "foreign", "assignedUserId": "b", "emailAddress": "eva@example.org" }),
    ];
    let whole = json!({ "id": "second", "assignedUserId": OF, "emailAddress": "work@example.org",
        "emailAddressData": [{ "emailAddress": "work@example.org", "primary": true },
            { "emailAddress": "EVA@example.org", "primary": false }], "phoneNumberData": [] });
    let (crm, client) = Crm::of(&[
        (200, "", &listed(&rows, -2)),
        (200, "", &whole.to_string()),
        (403, "No read access.", ""),
    ]);
    let sight = Sight { user: OF, teams: &[] };
    let wanted = teams(&["EVA@example.org"]);
    let found = client.alike(Entity::Contact, sight, By::Address, &wanted).await.unwrap().unwrap();
    let ids: Vec<_> = found.iter().map(|told| told.card.id.as_str()).collect();
    assert_eq!(ids, ["first", "second"]);
    assert!(found[1].is_whole());
    assert!(query(&crm, 0).ends_with(
        "&whereGroup[0][type]=in&whereGroup[0][attribute]=emailAddress&whereGroup[0][value][]=eva@example.org"
    ));
    assert_eq!(client.alike(Entity::Lead, sight, By::Phone, &[]).await, Ok(Some(Vec::new())));
}

#[tokio::test]
async fn too_many_who_are_alike_are_not_told_apart() {
    let page = listed(&[json!({ "id": "a", "assignedUserId": OF, "phoneNumber": "+15551234567" })], -1);
    let (crm, client) = Crm::of(&[(200, "", page.as_str()); 5]);
    let sight = Sight { user: OF, teams: &[] };
    let wanted = teams(&["+15551234567"]);
    assert_eq!(client.alike(Entity::Lead, sight, By::Phone, &wanted).await, Ok(None));
    assert!(query(&crm, 4).contains("offset=800"));
    let hidden: Vec<_> = (0..51).map(|n| json!({ "id": format!("h{n}"), "assignedUserId": OF })).collect();
    let (_, client) = Crm::of(&[(200, "", &listed(&hidden, -2))]);
    assert_eq!(client.alike(Entity::Lead, sight, By::Phone, &wanted).await, Ok(None));
}

#[tokio::test]
async fn rule_7_2_a_where_is_asked_within_what_the_user_may_see_and_sorted_again() {
    let rows =
        [json!({ "id": "own", "assignedUserId": OF }), json!({ "id": "foreign", "assignedUserId": "b" })];
    let (crm, client) = Crm::of(&[(200, "", &listed(&rows, -2))]);
    let all = teams(&["t1"]);
    let filter = SavedFilter::parse("actual").unwrap();
    let chosen = client.by_filter(Entity::Lead, Sight { user: OF, teams: &all }, &filter).await.unwrap();
    assert_eq!(chosen, Chosen { ids: teams(&["own"]), more: false });
    assert_eq!(
        query(&crm, 0),
        format!(
            "maxSize=200&offset=0&select=id,assignedUserId,teamsIds&orderBy=createdAt&order=asc\
             &primaryFilter=actual&whereGroup[0][type]=or\
             &whereGroup[0][value][0][type]=equals&whereGroup[0][value][0][attribute]=assignedUserId\
             &whereGroup[0][value][0][value]={OF}\
             &whereGroup[0][value][1][type]=linkedWith&whereGroup[0][value][1][attribute]=teams\
             &whereGroup[0][value][1][value][]=t1"
        )
    );
}

#[tokio::test]
async fn a_team_that_our_user_may_not_read_costs_a_question_and_hides_nobody() {
    let rows = [json!({ "id": "team", "assignedUserId": "b", "teamsIds": ["t1"] }), json!({ "id": "no" })];
    let shut = (403, "No access to 'Team' `t1`.", "");
    let (crm, client) = Crm::of(&[shut, (200, "", &listed(&rows, -2)), (403, "No read access.", "")]);
    let all = teams(&["t1"]);
    let everything = Conditions::default();
    let chosen = client.by_where(Entity::Contact, Sight { user: OF, teams: &all }, &everything).await;
    assert_eq!(chosen.unwrap().ids, ["team"]);
    assert!(query(&crm, 0).contains("linkedWith") && !query(&crm, 1).contains("where"));
    let refused = client.by_where(Entity::Contact, Sight { user: OF, teams: &[] }, &everything).await;
    assert!(matches!(refused, Err(Fault::NoAccess { .. })));
    let lots = teams(&["t"; 101]);
    let (crm, client) = Crm::of(&[(200, "", &listed(&[], -2))]);
    client.by_where(Entity::Contact, Sight { user: OF, teams: &lots }, &everything).await.unwrap();
    assert!(!query(&crm, 0).contains("where"));
}

#[tokio::test]
async fn no_more_are_chosen_than_two_thousand_nor_looked_for_than_fifty_pages() {
    let row = |n: usize| json!({ "id": format!("c{n}"), "assignedUserId": OF });
    let pages: Vec<String> =
        (0..11).map(|page| listed(&(0..200).map(|n| row(page * 200 + n)).collect::<Vec<_>>(), -1)).collect();
    let answers: Vec<_> = pages.iter().map(|page| (200, "", page.as_str())).collect();
    let sight = Sight { user: OF, teams: &[] };
    let (_, client) = Crm::of(&answers);
    let chosen = client.by_where(Entity::Contact, sight, &Conditions::default()).await.unwrap();
    assert_eq!((chosen.ids.len(), chosen.more), (2_000, true));
    // The same page again and again, as from a CRM whose records move.
    let page = listed(&[row(1)], -1);
    let (crm, client) = Crm::of(&vec![(200, "", page.as_str()); 50]);
    let chosen = client.by_where(Entity::Contact, sight, &Conditions::default()).await.unwrap();
    assert_eq!((chosen.ids.len(), chosen.more, crm.asked().len()), (1, true, 50));
}

#[tokio::test]
async fn rule_7_3_records_that_look_the_same_are_an_answer_that_is_never_overridden() {
    let alike =
        json!([{ "id": "c1", "lastName": "Contact", "assignedUserId": "b" }, { "name": "no record" }]);
    let made = json!({ "id": "c2", "lastName": "Contact", "emailAddressData": [], "phoneNumberData": [] });
    let (crm, client) = Crm::of(&[
        (409, "duplicate", &alike.to_string()),
        (200, "", &made.to_string()),
        (409, "duplicate", "<html>"),
        (409, "modified", "{}"),
        (200, "", "{}"),
        (0, "", ""),
    ]);
    let body = json!({ "lastName": "Contact" }).as_object().unwrap().clone();
    let Made::Duplicate(cards) = client.create_card(Entity::Contact, &body).await.unwrap() else { panic!() };
    assert_eq!(cards.iter().map(|card| card.id.as_str()).collect::<Vec<_>>(), ["c1"]);
    let Made::Made(told) = client.create_card(Entity::Contact, &body).await.unwrap() else { panic!() };
    assert!(told.is_whole() && told.card.id == "c2" && told.raw["lastName"] == "Contact");
    assert_eq!(client.create_card(Entity::Contact, &body).await, Ok(Made::Duplicate(Vec::new())));
    assert_eq!(client.create_card(Entity::Contact, &body).await, Err(Fault::Modified));
    assert!(matches!(client.create_card(Entity::Contact, &body).await, Err(Fault::Malformed(_))));
    assert!(matches!(client.create_card(Entity::Contact, &body).await, Err(Fault::Unknown(_))));
    let skips = |asked: &crate::net::exchange::Request| {
        asked.headers.iter().any(|(name, _)| *name == "x-skip-duplicate-check")
    };
    assert!(!crm.asked().iter().any(skips));
}

#[tokio::test]
async fn a_card_is_read_changed_and_removed_or_gone_or_shut() {
    let told = json!({ "id": "c1", "lastName": "Contact" }).to_string();
    let gone = (404, "Record c1 not found.", "");
    let shut = (403, "No edit access.", "");
    let (crm, client) = Crm::of(&[
        (200, "", &told),
        (404, "Record c1 does not exist.", ""),
        shut,
        (200, "", &told),
        gone,
        shut,
        (200, "", "true"),
        gone,
        shut,
        (500, "", ""),
    ]);
    let (id, body) = (RecordId::parse("c1").unwrap(), Map::new());
    assert!(
        matches!(client.get_card(Entity::Lead, &id).await, Ok(Looked::Found(told)) if told.card.id == "c1")
    );
    assert_eq!(client.get_card(Entity::Lead, &id).await, Ok(Looked::Gone));
    assert_eq!(client.get_card(Entity::Lead, &id).await, Ok(Looked::NoAccess));
    assert!(matches!(client.update_card(Entity::Lead, &id, &body).await, Ok(Looked::Found(_))));
    assert_eq!(client.update_card(Entity::Lead, &id, &body).await, Ok(Looked::Gone));
    assert_eq!(client.update_card(Entity::Lead, &id, &body).await, Ok(Looked::NoAccess));
    assert_eq!(client.delete_card(Entity::Lead, &id).await, Ok(Looked::Found(())));
    assert_eq!(client.delete_card(Entity::Lead, &id).await, Ok(Looked::Gone));
    assert_eq!(client.delete_card(Entity::Lead, &id).await, Ok(Looked::NoAccess));
    assert_eq!(client.delete_card(Entity::Lead, &id).await, Err(Fault::Temporary(500)));
    let asked: Vec<_> = crm.asked().iter().map(|asked| (asked.method, asked.url.path().to_owned())).collect();
    assert_eq!(asked[3], (Method::Put, "/espo/api/v1/Lead/c1".to_owned()));
    assert_eq!(asked[6].0, Method::Delete);
}
