//! Batches of people.

use serde_json::{Map, Value, json};

use super::api::{Api, anna, name, named, refused, says};
use crate::client::{ANNA, Outcome, sandbox};

fn new(count: usize) -> Vec<Value> {
    (0..count).map(|number| json!({"contactPerson": named(&format!("N{number}"))})).collect()
}

async fn made(api: &Api, count: usize) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let body = json!({"contacts": new(count), "readMask": "names,metadata"});
    let answer = api.post("people:batchCreateContacts", body).await?.json()?;
    let people = answer["createdPeople"].as_array().cloned().unwrap_or_default();
    Ok(people.into_iter().map(|it| it["person"].clone()).collect())
}

fn renaming(people: &[Value]) -> Map<String, Value> {
    let renamed = |person: &Value| {
        let mut new = named("Renamed");
        new["etag"] = person["etag"].clone();
        (name(person), new)
    };
    people.iter().map(renamed).collect()
}

#[tokio::test]
async fn a_batch_of_creations_answers_in_its_order_or_not_at_all() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let people = made(&api, 200).await?;
    assert_eq!((people.len(), &people[199]["names"][0]["givenName"]), (200, &json!("N199")));
    let silent = api.post("people:batchCreateContacts", json!({"contacts": new(2), "readMask": ""})).await?;
    assert_eq!(silent.json()?, json!({}));
    assert_eq!(sandbox.google().people(ANNA).len(), 202);
    let many =
        api.post("people:batchCreateContacts", json!({"contacts": new(201), "readMask": "names"})).await?;
    says(&many, 400, "at most 200");
    let mut bad = new(2);
    bad[1] = json!({"contactPerson": {"names": [{"givenName": "A"}, {"givenName": "B"}]}});
    let refusal =
        api.post("people:batchCreateContacts", json!({"contacts": bad, "readMask": "names"})).await?;
    says(&refusal, 400, "BatchCreateContactsErrorDetails");
    assert_eq!(sandbox.google().people(ANNA).len(), 202);
    Ok(())
}

#[tokio::test]
async fn a_batch_of_updates_is_a_map_under_one_mask() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let people = made(&api, 3).await?;
    let body = json!({"contacts": renaming(&people), "updateMask": "names", "readMask": "names"});
    let answer = api.post("people:batchUpdateContacts", body.clone()).await?.json()?;
    let results = answer["updateResult"].as_object().ok_or("no results")?;
    assert_eq!(results.len(), 3);
    let person = &results[&name(&people[0])]["person"];
    assert_eq!(person["names"][0]["givenName"], "Renamed");
    assert_ne!(person["etag"], people[0]["etag"]);
    let stale = api.post("people:batchUpdateContacts", body.clone()).await?;
    assert_eq!(stale.json()?["error"]["status"], "FAILED_PRECONDITION");
    google.set_contacts_policy(|policy| policy.batch_updates_in_part = true);
    google.delete_person(ANNA, &name(&people[2]))?;
    let mut some = renaming(&people);
    some[&name(&people[0])]["etag"] = person["etag"].clone();
    let body = json!({"contacts": some, "updateMask": "names", "readMask": "names"});
    let answer = api.post("people:batchUpdateContacts", body).await?.json()?;
    let code = |number: usize| answer["updateResult"][name(&people[number])]["httpStatusCode"].clone();
    assert_eq!((code(0), code(1), code(2)), (json!(200), json!(400), json!(404)));
    Ok(())
}

#[tokio::test]
async fn a_batch_of_deletions_is_done_or_not() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let people = made(&api, 3).await?;
    let mut names: Vec<String> = people.iter().map(name).collect();
    names.push("people/c1".into());
    let one_missing = api.post("people:batchDeleteContacts", json!({"resourceNames": names})).await?;
    refused(&one_missing, 404, "NOT_FOUND", "");
    assert_eq!(google.people(ANNA).len(), 3);
    let done = api.post("people:batchDeleteContacts", json!({"resourceNames": names[..3]})).await?;
    assert_eq!((done.json()?, google.people(ANNA).len()), (json!({}), 0));
    let many = vec!["people/c1"; 501];
    says(&api.post("people:batchDeleteContacts", json!({"resourceNames": many})).await?, 400, "at most 500");
    Ok(())
}

#[tokio::test]
async fn several_people_are_read_at_once() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let people = made(&api, 2).await?;
    let names = format!("resourceNames={}&resourceNames=people/c1&resourceNames=people/me", name(&people[0]));
    let read = api.get(&format!("people:batchGet?personFields=names,metadata&{names}")).await?.json()?;
    let responses = read["responses"].as_array().ok_or("no responses")?;
    assert_eq!(responses[0]["person"], people[0]);
    assert_eq!((&responses[1]["httpStatusCode"], &responses[1]["status"]["code"]), (&json!(404), &json!(5)));
    assert_eq!(responses[2]["person"]["names"][0]["displayName"], "Anna");
    let many = vec!["resourceNames=people/c1"; 201].join("&");
    says(&api.get(&format!("people:batchGet?personFields=names&{many}")).await?, 400, "at most 200");
    Ok(())
}
