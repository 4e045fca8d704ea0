use std::time::Duration;

use postern_core::model::id::{CalendarId, HoldId};

use super::{House, address};
use crate::actions::holds::{HoldFault, approve, reject};
use crate::store::accounts;
use crate::store::sync::holds::{self, PATIENCE, Status};
use crate::store::sync::{calendar_users, calendars};

/// A calendar that is due in an hour, and a hold in it.
async fn held(house: &House) -> (CalendarId, HoldId) {
    house.add("anna@x.cz", &[]).await.unwrap();
    let mut read = house.store.read().await.unwrap();
    let anna = accounts::by_address(&mut read, &address("anna@x.cz")).await.unwrap().unwrap().id;
    drop(read);
    let mut batch = house.store.batch().await.unwrap();
    let calendar = calendars::put(&mut batch, "anna@x.cz", "Name", "UTC").await.unwrap();
    calendar_users::put(&mut batch, anna, calendar, "owner").await.unwrap();
    calendars::begin(&mut batch, calendar, house.clock.now() + 3_600_000_000).await.unwrap();
    let hold = holds::open(&mut batch, calendar, anna, "delete", 12, "[\"Dinner\"]").await.unwrap();
    batch.commit().await.unwrap();
    (calendar, hold)
}

async fn status(house: &House, id: HoldId) -> Status {
    let mut read = house.store.read().await.unwrap();
    holds::by_id(&house.store, &mut read, id).await.unwrap().unwrap().status
}

async fn next_at(house: &House, calendar: CalendarId) -> i64 {
    let mut read = house.store.read().await.unwrap();
    calendars::get(&house.store, &mut read, calendar).await.unwrap().unwrap().next_at
}

#[tokio::test]
async fn an_approval_is_journaled_once_and_lets_the_calendar_run_now() {
    let house = House::new().await;
    let (calendar, id) = held(&house).await;
    assert!(approve(&house.store, &house.by, id).await.unwrap());
    assert!(!approve(&house.store, &house.by, id).await.unwrap(), "it was approved before");
    assert_eq!(status(&house, id).await, Status::Approved);
    assert_eq!(next_at(&house, calendar).await, house.clock.now());
    let journal = house.journal().await;
    let rows: Vec<_> = journal.iter().filter(|line| line.event == "hold_approved").collect();
    assert_eq!(rows.len(), 1);
    let text = serde_json::to_string(&rows[0]).unwrap();
    assert!(text.contains(&id.to_string()) && text.contains("delete"), "{text}");
    assert!(!text.contains("Dinner"), "{text}");
}

#[tokio::test]
async fn what_was_decided_is_not_decided_otherwise() {
    let house = House::new().await;
    let (calendar, id) = held(&house).await;
    let due = next_at(&house, calendar).await;
    assert!(reject(&house.store, &house.by, id).await.unwrap());
    assert!(!reject(&house.store, &house.by, id).await.unwrap());
    let late = approve(&house.store, &house.by, id).await;
    assert!(matches!(late, Err(HoldFault::NotPending(Status::Rejected))), "{late:?}");
    assert_eq!((status(&house, id).await, next_at(&house, calendar).await), (Status::Rejected, due));
    let events = house.events().await;
    assert_eq!(events.iter().filter(|event| event.starts_with("hold_")).count(), 1);
}

#[tokio::test]
async fn what_is_unknown_or_waited_too_long_is_not_decided() {
    let house = House::new().await;
    let (calendar, id) = held(&house).await;
    let due = next_at(&house, calendar).await;
    let unknown = approve(&house.store, &house.by, HoldId(uuid::Uuid::nil())).await;
    assert!(matches!(unknown, Err(HoldFault::NoHold)), "{unknown:?}");
    house.clock.advance(Duration::from_micros(PATIENCE.unsigned_abs() + 1));
    let late = approve(&house.store, &house.by, id).await;
    assert!(matches!(late, Err(HoldFault::NotPending(Status::Expired))), "{late:?}");
    assert_eq!((status(&house, id).await, next_at(&house, calendar).await), (Status::Pending, due));
    assert!(!house.events().await.iter().any(|event| event.starts_with("hold_")));
}
