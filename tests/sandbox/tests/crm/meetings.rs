//! Meetings and calls: names, times, and what counts as a change.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::espo::{Espo, Outcome, everywhere};

#[tokio::test]
async fn a_meeting_needs_a_name_a_start_and_an_assigned_user() -> Outcome {
    everywhere(async |espo| {
        for (missing, field) in
            [("name", "name"), ("dateStart", "dateStart"), ("assignedUserId", "assignedUser")]
        {
            for entity in ["Meeting", "Call"] {
                let mut about = espo.about(&json!({}));
                about.as_object_mut().expect("an object").remove(missing);
                espo.post(entity, &about).await.is_invalid(entity, field, "required");
            }
        }
        let id = espo.meeting(&json!({})).await;
        let told = espo.put(&format!("Meeting/{id}"), &json!({ "assignedUserId": null })).await;
        told.is_invalid("Meeting", "assignedUser", "required");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_name_holds_no_angle_brackets_and_no_equals_sign() -> Outcome {
    everywhere(async |espo| {
        for bad in ["a < b", "a > b", "a = b"] {
            let told = espo.post("Meeting", &espo.about(&json!({ "name": bad }))).await;
            told.is_invalid("Meeting", "name", "pattern");
        }
        let fine = "Káva & \"cake\" 🎂 it's";
        let id = espo.meeting(&json!({ "name": fine })).await;
        assert_eq!(espo.read("Meeting", &id).await["name"], json!(fine));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_name_is_trimmed_and_at_most_255_characters() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({ "name": "  two\nlines  " })).await;
        assert_eq!(espo.read("Meeting", &id).await["name"], json!("two\nlines"));
        let blank = espo.post("Meeting", &espo.about(&json!({ "name": "  " }))).await;
        blank.is_invalid("Meeting", "name", "required");
        let long = espo.post("Meeting", &espo.about(&json!({ "name": "x".repeat(300) }))).await;
        long.is_invalid("Meeting", "name", "maxLength");
        espo.meeting(&json!({ "name": "é".repeat(255) })).await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_description_is_kept_as_it_was_sent() -> Outcome {
    everywhere(async |espo| {
        let text = " <b>bold</b>\r\n\ttab = 1 ";
        let id = espo.meeting(&json!({ "description": text })).await;
        assert_eq!(espo.read("Meeting", &id).await["description"], json!(text));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn four_forms_of_a_time_are_taken_and_read_back_as_utc() -> Outcome {
    everywhere(async |espo| {
        for (form, read) in [
            ("2026-12-01 09:00:00", "2026-12-01 09:00:00"),
            ("2026-12-01 09:00", "2026-12-01 09:00:00"),
            ("2026-12-01T09:00:00Z", "2026-12-01 09:00:00"),
            ("2026-12-01T09:00:00+02:00", "2026-12-01 07:00:00"),
        ] {
            let id = espo.meeting(&json!({ "dateStart": form })).await;
            assert_eq!(espo.read("Meeting", &id).await["dateStart"], json!(read), "{form}");
        }
        let about = espo.about(&json!({ "dateStart": "2026-12-01 09:00" }));
        assert_eq!(espo.made("Meeting", &about).await["dateStart"], json!("2026-12-01 09:00"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn other_forms_of_a_time_are_refused() -> Outcome {
    everywhere(async |espo| {
        for form in ["2026-12-01T09:00:00.000Z", "2026-12-01", "2026-02-30 09:00:00", "tomorrow"] {
            let told = espo.post("Meeting", &espo.about(&json!({ "dateStart": form }))).await;
            told.is_invalid("Meeting", "dateStart", "valid");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_end_may_be_missing_or_lie_before_the_start() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({ "dateEnd": "2026-12-01 10:00:00" })).await;
        assert_eq!(espo.read("Meeting", &id).await["duration"], json!(-3600));
        let mut about = espo.about(&json!({ "duration": 1800 }));
        about.as_object_mut().expect("an object").remove("dateEnd");
        let made = espo.made("Meeting", &about).await;
        let read = espo.read("Meeting", made["id"].as_str().unwrap_or_default()).await;
        assert_eq!(read["dateEnd"], Value::Null, "a duration sets no end");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_answer_to_a_create_shows_the_default_duration() -> Outcome {
    everywhere(async |espo| {
        for (entity, default) in [("Meeting", 3600), ("Call", 300)] {
            let about = espo.about(&json!({ "dateEnd": "2026-12-01 13:30:00" }));
            let made = espo.made(entity, &about).await;
            assert_eq!(made["duration"], json!(default), "{entity}");
            assert!(made.get("description").is_none() && made.get("modifiedById").is_none(), "{made}");
            assert_eq!(made["modifiedByName"], Value::Null);
            assert_eq!(made.get("dateStartDate").is_some(), espo.is_ten && entity == "Meeting", "{made}");
            let read = espo.read(entity, made["id"].as_str().unwrap_or_default()).await;
            assert_eq!(read["duration"], json!(9000), "{entity}");
            assert!(read.get("description").is_some() && read.get("modifiedById").is_some(), "{read}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn only_a_start_moves_the_end_with_it() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({})).await;
        let moved = json!({ "dateStart": "2026-12-01 13:00:00" });
        let told = espo.put(&format!("Meeting/{id}"), &moved).await.good();
        assert_eq!(told["dateEnd"], json!("2026-12-01 14:00:00"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_status_is_one_of_three() -> Outcome {
    everywhere(async |espo| {
        let told = espo.post("Meeting", &espo.about(&json!({ "status": "Nope" }))).await;
        told.is_invalid("Meeting", "status", "valid");
        for status in ["Planned", "Held", "Not Held"] {
            espo.meeting(&json!({ "status": status })).await;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn reminders_of_an_api_user_are_dropped() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({ "reminders": [{ "type": "Popup", "seconds": 900 }] })).await;
        assert_eq!(espo.read("Meeting", &id).await["reminders"], json!([]));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn every_put_is_a_change_of_this_second_by_whoever_sent_it() -> Outcome {
    everywhere(async |espo| {
        let id = espo.meeting(&json!({})).await;
        let read = espo.read("Meeting", &id).await;
        assert_eq!((&read["modifiedById"], &read["modifiedAt"]), (&Value::Null, &read["createdAt"]));
        second_passes(espo).await;
        // The same name again.
        let same = json!({ "name": read["name"], "modifiedAt": "2030-01-01 00:00:00" });
        let told = espo.put(&format!("Meeting/{id}"), &same).await.good();
        assert!(told["modifiedAt"].as_str() > read["modifiedAt"].as_str(), "{told}");
        assert!(told["modifiedAt"].as_str() < Some("2030"), "{told}");
        assert_eq!(told["modifiedById"], told["createdById"]);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_change_of_answers_alone_bumps_the_time_and_the_relation_panel_does_not() -> Outcome {
    everywhere(async |espo| {
        let carl = espo.contact("Carl").await;
        let id = espo.meeting(&json!({})).await;
        let path = format!("Meeting/{id}");
        let first = espo.read("Meeting", &id).await["modifiedAt"].clone();
        second_passes(espo).await;
        let related = espo.post(&format!("{path}/contacts"), &json!({ "id": carl })).await;
        assert_eq!(related.good(), json!(true));
        let read = espo.read("Meeting", &id).await;
        assert_eq!((&read["modifiedAt"], &read["contactsIds"]), (&first, &json!([carl])));
        let named = json!({ "id": carl }).to_string();
        let gone = espo.ask("DELETE", &format!("{path}/contacts"), Some(&named), &[]).await;
        assert_eq!(gone.good(), json!(true));
        let read = espo.read("Meeting", &id).await;
        assert_eq!((&read["modifiedAt"], &read["contactsIds"]), (&first, &json!([])));
        let columns = json!({ "usersColumns": { (espo.alice.as_str()): { "status": "Declined" } } });
        assert_ne!(espo.put(&path, &columns).await.good()["modifiedAt"], first);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_account_is_shown_for_the_parent_of_a_meeting() -> Outcome {
    everywhere(async |espo| {
        let account = espo.made("Account", &json!({ "name": super::espo::unique("Acme") })).await;
        let id = espo.meeting(&json!({ "parentType": "Account", "parentId": account["id"] })).await;
        let read = espo.read("Meeting", &id).await;
        assert_eq!((&read["accountId"], &read["parentName"]), (&account["id"], &account["name"]));
        Ok(())
    })
    .await
}

async fn second_passes(espo: &Espo) {
    match &espo.crm {
        Some(crm) => crm.clock().advance(Duration::from_secs(1)),
        None => sleep(Duration::from_millis(1100)).await,
    }
}
