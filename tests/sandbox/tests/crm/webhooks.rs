//! Asking for webhooks. How they are delivered is in `deliveries`.

use postern_sandbox::Version;
use serde_json::{Value, json};

use super::espo::{Espo, Outcome, everywhere};

#[tokio::test]
async fn an_event_that_the_crm_does_not_have_is_refused() -> Outcome {
    everywhere(async |espo| {
        for event in ["Meeting.explode", "Nonsense.create", "Meeting", "Meeting.fieldUpdate"] {
            let told = espo.post("Webhook", &json!({ "event": event, "url": "http://example.com/" })).await;
            told.is(403, "Not supported event.");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_webhook_is_made_with_201_and_a_secret() -> Outcome {
    for version in super::espo::VERSIONS {
        let espo = Espo::stand_in(version).await?;
        espo.crm().allow_webhooks_to("localhost:9099");
        let hook = json!({ "event": "Meeting.fieldUpdate.status", "url": "http://localhost:9099/hook",
            "skipOwn": true });
        let told = espo.post("Webhook", &hook).await;
        assert_eq!(told.status, 201, "{told:?}");
        let made = told.json();
        assert!(made["secretKey"].as_str().is_some_and(|key| key.len() == 32), "{made}");
        assert_eq!((&made["entityType"], &made["type"]), (&json!("Meeting"), &json!("fieldUpdate")));
        assert_eq!((&made["field"], &made["skipOwn"]), (&json!("status"), &json!(true)));
        let list = espo.get("Webhook").await.good();
        assert_eq!((&list["total"], &list["list"][0]["id"]), (&json!(1), &made["id"]));
        let path = format!("Webhook/{}", made["id"].as_str().unwrap_or_default());
        assert_eq!(espo.delete(&path).await.good(), json!(true));
        assert_eq!(espo.get("Webhook").await.good()["total"], json!(0));
    }
    Ok(())
}

#[tokio::test]
async fn an_address_inside_the_network_must_be_listed_since_9_3() -> Outcome {
    for version in super::espo::VERSIONS {
        let espo = Espo::stand_in(version).await?;
        let hook = json!({ "event": "Meeting.create", "url": "http://127.0.0.1:9099/hook" });
        let told = espo.post("Webhook", &hook).await;
        if version == Version::V9_2_7 {
            assert_eq!(told.status, 201, "{told:?}");
            assert_eq!(told.json()["field"], Value::Null);
            continue;
        }
        told.is_invalid("Webhook", "url", "notInternal");
        let public = json!({ "event": "Meeting.create", "url": "https://postern.example.com/hooks/crm" });
        assert_eq!(espo.post("Webhook", &public).await.status, 201);
        espo.crm().allow_webhooks_to("127.0.0.1:9099");
        let made = espo.post("Webhook", &hook).await;
        assert_eq!(made.status, 201);
        let path = format!("Webhook/{}", made.json()["id"].as_str().unwrap_or_default());
        let moved = json!({ "url": "http://10.0.0.1/hook" });
        espo.put(&path, &moved).await.is_invalid("Webhook", "url", "notInternal");
    }
    Ok(())
}
