use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use postern_core::model::id::{AccountId, SessionId, TokenId};
use postern_core::model::token::Protocol;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::{Instant, advance, pause, timeout};
use uuid::Uuid;

use super::clerk::Clerk;
use super::register;
use super::{Budget, NoSeat, PATIENCE, Seat};
use crate::clock::Clock;
use crate::config::Config;
use crate::node::settings::Live;
use crate::store::mail_sessions::MailSession;
use crate::store::trial;
use crate::tasks::{Phase, Tasks};

/// A budget whose clerk is alone, in a time that is paused; its rows are kept by nobody.
async fn budget(tasks: &Tasks) -> (Budget, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = trial::store(folder.path(), Clock::system()).await;
    pause();
    let (words, heard) = mpsc::unbounded_channel();
    let (register, _nobody) = register::open();
    let mut limits = Config::from_str("", &BTreeMap::new()).unwrap().limits;
    limits.account_smtp_sessions = 2;
    let clerk = Clerk::new(store.clone(), Live::fixed(limits), heard, words.clone(), register);
    tasks.spawn(Phase::Work, clerk.run(tasks.stop(Phase::Work)));
    (Budget { words, store, node: "node".to_owned() }, folder)
}

fn row(account: u128, protocol: Protocol) -> MailSession {
    MailSession {
        id: SessionId(Uuid::nil()),
        account: AccountId(Uuid::from_u128(account)),
        token: TokenId(Uuid::nil()),
        protocol,
        peer: "192.0.2.1".to_owned(),
        node: "node".to_owned(),
        began_at: 0,
    }
}

async fn ask(budget: &Budget, account: u128) -> Result<Seat, NoSeat> {
    budget.ask(row(account, Protocol::Imap)).await
}

#[tokio::test]
async fn of_a_thousand_ten_get_a_seat_and_the_rest_hear_it_in_three_seconds() {
    let tasks = Tasks::default();
    let (budget, _folder) = budget(&tasks).await;
    let began = Instant::now();
    let answers = join_all((0..1_000).map(|_| ask(&budget, 1))).await;
    // The timer counts whole milliseconds.
    assert_eq!(began.elapsed().as_secs(), PATIENCE.as_secs());
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Err(NoSeat::Full))).count(), 990);

    // Others have budgets of their own, and sending has another than reading.
    assert!(ask(&budget, 2).await.is_ok());
    let sending = join_all((0..3).map(|_| budget.ask(row(1, Protocol::Smtp)))).await;
    assert_eq!(sending.iter().filter(|answer| answer.is_ok()).count(), 2);

    drop(answers);
    let again = join_all((0..10).map(|_| ask(&budget, 1))).await;
    assert!(again.iter().all(Result::is_ok));
}

#[tokio::test]
async fn who_waits_longest_is_next() {
    let tasks = Tasks::default();
    let (budget, _folder) = budget(&tasks).await;
    let mut seats = join_all((0..10).map(|_| ask(&budget, 1))).await;
    let began = Instant::now();
    let waits = |delay: u64| {
        let budget = budget.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(delay)).await;
            let seat = ask(&budget, 1).await;
            (seat.is_ok(), began.elapsed().as_millis() / 100, seat)
        }
    };
    let frees = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            drop(seats.pop());
        }
    };
    let (first, second, third, ()) = tokio::join!(waits(1), waits(2), waits(3), frees);
    assert_eq!(((first.0, first.1), (second.0, second.1)), ((true, 5), (true, 10)));
    assert_eq!((third.0, third.1), (true, 15));
}

#[tokio::test]
async fn who_left_while_waiting_keeps_no_seat() {
    let tasks = Tasks::default();
    let (budget, _folder) = budget(&tasks).await;
    let seats = join_all((0..10).map(|_| ask(&budget, 1))).await;
    let gone = join_all((0..50).map(|_| timeout(Duration::from_millis(10), ask(&budget, 1)))).await;
    assert!(gone.iter().all(Result::is_err));
    drop(seats);
    advance(Duration::from_millis(1)).await;
    let again = join_all((0..10).map(|_| ask(&budget, 1))).await;
    assert!(again.iter().all(Result::is_ok));
}

#[tokio::test]
async fn a_process_that_ends_says_so() {
    let tasks = Tasks::default();
    let (budget, _folder) = budget(&tasks).await;
    tasks.end(Phase::Work, Duration::from_secs(1)).await;
    assert_eq!(ask(&budget, 1).await.unwrap_err(), NoSeat::Closing);
}
