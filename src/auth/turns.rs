//! How often somebody whom nobody knows may make us write a letter.
//!
//! [`MOST`] times within [`WINDOW`] from one origin. The table is bounded; while
//! it is full of origins that count, newcomers get no turn: a letter can wait.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use postern_core::model::origin::Origin;

use crate::clock::{Micros, micros};

/// So many turns.
pub const MOST: u32 = 10;
/// Within this time.
pub const WINDOW: Duration = Duration::from_secs(10 * 60);

const ORIGINS: usize = 10_000;

/// Counts turns.
#[derive(Debug, Default)]
pub struct Turns(Mutex<HashMap<Origin, (u32, Micros)>>);

impl Turns {
    /// Takes a turn; false when there is none left.
    pub fn take(&self, peer: IpAddr, now: Micros) -> bool {
        let origin = Origin::of(peer);
        let counts = |since: Micros| (0..micros(WINDOW)).contains(&(now - since));
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !taken.contains_key(&origin) && taken.len() >= ORIGINS {
            taken.retain(|_, (_, since)| counts(*since));
            if taken.len() >= ORIGINS {
                return false;
            }
        }
        let (count, since) = taken.entry(origin).or_insert((0, now));
        if !counts(*since) {
            (*count, *since) = (0, now);
        }
        *count += 1;
        *count <= MOST
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, ORIGINS, Turns, WINDOW};
    use crate::clock::micros;
    use std::net::{IpAddr, Ipv4Addr};

    #[test]
    fn ten_letters_in_ten_minutes_from_each_origin() {
        let (turns, peer) = (Turns::default(), "2001:db8::1".parse().unwrap());
        assert_eq!((0..100).filter(|_| turns.take(peer, 0)).count(), MOST as usize);
        assert!(!turns.take("2001:db8::2".parse().unwrap(), 1), "the same /64");
        assert!(turns.take("192.0.2.1".parse().unwrap(), 1));
        assert!(turns.take(peer, micros(WINDOW)));
    }

    #[test]
    fn the_table_is_bounded_and_empties_itself() {
        let turns = Turns::default();
        let many = |number: usize| IpAddr::from(Ipv4Addr::from(u32::try_from(number).unwrap()));
        assert!((0..ORIGINS).all(|number| turns.take(many(number), 0)));
        assert!(!turns.take(many(ORIGINS), 1));
        assert!(turns.take(many(ORIGINS), micros(WINDOW)));
        assert_eq!(turns.0.lock().unwrap().len(), 1);
    }
}
