//! What of the People API this process spends. Google publishes no numbers: they are the project's,
//! and shown in its console only.

use crate::google::quota::Rates;

/// What most projects are allowed. What was refused as too fast is learned from.
pub const RATES: Rates = Rates { account: 30, project: 1_500 };
/// The same for a project whose users may write so many contacts in a minute.
#[must_use]
pub fn rates(account: u32) -> Rates {
    Rates { account, project: RATES.project.max(account) }
}

/// Most people in one batch that is read or written.
pub const BATCH: usize = 200;
/// Most people in one batch that is deleted.
pub const DELETED: usize = 500;
/// Most people whose group is changed at once.
pub const MEMBERS: usize = 1_000;
