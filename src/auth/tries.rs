//! How often codes may be tried for one admin.
//!
//! Six digits can be guessed by whoever knows the password and tries from many
//! places, which the throttle of an address does not see. So for each admin
//! only [`MOST`] codes are looked at within [`WINDOW`], right or wrong: who
//! guesses needs years. A recovery code is too long to guess and not counted,
//! so nobody is locked out by somebody else.

use std::collections::HashMap;
use std::time::Duration;

use postern_core::model::id::AdminId;

use crate::clock::{Micros, micros};

/// So many codes are looked at.
pub const MOST: u32 = 10;
/// Within this time.
pub const WINDOW: Duration = Duration::from_secs(10 * 60);

/// Counts codes. As many entries as there are admins.
#[derive(Debug, Default)]
pub struct Tries(HashMap<AdminId, (u32, Micros)>);

impl Tries {
    /// Counts one more before it is looked at; false when there were enough.
    pub fn begin(&mut self, admin: AdminId, now: Micros) -> bool {
        let (count, since) = self.0.entry(admin).or_insert((0, now));
        if !(0..micros(WINDOW)).contains(&(now - *since)) {
            (*count, *since) = (0, now);
        }
        if *count >= MOST {
            return false;
        }
        *count += 1;
        true
    }

    /// The code was right.
    pub fn right(&mut self, admin: AdminId) {
        self.0.remove(&admin);
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Tries, WINDOW};
    use crate::clock::micros;
    use postern_core::model::id::AdminId;

    #[test]
    fn ten_codes_in_ten_minutes_for_each_admin() {
        let (jan, eva) = (AdminId(uuid::Uuid::nil()), AdminId(uuid::Uuid::max()));
        let mut tries = Tries::default();
        for at in 0..MOST {
            assert!(tries.begin(jan, i64::from(at)));
        }
        assert!(!tries.begin(jan, 1_000));
        assert!(tries.begin(eva, 1_000));
        assert!(!tries.begin(jan, micros(WINDOW) - 1));
        assert!(tries.begin(jan, micros(WINDOW)));
        for _ in 0..MOST * 2 {
            assert!(tries.begin(eva, 2_000));
            tries.right(eva);
        }
    }
}
