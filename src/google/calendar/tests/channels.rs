//! Channels on which Google calls us.

use std::time::Duration;

use postern_core::model::secret::Secret;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::channel::{Channel, Wanted};
use super::super::fault::Fault;
use super::{Stage, error};
use crate::google::tests::api::{answer, raw};

fn wanted() -> Wanted {
    Wanted {
        id: Uuid::from_u128(7),
        address: "https://crm.example.com/hooks/google".parse().unwrap(),
        token: Secret::new("t"),
        life: Duration::from_secs(604_800),
    }
}

#[tokio::test]
async fn a_channel_is_opened_and_stopped_by_its_two_names() {
    let opened = json!({ "kind": "api#channel", "id": Uuid::from_u128(7), "resourceId": "r1",
        "expiration": "1764936000000" });
    let stage = Stage::says([answer(200, &opened), raw(204, "")]).await;
    let channel = stage.calendar.watch(stage.account, "c", &wanted()).await.unwrap();
    let ends_at = 1_764_936_000_000_000;
    assert_eq!(channel, Channel { id: Uuid::from_u128(7), resource: "r1".into(), ends_at });
    stage.calendar.stop(stage.account, &channel).await.unwrap();
    let asked = stage.asked();
    let bodies: Vec<Value> = asked.iter().map(|r| serde_json::from_slice(&r.body).unwrap()).collect();
    assert_eq!(asked[0].url.path(), "/calendar/v3/calendars/c/events/watch");
    assert_eq!(
        bodies[0],
        json!({ "id": Uuid::from_u128(7), "type": "web_hook", "token": "t", "params": { "ttl": "604800" },
            "address": "https://crm.example.com/hooks/google" })
    );
    assert_eq!(asked[1].url.path(), "/calendar/v3/channels/stop");
    assert_eq!(bodies[1], json!({ "id": Uuid::from_u128(7), "resourceId": "r1" }));
}

#[tokio::test]
async fn a_channel_without_end_or_resource_is_none() {
    for body in [
        json!({ "resourceId": "r1" }),
        json!({ "resourceId": "r1", "expiration": "soon" }),
        json!({ "resourceId": "r1", "expiration": i64::MAX }),
        json!({ "resourceId": "", "expiration": 1 }),
        json!({ "resourceId": "r".repeat(257), "expiration": 1 }),
        json!({ "expiration": 1 }),
    ] {
        let stage = Stage::says([answer(200, &body)]).await;
        let opened = stage.calendar.watch(stage.account, "c", &wanted()).await;
        assert!(matches!(opened, Err(Fault::Malformed(_))), "{body}: {opened:?}");
    }
}

#[tokio::test]
async fn a_calendar_that_google_does_not_watch_is_told_apart() {
    let reason = "pushNotSupportedForRequestedResource";
    let stage =
        Stage::says([error(400, reason, "Push notifications are not supported by this resource.", None)])
            .await;
    let refused = stage.calendar.watch(stage.account, "c", &wanted()).await;
    assert_eq!(refused, Err(Fault::PushRefused(reason)));
    let stage = Stage::says([error(401, "push.webhookUrlUnauthorized", "Unauthorized WebHook", None)]).await;
    let refused = stage.calendar.watch(stage.account, "c", &wanted()).await;
    assert_eq!(refused, Err(Fault::PushRefused("webhookUrlUnauthorized")));
    assert_eq!(stage.asked().len(), 1, "the access token was not at fault");
}
