//! How many connections there may be: in all, from one address, and of those
//! that are not logged in yet.
//!
//! A connection is counted from the accept to its end. Those that are not
//! logged in have half of all places, and one address has three quarters of
//! that half, so that whoever opens connections and says nothing neither takes
//! a place of a session nor shuts others out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use postern_core::model::origin::Origin;
use tokio::time::Instant;

/// Between two warnings.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// What is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Full {
    /// All places are taken.
    #[error("limits.connections are open")]
    All,
    /// The places of those who are not logged in yet.
    #[error("too many connections are open that are not logged in")]
    HalfOpen,
    /// The places of this address.
    #[error("limits.connections_per_address are open from this address")]
    Address,
    /// Its places of those who are not logged in yet.
    #[error("too many connections from this address are not logged in")]
    AddressHalfOpen,
}

impl Full {
    /// Stable name for logs and metric labels.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::All => "full",
            Self::HalfOpen => "full_half_open",
            Self::Address => "full_address",
            Self::AddressHalfOpen => "full_address_half_open",
        }
    }
}

/// The limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// Connections in all.
    pub connections: u32,
    /// From one IPv4 address or IPv6 /64.
    pub per_address: u32,
}

impl Most {
    fn half_open(self) -> u32 {
        (self.connections / 2).max(1)
    }

    fn half_open_per_address(self) -> u32 {
        (self.half_open() / 4 * 3).clamp(1, self.per_address)
    }
}

/// All connections of mail clients. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Crowd(Arc<Mutex<Counts>>);

#[derive(Debug)]
struct Counts {
    most: Most,
    all: u32,
    half_open: u32,
    origins: HashMap<Origin, There>,
    warned: Option<Instant>,
}

#[derive(Debug, Default)]
struct There {
    all: u32,
    half_open: u32,
}

impl Crowd {
    /// Nobody, and so many at most.
    #[must_use]
    pub fn new(most: Most) -> Self {
        let counts = Counts { most, all: 0, half_open: 0, origins: HashMap::new(), warned: None };
        Self(Arc::new(Mutex::new(counts)))
    }

    /// Other limits from now on; who is in stays in.
    pub fn follow(&self, most: Most) {
        self.lock().most = most;
    }

    /// Counts one more, whose address is not known yet.
    ///
    /// # Errors
    /// Says what is full; nothing is counted then.
    pub fn enter(&self) -> Result<Place, Full> {
        let mut counts = self.lock();
        let full = if counts.all >= counts.most.connections {
            Some(Full::All)
        } else {
            (counts.half_open >= counts.most.half_open()).then_some(Full::HalfOpen)
        };
        if let Some(full) = full {
            counts.warn(full);
            return Err(full);
        }
        counts.all += 1;
        counts.half_open += 1;
        Ok(Place(Some(Taken { crowd: self.clone(), origin: None, half_open: true })))
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn come(&mut self, origin: Origin) -> Result<(), Full> {
        let most = self.most;
        let there = self.origins.entry(origin).or_default();
        let full = if there.all >= most.per_address {
            Full::Address
        } else if there.half_open >= most.half_open_per_address() {
            Full::AddressHalfOpen
        } else {
            there.all += 1;
            there.half_open += 1;
            return Ok(());
        };
        self.warn(full);
        Err(full)
    }

    fn logged_in(&mut self, origin: Option<Origin>) {
        self.half_open -= 1;
        if let Some(there) = origin.and_then(|origin| self.origins.get_mut(&origin)) {
            there.half_open -= 1;
        }
    }

    fn gone(&mut self, origin: Option<Origin>) {
        self.all -= 1;
        if let Some(origin) = origin
            && let Some(there) = self.origins.get_mut(&origin)
        {
            there.all -= 1;
            if there.all == 0 {
                self.origins.remove(&origin);
            }
        }
    }

    fn warn(&mut self, full: Full) {
        if self.warned.is_none_or(|at| at.elapsed() >= WARN_EVERY) {
            self.warned = Some(Instant::now());
            tracing::warn!(kind = full.name(), open = self.all, "connections are refused: {full}");
        }
    }
}

/// One connection's place; free again when it is dropped. The default is of
/// one that nobody counts.
#[derive(Debug, Default)]
pub struct Place(Option<Taken>);

#[derive(Debug)]
struct Taken {
    crowd: Crowd,
    origin: Option<Origin>,
    half_open: bool,
}

impl Place {
    /// Counts it with its address too, once that is known.
    ///
    /// # Errors
    /// When its address has too many; it goes on counting without it.
    pub fn comes_from(&mut self, peer: IpAddr) -> Result<(), Full> {
        let Some(taken) = self.0.as_mut().filter(|taken| taken.origin.is_none()) else { return Ok(()) };
        let origin = Origin::of(peer);
        taken.crowd.lock().come(origin)?;
        taken.origin = Some(origin);
        Ok(())
    }

    /// It is a session from now on.
    pub fn logged_in(&mut self) {
        if let Some(taken) = &mut self.0
            && taken.half_open
        {
            taken.half_open = false;
            taken.crowd.lock().logged_in(taken.origin);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.logged_in();
        if let Some(taken) = &self.0 {
            taken.crowd.lock().gone(taken.origin);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{Crowd, Full, Most, Place};

    fn peer(n: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, n])
    }

    fn come(crowd: &Crowd, n: u8) -> Result<Place, Full> {
        let mut place = crowd.enter()?;
        place.comes_from(peer(n))?;
        Ok(place)
    }

    fn crowd() -> Crowd {
        Crowd::new(Most { connections: 16, per_address: 7 })
    }

    fn sessions(crowd: &Crowd, n: u8, count: usize) -> Vec<Place> {
        let session = |_| {
            let mut place = come(crowd, n).unwrap();
            place.logged_in();
            place
        };
        (0..count).map(session).collect()
    }

    #[test]
    fn one_address_that_says_nothing_leaves_room_for_others() {
        let crowd = crowd();
        let silent: Vec<_> = (0..20).filter_map(|_| come(&crowd, 1).ok()).collect();
        assert_eq!(silent.len(), 6);
        assert_eq!(come(&crowd, 1).unwrap_err(), Full::AddressHalfOpen);
        let _others = (come(&crowd, 2).unwrap(), come(&crowd, 3).unwrap());
        assert_eq!(come(&crowd, 4).unwrap_err(), Full::HalfOpen, "half of all are not logged in");
        drop(silent);
        come(&crowd, 1).unwrap();
    }

    #[test]
    fn sessions_keep_their_half_and_have_limits_of_their_own() {
        let crowd = crowd();
        let mut open = sessions(&crowd, 1, 7);
        assert_eq!(come(&crowd, 1).unwrap_err(), Full::Address);
        open.extend(sessions(&crowd, 2, 7));
        open.extend(sessions(&crowd, 3, 2));
        assert_eq!(come(&crowd, 4).unwrap_err(), Full::All);
        open.remove(0);
        come(&crowd, 4).unwrap();
    }

    #[test]
    fn nothing_is_left_behind() {
        let crowd = crowd();
        let mut open = sessions(&crowd, 1, 3);
        open.push(come(&crowd, 2).unwrap());
        open.push(crowd.enter().unwrap());
        open.push(Place::default());
        for _ in 0..100 {
            let _refused = come(&crowd, 1);
        }
        drop(open);
        let counts = crowd.lock();
        assert_eq!((counts.all, counts.half_open, counts.origins.len()), (0, 0, 0));
    }
}
