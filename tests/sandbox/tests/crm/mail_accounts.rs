//! Mail accounts: their guards, as they were recorded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use postern_sandbox::Version;
use serde_json::{Value, json};

use super::espo::{Espo, Outcome, VERSIONS};

fn account(espo: &Espo, host: &str) -> Value {
    json!({ "name": "Gmail", "emailAddress": "alice@example.com", "status": "Active",
        "assignedUserId": espo.alice, "useImap": true, "host": host, "port": 1143, "security": "",
        "username": "alice@example.com", "password": "pst_x", "monitoredFolders": ["INBOX"] })
}

/// As the administrator does it.
async fn allow(espo: &Espo, places: &[&str]) -> u16 {
    let login = STANDARD.encode(format!("admin:{}", espo.crm().admin_password()));
    let body = json!({ "emailServerAllowedAddressList": places }).to_string();
    espo.send("PUT", "Settings", Some(&body), &[("Espo-Authorization", &login)]).await.status
}

#[tokio::test]
async fn an_internal_host_must_be_listed_since_9_3_2() -> Outcome {
    for version in VERSIONS {
        let espo = Espo::stand_in(version).await?;
        let told = espo.post("EmailAccount", &account(&espo, "127.0.0.1")).await;
        if version == Version::V9_2_7 {
            assert_eq!(told.good()["password"], Value::Null, "passwords are never shown");
            continue;
        }
        let reason = "Host '127.0.0.1' is not allowed as it's internal. To allow, add `127.0.0.1:1143` to the \
                      config parameter `emailServerAllowedAddressList`.";
        told.is(403, reason);
        let tried = json!({ "host": "127.0.0.1", "port": 1143, "password": "pst_x" });
        let action = "EmailAccount/action";
        espo.post(&format!("{action}/testConnection"), &tried).await.is(403, "Not allowed host.");
        espo.post(&format!("{action}/getFolders"), &tried).await.is(403, "Not allowed internal host.");
        assert_eq!(allow(&espo, &["127.0.0.1:1143"]).await, 200);
        espo.post(&format!("{action}/testConnection"), &tried).await.good();
        let id = espo.post("EmailAccount", &account(&espo, "127.0.0.1")).await.good()["id"].clone();
        assert_eq!(allow(&espo, &[]).await, 200);
        let path = format!("EmailAccount/{}", id.as_str().unwrap_or_default());
        espo.put(&path, &json!({ "name": "Other" })).await.good();
        assert_eq!(espo.put(&path, &json!({ "port": 1144 })).await.status, 403);
    }
    Ok(())
}

#[tokio::test]
async fn a_user_has_at_most_two_accounts() -> Outcome {
    let espo = Espo::stand_in(Version::V10_0_0).await?;
    for _ in 0..2 {
        espo.post("EmailAccount", &account(&espo, "imap.example.com")).await.good();
    }
    let told = espo.post("EmailAccount", &account(&espo, "imap.example.com")).await;
    told.is(403, "Email Account number for user limit exceeded.");
    let first = espo.crm().records("EmailAccount").remove(0);
    let path = format!("EmailAccount/{}", first["id"].as_str().unwrap_or_default());
    espo.put(&path, &json!({ "name": "Renamed" })).await.good();
    let owner = &espo.crm().records("EmailAccount")[0]["assignedUserId"];
    assert_eq!(*owner, json!(espo.crm().api_user()), "whose it is only an administrator says");
    let login = STANDARD.encode(format!("admin:{}", espo.crm().admin_password()));
    let fields = [("Espo-Authorization", login.as_str())];
    let theirs = account(&espo, "imap.example.com").to_string();
    for _ in 0..3 {
        let made = espo.send("POST", "EmailAccount", Some(&theirs), &fields).await.good();
        assert_eq!(made["assignedUserId"], json!(espo.alice), "an administrator is not limited");
    }
    Ok(())
}

#[tokio::test]
async fn only_an_administrator_writes_settings() -> Outcome {
    let espo = Espo::stand_in(Version::V10_0_0).await?;
    assert_eq!(espo.put("Settings", &json!({ "emailServerAllowedAddressList": [] })).await.status, 403);
    espo.crm().set_mail_answers(false);
    let tried = json!({ "host": "imap.example.com", "port": 993, "password": "pst_x" });
    let told = espo.post("EmailAccount/action/testConnection", &tried).await;
    let others = json!({ "host": "imap.example.com", "port": 993, "userId": espo.alice });
    assert_eq!(espo.post("EmailAccount/action/testConnection", &others).await.status, 403);
    let bare = json!({ "host": "imap.example.com", "port": 993 });
    assert_eq!(espo.post("EmailAccount/action/testConnection", &bare).await.status, 403);
    assert!(told.status == 500 && told.reason().contains("AUTHENTICATIONFAILED"), "{told:?}");
    Ok(())
}

#[tokio::test]
async fn group_accounts_are_the_administrators() -> Outcome {
    let espo = Espo::stand_in(Version::V10_0_0).await?;
    let group = account(&espo, "imap.example.com");
    assert_eq!(espo.post("InboundEmail", &group).await.status, 403);
    let login = STANDARD.encode(format!("admin:{}", espo.crm().admin_password()));
    let fields = [("Espo-Authorization", login.as_str())];
    for _ in 0..3 {
        let made = espo.send("POST", "InboundEmail", Some(&group.to_string()), &fields).await.good();
        assert_eq!((&made["host"], made.get("password")), (&json!("imap.example.com"), None));
    }
    Ok(())
}
