use serde_json::{Value, json};

use super::super::connections::{Ask, Next, Size};
use super::super::fault::Fault;
use super::{Stage, error, info};
use crate::google::tests::api::{answer, raw};

const FULL: Ask<'_> = Ask::Full { page: None };

#[tokio::test]
async fn a_list_asks_for_what_the_user_entered_and_for_a_token() {
    let page = json!({ "connections": [{ "resourceName": "people/c1" }], "nextPageToken": "n" });
    let stage = Stage::says([answer(200, &page)]).await;
    let page = stage.people.connections(stage.account, FULL, Size::Full).await.unwrap();
    assert_eq!(page.next, Next::Page("n".to_owned()));
    assert_eq!(page.people[0].resource_name(), "people/c1");
    let line = stage.google.line();
    assert!(line.starts_with("/people/v1/people/me/connections?personFields="), "{line}");
    for wanted in ["sources=READ_SOURCE_TYPE_CONTACT", "requestSyncToken=true", "pageSize=1000", "clientData"]
    {
        assert!(line.contains(wanted), "{line}");
    }
}

#[tokio::test]
async fn the_next_pages_keep_every_parameter() {
    let last = || answer(200, &json!({ "nextSyncToken": "s" }));
    let stage = Stage::says([last(), last()]).await;
    let ask = Ask::Since { sync_token: "s0", page: Some("p") };
    stage.people.connections(stage.account, FULL, Size::Small).await.unwrap();
    let page = stage.people.connections(stage.account, ask, Size::Small).await.unwrap();
    assert_eq!((page.people.len(), page.next), (0, Next::Sync("s".to_owned())));
    let query = |number: usize| stage.google.asked()[number].url.query().unwrap().to_owned();
    assert_eq!(query(1), format!("{}&syncToken=s0&pageToken=p", query(0)));
}

#[tokio::test]
async fn what_is_no_list_is_none() {
    for body in [
        json!({}),
        json!({ "connections": [{ "names": [] }], "nextSyncToken": "s" }),
        json!({ "connections": [{ "resourceName": "people/c1/../c2" }], "nextSyncToken": "s" }),
        json!({ "connections": {}, "nextSyncToken": "s" }),
        json!({ "nextSyncToken": "s".repeat(5_000) }),
    ] {
        let stage = Stage::says([answer(200, &body)]).await;
        let read = stage.people.connections(stage.account, FULL, Size::Full).await;
        assert!(matches!(read, Err(Fault::Malformed(_))), "{body}");
    }
    let stage = Stage::says([raw(200, "<html>")]).await;
    let read = stage.people.connections(stage.account, FULL, Size::Full).await;
    assert!(matches!(read, Err(Fault::Malformed(_))));
}

#[tokio::test]
async fn c_3_a_dead_token_is_told_by_its_reason_and_by_its_words() {
    const WORDS: &str = "Sync token is expired. Clear local cache and retry call without the sync token.";
    for (word, details) in [
        ("FAILED_PRECONDITION", info("EXPIRED_SYNC_TOKEN")),
        ("INVALID_ARGUMENT", info("EXPIRED_SYNC_TOKEN")),
        ("INVALID_ARGUMENT", Value::Null),
        ("FAILED_PRECONDITION", json!([])),
    ] {
        let details = if details.is_null() { json!([]) } else { details };
        let stage = Stage::says([error(400, word, WORDS, &details)]).await;
        let ask = Ask::Since { sync_token: "s0", page: None };
        let read = stage.people.connections(stage.account, ask, Size::Full).await;
        assert_eq!(read, Err(Fault::CursorExpired), "{word}");
    }
    let stage =
        Stage::says([error(400, "INVALID_ARGUMENT", "Invalid personFields mask path.", &json!([]))]).await;
    let ask = Ask::Since { sync_token: "s0", page: None };
    let read = stage.people.connections(stage.account, ask, Size::Full).await;
    assert_eq!(read, Err(Fault::Invalid("INVALID_ARGUMENT")), "which another list would not help");
}

#[tokio::test]
async fn groups_are_those_that_live() {
    let page = json!({ "contactGroups": [
        { "resourceName": "contactGroups/myContacts", "name": "myContacts", "groupType": "SYSTEM_CONTACT_GROUP" },
        { "resourceName": "contactGroups/1a", "name": "Clients", "groupType": "USER_CONTACT_GROUP", "memberCount": 3 },
        { "resourceName": "contactGroups/2b", "metadata": { "deleted": true } },
    ] });
    let stage = Stage::says([answer(200, &page)]).await;
    let groups = stage.people.groups(stage.account).await.unwrap();
    let told: Vec<_> = groups.iter().map(|group| (group.name.as_str(), group.own, group.members)).collect();
    assert_eq!(told, [("myContacts", false, 0), ("Clients", true, 3)]);
}

#[tokio::test]
async fn a_deleted_group_has_no_members() {
    let gone = json!({ "resourceName": "contactGroups/2b", "metadata": { "deleted": true } });
    let stage = Stage::says([answer(200, &gone)]).await;
    let read = stage.people.members(stage.account, "contactGroups/2b", 1_000).await;
    assert_eq!(read, Err(Fault::NotFound));
    let here =
        json!({ "resourceName": "contactGroups/1a", "memberResourceNames": ["people/c1", "people/c2"] });
    let stage = Stage::says([answer(200, &here)]).await;
    let read = stage.people.members(stage.account, "contactGroups/1a", 1_000).await.unwrap();
    assert_eq!(read, ["people/c1", "people/c2"]);
    assert!(stage.google.line().contains("maxMembers=1000"));
}
