//! Who comes in, and the door that closes. Against the stand-in only: a real CRM would shut us out.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use postern_sandbox::Version;
use serde_json::json;

use super::espo::{ALICE, Espo, Outcome};

async fn espo() -> Result<Espo, std::io::Error> {
    Espo::stand_in(Version::V10_0_0).await
}

#[tokio::test]
async fn nothing_given_is_a_challenge_and_a_wrong_key_is_a_bare_401() -> Outcome {
    let espo = espo().await?;
    let told = espo.send("GET", "Meeting", None, &[]).await;
    assert_eq!((told.status, told.header("www-authenticate")), (401, Some("Basic realm=\"\"")));
    assert_eq!(told.body, "");
    let basic = STANDARD.encode("alice:wrong");
    for (name, value) in [("X-Api-Key", "wrong"), ("Espo-Authorization", &basic), ("Authorization", &basic)] {
        let told = espo.send("GET", "Meeting", None, &[(name, value)]).await;
        assert_eq!((told.status, told.header("www-authenticate"), &*told.body), (401, None, ""), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn a_person_comes_in_with_login_and_password() -> Outcome {
    let espo = espo().await?;
    let login = STANDARD.encode("alice:alice");
    let told = espo.send("GET", "App/user", None, &[("Espo-Authorization", &login)]).await;
    assert_eq!(told.good()["user"]["id"], json!(ALICE));
    let basic = format!("Basic {login}");
    espo.send("GET", "App/user", None, &[("Authorization", &basic)]).await.good();
    Ok(())
}

#[tokio::test]
async fn a_signed_request_may_carry_its_digest_raw_or_in_letters() -> Outcome {
    let espo = espo().await?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, espo.crm().secret().as_bytes());
    let digest = hmac::sign(&key, b"GET /Meeting");
    let letters: String = digest.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
    let named = format!("{}:", espo.key);
    for signed in [digest.as_ref(), letters.as_bytes()] {
        let field = STANDARD.encode([named.as_bytes(), signed].concat());
        let fields = [("X-Hmac-Authorization", field.as_str())];
        espo.send("GET", "Meeting?maxSize=1", None, &fields).await.good();
        assert_eq!(espo.send("GET", "Call", None, &fields).await.status, 401, "another path");
        assert_eq!(espo.send("POST", "Meeting", None, &fields).await.status, 401, "another method");
    }
    let stranger = STANDARD.encode(format!("stranger:{letters}"));
    let told = espo.send("GET", "Meeting", None, &[("X-Hmac-Authorization", &stranger)]).await;
    assert_eq!(told.status, 401, "another key");
    Ok(())
}

#[tokio::test]
async fn more_than_ten_failures_in_a_minute_shut_everybody_at_that_address_out() -> Outcome {
    let espo = espo().await?;
    let wrong = [("X-Api-Key", "wrong")];
    for _ in 0..10 {
        assert_eq!(espo.send("GET", "Meeting", None, &wrong).await.status, 401);
    }
    espo.get("Meeting").await.good();
    assert_eq!(espo.send("GET", "Meeting", None, &wrong).await.status, 401);
    espo.crm().clock().advance(Duration::from_secs(50));
    for told in [espo.get("Meeting").await, espo.send("GET", "Meeting", None, &wrong).await] {
        told.is(403, "");
        assert_eq!(told.body, "");
    }
    // The refused requests have not prolonged it.
    espo.crm().clock().advance(Duration::from_secs(11));
    espo.get("Meeting").await.good();
    Ok(())
}

#[tokio::test]
async fn a_request_without_any_credential_counts_as_no_failure() -> Outcome {
    let espo = espo().await?;
    for _ in 0..20 {
        assert_eq!(espo.send("GET", "Meeting", None, &[]).await.status, 401);
    }
    espo.get("Meeting").await.good();
    Ok(())
}

#[tokio::test]
async fn a_role_opens_entities_and_one_record_can_be_out_of_sight() -> Outcome {
    let espo = espo().await?;
    espo.get("Opportunity").await.is(403, "No read access.");
    let id = espo.meeting(&json!({})).await;
    let path = format!("Meeting/{id}");
    espo.crm().set_visible("Meeting", &id, false);
    espo.get(&path).await.is(403, "No read access.");
    assert_eq!(espo.put(&path, &json!({ "name": "x" })).await.status, 403);
    assert_eq!(espo.delete(&path).await.status, 403);
    assert_eq!(espo.get("Meeting").await.good()["total"], json!(0));
    espo.crm().set_visible("Meeting", &id, true);
    espo.get(&path).await.good();
    espo.crm().set_role("Meeting", false);
    espo.get(&path).await.is(403, "No read access.");
    espo.get("Meeting").await.is(403, "No read access.");
    assert_eq!(espo.post("Meeting", &espo.about(&json!({}))).await.status, 403);
    Ok(())
}
