//! What is written is there at once, and in lists only later.

use std::time::Duration;

use serde_json::json;

use super::api::{anna, name, named, names};
use crate::client::{ANNA, Outcome, sandbox};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_write_shows_at_once_by_name_and_in_lists_only_later() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let token = api.full_sync().await?;
    google.set_contacts_policy(|policy| (policy.least_delay, policy.most_delay) = (5 * MINUTE, 20 * MINUTE));
    let group = api.group("Customers").await?;
    let made = api.contact(named("Ada")).await?;
    let add = json!({"resourceNamesToAdd": [name(&made)]});
    assert_eq!(api.post(&format!("{group}/members:modify"), add).await?.json()?, json!({}));
    assert_eq!(api.read(&name(&made)).await?.status, 200);
    assert_eq!(api.get(&group).await?.json()?["memberCount"], json!(null));
    assert!(api.connections("").await?.0.is_empty());
    assert_eq!(api.get("contactGroups?pageSize=1000").await?.json()?["totalItems"], 8);
    assert_eq!(google.people(ANNA).len(), 1);
    google.clock().advance(20 * MINUTE);
    assert_eq!(names(&api.connections("").await?.0), names(std::slice::from_ref(&made)));
    assert_eq!(
        api.get(&format!("{group}?maxMembers=9")).await?.json()?["memberResourceNames"],
        json!([name(&made)])
    );
    assert_eq!(api.get("contactGroups?pageSize=1000").await?.json()?["totalItems"], 9);
    let (changed, token) = api.changed(&token).await?;
    assert_eq!(names(&changed), names(&[made]));
    assert!(api.changed(&token).await?.0.is_empty());
    Ok(())
}

#[tokio::test]
async fn an_earlier_write_never_shows_after_a_later_one() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    google.set_contacts_policy(|policy| policy.most_delay = 20 * MINUTE);
    let mut person = api.contact(named("N0")).await?;
    for number in 1..20 {
        person = api.update(&person, "names", named(&format!("N{number}"))).await?.json()?;
    }
    let mut seen = Vec::new();
    for _ in 0..80 {
        google.clock().advance(MINUTE / 4);
        google.set_contacts_policy(|policy| policy.full_syncs_minute = 1_000);
        if let Some(found) = api.connections("").await?.0.first() {
            let given = found["names"][0]["givenName"].as_str().unwrap_or_default();
            seen.push(given.trim_start_matches('N').parse::<u32>()?);
        }
    }
    assert!(seen.is_sorted() && seen.last() == Some(&19), "{seen:?}");
    Ok(())
}

#[tokio::test]
async fn a_name_of_a_group_is_taken_before_lists_show_it() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    google.set_contacts_policy(|policy| (policy.least_delay, policy.most_delay) = (MINUTE, MINUTE));
    api.group("Customers").await?;
    let again = api.post("contactGroups", json!({"contactGroup": {"name": "Customers"}})).await?;
    assert_eq!(again.status, 409);
    google.settle_contacts(ANNA);
    assert_eq!(api.get("contactGroups?pageSize=1000").await?.json()?["totalItems"], 9);
    Ok(())
}

#[tokio::test]
async fn delays_differ_and_depend_on_the_seed_alone() -> Outcome {
    let mut runs = Vec::new();
    for seed in [1, 1, 2] {
        let sandbox = sandbox().await?;
        let (api, google) = (anna(&sandbox), sandbox.google());
        google.set_contacts_policy(|policy| {
            (policy.seed, policy.most_delay) = (seed, 20 * MINUTE);
            policy.full_syncs_minute = 1_000;
        });
        for number in 0..20 {
            api.contact(named(&format!("N{number}"))).await?;
        }
        let mut shown = Vec::new();
        for _ in 0..4 {
            google.clock().advance(5 * MINUTE);
            shown.push(api.connections("").await?.0.len());
        }
        assert_eq!(shown.last(), Some(&20));
        runs.push(shown);
    }
    assert!(runs[0][0] > 0 && runs[0][0] < 20, "{runs:?}");
    assert_eq!(runs[0], runs[1]);
    Ok(())
}
