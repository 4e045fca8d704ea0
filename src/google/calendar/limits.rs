//! What Google allows the Calendar API, and what of it this process spends.

use crate::google::quota::Rates;

/// For one user in a minute.
pub const USER_A_MINUTE: i64 = 600;
/// For the whole project in a minute.
pub const PROJECT_A_MINUTE: i64 = 10_000;
/// For the whole project in a day.
pub const PROJECT_A_DAY: i64 = 1_000_000;
/// Half of it.
pub const RATES: Rates = Rates { account: 300, project: 5_000 };
