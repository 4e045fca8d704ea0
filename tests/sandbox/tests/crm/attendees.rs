//! Who takes part, and what they answered.

use serde_json::{Value, json};

use super::espo::{Outcome, everywhere};

#[tokio::test]
async fn the_assigned_user_is_always_among_the_users() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({ "usersIds": [espo.bob] })).await;
        let read = espo.read("Meeting", &id).await;
        let users = read["usersIds"].as_array().cloned().unwrap_or_default();
        assert!(
            users.len() == 2 && users.contains(&json!(espo.alice)) && users.contains(&json!(espo.bob)),
            "{read}"
        );
        let path = format!("Meeting/{id}");
        let told = espo.put(&path, &json!({ "usersIds": [] })).await.good();
        assert_eq!(told["usersIds"], json!([espo.alice]));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_list_replaces_everybody_of_its_kind_and_keeps_answers_of_those_who_stay() -> Outcome {
    everywhere(async |espo| {
        let (carl, dora) = (espo.contact("Carl").await, espo.contact("Dora").await);
        let columns = json!({ (carl.as_str()): { "status": "Accepted" } });
        let id = espo.meeting(&json!({ "contactsIds": [carl], "contactsColumns": columns })).await;
        assert_eq!(espo.read("Meeting", &id).await["contactsColumns"], columns);
        let both = json!({ "contactsIds": [carl, dora] });
        let told = espo.put(&format!("Meeting/{id}"), &both).await.good();
        assert_eq!(told["contactsColumns"][&carl]["status"], json!("Accepted"));
        assert_eq!(told["contactsColumns"][&dora]["status"], json!("None"));
        let told = espo.put(&format!("Meeting/{id}"), &json!({ "contactsIds": [dora] })).await.good();
        assert_eq!(told["contactsIds"], json!([dora]));
        assert_eq!(told["usersIds"], json!([espo.alice]), "another kind is left alone");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_answer_may_be_any_word() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({})).await;
        let columns = json!({ "usersColumns": { (espo.alice.as_str()): { "status": "Nope" } } });
        let told = espo.put(&format!("Meeting/{id}"), &columns).await.good();
        assert_eq!(told["usersColumns"][&espo.alice]["status"], json!("Nope"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_api_user_may_not_relate_users_nor_answer_for_itself() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({})).await;
        let told = espo.post(&format!("Meeting/{id}/users"), &json!({ "id": espo.bob })).await;
        told.is(403, "No foreign record access for link operation (Meeting:users).");
        let answer = json!({ "id": id, "status": "Accepted" });
        assert_eq!(espo.post("Meeting/action/setAcceptanceStatus", &answer).await.status, 403);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_people_of_a_meeting_are_listed_with_their_answers_and_addresses() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({ "usersIds": [espo.alice, espo.bob] })).await;
        let list = espo.get(&format!("Meeting/{id}/users")).await.good();
        assert_eq!(list["total"], json!(2));
        let rows = list["list"].as_array().cloned().unwrap_or_default();
        for row in rows {
            assert_eq!(row["acceptanceStatus"], json!("None"));
            assert_ne!(row["emailAddress"], Value::Null);
            assert!(row.get("emailAddressData").is_none(), "{row}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_call_maps_whom_it_can_reach_to_their_numbers() -> Outcome {
    everywhere(async |espo| {
        let person = json!({ "lastName": super::espo::unique("Ring"), "phoneNumber": "+15551234567" });
        let contact = espo.made("Contact", &person).await["id"].clone();
        let call = espo.made("Call", &espo.about(&json!({ "contactsIds": [contact] }))).await;
        let place = format!("Contact_{}", contact.as_str().unwrap_or_default());
        assert_eq!(call["phoneNumbersMap"], json!({ (place): "+15551234567" }));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_is_named_twice_comes_once_and_who_is_deleted_not_at_all() -> Outcome {
    everywhere(async |espo| {
        let carl = espo.contact("Carl").await;
        let id = espo.meeting(&json!({ "contactsIds": [carl, carl] })).await;
        assert_eq!(espo.read("Meeting", &id).await["contactsIds"], json!([carl]));
        espo.delete(&format!("Contact/{carl}")).await.good();
        let read = espo.read("Meeting", &id).await;
        assert_eq!((&read["contactsIds"], &read["contactsColumns"]), (&json!([]), &json!({})));
        Ok(())
    })
    .await
}
