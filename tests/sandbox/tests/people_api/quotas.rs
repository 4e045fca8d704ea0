//! What requests cost, and what is counted.

use std::time::Duration;

use postern_sandbox::BatchCost;
use serde_json::json;

use super::api::{FIELDS, LIST, SCOPE, anna, encoded, name, named, refused, says, with};
use crate::client::{ANNA, BEN, Outcome, sandbox};
use crate::service_account::delegated;

const CREATE: &str = "people:createContact";

fn limit(page: &crate::client::Page) -> String {
    let body = page.json().unwrap_or_default();
    body["error"]["details"][0]["metadata"]["quota_limit"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_write_costs_a_critical_write_and_a_critical_read_of_its_user() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    google
        .set_contacts_policy(|policy| (policy.critical_reads_minute, policy.critical_writes_minute) = (3, 2));
    let made = api.contact(named("Ada")).await?;
    google.clock().advance(Duration::from_secs(40));
    api.contact(named("Eve")).await?;
    let many = api.post(CREATE, named("Ida")).await?;
    refused(&many, 429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED");
    assert_eq!(limit(&many), "CriticalWritesPerMinutePerProjectPerUser");
    assert_eq!(api.read(&name(&made)).await?.status, 200);
    let many = api.read(&name(&made)).await?;
    assert_eq!((many.status, limit(&many).as_str()), (429, "CriticalReadsPerMinutePerProjectPerUser"));
    assert_eq!(with(&sandbox, BEN, &[SCOPE]).post(CREATE, named("Ida")).await?.status, 200);
    google.clock().advance(Duration::from_secs(21));
    assert_eq!(api.post(CREATE, named("Ida")).await?.status, 200);
    assert_eq!(google.contacts_counters().over_quota, 2);
    Ok(())
}

#[tokio::test]
async fn a_batch_costs_the_same_whatever_its_size_or_by_the_contact() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let batch = json!({"contacts": vec![json!({"contactPerson": named("N")}); 10], "readMask": "names"});
    google.set_contacts_policy(|policy| policy.critical_writes_minute = 12);
    for _ in 0..2 {
        assert_eq!(api.post("people:batchCreateContacts", batch.clone()).await?.status, 200);
    }
    assert_eq!(api.post("people:batchCreateContacts", batch.clone()).await?.status, 429);
    google.clock().advance(Duration::from_secs(60));
    google.set_contacts_policy(|policy| policy.batch_cost = BatchCost::PerContact);
    assert_eq!(api.post("people:batchCreateContacts", batch.clone()).await?.status, 200);
    assert_eq!(api.post("people:batchCreateContacts", batch.clone()).await?.status, 429);
    google.clock().advance(Duration::from_secs(60));
    google.set_contacts_policy(|policy| policy.contact_writes_day = 419);
    says(&api.post("people:batchCreateContacts", batch).await?, 429, "per day per user");
    Ok(())
}

#[tokio::test]
async fn groups_and_deletions_have_quotas_of_their_own() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    google.set_contacts_policy(|policy| (policy.reads_minute, policy.writes_minute) = (1, 1));
    assert_eq!(api.get("contactGroups").await?.status, 200);
    assert_eq!(limit(&api.get("contactGroups").await?), "ReadsPerMinutePerProjectPerUser");
    let made = api.contact(named("Ada")).await?;
    api.group("One").await?;
    let late = api.delete(&format!("{}:deleteContact", name(&made))).await?;
    assert_eq!(limit(&late), "WritesPerMinutePerProjectPerUser");
    Ok(())
}

#[tokio::test]
async fn first_pages_of_full_syncs_have_a_quota_that_changes_have_not() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    google.set_contacts_policy(|policy| policy.full_syncs_minute = 1);
    let token = api.full_sync().await?;
    let again = api.get(&format!("{LIST}?personFields={FIELDS}")).await?;
    refused(&again, 429, "RESOURCE_EXHAUSTED", "");
    says(&again, 429, "FBS quota limit exceeded");
    api.changed(&token).await?;
    google.clock().advance(Duration::from_secs(60));
    api.full_sync().await?;
    Ok(())
}

#[tokio::test]
async fn a_service_account_is_one_user_unless_it_names_others() -> Outcome {
    let sandbox = sandbox().await?;
    let google = sandbox.google();
    let key = google.add_service_account("robot@p.iam.gserviceaccount.com", &["example.com"], &[SCOPE]);
    google.set_contacts_policy(|policy| policy.critical_writes_minute = 1);
    let annas = crate::rest::Api::at(sandbox.contacts_url(), delegated(&sandbox, &key, ANNA, SCOPE).await?);
    let bens = crate::rest::Api::at(sandbox.contacts_url(), delegated(&sandbox, &key, BEN, SCOPE).await?);
    assert_eq!(annas.post(CREATE, named("Ada")).await?.status, 200);
    assert_eq!(bens.post(CREATE, named("Ada")).await?.status, 429);
    assert_eq!(bens.post(&format!("{CREATE}?quotaUser=ben"), named("Ada")).await?.status, 200);
    assert_eq!((google.people(ANNA).len(), google.people(BEN).len()), (1, 1));
    Ok(())
}

#[tokio::test]
async fn requests_and_writes_are_counted_by_user() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let token = encoded(&api.full_sync().await?);
    api.contact(named("Ada")).await?;
    let batch = json!({"contacts": vec![json!({"contactPerson": named("N")}); 10], "readMask": ""});
    api.post("people:batchCreateContacts", batch).await?;
    api.get(&format!("{LIST}?personFields={FIELDS}&syncToken={token}")).await?;
    refused(&api.delete("people/c1:deleteContact").await?, 404, "NOT_FOUND", "");
    assert_eq!(api.get("nothing").await?.status, 404);
    let counted = google.contacts_counters();
    assert_eq!((counted.of("people.connections.list"), counted.of("people.batchCreateContacts")), (2, 1));
    assert_eq!((counted.total(), counted.writes[ANNA], counted.contact_writes[ANNA]), (6, 2, 11));
    google.clear_contacts_counters();
    assert_eq!(google.contacts_counters().total(), 0);
    Ok(())
}
