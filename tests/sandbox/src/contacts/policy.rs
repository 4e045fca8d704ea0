//! The switches of the contacts side.

use std::time::Duration;

use super::store::scattered;

/// What a batch of creations or updates costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BatchCost {
    /// Six critical reads, six critical writes and 200 of the day's writes, whatever its size:
    /// what Google's guide says.
    #[default]
    Flat,
    /// As much as its contacts one by one.
    PerContact,
}

/// How this Google's contacts behave. Everything can be changed while it runs.
#[derive(Debug, Clone)]
pub struct ContactsPolicy {
    /// The shortest time before lists show a write.
    pub least_delay: Duration,
    /// The longest time before lists show a write; Google's may be some 20 minutes.
    pub most_delay: Duration,
    /// Chooses the delays between the two.
    pub seed: u64,
    /// How long a sync token is good for, from the full sync on.
    pub sync_token_lifetime: Duration,
    /// Expired sync tokens are an `INVALID_ARGUMENT`, not a `FAILED_PRECONDITION`; both have been seen.
    pub expired_is_invalid_argument: bool,
    /// Pages hold half of what was asked for.
    pub short_pages: bool,
    /// Lists give etags that updates refuse; those of the sources are still good.
    pub etags_of_lists_refused: bool,
    /// The items of a field come in another order after every change.
    pub shuffled: bool,
    /// Whether joining and leaving a group is a change of the person that lists of changes show.
    pub membership_is_change: bool,
    /// A batch of updates does what it can, and says of each contact what became of it. Otherwise
    /// one that cannot be updated stops them all.
    pub batch_updates_in_part: bool,
    /// A batch of creations does what it can, too.
    pub batch_creations_in_part: bool,
    /// Contacts that say this word anywhere are refused.
    pub refused: Option<String>,
    /// What a batch costs.
    pub batch_cost: BatchCost,
    /// Reads of contacts of one user in one minute; writes of contacts are reads too.
    pub critical_reads_minute: usize,
    /// Creations and updates of contacts of one user in one minute.
    pub critical_writes_minute: usize,
    /// Reads of groups of one user in one minute.
    pub reads_minute: usize,
    /// Deletions of contacts and writes of groups of one user in one minute.
    pub writes_minute: usize,
    /// Writes of contacts of one user in one day.
    pub contact_writes_day: usize,
    /// First pages of full syncs of one user in one minute: a quota nobody can have raised.
    pub full_syncs_minute: usize,
    /// The most contacts of one user.
    pub most_contacts: usize,
    /// The API is switched off in the client's project.
    pub disabled: bool,
}

impl Default for ContactsPolicy {
    fn default() -> Self {
        Self {
            least_delay: Duration::ZERO,
            most_delay: Duration::ZERO,
            seed: 0,
            sync_token_lifetime: Duration::from_secs(7 * 86_400),
            expired_is_invalid_argument: false,
            short_pages: false,
            etags_of_lists_refused: false,
            shuffled: false,
            membership_is_change: true,
            batch_updates_in_part: false,
            batch_creations_in_part: false,
            refused: None,
            batch_cost: BatchCost::default(),
            critical_reads_minute: 60,
            critical_writes_minute: 30,
            reads_minute: 90,
            writes_minute: 30,
            contact_writes_day: 100_000,
            full_syncs_minute: 10,
            most_contacts: 25_000,
            disabled: false,
        }
    }
}

impl ContactsPolicy {
    /// How long a write waits before lists show it.
    pub(super) fn delay(&self, version: u64) -> Duration {
        let range = self.most_delay.saturating_sub(self.least_delay).as_millis();
        let range = u64::try_from(range).unwrap_or(u64::MAX).saturating_add(1);
        let drawn = scattered(self.seed ^ scattered(version)) % range;
        self.least_delay + Duration::from_millis(drawn)
    }
}
