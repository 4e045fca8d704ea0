//! What the CRM tells of itself and of its users.

use serde_json::{Value, json};

use super::espo::{Outcome, everywhere};

#[tokio::test]
async fn settings_tell_the_release_the_zone_and_the_address() -> Outcome {
    everywhere(async |espo| {
        let settings = espo.get("Settings").await.good();
        for name in ["version", "timeZone", "siteUrl"] {
            assert!(settings[name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_caller_learns_who_it_is_and_what_it_may_do() -> Outcome {
    everywhere(async |espo| {
        let told = espo.get("App/user").await.good();
        assert_eq!(told["user"]["type"], json!("api"));
        assert_eq!(told["acl"]["table"]["Meeting"]["read"], json!("all"));
        let id = espo.meeting(&json!({})).await;
        assert_eq!(espo.read("Meeting", &id).await["createdById"], told["user"]["id"]);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn metadata_tell_which_fields_there_are() -> Outcome {
    everywhere(async |espo| {
        let field = espo.get("Metadata?key=entityDefs.Meeting.fields.status").await.good();
        assert!(field["options"].as_array().is_some_and(|all| all.contains(&json!("Not Held"))), "{field}");
        let absent = espo.get("Metadata?key=entityDefs.Meeting.fields.nope").await;
        assert!(absent.status != 200 || absent.json().is_null(), "{absent:?}");
        let held = espo.get("Metadata?key=scopes.Meeting.completedStatusList").await.good();
        assert_eq!(held, json!(["Held"]));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn users_show_their_address_and_state_but_no_zone() -> Outcome {
    everywhere(async |espo| {
        let list = espo.get("User?maxSize=200").await.good();
        let rows = list["list"].as_array().cloned().unwrap_or_default();
        let alice = rows.iter().find(|row| row["id"] == json!(espo.alice)).cloned().unwrap_or_default();
        for name in ["userName", "emailAddress", "type", "isActive"] {
            assert_ne!(alice[name], Value::Null, "{name}: {alice}");
        }
        assert!(alice.get("timeZone").is_none());
        assert!(rows.iter().all(|row| row["type"] != "api"), "the API user is no person");
        let read = espo.read("User", &espo.alice).await;
        assert!(read["emailAddressData"].is_array(), "{read}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn preferences_of_others_are_closed() -> Outcome {
    everywhere(async |espo| {
        assert_eq!(espo.get(&format!("Preferences/{}", espo.alice)).await.status, 403);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn several_records_are_deleted_in_one_act() -> Outcome {
    everywhere(async |espo| {
        let ids = [espo.meeting(&json!({})).await, espo.meeting(&json!({})).await];
        let act =
            json!({ "entityType": "Meeting", "action": "delete", "params": { "ids": ids }, "idle": false });
        assert_eq!(espo.post("MassAction", &act).await.good()["count"], json!(2));
        for id in ids {
            assert_eq!(espo.get(&format!("Meeting/{id}")).await.status, 404);
        }
        Ok(())
    })
    .await
}
