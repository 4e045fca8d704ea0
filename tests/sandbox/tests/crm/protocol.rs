//! Statuses, headers and reasons.

use serde_json::{Value, json};

use super::espo::{Outcome, everywhere};

#[tokio::test]
async fn a_create_answers_200_with_the_record_and_headers_of_a_page_never_stored() -> Outcome {
    everywhere(async |espo| {
        let told = espo.post("Meeting", &espo.about(&json!({}))).await;
        assert_eq!(told.status, 200);
        assert_eq!(told.header("content-type"), Some("application/json"));
        assert!(told.header("x-app-timestamp").is_some_and(|stamp| stamp.parse::<u64>().is_ok()));
        assert!(told.header("cache-control").is_some_and(|rule| rule.starts_with("no-store")));
        assert_eq!(told.header("expires"), Some("0"));
        assert_eq!(told.header("etag"), None);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_identity_is_17_hexadecimal_digits_of_the_crms_own_choice() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({ "id": "0123456789abcdef0" })).await;
        assert_ne!(id, "0123456789abcdef0");
        assert!(id.len() == 17 && id.bytes().all(|octet| octet.is_ascii_hexdigit()), "{id}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn attributes_that_nobody_may_set_are_ignored_without_a_word() -> Outcome {
    everywhere(async |espo| {
        let odd = json!({ "noSuchAttr": "x", "uid": "u", "joinUrl": "https://meet", "deleted": true,
            "createdAt": "2001-01-01 00:00:00", "modifiedAt": "2001-01-01 00:00:00", "createdById": "1" });
        let id = espo.meeting(&odd).await;
        let read = espo.read("Meeting", &id).await;
        assert_eq!((&read["noSuchAttr"], &read["joinUrl"]), (&Value::Null, &Value::Null));
        assert_eq!(read["deleted"], json!(false));
        assert!(read["createdAt"].as_str().is_some_and(|at| at > "2026"), "{read}");
        assert!(read["modifiedAt"].as_str().is_some_and(|at| at > "2026"), "{read}");
        assert_ne!(read["createdById"], json!("1"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn put_and_patch_answer_200_with_the_whole_record() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({})).await;
        let told = espo.put(&format!("Meeting/{id}"), &json!({ "description": "a" })).await.good();
        assert_eq!((&told["description"], &told["status"]), (&json!("a"), &json!("Planned")));
        let path = format!("Meeting/{id}");
        let told = espo.ask("PATCH", &path, Some(r#"{"description":"b"}"#), &[]).await.good();
        assert_eq!(told["description"], json!("b"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_deleted_record_is_gone_from_every_way_of_asking() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({})).await;
        let path = format!("Meeting/{id}");
        assert_eq!(espo.delete(&path).await.good(), json!(true));
        espo.get(&path).await.is(404, &format!("Record {id} does not exist."));
        espo.put(&path, &json!({ "name": "x" })).await.is(404, &format!("Record {id} not found."));
        espo.delete(&path).await.is(404, &format!("Record {id} not found."));
        let place = "whereGroup[0][attribute]=id&whereGroup[0][type]=equals&whereGroup[0][value]";
        let list = espo.get(&format!("Meeting?{place}={id}")).await;
        assert_eq!(list.good()["total"], json!(0));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_the_crm_does_not_have_is_404_with_or_without_a_reason() -> Outcome {
    everywhere(async |espo| {
        espo.get("Nonsense").await.is(404, "Controller 'Nonsense' does not exist.");
        espo.get("Meeting/ffffffffffffffff1").await.is(404, "Record ffffffffffffffff1 does not exist.");
        let told = espo.get("Meeting/1/2/3/4/5").await;
        assert_eq!(told.status, 404);
        assert!(told.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{told:?}");
        let told = espo.ask("PATCH", "Meeting", Some("{}"), &[]).await;
        assert_eq!(told.status, 405);
        assert!(told.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{told:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn broken_json_is_a_500_without_a_word() -> Outcome {
    everywhere(async |espo| {
        let told = espo.ask("POST", "Meeting", Some("{\"name\":"), &[]).await;
        told.is(500, "");
        assert_eq!(told.body, "");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_body_that_is_no_object_misses_the_first_required_field() -> Outcome {
    everywhere(async |espo| {
        espo.ask("POST", "Meeting", Some("[]"), &[]).await.is_invalid("Meeting", "name", "required");
        espo.ask("POST", "Meeting", Some(""), &[]).await.is_invalid("Meeting", "name", "required");
        let plain = [("Content-Type", "text/plain")];
        let told = espo.ask("POST", "Meeting", Some(r#"{"name":"x"}"#), &plain).await;
        told.is_invalid("Meeting", "name", "required");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_related_record_that_is_not_there_is_403() -> Outcome {
    everywhere(async |espo| {
        let ghost = espo.about(&json!({ "contactsIds": ["ffffffffffffffff1"] }));
        let told = espo.post("Meeting", &ghost).await;
        told.is(403, "Can't relate with non-existing record. entity type: Meeting, link: contacts.");
        let message = json!({ "label": "cannotRelateNonExisting", "scope": null,
            "data": { "foreignEntityType": "Contact" } });
        assert_eq!(told.json()["messageTranslation"], message);
        let ghost = espo.about(&json!({ "assignedUserId": "ffffffffffffffff1" }));
        let told = espo.post("Meeting", &ghost).await;
        told.is(403, "Can't relate with non-existing record. entity type: Meeting, link: assignedUser.");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_stale_version_number_stops_no_write_to_a_meeting() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({})).await;
        let stale = [("X-Version-Number", "0")];
        let path = format!("Meeting/{id}");
        espo.ask("PUT", &path, Some(r#"{"description":"x"}"#), &stale).await.good();
        Ok(())
    })
    .await
}

#[tokio::test]
async fn head_is_an_unknown_action_and_options_are_listed() -> Outcome {
    everywhere(async |espo| {
        let told = espo.ask("HEAD", "Meeting", None, &[]).await;
        assert_eq!(told.status, 404);
        assert!(told.reason().starts_with("Action HEAD 'list' does not exist"), "{told:?}");
        let told = espo.ask("OPTIONS", "Meeting", None, &[]).await;
        assert_eq!((told.status, told.header("allow")), (200, Some("GET, POST")));
        Ok(())
    })
    .await
}
