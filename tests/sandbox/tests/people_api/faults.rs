//! What can go wrong on Google's side, and who is let in.

use std::time::{Duration, Instant};

use postern_sandbox::ContactsTrouble::{Close, Delay, LoseAnswer};
use postern_sandbox::{ContactsFault, ContactsRefusal, Google};
use serde_json::json;

use super::api::{Api, FIELDS, LIST, SCOPE, anna, name, named, refused, says, with};
use crate::client::{ANNA, BEN, Outcome, sandbox};

const CREATE: &str = "people:createContact";

fn next(google: &Google, method: &str, path: &str, refusal: ContactsRefusal) {
    google.contacts_faults().next(ContactsFault::on(method, path, refusal.into()));
}

#[tokio::test]
async fn a_fault_waits_for_its_request() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    next(google, "POST", "createContact", ContactsRefusal::server_error(503));
    google.contacts_faults().next_for(BEN, ContactsFault::any(ContactsRefusal::credentials().into()));
    assert_eq!(api.get("contactGroups").await?.status, 200);
    refused(&api.post(CREATE, named("Lost")).await?, 503, "UNAVAILABLE", "");
    assert_eq!(api.post(CREATE, named("Kept")).await?.status, 200);
    let ben = with(&sandbox, BEN, &[SCOPE]);
    refused(&ben.get("contactGroups").await?, 401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED");
    next(google, "GET", "connections", ContactsRefusal::expired_sync_token_as_invalid());
    let expired = api.get(&format!("{LIST}?personFields={FIELDS}")).await?;
    refused(&expired, 400, "INVALID_ARGUMENT", "EXPIRED_SYNC_TOKEN");
    assert_eq!(google.contacts_faults().pending(), 0);
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_not_a_lost_write() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    google.contacts_faults().next(ContactsFault::on("POST", CREATE, Close));
    assert!(api.post(CREATE, named("Ada")).await.is_err());
    assert!(google.people(ANNA).is_empty());
    let batch = json!({"contacts": [{"contactPerson": named("Ada")}], "readMask": "names"});
    google.contacts_faults().next(ContactsFault::on("POST", "batchCreate", LoseAnswer));
    assert!(api.post("people:batchCreateContacts", batch).await.is_err());
    assert_eq!(google.people(ANNA).len(), 1);
    google.contacts_faults().next(ContactsFault::any(Delay(Duration::from_millis(80))));
    let begun = Instant::now();
    assert_eq!(api.get("contactGroups").await?.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(80));
    Ok(())
}

#[tokio::test]
async fn only_who_has_the_scope_is_let_in() -> Outcome {
    let sandbox = sandbox().await?;
    let google = sandbox.google();
    let reader = with(&sandbox, ANNA, &["https://www.googleapis.com/auth/contacts.readonly"]);
    assert_eq!(reader.get("contactGroups").await?.status, 200);
    let write = reader.post(CREATE, named("Ada")).await?;
    refused(&write, 403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT");
    let mail = with(&sandbox, ANNA, &[postern_sandbox::MAIL_SCOPE]);
    says(&mail.get("contactGroups").await?, 403, "insufficient authentication scopes");
    let stranger = with(&sandbox, "nobody@example.com", &[SCOPE]);
    refused(&stranger.get("contactGroups").await?, 401, "UNAUTHENTICATED", "CREDENTIALS_MISSING");
    let other = Api::at(sandbox.contacts_url(), "nonsense".into());
    refused(&other.get("contactGroups").await?, 401, "UNAUTHENTICATED", "ACCESS_TOKEN_EXPIRED");
    google.set_contacts_policy(|policy| policy.disabled = true);
    refused(&anna(&sandbox).get("contactGroups").await?, 403, "PERMISSION_DENIED", "SERVICE_DISABLED");
    Ok(())
}

#[tokio::test]
async fn contacts_stay_with_a_user_whose_address_changes() -> Outcome {
    let sandbox = sandbox().await?;
    let google = sandbox.google();
    let ada = google.put_person(ANNA, &named("Ada"))?;
    google.rename_user(ANNA, "anne@example.com");
    let api = with(&sandbox, "anne@example.com", &[SCOPE]);
    assert_eq!(name(&api.read(&ada).await?.json()?), ada);
    assert!(google.people(ANNA).is_empty());
    Ok(())
}
