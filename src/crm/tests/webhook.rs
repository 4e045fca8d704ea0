//! Webhooks, and what they deliver.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_core::model::secret::Secret;
use serde_json::json;

use crate::crm::fault::Fault;
use crate::crm::id::Id;
use crate::crm::trial::{Crm, signed};
use crate::crm::webhook::{Event, Signed, hints, verify};

const BODY: &[u8] = br#"[{"id":"6b0360797a5b4f3d1"}]"#;

fn id(text: &str) -> Id {
    Id::parse(text).unwrap()
}

fn check(signature: Option<&str>, legacy: Option<&str>) -> Option<Id> {
    let secrets = [(id("w1"), Secret::new("s1")), (id("w2"), Secret::new("s2"))];
    let signed = Signed { signature, legacy };
    let (by, secret) = secrets.into_iter().find(|(known, _)| Some(known) == signed.sender().as_ref())?;
    verify(BODY, signed, &secret).then_some(by)
}

#[test]
fn a_delivery_is_that_of_the_webhook_whose_secret_signed_it() {
    let (signature, legacy) = signed("w2", "s2", BODY);
    assert_eq!(check(Some(&signature), None), Some(id("w2")));
    assert_eq!(check(None, Some(&legacy)), Some(id("w2")));
    assert_eq!(check(Some(&signature), Some("nonsense")), Some(id("w2")));
}

#[test]
fn whatever_else_is_shown_is_no_signature() {
    let (right, legacy) = signed("w2", "s2", BODY);
    for (by, secret, body) in
        [("w1", "s2", BODY), ("w3", "s2", BODY), ("w2", "s2", b"[]".as_slice()), ("", "s2", BODY)]
    {
        let (signature, raw) = signed(by, secret, body);
        assert_eq!(check(Some(&signature), None), None, "{by} {secret}");
        assert_eq!(check(None, Some(&raw)), None, "{by} {secret}");
    }
    let short = STANDARD.encode("w2:");
    for field in ["", "nonsense!", &short, &legacy, &right[..right.len() - 4], &"A".repeat(600)] {
        assert_eq!(check(Some(field), Some(&legacy)), None, "{field}");
    }
    assert_eq!(check(None, None), None);
}

#[test]
fn a_delivery_names_records_and_nothing_of_what_it_says_is_kept() {
    let body = br#"[{"id":"b","name":"x"},{"id":"a","reminders":[]},{"id":"b"}]"#;
    assert_eq!(hints(body), Some(vec![id("a"), id("b")]));
    let many = format!("[{}]", vec!["{\"id\":\"a\"}"; 1001].join(","));
    let large = format!("[{{\"id\":\"a\",\"name\":\"{}\"}}]", "x".repeat(1024 * 1024));
    for text in ["", "{}", "[{}]", "[1]", r#"[{"id":"../a"}]"#, &many, &large] {
        assert_eq!(hints(text.as_bytes()), None, "{text:.30}");
    }
}

#[tokio::test]
async fn a_webhook_is_made_without_echoes_and_keeps_its_secret() {
    let made = r#"{"id":"6b03607aba0455fe4","event":"Meeting.create","url":"https://p.example.com/h",
        "secretKey":"e90b5cca85f82b2a9a6d61559c6ea4fc","skipOwn":true}"#;
    let url = "https://p.example.com/h".parse().unwrap();
    let (crm, client) = Crm::of(&[(201, "", made), (200, "", r#"{"list":[{"id":"1"}],"total":1}"#)]);
    let webhook = client.add_webhook("Meeting", Event::Create, &url).await.unwrap();
    assert_eq!(webhook.secret.unwrap().reveal(), "e90b5cca85f82b2a9a6d61559c6ea4fc");
    assert_eq!(crm.sent(), json!({ "event": "Meeting.create", "url": url.as_str(), "skipOwn": true }));
    assert_eq!(client.webhooks().await, Ok(Vec::new()));
    let (_, client) =
        Crm::of(&[(403, "Not supported event.", ""), (201, "", r#"{"id":"1","event":"a","url":"b"}"#)]);
    assert!(matches!(client.add_webhook("X", Event::Update, &url).await, Err(Fault::NoAccess { .. })));
    assert!(matches!(client.add_webhook("X", Event::Delete, &url).await, Err(Fault::Malformed(_))));
}
