use std::time::Duration;

use postern_core::model::id::AccountId;
use uuid::Uuid;

use super::budget::Budget;
use super::{Caller, Pace, Parked, Quota, Rates, Share};
use crate::clock::{Clock, Micros};
use crate::dice::Dice;

const SECOND: Micros = 1_000_000;
const MINUTE: Micros = 60 * SECOND;
const HOUR: Micros = 60 * MINUTE;
const START: Micros = 1_700_000_000 * SECOND;
const RATES: Rates = Rates { account: 300, project: 5_000 };

fn account(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(number))
}

fn budget(account: u32, project: u32) -> Budget {
    Budget::new(Rates { account, project })
}

/// How many single requests go through at `now`.
fn through(budget: &mut Budget, of: AccountId, now: Micros) -> usize {
    (0..10_000).take_while(|_| budget.take(of, 1, now).is_ok()).count()
}

#[test]
fn no_minute_holds_more_than_the_share_wherever_it_begins() {
    let mut budget = budget(300, 5_000);
    let mut taken = Vec::new();
    for tenth in 0..3_000 {
        let now = START + tenth * SECOND / 10;
        if budget.take(account(1), 1, now).is_ok() {
            taken.push(now);
        }
    }
    for from in &taken {
        let within = taken.iter().filter(|at| (*from..*from + MINUTE).contains(at)).count();
        assert!(within <= 300, "{within} from {from}");
    }
    assert!(taken.len() > 1_100, "and nearly so many are let through: {}", taken.len());
}

#[test]
fn whoever_is_refused_is_told_when_there_is_room() {
    let mut budget = budget(10, 5_000);
    assert_eq!(through(&mut budget, account(1), START), 10);
    assert_eq!(through(&mut budget, account(2), START), 10, "another account has its own");
    let until = budget.take(account(1), 3, START).unwrap_err();
    assert!((MINUTE..=MINUTE + 2 * SECOND).contains(&(until - START)));
    assert!(budget.take(account(1), 3, until).is_ok());
    assert!(
        budget.take(account(3), 11, START).is_ok(),
        "more than the share goes alone, and never not at all"
    );
}

#[test]
fn h_2_all_accounts_together_have_one_share() {
    let mut budget = budget(10, 25);
    let each: Vec<usize> = (1..=4).map(|n| through(&mut budget, account(n), START)).collect();
    assert_eq!(each, [10, 10, 5, 0]);
}

#[test]
fn too_fast_halves_the_share_which_comes_back_by_tenths() {
    let mut budget = budget(300, 5_000);
    budget.account_limited(account(1), 0, START, u16::MAX);
    assert_eq!(budget.take(account(1), 1, START), Err(START + SECOND));
    let mut now = START + SECOND;
    assert_eq!(through(&mut budget, account(1), now), 150);
    assert_eq!(through(&mut budget, account(2), now), 300);
    now += 2 * MINUTE;
    assert_eq!(through(&mut budget, account(1), now), 210);
    now += 10 * MINUTE;
    assert_eq!(through(&mut budget, account(1), now), 300);
    for _ in 0..20 {
        now += HOUR / 60;
        budget.account_limited(account(1), 0, now, 0);
        now += MINUTE / 2;
        budget.account_limited(account(1), 0, now + MINUTE, 0);
    }
    let soon = now + MINUTE + 40 * SECOND;
    assert_eq!(through(&mut budget, account(1), soon), 30, "a tenth stays");
}

#[test]
fn h_1_refusals_in_a_row_double_the_pause_up_to_a_minute() {
    let mut budget = budget(300, 5_000);
    let mut now = START;
    let mut pauses = Vec::new();
    for _ in 0..8 {
        budget.account_limited(account(1), 0, now, u16::MAX);
        let until = budget.take(account(1), 1, now).unwrap_err();
        pauses.push((until - now) / SECOND);
        now = until;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 64]);
    budget.succeeded(account(1));
    budget.account_limited(account(1), 0, now, 0);
    assert_eq!(budget.take(account(1), 1, now), Err(now + SECOND / 2), "jittered downwards");
    budget.account_limited(account(2), 7 * SECOND, now, 0);
    assert_eq!(budget.take(account(2), 1, now), Err(now + 7 * SECOND), "never below what Google wants");
}

#[test]
fn refusals_of_requests_that_were_under_way_together_count_as_one() {
    let mut budget = budget(300, 5_000);
    for _ in 0..5 {
        budget.account_limited(account(1), 0, START, u16::MAX);
    }
    assert_eq!(through(&mut budget, account(1), START + SECOND), 150);
}

#[test]
fn the_projects_refusal_holds_everybody_back() {
    let mut budget = budget(300, 400);
    budget.project_limited(0, START, u16::MAX);
    assert_eq!(budget.take(account(2), 1, START), Err(START + SECOND));
    assert_eq!(through(&mut budget, account(2), START + SECOND), 200);
}

#[test]
fn a_usage_limit_parks_for_hours_and_longer_each_time() {
    let mut budget = budget(300, 5_000);
    let mut now = START;
    let mut hours = Vec::new();
    for _ in 0..6 {
        budget.park(account(1), now);
        budget.park(account(1), now + SECOND);
        let until = budget.take(account(1), 1, now + 2 * SECOND).unwrap_err();
        hours.push((until - now) / HOUR);
        now = until + MINUTE;
        budget.succeeded(account(1));
    }
    assert_eq!(hours, [2, 4, 8, 16, 24, 24], "a read that works says nothing about writes");
    budget.park(account(1), now + 25 * HOUR);
    let until = budget.take(account(1), 1, now + 25 * HOUR).unwrap_err();
    assert_eq!(until, now + 27 * HOUR, "after a good day it begins anew");
    assert!(budget.take(account(2), 1, now).is_ok());
}

#[test]
fn a_clock_that_is_set_back_holds_nobody_for_long() {
    let mut budget = budget(10, 5_000);
    budget.park(account(1), START);
    budget.account_limited(account(2), 0, START, 0);
    assert_eq!(through(&mut budget, account(3), START), 10);
    for number in 1..=3 {
        assert!(through(&mut budget, account(number), START - 30 * HOUR) >= 5, "account {number}");
    }
}

fn quota(clock: &Clock, rates: Rates) -> Quota {
    Quota::new(clock.clone(), Dice::default(), rates)
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_the_callers_patience() {
    let clock = Clock::manual(START);
    let quota = quota(&clock, Rates { account: 1, project: 10 });
    let admit = |patience| quota.admit(account(1), Caller::Import, 1, Duration::from_secs(patience));
    admit(0).await.unwrap();
    let refused = admit(30).await;
    assert_eq!(refused, Err(Parked { until: START + 61 * SECOND }));
    assert_eq!(quota.take_counts(), [(account(1), Caller::Import, 1)], "what was not asked is not counted");
    // The clock stands still: the wait ends all the same.
    assert!(matches!(admit(120).await, Err(Parked { .. })));
    clock.advance(Duration::from_secs(61));
    admit(0).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_goes_on_when_there_is_room() {
    let clock = Clock::manual(START);
    let quota = quota(&clock, Rates { account: 1, project: 10 });
    quota.admit(account(1), Caller::Poll, 1, Duration::ZERO).await.unwrap();
    let later = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        clock.advance(Duration::from_secs(61));
    };
    let waits = quota.admit(account(1), Caller::Poll, 1, Duration::from_secs(90));
    let (admitted, ()) = tokio::join!(waits, later);
    assert_eq!(admitted, Ok(()));
}

#[test]
fn what_google_says_of_the_pace_is_kept() {
    let clock = Clock::manual(START);
    for (pace, own, other) in [
        (Pace::TooFast { share: Share::User, retry_after: None }, true, false),
        (Pace::TooFast { share: Share::Project, retry_after: None }, true, true),
        (Pace::UsedUp, true, false),
        (Pace::Untold, false, false),
    ] {
        let quota = quota(&clock, RATES);
        quota.answered(account(1), pace);
        let held = |number| super::lock(&quota.0.budget).take(account(number), 1, START).is_err();
        assert_eq!((held(1), held(2)), (own, other), "{pace:?}");
    }
}

#[test]
fn a_batch_is_paid_for_before_anything_follows_it() {
    let mut budget = budget(30, 5_000);
    assert!(budget.take(account(1), 200, START).is_ok(), "it passes an idle minute");
    let until = budget.take(account(1), 1, START).unwrap_err();
    assert_eq!(until - START, 400 * SECOND, "as long as 200 requests take at 30 a minute");
    assert!(budget.take(account(1), 1, until - SECOND).is_err());
    assert!(budget.take(account(1), 200, until).is_ok());
    assert!(budget.take(account(2), 30, START).is_ok(), "another account has its own");
    assert!(budget.take(account(2), 200, START).is_err(), "its minute is used up");
    // What was read before it does not bar it, and is paid for with it.
    assert!(budget.take(account(3), 10, START).is_ok());
    assert!(budget.take(account(3), 200, START).is_ok());
    assert_eq!(budget.take(account(3), 1, START).unwrap_err() - START, 420 * SECOND);
}
