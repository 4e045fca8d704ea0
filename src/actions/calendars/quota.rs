//! How much of Google's limits for the Calendar API is used today.

use std::collections::BTreeMap;

use postern_core::model::id::AccountId;

use crate::clock::Micros;
use crate::google::calendar::limits::{PROJECT_A_DAY, PROJECT_A_MINUTE, USER_A_MINUTE};
use crate::google::quota::Caller;
use crate::node::requests::{self as asked, BUSIEST};
use crate::store::sync::requests::{self, Asked};
use crate::store::{Store, StoreError, hourly};

/// Most rows that are shown.
const MOST: i64 = 3_000;
/// A shorter time says nothing about the rest of the day: a quarter of an hour.
const SOONEST: Micros = 900 * 1_000_000;
/// What the requests are made for, by their words.
pub const JOBS: [&str; 3] = ["poll", "import", "write"];

/// What is used, of all nodes together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Today {
    /// The day in California, where Google's day ends.
    pub date: String,
    /// When it ends.
    pub ends_at: Micros,
    /// Requests so far.
    pub used: i64,
    /// How many it will be when it goes on like this; none so early in the day.
    pub projected: Option<i64>,
    /// At most so many in a minute.
    pub busiest: i64,
    /// Each account, the one with the most first.
    pub accounts: Vec<Spent>,
}

/// What one account has used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spent {
    /// The account.
    pub account: AccountId,
    /// Its address.
    pub address: String,
    /// Requests so far.
    pub used: i64,
    /// At most so many in a minute.
    pub busiest: i64,
    /// Requests for each job, in the order of [`JOBS`].
    pub jobs: [i64; 3],
}

impl Today {
    /// What Google allows: for a user in a minute, for the project in a minute and in a day.
    pub const LIMITS: [i64; 3] = [USER_A_MINUTE, PROJECT_A_MINUTE, PROJECT_A_DAY];

    /// Whether a limit is near: four fifths of it.
    #[must_use]
    pub fn near(part: i64, whole: i64) -> bool {
        part.saturating_mul(5) >= whole.saturating_mul(4)
    }
}

/// What is used today.
///
/// # Errors
/// When the database does not answer.
pub async fn today(store: &Store) -> Result<Today, StoreError> {
    let now = store.clock().now();
    let day = asked::day(now);
    let (began, ends_at) = asked::bounds(day);
    let mut read = store.read().await?;
    let used = requests::total(&mut read, day).await?;
    let rows = requests::of_day(&mut read, day, MOST).await?;
    let hours = hourly::since(&mut read, began).await?;
    let accounts = accounts(rows);
    let minutes = hours.iter().filter(|hour| hour.name == BUSIEST).map(|hour| hour.count);
    // A command keeps no hours, but its requests are counted.
    let busiest = minutes.chain(accounts.iter().map(|spent| spent.busiest)).max();
    Ok(Today {
        date: asked::date(day).to_string(),
        ends_at,
        used,
        projected: projected(used, now - began, ends_at - began),
        busiest: busiest.unwrap_or(0),
        accounts,
    })
}

fn projected(used: i64, passed: Micros, whole: Micros) -> Option<i64> {
    if passed < SOONEST {
        return None;
    }
    let all = i128::from(used) * i128::from(whole) / i128::from(passed);
    Some(i64::try_from(all).unwrap_or(i64::MAX))
}

fn accounts(rows: Vec<Asked>) -> Vec<Spent> {
    let mut all: BTreeMap<AccountId, Spent> = BTreeMap::new();
    for row in rows {
        let account = AccountId(row.account_id);
        let new = Spent { account, address: row.address, used: 0, busiest: 0, jobs: [0; 3] };
        let spent = all.entry(account).or_insert(new);
        spent.used += row.count;
        // Each job's busiest minute may be another one.
        spent.busiest += row.busiest;
        for (job, count) in JOBS.iter().zip(&mut spent.jobs) {
            if *job == row.job {
                *count += row.count;
            }
        }
    }
    let mut all: Vec<Spent> = all.into_values().collect();
    all.sort_by(|one, other| other.used.cmp(&one.used).then_with(|| one.address.cmp(&other.address)));
    all
}

// Whoever adds a job sees to it that it is told.
const _: () = assert!(Caller::ALL.len() == JOBS.len());

#[cfg(test)]
mod tests {
    use super::{Asked, Caller, JOBS, Today, accounts, projected};
    use uuid::Uuid;

    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn the_day_goes_on_as_it_began_and_nothing_is_said_too_early() {
        assert_eq!(projected(1_000, HOUR, 24 * HOUR), Some(24_000));
        assert_eq!(projected(1_000, 24 * HOUR, 24 * HOUR), Some(1_000));
        assert_eq!(projected(1_000, HOUR / 5, 24 * HOUR), None);
        assert!(Today::near(800_000, 1_000_000) && !Today::near(799_999, 1_000_000));
    }

    #[test]
    fn jobs_are_told_by_account() {
        assert_eq!(Caller::ALL.map(Caller::name), JOBS);
        let row = |account, job: &str, count, busiest| Asked {
            account_id: Uuid::from_u128(account),
            address: format!("{account}@x.cz"),
            job: job.to_owned(),
            count,
            busiest,
        };
        let told = accounts(vec![row(1, "poll", 5, 2), row(2, "write", 30, 9), row(1, "import", 7, 4)]);
        let told: Vec<_> =
            told.iter().map(|it| (it.address.as_str(), it.used, it.busiest, it.jobs)).collect();
        assert_eq!(told, [("2@x.cz", 30, 9, [0, 0, 30]), ("1@x.cz", 12, 6, [5, 7, 0])]);
    }
}
