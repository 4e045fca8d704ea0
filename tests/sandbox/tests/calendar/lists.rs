//! Lists of events and of calendars: pages, sync tokens, filters.

use std::time::Duration;

use postern_sandbox::{Role, Tombstones};
use serde_json::{Value, json};

use super::api::{anna, encoded, hour, path, refused};
use crate::client::{ANNA, BEN, Outcome, sandbox};

const EVENTS: &str = "calendars/primary/events";
const DAY: Duration = Duration::from_secs(86_400);

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().filter_map(|it| it["id"].as_str()).collect()
}

#[tokio::test]
async fn a_list_goes_page_by_page_and_ends_with_a_sync_token() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    for number in 0..5 {
        api.made(hour(&format!("Event {number}"))).await?;
    }
    let first = api.get(&format!("{EVENTS}?maxResults=2")).await?.json()?;
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2));
    assert!(first["nextPageToken"].is_string() && first["nextSyncToken"].is_null());
    assert_eq!((&first["kind"], &first["accessRole"]), (&json!("calendar#events"), &json!("owner")));
    let (items, last) = api.drain(EVENTS, "maxResults=2").await?;
    assert_eq!(items.len(), 5);
    assert!(last["nextSyncToken"].is_string());
    let token = encoded(first["nextPageToken"].as_str().ok_or("no token")?);
    let other = api.get(&format!("{EVENTS}?maxResults=2&singleEvents=true&pageToken={token}")).await?;
    refused(&other, 400, "invalidParameter");
    Ok(())
}

#[tokio::test]
async fn pages_may_be_short_or_empty_before_the_end() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    sandbox.google().set_calendar_policy(|policy| policy.short_pages = true);
    for number in 0..9 {
        api.made(hour(&format!("Event {number}"))).await?;
    }
    let first = api.get(&format!("{EVENTS}?maxResults=4")).await?.json()?;
    let token = encoded(first["nextPageToken"].as_str().ok_or("no token")?);
    let second = api.get(&format!("{EVENTS}?maxResults=4&pageToken={token}")).await?.json()?;
    assert_eq!((first["items"].as_array().map(Vec::len), &second["items"]), (Some(2), &json!([])));
    assert!(second["nextPageToken"].is_string());
    assert_eq!(api.drain(EVENTS, "maxResults=4").await?.0.len(), 9);
    Ok(())
}

#[tokio::test]
async fn what_changes_while_a_list_is_read_is_in_the_next_one() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let mut made = Vec::new();
    for number in 0..4 {
        made.push(api.made(hour(&format!("Event {number}"))).await?);
    }
    made.sort_by_key(|it| it["id"].as_str().map(str::to_owned));
    let first = api.get(&format!("{EVENTS}?maxResults=2")).await?.json()?;
    api.delete(&path(&made[0])).await?;
    api.patch(&path(&made[1]), json!({"summary": "Changed"})).await?;
    let token = encoded(first["nextPageToken"].as_str().ok_or("no token")?);
    let second = api.get(&format!("{EVENTS}?maxResults=2&pageToken={token}")).await?.json()?;
    assert_eq!(second["items"].as_array().map(Vec::len), Some(2));
    let changes = api.changes(second["nextSyncToken"].as_str().ok_or("no token")?).await?;
    assert_eq!(ids(&changes), ids(&made[..2]));
    Ok(())
}

#[tokio::test]
async fn an_incremental_list_has_what_changed_and_what_is_gone() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let (kept, gone) = (api.made(hour("Kept")).await?, api.made(hour("Gone")).await?);
    let token = api.sync_token("").await?;
    assert!(api.changes(&token).await?.is_empty());
    api.patch(&path(&kept), json!({"summary": "Renamed"})).await?;
    api.delete(&path(&gone)).await?;
    let changes = api.changes(&token).await?;
    assert_eq!(changes.len(), 2);
    let of = |event: &Value| changes.iter().find(|it| it["id"] == event["id"]).cloned().unwrap_or_default();
    assert_eq!(of(&kept)["summary"], "Renamed");
    let tombstone = of(&gone);
    let mut keys: Vec<_> = tombstone.as_object().ok_or("no tombstone")?.keys().collect();
    keys.sort();
    assert_eq!(keys, ["etag", "id", "kind", "status"]);
    sandbox.google().set_calendar_policy(|policy| policy.tombstones = Tombstones::Full);
    let full = api.changes(&token).await?;
    assert!(full.iter().any(|it| it["status"] == "cancelled" && it["summary"] == "Gone"));
    assert_eq!(ids(&api.drain(EVENTS, "").await?.0), ids(&[kept]));
    Ok(())
}

#[tokio::test]
async fn a_sync_token_stands_alone_and_keeps_its_parameters() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    api.made(hour("Review")).await?;
    let token = encoded(&api.sync_token("eventTypes=default&showDeleted=true").await?);
    let same = api.get(&format!("{EVENTS}?eventTypes=default&syncToken={token}")).await?;
    assert_eq!(same.status, 200, "{}", same.body);
    for other in [
        "",
        "&eventTypes=default&singleEvents=true",
        "&eventTypes=default&timeMin=2026-01-01T00:00:00Z",
        "&eventTypes=default&updatedMin=2026-11-01T00:00:00Z",
        "&eventTypes=default&iCalUID=x",
        "&eventTypes=default&privateExtendedProperty=a%3Db",
        "&eventTypes=default&q=x",
        "&eventTypes=default&orderBy=updated",
        "&eventTypes=default&showDeleted=false",
    ] {
        refused(&api.get(&format!("{EVENTS}?syncToken={token}{other}")).await?, 400, "badRequest");
    }
    refused(&api.get(&format!("{EVENTS}?syncToken=garbage")).await?, 400, "badRequest");
    Ok(())
}

#[tokio::test]
async fn a_sync_token_ends_when_it_is_old_or_the_sharing_changes() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let token = api.sync_token("").await?;
    google.expire_sync_tokens(ANNA);
    refused(&api.get(&format!("{EVENTS}?syncToken={}", encoded(&token))).await?, 410, "fullSyncRequired");
    let token = api.sync_token("").await?;
    google.share_calendar(ANNA, BEN, Role::Reader);
    refused(&api.get(&format!("{EVENTS}?syncToken={}", encoded(&token))).await?, 410, "fullSyncRequired");
    let token = api.sync_token("").await?;
    google.set_calendar_policy(|policy| policy.sync_token_lifetime = DAY);
    google.set_token_lifetime(3 * DAY);
    google.clock().advance(2 * DAY);
    let api = anna(&sandbox);
    refused(&api.get(&format!("{EVENTS}?syncToken={}", encoded(&token))).await?, 410, "fullSyncRequired");
    Ok(())
}

#[tokio::test]
async fn filters_choose_and_take_the_sync_token_away() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let mut marked = hour("Marked");
    marked["extendedProperties"] = json!({"private": {"crm": "1"}});
    let marked = api.made(marked).await?;
    let mut later = hour("Later");
    later["start"] = json!({"dateTime": "2027-01-01T10:00:00Z"});
    later["end"] = json!({"dateTime": "2027-01-01T11:00:00Z"});
    let later = api.made(later).await?;
    let uid = encoded(marked["iCalUID"].as_str().ok_or("no uid")?);
    for (query, wanted, token) in [
        (format!("iCalUID={uid}"), &marked, false),
        ("privateExtendedProperty=crm%3D1".into(), &marked, false),
        ("q=mark".into(), &marked, false),
        ("timeMin=2026-12-15T00:00:00Z".into(), &later, true),
        ("timeMax=2026-12-15T00:00:00Z&timeMin=2026-11-15T00:00:00Z".into(), &marked, true),
        ("singleEvents=true&orderBy=startTime&timeMin=2026-12-15T00:00:00Z".into(), &later, false),
    ] {
        let (items, last) = api.drain(EVENTS, &query).await?;
        assert_eq!(ids(&items), [wanted["id"].as_str().unwrap_or_default()], "{query}");
        assert_eq!(last["nextSyncToken"].is_string(), token, "{query}");
    }
    let (all, _) = api.drain(EVENTS, "singleEvents=true&orderBy=startTime").await?;
    assert_eq!(ids(&all), ids(&[marked, later]));
    refused(&api.get(&format!("{EVENTS}?orderBy=startTime")).await?, 400, "badRequest");
    Ok(())
}

#[tokio::test]
async fn a_first_list_with_a_time_bound_is_followed_by_lists_without() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let made = api.made(hour("Early")).await?;
    let token = api.sync_token("timeMin=2027-01-01T00:00:00Z").await?;
    api.patch(&path(&made), json!({"summary": "Still early"})).await?;
    assert_eq!(ids(&api.changes(&token).await?), ids(&[made]));
    Ok(())
}

#[tokio::test]
async fn updated_min_has_the_deleted_and_a_limit() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    api.made(hour("Old")).await?;
    sandbox.google().clock().advance(Duration::from_secs(3_000));
    let gone = api.made(hour("Gone")).await?;
    api.delete(&path(&gone)).await?;
    let updated = sandbox.google().events(ANNA);
    let since = updated.iter().filter_map(|it| it["updated"].as_str()).max().ok_or("nothing")?;
    let (items, _) = api.drain(EVENTS, &format!("updatedMin={}", encoded(since))).await?;
    assert_eq!(ids(&items), ids(&[gone]));
    let long_ago = api.get(&format!("{EVENTS}?updatedMin=2020-01-01T00:00:00Z")).await?;
    refused(&long_ago, 410, "updatedMinTooLongAgo");
    Ok(())
}

#[tokio::test]
async fn the_list_of_calendars_follows_sharing() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    google.add_calendar(BEN, "team", "Team", "Europe/London");
    google.share_calendar("team", ANNA, Role::Reader);
    let list = "users/me/calendarList";
    let (all, last) = api.drain(list, "maxResults=1").await?;
    assert_eq!(ids(&all), [ANNA, "team"]);
    assert_eq!((&all[0]["primary"], &all[0]["accessRole"]), (&json!(true), &json!("owner")));
    assert_eq!((&all[1]["accessRole"], &all[1]["timeZone"]), (&json!("reader"), &json!("Europe/London")));
    assert_eq!(ids(&api.drain(list, "minAccessRole=writer").await?.0), [ANNA]);
    let token = encoded(last["nextSyncToken"].as_str().ok_or("no token")?);
    google.share_calendar("team", ANNA, Role::Writer);
    assert!(api.drain(list, &format!("syncToken={token}")).await?.0.is_empty());
    google.unshare_calendar("team", ANNA);
    let (changed, _) = api.drain(list, &format!("syncToken={token}")).await?;
    assert_eq!((ids(&changed), &changed[0]["deleted"]), (vec!["team"], &json!(true)));
    assert_eq!(ids(&api.drain(list, "").await?.0), [ANNA]);
    refused(&api.get(&format!("{list}/team")).await?, 404, "notFound");
    assert_eq!(api.get(&format!("{list}/primary")).await?.json()?["id"], ANNA);
    google.hide_calendar(ANNA, ANNA, true);
    assert!(api.drain(list, "").await?.0.is_empty());
    assert_eq!(ids(&api.drain(list, "showHidden=true").await?.0), [ANNA]);
    google.expire_calendar_list_tokens();
    refused(&api.get(&format!("{list}?syncToken={token}")).await?, 410, "fullSyncRequired");
    Ok(())
}
