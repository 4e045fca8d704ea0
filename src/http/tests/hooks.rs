//! What is shown at the two doors for calls that come by themselves.

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::event::Event;
use postern_core::model::id::CalendarId;
use postern_core::model::secret::Secret;
use uuid::Uuid;

use super::{House, PUBLIC, pages};
use crate::actions::hooks::crm::{Webhooks, signed};
use crate::auth::hash;
use crate::config;
use crate::http::{Metrics, router};
use crate::metrics::Registry;
use crate::store::sync::google_seen::From;
use crate::store::sync::hints::{self, About};
use crate::store::sync::{calendars, channels, crm_hooks, crm_seen};
use crate::store::{Store, accounts};

const CRM: &str = "/postern/hooks/crm";
const GOOGLE: &str = "/postern/hooks/google";
const BODY: &str = r#"[{"id":"6b0360797a5b4f3d1"},{"id":"unheard0fbefore"}]"#;
const CHANNEL: Uuid = Uuid::from_u128(7);

fn signature(by: &str, secret: &str, body: &str) -> String {
    signed(by, secret, body.as_bytes()).0
}

/// A house with one webhook made by hand, one of its own, and a record that is known.
async fn house() -> House {
    let mut house = House::build().await;
    let mut pages = pages(&house.stage, PUBLIC, false);
    let given = config::Webhook { id: "given".into(), secret: Secret::new("s1") };
    pages.webhooks = Webhooks::new(&[given]);
    house.router = router(pages);
    let mut batch = house.stage.store().batch().await.unwrap();
    let own = crm_hooks::Hook { event: "Meeting.update".into(), hook_id: "own".into(), url: "u".into() };
    crm_hooks::put(&mut batch, &own, &Secret::new("s2")).await.unwrap();
    let seen = crm_seen::Seen {
        entity: "Meeting".into(),
        record: "6b0360797a5b4f3d1".into(),
        live: true,
        user: None,
        hash: vec![1; 32],
        content: None,
        people: None,
    };
    crm_seen::put(&mut batch, &[seen], From::Reading).await.unwrap();
    batch.commit().await.unwrap();
    house
}

async fn waits(store: &Store, about: About) -> bool {
    hints::waits(&mut store.read().await.unwrap(), about).await.unwrap().is_some()
}

async fn taken(store: &Store, about: About) {
    let mut batch = store.batch().await.unwrap();
    assert!(hints::take(&mut batch, about).await.unwrap());
    batch.commit().await.unwrap();
}

async fn named(store: &Store) -> Vec<String> {
    let named = crm_seen::named(&mut store.read().await.unwrap(), "Meeting", 10).await.unwrap();
    named.into_iter().map(|(record, _)| record).collect()
}

#[tokio::test]
async fn a_signed_delivery_is_a_hint_and_names_what_is_known() {
    let house = house().await;
    let store = house.stage.store();
    for (by, secret) in [("given", "s1"), ("own", "s2")] {
        let told = house.ask("POST", CRM, &[("signature", &signature(by, secret, BODY))], BODY).await;
        assert_eq!((told.status.as_u16(), told.text.as_str()), (200, ""), "{by}");
        taken(store, About::Crm).await;
        assert_eq!(named(store).await, ["6b0360797a5b4f3d1"], "what is not known is not kept");
    }
    // The signature alone counts: neither a type nor what the body says of itself.
    let text = "no batch";
    let fields = [("signature", &*signature("own", "s2", text)), ("content-type", "text/plain")];
    assert_eq!(house.ask("POST", CRM, &fields, text).await.status, 200);
    taken(store, About::Crm).await;
}

#[tokio::test]
async fn a_delivery_that_is_sent_again_is_the_same_hint() {
    let house = house().await;
    let fields = [("signature", &*signature("own", "s2", BODY))];
    for _ in 0..50 {
        assert_eq!(house.ask("POST", CRM, &fields, BODY).await.status, 200);
    }
    taken(house.stage.store(), About::Crm).await;
    assert!(!waits(house.stage.store(), About::Crm).await);
    assert_eq!(named(house.stage.store()).await.len(), 1);
}

#[tokio::test]
async fn what_no_webhook_of_ours_has_signed_is_refused_without_a_word() {
    let house = house().await;
    let right = signature("own", "s2", BODY);
    let wrong = [
        signature("own", "s1", BODY),
        signature("other", "s2", BODY),
        signature("own", "s2", "[]"),
        right[..right.len() - 4].to_owned(),
        String::new(),
        "nonsense!".to_owned(),
    ];
    for signature in &wrong {
        let told = house.ask("POST", CRM, &[("signature", signature)], BODY).await;
        assert_eq!((told.status.as_u16(), told.text.as_str()), (403, ""), "{signature}");
    }
    assert_eq!(house.ask("GET", CRM, &[], "").await.status, 405);
    assert!(!waits(house.stage.store(), About::Crm).await);
    assert!(named(house.stage.store()).await.is_empty());
}

#[tokio::test]
async fn no_body_is_read_that_is_too_large_or_of_a_stranger() {
    let house = house().await;
    let (large, limit) = ("x".repeat(1024 * 1024 + 1), (1024 * 1024 + 1).to_string());
    let known = signature("own", "s2", &large);
    assert_eq!(house.ask("POST", CRM, &[("signature", &known)], &large).await.status, 413, "as it comes");
    let told = house.ask("POST", CRM, &[("signature", &known), ("content-length", &limit)], "").await;
    assert_eq!(told.status, 413, "before it comes");
    let told = house.ask("POST", CRM, &[("signature", &signature("x", "s2", &large))], &large).await;
    assert_eq!(told.status, 403);
    assert!(!waits(house.stage.store(), About::Crm).await);
}

async fn watched(house: &House) -> CalendarId {
    let store = house.stage.store();
    let anna = Address::parse("watcher@example.com").unwrap();
    let mut act = store.act(&Actor::Gateway, "").await.unwrap();
    let account = accounts::insert(&mut act, &anna, None, State::Active).await.unwrap().id;
    let calendar = calendars::put(&mut act, anna.as_str(), "Name", "UTC").await.unwrap();
    act.commit(Event::ConsentLinkIssued { account, address: anna }).await.unwrap();
    let mut batch = store.batch().await.unwrap();
    let life = std::time::Duration::from_secs(3_600);
    let (token_hash, address) = (hash::of("t1"), "https://crm.example.com/postern/hooks/google");
    let meant = channels::Meant { id: CHANNEL, calendar, account, token_hash, address, life };
    channels::mean(&mut batch, &meant, 0).await.unwrap();
    channels::opened(&mut batch, CHANNEL, "r1", i64::MAX, i64::MAX).await.unwrap();
    batch.commit().await.unwrap();
    calendar
}

async fn call(house: &House, [channel, token, resource, state]: [&str; 4]) -> (u16, String) {
    let fields = [
        ("x-goog-channel-id", channel),
        ("x-goog-channel-token", token),
        ("x-goog-resource-id", resource),
        ("x-goog-resource-state", state),
    ];
    let told = house.ask("POST", GOOGLE, &fields, "").await;
    (told.status.as_u16(), told.text)
}

#[tokio::test]
async fn a_call_on_a_channel_is_a_hint_about_its_calendar() {
    let house = house().await;
    let about = About::Calendar(watched(&house).await);
    let id = CHANNEL.to_string();
    assert_eq!(call(&house, [&id, "t1", "r1", "sync"]).await, (200, String::new()));
    assert!(!waits(house.stage.store(), about).await, "it was opened, nothing has changed");
    for state in ["exists", "not_exists", ""] {
        assert_eq!(call(&house, [&id, "t1", "r1", state]).await.0, 200);
        taken(house.stage.store(), about).await;
    }
}

#[tokio::test]
async fn a_call_on_no_channel_of_ours_finds_nothing() {
    let house = house().await;
    let about = About::Calendar(watched(&house).await);
    let (id, other) = (CHANNEL.to_string(), Uuid::from_u128(8).to_string());
    for shown in [
        [&*other, "t1", "r1", "exists"],
        [&id, "t2", "r1", "exists"],
        [&id, "", "r1", "exists"],
        [&id, "t1", "r2", "exists"],
        ["", "", "", ""],
        ["no-uuid", "t1", "r1", "exists"],
    ] {
        assert_eq!(call(&house, shown).await, (404, String::new()), "{shown:?}");
    }
    assert!(!waits(house.stage.store(), about).await);
}

#[tokio::test]
async fn calls_are_counted_by_what_became_of_them() {
    let (mut house, registry) = (house().await, Registry::default());
    let mut pages = pages(&house.stage, PUBLIC, false);
    pages.metrics = Metrics::register(&registry);
    house.router = router(pages);
    house.ask("POST", CRM, &[("signature", &signature("own", "s2", BODY))], BODY).await;
    house.ask("POST", CRM, &[], BODY).await;
    house.ask("POST", GOOGLE, &[], "").await;
    let figures = registry.text();
    for line in
        ["crm\",outcome=\"taken\"} 1", "crm\",outcome=\"refused\"} 1", "google\",outcome=\"refused\"} 1"]
    {
        assert!(figures.contains(&format!("postern_hooks_total{{from=\"{line}")), "{figures}");
    }
}
