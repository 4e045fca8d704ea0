//! The stand-in without sockets, and its journal.

use std::io;
use std::time::Duration;

use postern_sandbox::{Crm, CrmOptions, CrmTrouble, Deed, Delivery, Doing, Version};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::espo::{ALICE, BOB, Outcome};

fn crm() -> Crm {
    let crm = Crm::in_process(CrmOptions { version: Version::V9_3_10, ..CrmOptions::default() });
    crm.add_person(ALICE, ("Alice", "Adams"), &["alice@example.com"]);
    crm.add_person(BOB, ("Bob", "Brown"), &["bob@example.com"]);
    crm
}

async fn call(crm: &Crm, method: &str, path: &str, body: &Value) -> io::Result<(u16, Value)> {
    let headers = [("X-Api-Key", crm.key()), ("Content-Type", "application/json")];
    let reply = crm.call(method, &format!("/api/v1/{path}"), &headers, body.to_string().as_bytes()).await?;
    assert!(reply.headers.iter().any(|(name, _)| name == "x-app-timestamp"), "{reply:?}");
    Ok((reply.status, serde_json::from_slice(&reply.body).unwrap_or_default()))
}

fn meeting() -> Value {
    json!({ "name": "Kickoff", "assignedUserId": ALICE, "dateStart": "2026-12-01 11:00:00" })
}

#[tokio::test(start_paused = true)]
async fn requests_are_handed_over_without_sockets_and_meet_faults_all_the_same() -> Outcome {
    let crm = crm();
    let (status, made) = call(&crm, "POST", "Meeting", &meeting()).await?;
    assert_eq!(status, 200, "{made}");
    let id = made["id"].as_str().expect("an identity");
    let (_, list) = call(&crm, "GET", "Meeting?select=id,name&maxSize=5", &Value::Null).await?;
    assert_eq!((&list["total"], &list["list"][0]["name"]), (&json!(1), &json!("Kickoff")));
    crm.faults().next(CrmTrouble::LoseAnswer.at("DELETE", "Meeting"));
    assert!(call(&crm, "DELETE", &format!("Meeting/{id}"), &Value::Null).await.is_err());
    assert_eq!(crm.record("Meeting", id), None, "it was done");
    crm.faults().next(CrmTrouble::Delay(Duration::from_secs(60)).into());
    let before = Instant::now();
    call(&crm, "GET", "Meeting", &Value::Null).await?;
    assert_eq!(before.elapsed(), Duration::from_secs(60));
    assert_eq!(crm.requests("GET", "Meeting"), 2);
    Ok(())
}

#[tokio::test]
async fn events_of_webhooks_are_handed_out() -> Outcome {
    let crm = crm();
    crm.allow_webhooks_to("crm-hooks.test:80");
    let hook = json!({ "event": "Meeting.create", "url": "http://crm-hooks.test/hooks/crm" });
    assert_eq!(call(&crm, "POST", "Webhook", &hook).await?.0, 201);
    call(&crm, "POST", "Meeting", &meeting()).await?;
    let sent = crm.outgoing();
    assert_eq!((sent.len(), sent[0].url.as_str()), (1, "http://crm-hooks.test/hooks/crm"));
    let names: Vec<&str> = sent[0].headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["Signature", "X-Signature"]);
    assert!(sent[0].body.starts_with("[{"), "{sent:?}");
    assert!(crm.outgoing().is_empty());
    crm.set_delivery(Delivery { twice: true, ..Delivery::default() });
    call(&crm, "POST", "Meeting", &meeting()).await?;
    let sent = crm.outgoing();
    assert_eq!((sent.len(), &sent[0]), (2, &sent[1]));
    Ok(())
}

#[tokio::test]
async fn every_change_is_entered_with_who_did_it_and_what_it_changed() -> Outcome {
    let crm = crm();
    let (alice, bob) = (crm.as_user(ALICE), crm.as_user(BOB));
    let contact = alice.create("Contact", &json!({ "lastName": "Contact" }))?;
    crm.forget_deeds();
    let id = alice.create("Meeting", &meeting())?;
    call(&crm, "PUT", &format!("Meeting/{id}"), &json!({ "name": "Other", "status": "Held" })).await?;
    call(&crm, "PUT", &format!("Meeting/{id}"), &json!({ "name": "Other" })).await?;
    call(&crm, "PUT", &format!("Meeting/{id}"), &json!({ "name": "a < b" })).await?;
    bob.relate("Meeting", &id, "contacts", &contact)?;
    alice.answer("Meeting", &id, "Declined")?;
    bob.delete("Meeting", &id)?;
    let api = crm.api_user();
    let deed = |by: &str, doing, changed: &[&str]| Deed {
        by: by.to_owned(),
        doing,
        entity: "Meeting".to_owned(),
        id: id.clone(),
        changed: changed.iter().map(|name| (*name).to_owned()).collect(),
    };
    let expected = [
        deed(ALICE, Doing::Created, &[]),
        deed(api, Doing::Changed, &["name", "status"]),
        deed(api, Doing::Changed, &[]),
        deed(BOB, Doing::Related, &[]),
        deed(ALICE, Doing::Answered, &[]),
        deed(BOB, Doing::Deleted, &[]),
    ];
    assert_eq!(crm.deeds(), expected);
    Ok(())
}
