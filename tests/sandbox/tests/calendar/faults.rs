//! What can go wrong on Google's side, and what it costs.

use std::time::{Duration, Instant};

use postern_sandbox::CalendarTrouble::{Close, Delay, LoseAnswer};
use postern_sandbox::{CalendarFault, CalendarTrouble};
use serde_json::json;

use super::api::{Api, SCOPES, anna, hour, path, refused};
use crate::client::{ANNA, BEN, Outcome, sandbox};
use crate::service_account::delegated;

const EVENTS: &str = "calendars/primary/events";

#[tokio::test]
async fn a_fault_waits_for_its_request() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, faults) = (anna(&sandbox), sandbox.google().calendar_faults());
    faults.next(CalendarFault::on("POST", "/events", CalendarTrouble::server_error(503)));
    faults.next_for(BEN, CalendarFault::any(CalendarTrouble::unauthorized()));
    assert_eq!(api.get(EVENTS).await?.status, 200);
    refused(&api.post(EVENTS, hour("Lost")).await?, 503, "backendError");
    assert_eq!(api.post(EVENTS, hour("Kept")).await?.status, 200);
    refused(&Api::of(&sandbox, BEN).get(EVENTS).await?, 401, "authError");
    faults.next(CalendarFault::any(CalendarTrouble::too_many(7)));
    let too_many = api.get(EVENTS).await?;
    assert_eq!((too_many.status, too_many.header("retry-after")), (429, Some("7")));
    faults.next(CalendarFault::any(CalendarTrouble::full_sync_required()));
    refused(&api.get(EVENTS).await?, 410, "fullSyncRequired");
    assert_eq!(faults.pending(), 0);
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_not_a_lost_write() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let mut event = hour("Once");
    event["id"] = json!("abcde");
    google.calendar_faults().next(CalendarFault::on("POST", "events", Close));
    assert!(api.post(EVENTS, event.clone()).await.is_err());
    assert!(google.events(ANNA).is_empty());
    google.calendar_faults().next(CalendarFault::on("POST", "events", LoseAnswer));
    assert!(api.post(EVENTS, event.clone()).await.is_err());
    assert_eq!(google.live_events(ANNA).len(), 1);
    refused(&api.post(EVENTS, event).await?, 409, "duplicate");
    google.calendar_faults().next(CalendarFault::any(Delay(Duration::from_millis(80))));
    let begun = Instant::now();
    assert_eq!(api.get(EVENTS).await?.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(80));
    Ok(())
}

#[tokio::test]
async fn the_minute_slides_for_users_and_for_the_project() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, ben, google) = (anna(&sandbox), Api::of(&sandbox, BEN), sandbox.google());
    google.set_calendar_policy(|policy| (policy.per_user_minute, policy.per_project_minute) = (2, 3));
    assert_eq!(api.get(EVENTS).await?.status, 200);
    google.clock().advance(Duration::from_secs(40));
    assert_eq!(api.get(EVENTS).await?.status, 200);
    refused(&api.get(EVENTS).await?, 403, "userRateLimitExceeded");
    assert_eq!(ben.get(EVENTS).await?.status, 200);
    refused(&ben.get(EVENTS).await?, 403, "rateLimitExceeded");
    google.set_calendar_policy(|policy| policy.too_many_as_429 = true);
    refused(&api.get(EVENTS).await?, 429, "rateLimitExceeded");
    google.clock().advance(Duration::from_secs(21));
    assert_eq!(api.get(EVENTS).await?.status, 200);
    google.set_calendar_policy(|policy| policy.per_day = Some(4));
    refused(&ben.get(EVENTS).await?, 403, "dailyLimitExceeded");
    Ok(())
}

#[tokio::test]
async fn who_is_cut_off_can_read() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    google.set_token_lifetime(Duration::from_secs(36_000));
    google.limit_calendar_use(ANNA, Duration::from_secs(7_200));
    refused(&api.post(EVENTS, hour("Too many")).await?, 403, "quotaExceeded");
    assert_eq!(api.get(EVENTS).await?.status, 200);
    assert_eq!(Api::of(&sandbox, BEN).post(EVENTS, hour("Fine")).await?.status, 200);
    google.clock().advance(Duration::from_secs(7_200));
    assert_eq!(anna(&sandbox).post(EVENTS, hour("Again")).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn requests_units_and_writes_are_counted() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let made = api.made(hour("Review")).await?;
    api.get(EVENTS).await?;
    api.patch(&path(&made), json!({"summary": "Retro"})).await?;
    api.get("users/me/calendarList").await?;
    refused(&api.delete("calendars/primary/events/nothere").await?, 404, "notFound");
    let counted = google.calendar_counters();
    assert_eq!((counted.units, counted.writes, counted.total()), (7, 2, 5));
    let of = |method: &str, calendar: &str| {
        counted.requests.get(&(ANNA.to_owned(), method.to_owned(), calendar.to_owned())).copied()
    };
    assert_eq!((of("GET", ANNA), of("GET", ""), of("DELETE", ANNA)), (Some(1), Some(1), Some(1)));
    google.clear_calendar_counters();
    assert_eq!(google.calendar_counters().total(), 0);
    Ok(())
}

#[tokio::test]
async fn a_service_account_is_one_user_unless_it_names_others() -> Outcome {
    let sandbox = sandbox().await?;
    let google = sandbox.google();
    let key = google.add_service_account("robot@p.iam.gserviceaccount.com", &["example.com"], &[SCOPES[0]]);
    google.set_calendar_policy(|policy| policy.per_user_minute = 1);
    let annas = Api::with_token(&sandbox, delegated(&sandbox, &key, ANNA, SCOPES[0]).await?);
    let bens = Api::with_token(&sandbox, delegated(&sandbox, &key, BEN, SCOPES[0]).await?);
    assert_eq!(annas.get(EVENTS).await?.status, 200);
    refused(&bens.get(EVENTS).await?, 403, "userRateLimitExceeded");
    assert_eq!(bens.get(&format!("{EVENTS}?quotaUser=ben")).await?.status, 200);
    refused(&bens.get(&format!("{EVENTS}?quotaUser=ben")).await?, 403, "userRateLimitExceeded");
    assert_eq!(anna(&sandbox).get(EVENTS).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn an_event_can_get_a_new_etag_for_nothing() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let made = api.made(hour("Review")).await?;
    let token = api.sync_token("").await?;
    google.touch_event(ANNA, made["id"].as_str().ok_or("no id")?);
    let mut touched = api.changes(&token).await?.pop().ok_or("no change")?;
    assert_ne!(touched["etag"], made["etag"]);
    touched["etag"] = made["etag"].clone();
    assert_eq!(touched, made);
    Ok(())
}
