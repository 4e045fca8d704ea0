use std::collections::BTreeMap;

use serde_json::json;

use super::super::fault::Fault;
use super::{Stage, error};
use crate::google::tests::api::{answer, map};

#[tokio::test]
async fn rule_7_3_each_of_a_batch_is_answered_for_by_itself() {
    let made = json!({ "createdPeople": [
        { "httpStatusCode": 200, "person": { "resourceName": "people/c1", "etag": "%1" } },
        { "httpStatusCode": 400, "status": { "code": 3, "message": "Invalid e-mail." } },
        { "status": { "code": 8, "message": "Slower." } },
        { "httpStatusCode": 200, "status": {}, "person": { "resourceName": "people/c4" } },
        {},
    ] });
    let stage = Stage::says([answer(200, &made)]).await;
    let people = vec![map(json!({ "names": [] })); 5];
    let outcomes = stage.people.create_many(stage.account, &people).await.unwrap();
    let told: Vec<_> = outcomes
        .iter()
        .map(|outcome| {
            outcome
                .as_ref()
                .map_or_else(|fault| fault.name().to_owned(), |person| person.resource_name().to_owned())
        })
        .collect();
    assert_eq!(told, ["people/c1", "invalid", "rate_limited_user", "people/c4", "malformed"]);
    assert_eq!(stage.sent()["contacts"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn answers_that_are_nobodys_are_none() {
    let made = json!({ "createdPeople": [{ "person": { "resourceName": "people/c1" } }] });
    let stage = Stage::says([answer(200, &made)]).await;
    let people = vec![map(json!({})); 2];
    let outcomes = stage.people.create_many(stage.account, &people).await;
    assert_eq!(outcomes, Err(Fault::Malformed("not as many answers as people")));
}

#[tokio::test]
async fn people_are_updated_and_read_by_their_names() {
    let updated = json!({ "updateResult": {
        "people/c1": { "httpStatusCode": 200, "person": { "resourceName": "people/c1", "etag": "%2" } },
        "people/c2": { "httpStatusCode": 400, "status": { "code": 9,
            "message": "Request person.etag is different than the current person.etag." } },
    } });
    let stage = Stage::says([answer(200, &updated)]).await;
    let one = |etag: &str| map(json!({ "etag": etag, "urls": [] }));
    let people = BTreeMap::from([("people/c1".to_owned(), one("%1")), ("people/c2".to_owned(), one("%1"))]);
    let outcomes = stage.people.update_many(stage.account, "urls", &people).await.unwrap();
    assert_eq!(outcomes["people/c1"].as_ref().unwrap().etag(), Some("%2"));
    assert_eq!(outcomes["people/c2"], Err(Fault::Stale));
    assert_eq!(stage.sent()["updateMask"], "urls");
    let read = json!({ "responses": [
        { "requestedResourceName": "people/c1", "httpStatusCode": 200, "person": { "resourceName": "people/c9" } },
        { "requestedResourceName": "people/c2", "httpStatusCode": 404, "status": { "code": 5 } },
    ] });
    let stage = Stage::says([answer(200, &read)]).await;
    let names = ["people/c1".to_owned(), "people/c2".to_owned()];
    let outcomes = stage.people.get_many(stage.account, &names).await.unwrap();
    assert_eq!(outcomes["people/c1"].as_ref().unwrap().resource_name(), "people/c9", "it was renamed");
    assert_eq!(outcomes["people/c2"], Err(Fault::NotFound));
}

#[tokio::test]
async fn a_batch_has_its_bounds_and_its_people_have_etags() {
    let stage = Stage::says([]).await;
    let (account, people) = (stage.account, &stage.people);
    let many = vec![map(json!({})); 201];
    let names: Vec<_> = (0..501).map(|number| format!("people/c{number}")).collect();
    assert!(matches!(people.create_many(account, &many).await, Err(Fault::Invalid(_))));
    assert!(matches!(people.get_many(account, &names[..201]).await, Err(Fault::Invalid(_))));
    assert!(matches!(people.delete_many(account, &names).await, Err(Fault::Invalid(_))));
    let bare = BTreeMap::from([("people/c1".to_owned(), map(json!({})))]);
    assert!(matches!(people.update_many(account, "urls", &bare).await, Err(Fault::Invalid(_))));
}

#[tokio::test]
async fn a_batch_costs_as_many_as_it_writes() {
    let made = json!({ "createdPeople": vec![json!({ "person": { "resourceName": "people/c1" } }); 40] });
    let stage = Stage::says([answer(200, &made), error(429, "RESOURCE_EXHAUSTED", "", &json!([]))]).await;
    let hurried = stage.people.counted_as(crate::google::quota::Caller::Write, std::time::Duration::ZERO);
    let forty = vec![map(json!({})); 40];
    assert!(
        hurried.create_many(stage.account, &forty).await.is_ok(),
        "more than a minute's share goes alone"
    );
    let next = hurried.create_many(stage.account, &forty[..1]).await;
    assert!(matches!(next, Err(Fault::Parked { .. })), "and the next waits");
}
