//! What waits for a person's word, and what could not be done.

use postern::store::Store;
use postern::store::sync::holds::{self, Hold, PATIENCE, Status};
use postern::store::sync::{calendar_users, calendars, dead_letters};
use postern_core::model::actor::Actor;
use postern_core::model::id::{AccountId, CalendarId, HoldId};
use postern_core::plan::link::Side;

use super::rows;
use crate::support::databases::{Database, START, on_both};

on_both!(
    a_hold_keeps_identity_and_age_while_its_content_stays,
    other_content_takes_the_place_under_another_identity,
    a_class_waits_apart_from_others_and_from_other_calendars,
    more_writes_than_content_lists_are_another_hold,
    a_word_is_said_once,
    what_was_refused_is_looked_up_by_calendar,
    an_approval_is_used_once,
    what_is_not_held_any_more_cannot_be_decided,
    what_nobody_decided_in_time_is_never_approved,
    what_has_ended_is_forgotten_and_what_waits_is_not,
    what_fails_again_is_one_row_that_counts,
    the_words_of_the_other_side_are_cut,
    what_could_be_done_is_lifted_alone,
    content_and_details_stand_sealed,
);

const SECOND: i64 = 1_000_000;

async fn calendar(store: &Store, account: AccountId, name: &str) -> CalendarId {
    let mut batch = store.batch().await.unwrap();
    let calendar = calendars::put(&mut batch, name, "Name", "UTC").await.unwrap();
    calendar_users::put(&mut batch, account, calendar, "owner").await.unwrap();
    batch.commit().await.unwrap();
    calendar
}

async fn anna(store: &Store) -> (AccountId, CalendarId) {
    let account = rows::account(store, "anna@example.com").await;
    (account, calendar(store, account, "anna@example.com").await)
}

async fn open(store: &Store, at: (AccountId, CalendarId), class: &str, content: &str) -> HoldId {
    open_of(store, at, class, 12, content).await
}

async fn open_of(
    store: &Store,
    at: (AccountId, CalendarId),
    class: &str,
    count: i64,
    content: &str,
) -> HoldId {
    let mut batch = store.batch().await.unwrap();
    let id = holds::open(&mut batch, at.1, at.0, class, count, content).await.unwrap();
    batch.commit().await.unwrap();
    id
}

async fn close(store: &Store, at: (AccountId, CalendarId), class: &str) {
    let mut batch = store.batch().await.unwrap();
    holds::close(&mut batch, at.1, class).await.unwrap();
    batch.commit().await.unwrap();
}

async fn decide(store: &Store, id: HoldId, approved: bool) -> bool {
    let mut act = rows::act(store).await;
    let done = holds::decide(&mut act, id, approved, &Actor::CommandLine("jan".to_owned())).await.unwrap();
    act.commit(rows::event("anna@example.com")).await.unwrap();
    done
}

async fn get(store: &Store, id: HoldId) -> Option<Hold> {
    holds::by_id(store, &mut store.read().await.unwrap(), id).await.unwrap()
}

async fn pending(store: &Store) -> Vec<HoldId> {
    let rows = holds::pending(store, &mut store.read().await.unwrap(), 100).await.unwrap();
    rows.iter().map(|hold| hold.id).collect()
}

async fn approved(store: &Store, at: (AccountId, CalendarId)) -> Vec<HoldId> {
    let rows = holds::approved(store, &mut store.read().await.unwrap(), at.1).await.unwrap();
    rows.iter().map(|hold| hold.id).collect()
}

async fn expire(store: &Store) -> u64 {
    let mut batch = store.batch().await.unwrap();
    let count = holds::expire(&mut batch, store.clock().now() - PATIENCE).await.unwrap();
    batch.commit().await.unwrap();
    count
}

async fn a_hold_keeps_identity_and_age_while_its_content_stays(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    let first = open(&store, at, "delete", "[1]").await;
    database.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(open(&store, at, "delete", "[1]").await, first);
    assert_eq!(pending(&store).await, [first]);
    let hold = get(&store, first).await.unwrap();
    let shows = (hold.calendar(), hold.account, hold.class.as_str(), hold.count, hold.status, hold.opened_at);
    assert_eq!(shows, (at.1, at.0, "delete", 12, Status::Pending, START));
    assert_eq!(
        (hold.content.as_str(), hold.decided_at, hold.decided_by, hold.spent_at),
        ("[1]", None, None, None)
    );
}

async fn other_content_takes_the_place_under_another_identity(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    let first = open(&store, at, "delete", "[1]").await;
    database.clock.advance(std::time::Duration::from_secs(60));
    let second = open(&store, at, "delete", "[1,2]").await;
    assert_eq!(pending(&store).await, [second]);
    assert!(!decide(&store, first, true).await, "nobody approves what they have not seen");
    assert_eq!(get(&store, second).await.unwrap().opened_at, START + 60 * SECOND);
    let last = holds::of_calendar(&store, &mut store.read().await.unwrap(), at.1, 10).await.unwrap();
    assert_eq!(last.iter().map(|hold| hold.content.as_str()).collect::<Vec<_>>(), ["[1,2]"]);
}

async fn a_class_waits_apart_from_others_and_from_other_calendars(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    let other = (at.0, calendar(&store, at.0, "team@example.com").await);
    let mut opened = Vec::new();
    for (at, class) in [(at, "delete"), (at, "create"), (other, "delete")] {
        opened.push(open(&store, at, class, "[1]").await);
        database.clock.advance(std::time::Duration::from_secs(1));
    }
    assert_eq!(pending(&store).await, opened, "the oldest first");
    let mut read = store.read().await.unwrap();
    assert_eq!(holds::pending(&store, &mut read, 1).await.unwrap()[0].id, opened[0]);
    let of = holds::of_calendar(&store, &mut read, at.1, 10).await.unwrap();
    assert_eq!(of.iter().map(|hold| hold.id).collect::<Vec<_>>(), [opened[1], opened[0]], "the newest first");
    drop(read);
    close(&store, at, "delete").await;
    assert_eq!(pending(&store).await, opened[1..]);
}

async fn more_writes_than_content_lists_are_another_hold(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    let first = open_of(&store, at, "delete", 1_200, "[1]").await;
    let second = open_of(&store, at, "delete", 1_300, "[1]").await;
    assert_ne!(second, first, "a person was shown another number");
    assert_eq!(pending(&store).await, [second]);
    assert_eq!(get(&store, second).await.unwrap().count, 1_300);
}

async fn what_was_refused_is_looked_up_by_calendar(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    let other = (at.0, calendar(&store, at.0, "team@example.com").await);
    let old = open(&store, at, "guests", "[0]").await;
    database.clock.advance(std::time::Duration::from_micros(PATIENCE.unsigned_abs() + 1));
    assert_eq!(expire(&store).await, 1);
    database.clock.advance(std::time::Duration::from_secs(1));
    let rejected = open(&store, at, "delete", "[1]").await;
    for (id, approved) in [
        (rejected, false),
        (open(&store, at, "create", "[2]").await, true),
        (open(&store, other, "delete", "[1]").await, false),
    ] {
        assert!(decide(&store, id, approved).await);
    }
    open(&store, at, "update", "[3]").await;
    open(&store, at, "create", "[4]").await;
    close(&store, at, "create").await;
    let mut read = store.read().await.unwrap();
    let refused = holds::refused(&store, &mut read, at.1, 10).await.unwrap();
    assert_eq!(refused.iter().map(|hold| hold.id).collect::<Vec<_>>(), [rejected, old]);
    assert_eq!(holds::refused(&store, &mut read, at.1, 1).await.unwrap().len(), 1);
}

async fn a_word_is_said_once(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    let id = open(&store, at, "delete", "[1]").await;
    assert!(decide(&store, id, false).await);
    assert!(!decide(&store, id, true).await);
    let hold = get(&store, id).await.unwrap();
    assert_eq!(
        (hold.status, hold.decided_at, hold.decided_by.as_deref()),
        (Status::Rejected, Some(START), Some("cli:jan"))
    );
    assert!(approved(&store, at).await.is_empty());
    let again = open(&store, at, "delete", "[1]").await;
    assert_ne!(again, id, "what was decided stays as it is");
    assert_eq!(pending(&store).await, [again]);
}

async fn an_approval_is_used_once(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    let (id, waiting) = (open(&store, at, "delete", "[1]").await, open(&store, at, "create", "[2]").await);
    let spend = async |id| {
        let mut batch = store.batch().await.unwrap();
        let done = holds::spend(&mut batch, id).await.unwrap();
        batch.commit().await.unwrap();
        done
    };
    assert!(!spend(id).await, "nobody has approved it");
    assert!(decide(&store, id, true).await);
    assert!(approved(&store, (at.0, calendar(&store, at.0, "team@example.com").await)).await.is_empty());
    assert_eq!(approved(&store, at).await, [id]);
    assert!(spend(id).await && !spend(id).await && !spend(waiting).await);
    assert!(approved(&store, at).await.is_empty());
    let hold = get(&store, id).await.unwrap();
    assert_eq!((hold.status, hold.spent_at), (Status::Approved, Some(START)));
}

async fn what_is_not_held_any_more_cannot_be_decided(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    let id = open(&store, at, "delete", "[1]").await;
    close(&store, at, "delete").await;
    assert_eq!(get(&store, id).await.unwrap().status, Status::Gone);
    assert!(!decide(&store, id, true).await && pending(&store).await.is_empty());
    let decided = open(&store, at, "delete", "[1]").await;
    assert!(decide(&store, decided, true).await);
    close(&store, at, "delete").await;
    assert_eq!(approved(&store, at).await, [decided], "a word that was given stays");
}

async fn what_nobody_decided_in_time_is_never_approved(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    let old = open(&store, at, "delete", "[1]").await;
    let decided = open(&store, at, "create", "[1]").await;
    assert!(decide(&store, decided, true).await);
    let patience = std::time::Duration::from_micros(PATIENCE.unsigned_abs());
    database.clock.advance(patience);
    let young = open(&store, at, "update", "[1]").await;
    assert_eq!(expire(&store).await, 0);
    database.clock.advance(std::time::Duration::from_micros(1));
    assert!(!decide(&store, old, true).await, "nobody has swept yet");
    assert_eq!(expire(&store).await, 1);
    let hold = get(&store, old).await.unwrap();
    assert_eq!(
        (hold.status, hold.decided_at, hold.decided_by),
        (Status::Expired, Some(START + PATIENCE + 1), None)
    );
    assert!(!decide(&store, old, true).await);
    assert_eq!((pending(&store).await, approved(&store, at).await), (vec![young], vec![decided]));
}

async fn what_has_ended_is_forgotten_and_what_waits_is_not(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    let rejected = open(&store, at, "delete", "[1]").await;
    assert!(decide(&store, rejected, false).await);
    let waiting = open(&store, at, "create", "[1]").await;
    let prune = async |before| {
        let mut batch = store.batch().await.unwrap();
        holds::prune(&mut batch, before).await.unwrap();
        batch.commit().await.unwrap();
    };
    prune(START).await;
    assert!(get(&store, rejected).await.is_some());
    prune(START + 1).await;
    assert!(get(&store, rejected).await.is_none());
    assert_eq!(pending(&store).await, [waiting]);
}

async fn fails(store: &Store, at: (AccountId, CalendarId), key: &str, side: Side, detail: &str) {
    let mut batch = store.batch().await.unwrap();
    dead_letters::put(&mut batch, at.1, at.0, key, side, "refused", detail).await.unwrap();
    batch.commit().await.unwrap();
}

async fn what_fails_again_is_one_row_that_counts(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    fails(&store, at, "e1", Side::Google, "too long").await;
    let mut read = store.read().await.unwrap();
    let first = dead_letters::of_calendar(&store, &mut read, at.1, 10).await.unwrap().remove(0);
    drop(read);
    database.clock.advance(std::time::Duration::from_secs(60));
    fails(&store, at, "e1", Side::Crm, "no such user").await;
    let mut read = store.read().await.unwrap();
    let again = dead_letters::of_calendar(&store, &mut read, at.1, 10).await.unwrap();
    assert_eq!((again.len(), again[0].id), (1, first.id));
    let (letter, was) = (&again[0], &first);
    assert_eq!((was.side, was.attempts, was.first_at, was.last_at), (Side::Google, 1, START, START));
    let later = START + 60 * SECOND;
    assert_eq!((letter.side, letter.attempts, letter.first_at, letter.last_at), (Side::Crm, 2, START, later));
    assert_eq!((letter.reason.as_str(), letter.detail.as_str()), ("refused", "no such user"));
    assert_eq!(dead_letters::count(&mut read, at.0).await.unwrap(), 1);
}

async fn the_words_of_the_other_side_are_cut(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    fails(&store, at, "e1", Side::Crm, &"ž".repeat(5_000)).await;
    let letters = dead_letters::of_account(&store, &mut store.read().await.unwrap(), at.0, 10).await.unwrap();
    assert_eq!(letters[0].detail, "ž".repeat(2_000));
}

async fn what_could_be_done_is_lifted_alone(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    let other = (at.0, calendar(&store, at.0, "team@example.com").await);
    for (at, key) in [(at, "e1"), (at, "Meeting/1"), (other, "e1")] {
        fails(&store, at, key, Side::Google, "").await;
        database.clock.advance(std::time::Duration::from_secs(1));
    }
    let mut batch = store.batch().await.unwrap();
    assert!(dead_letters::lift(&mut batch, at.1, "e1").await.unwrap());
    assert!(!dead_letters::lift(&mut batch, at.1, "e1").await.unwrap());
    batch.commit().await.unwrap();
    let mut read = store.read().await.unwrap();
    let left = dead_letters::of_account(&store, &mut read, at.0, 10).await.unwrap();
    let left: Vec<_> = left.iter().map(|letter| (letter.calendar(), letter.key.as_str())).collect();
    assert_eq!(left, [(other.1, "e1"), (at.1, "Meeting/1")], "the last first");
    assert_eq!(dead_letters::of_account(&store, &mut read, at.0, 1).await.unwrap().len(), 1);
    assert_eq!(dead_letters::count(&mut read, at.0).await.unwrap(), 2);
}

async fn content_and_details_stand_sealed(database: &Database) {
    let store = database.open("main").await;
    let at = anna(&store).await;
    open(&store, at, "delete", "[\"private words\"]").await;
    fails(&store, at, "e1", Side::Crm, "private words").await;
    let mut raw = database.raw().await;
    for (table, column) in [("holds", "content_sealed"), ("dead_letters", "detail_sealed")] {
        // Sealed for its row: moved to another one it does not open.
        let moved = format!("UPDATE {table} SET {column} = (SELECT name_sealed FROM calendars)");
        assert_eq!(raw.run(&moved).await, 1);
    }
    let mut read = store.read().await.unwrap();
    assert!(holds::pending(&store, &mut read, 10).await.is_err());
    assert!(dead_letters::of_calendar(&store, &mut read, at.1, 10).await.is_err());
}
