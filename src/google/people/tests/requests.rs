use serde_json::json;

use super::super::fault::Fault;
use super::super::name;
use super::{Stage, error};
use crate::google::effect::Effect;
use crate::google::tests::api::{Leave, answer, header, map};
use crate::net::exchange::{ExchangeError, Method};

fn anna() -> serde_json::Value {
    json!({ "resourceName": "people/c1", "etag": "%E1", "names": [{ "givenName": "Anna" }] })
}

#[tokio::test]
async fn each_deed_goes_where_google_takes_it() {
    let stage = Stage::says((0..4).map(|_| answer(200, &anna()))).await;
    let (people, account) = (&stage.people, stage.account);
    people.get(account, "people/c1").await.unwrap();
    people.create(account, &map(json!({ "names": [] }))).await.unwrap();
    people.update(account, "people/c1", "names,urls", &map(anna())).await.unwrap();
    people.delete(account, "people/c1").await.unwrap();
    let asked = stage.google.asked();
    let told: Vec<_> = asked.iter().map(|request| (request.method, request.url.path())).collect();
    assert_eq!(
        told,
        [
            (Method::Get, "/people/v1/people/c1"),
            (Method::Post, "/people/v1/people:createContact"),
            (Method::Patch, "/people/v1/people/c1:updateContact"),
            (Method::Delete, "/people/v1/people/c1:deleteContact"),
        ]
    );
    assert!(asked[2].url.query().unwrap().starts_with("updatePersonFields=names%2Curls&"));
    assert!(asked.iter().all(|request| header(request, "authorization").as_deref() == Some("Bearer ya29.1")));
}

#[tokio::test]
async fn a_name_leads_to_no_other_deed_and_no_other_thing() {
    let stage = Stage::says([]).await;
    for wrong in [
        "",
        "people/",
        "people/me",
        "people/c1:deleteContact",
        "people/c1/../c2",
        "people/c1?x=1",
        "c1",
        "contactGroups/c1",
        "people/c 1",
        "people/č1",
    ] {
        let ours = wrong == "people/me";
        assert_eq!(name::is_person(wrong), ours, "{wrong}");
        if !ours {
            assert_eq!(stage.people.get(stage.account, wrong).await, Err(Fault::Invalid("resource name")));
        }
    }
    assert!(!name::is_group("people/c1") && name::is_group("contactGroups/myContacts"));
}

#[tokio::test]
async fn nothing_is_written_over_unseen() {
    let stage = Stage::says([]).await;
    for (mask, body) in [("", anna()), ("names", json!({})), ("names", json!({ "etag": null }))] {
        let written = stage.people.update(stage.account, "people/c1", mask, &map(body)).await;
        assert!(matches!(written, Err(Fault::Invalid(_))));
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_users_of_a_service_account_are_told_apart() {
    let refused = || error(401, "UNAUTHENTICATED", "", &json!([]));
    let stage = Stage::says([refused(), answer(200, &anna())]).await;
    assert!(stage.people.get(stage.account, "people/c1").await.is_ok());
    assert_eq!(stage.google.tokens(), 2);
    let stage = Stage::says([refused(), refused()]).await;
    assert_eq!(stage.people.get(stage.account, "people/c1").await, Err(Fault::Unauthorized));
    let stage = Stage::by(Leave::Delegation, [answer(200, &anna())]).await;
    stage.people.get(stage.account, "people/c1").await.unwrap();
    assert!(stage.google.line().contains("quotaUser="));
}

#[tokio::test]
async fn whoever_is_not_answered_does_not_know() {
    let lost = ExchangeError::Unreachable { host: "google.test".to_owned(), why: "reset".to_owned() };
    let stage = Stage::says([Err(lost)]).await;
    let made = stage.people.create(stage.account, &map(json!({ "names": [] }))).await;
    assert_eq!(made.unwrap_err().effect(), Effect::Unknown);
}

#[tokio::test]
async fn a_group_is_made_and_changed() {
    let made =
        json!({ "resourceName": "contactGroups/1a", "name": "CRM", "groupType": "USER_CONTACT_GROUP" });
    let stage = Stage::says([answer(200, &made)]).await;
    let group = stage.people.create_group(stage.account, "CRM").await.unwrap();
    assert_eq!((group.resource_name.as_str(), group.own), ("contactGroups/1a", true));
    assert_eq!(stage.sent()["contactGroup"]["name"], "CRM");
    let changed = json!({ "canNotRemoveLastContactGroupResourceNames": ["people/c2"] });
    let stage = Stage::says([answer(200, &changed)]).await;
    let (add, remove) = (vec!["people/c1".to_owned()], vec!["people/c2".to_owned()]);
    let modified =
        stage.people.modify_members(stage.account, "contactGroups/1a", (&add, &remove)).await.unwrap();
    assert_eq!((modified.kept, modified.not_found.len()), (remove, 0));
    assert!(stage.google.line().starts_with("/people/v1/contactGroups/1a/members:modify?"));
    let many = vec!["people/c1".to_owned(); 1_001];
    let stage = Stage::says([]).await;
    let refused = stage.people.modify_members(stage.account, "contactGroups/1a", (&many, &[])).await;
    assert_eq!(refused, Err(Fault::Invalid("too many people")));
}
