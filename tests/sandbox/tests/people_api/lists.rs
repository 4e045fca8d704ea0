//! Lists of people: pages, sync tokens, orders.

use std::time::Duration;

use serde_json::{Value, json};

use super::api::{Api, FIELDS, LIST, anna, encoded, name, named, names, refused, says};
use crate::client::{ANNA, Outcome, sandbox};

const DAY: Duration = Duration::from_secs(86_400);

async fn five(api: &Api) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let mut made = Vec::new();
    for given in ["Eve", "Ada", "Dan", "Cid", "Bea"] {
        made.push(api.contact(named(given)).await?);
    }
    Ok(made)
}

#[tokio::test]
async fn a_list_goes_page_by_page_and_ends_with_a_sync_token_if_asked() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let (nobody, last) = api.connections("").await?;
    assert!(nobody.is_empty() && last["connections"].is_null());
    let made = five(&api).await?;
    let (people, last) = api.connections("pageSize=2&requestSyncToken=true").await?;
    assert_eq!(names(&people), names(&made));
    assert_eq!((&last["totalItems"], &last["totalPeople"]), (&json!(5), &json!(5)));
    assert!(last["nextSyncToken"].is_string());
    let (_, last) = api.connections("pageSize=2").await?;
    assert!(last["nextSyncToken"].is_null());
    sandbox.google().set_contacts_policy(|policy| policy.short_pages = true);
    assert_eq!(api.connections("pageSize=4").await?.0.len(), 5);
    says(&api.get(&format!("{LIST}?personFields=names&pageSize=1001")).await?, 400, "1000");
    says(&api.get(LIST).await?, 400, "personFields mask is required");
    says(&api.get("people/c1/connections?personFields=names").await?, 400, "people/me");
    Ok(())
}

#[tokio::test]
async fn a_list_has_one_of_four_orders() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    five(&api).await?;
    for (order, first) in [
        ("LAST_MODIFIED_ASCENDING", "Eve"),
        ("LAST_MODIFIED_DESCENDING", "Bea"),
        ("FIRST_NAME_ASCENDING", "Ada"),
    ] {
        let (people, _) = api.connections(&format!("sortOrder={order}&pageSize=3")).await?;
        assert_eq!((people.len(), &people[0]["names"][0]["givenName"]), (5, &json!(first)), "{order}");
    }
    says(&api.get(&format!("{LIST}?personFields=names&sortOrder=X")).await?, 400, "sort_order");
    Ok(())
}

#[tokio::test]
async fn changes_are_told_once_and_deletions_as_tombstones() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let (kept, gone) = (api.contact(named("Ada")).await?, api.contact(named("Eve")).await?);
    let token = api.full_sync().await?;
    let (nothing, token) = api.changed(&token).await?;
    assert!(nothing.is_empty());
    api.update(&kept, "names", named("Ida")).await?;
    api.delete(&format!("{}:deleteContact", name(&gone))).await?;
    let (changed, next) = api.changed(&token).await?;
    let of = |person: &Value| changed.iter().find(|it| name(it) == name(person)).cloned().unwrap_or_default();
    assert_eq!((changed.len(), &of(&kept)["names"][0]["displayName"]), (2, &json!("Ida")));
    assert_eq!((&of(&gone)["metadata"]["deleted"], &of(&gone)["names"]), (&json!(true), &json!(null)));
    assert!(api.changed(&next).await?.0.is_empty());
    let (all, _) = api.connections("").await?;
    assert_eq!(names(&all), names(&[kept]));
    let blind = api.get(&format!("{LIST}?personFields=names&requestSyncToken=true")).await?.json()?;
    let blind = encoded(blind["nextSyncToken"].as_str().ok_or("no token")?);
    api.delete(&format!("{}:deleteContact", name(&all[0]))).await?;
    let told = api.get(&format!("{LIST}?personFields=names&syncToken={blind}")).await?.json()?;
    assert!(told["connections"][0]["metadata"].is_null(), "the mask does not ask for metadata");
    Ok(())
}

#[tokio::test]
async fn what_changes_while_a_list_is_read_is_in_the_next_one() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = five(&api).await?;
    let query = format!("{LIST}?personFields={FIELDS}&pageSize=2&requestSyncToken=true");
    let first = api.get(&query).await?.json()?;
    api.delete(&format!("{}:deleteContact", name(&made[4]))).await?;
    api.update(&made[0], "names", named("Ida")).await?;
    let mut page = first;
    while let Some(next) = page["nextPageToken"].as_str() {
        page = api.get(&format!("{query}&pageToken={}", encoded(next))).await?.json()?;
    }
    let token = encoded(page["nextSyncToken"].as_str().ok_or("no token")?);
    let (changed, _) = api.connections(&format!("pageSize=2&syncToken={token}")).await?;
    let mut changed = names(&changed);
    let mut wanted = names(&[made[0].clone(), made[4].clone()]);
    changed.sort();
    wanted.sort();
    assert_eq!(changed, wanted);
    Ok(())
}

#[tokio::test]
async fn tokens_are_good_for_their_parameters_only() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    five(&api).await?;
    let token = encoded(&api.full_sync().await?);
    let page = api.get(&format!("{LIST}?personFields={FIELDS}&pageSize=2")).await?.json()?;
    let page = encoded(page["nextPageToken"].as_str().ok_or("no token")?);
    for query in [
        format!("personFields=names&syncToken={token}"),
        format!("personFields={FIELDS}&syncToken={token}&pageSize=7"),
        format!("personFields={FIELDS}&syncToken={token}&sources=READ_SOURCE_TYPE_CONTACT"),
        format!("personFields={FIELDS}&pageToken={page}"),
        format!("personFields={FIELDS}&syncToken={page}&pageSize=2"),
        format!("personFields={FIELDS}&pageToken={token}"),
        format!("personFields={FIELDS}&syncToken=nonsense"),
    ] {
        refused(&api.get(&format!("{LIST}?{query}")).await?, 400, "INVALID_ARGUMENT", "");
    }
    Ok(())
}

#[tokio::test]
async fn a_sync_token_dies_a_week_after_the_full_sync_however_often_it_is_used() -> Outcome {
    let sandbox = sandbox().await?;
    let google = sandbox.google();
    google.set_token_lifetime(30 * DAY);
    let api = anna(&sandbox);
    let mut token = api.full_sync().await?;
    for _ in 0..6 {
        google.clock().advance(DAY);
        token = api.changed(&token).await?.1;
    }
    google.clock().advance(DAY + Duration::from_secs(60));
    let query = format!("{LIST}?personFields={FIELDS}&syncToken={}", encoded(&token));
    refused(&api.get(&query).await?, 400, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN");
    let token = api.full_sync().await?;
    google.expire_contacts_sync_tokens(ANNA);
    let query = format!("{LIST}?personFields={FIELDS}&syncToken={}", encoded(&token));
    says(&api.get(&query).await?, 400, "Sync token is expired. Clear local cache and retry call");
    google.set_contacts_policy(|policy| policy.expired_is_invalid_argument = true);
    refused(&api.get(&query).await?, 400, "INVALID_ARGUMENT", "EXPIRED_SYNC_TOKEN");
    Ok(())
}
