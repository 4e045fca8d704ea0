//! Wrong keys and signatures at the REST API: a row for the first of an hour
//! from a network, then a count.
//!
//! Bounds: at most [`NETWORKS`] rows an hour; beyond that they are counted
//! together. The counts live in memory, as those of refused logins.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::PoisonError;

use postern_core::model::event::Event;
use postern_core::model::origin::Origin;

use super::note::{Note, Notes};
use crate::clock::Micros;

const HOUR: Micros = 3_600 * 1_000_000;
/// Rows an hour.
const NETWORKS: usize = 500;

/// A key or a signature that was not taken.
#[derive(Debug, Clone)]
pub struct WrongKey {
    /// When.
    pub at: Micros,
    /// The word that the program was told.
    pub cause: &'static str,
    /// From where.
    pub peer: IpAddr,
    /// A reference that nothing has yet.
    pub reference: String,
}

// `None` stands for all that are too many.
type Key = (Option<Origin>, &'static str);

#[derive(Debug)]
struct Open {
    peer: String,
    reference: String,
    hour: Micros,
    last: Micros,
    count: u64,
}

/// Those of the hour.
#[derive(Debug, Default)]
pub(super) struct WrongKeys(HashMap<Key, Open>);

impl WrongKeys {
    fn count(&mut self, wrong: WrongKey) -> Vec<Note> {
        let WrongKey { at, cause, peer, reference } = wrong;
        let hour = at.div_euclid(HOUR) * HOUR;
        let own = (Some(Origin::of(peer)), cause);
        let full = self.0.len() >= NETWORKS && !self.0.contains_key(&own);
        let key = if full { (None, cause) } else { own };
        if let Some(open) = self.0.get_mut(&key)
            && open.hour == hour
        {
            open.count += 1;
            open.last = at;
            return Vec::new();
        }
        let peer = if full { "others".to_owned() } else { peer.to_string() };
        let event = Event::ApiKeyRefused { cause, peer: peer.clone() };
        let first = Note::Event { at, request: reference.clone(), event };
        let before = self.0.insert(key, Open { peer, reference, hour, last: at, count: 1 });
        before.and_then(|open| open.counted(cause)).into_iter().chain([first]).collect()
    }

    /// The counts of hours before the one of `now`, which are forgotten.
    fn close(&mut self, now: Micros) -> Vec<Note> {
        let over = self.0.extract_if(|_, open| open.hour.saturating_add(HOUR) <= now);
        over.filter_map(|((_, cause), open)| open.counted(cause)).collect()
    }
}

impl Open {
    // The row of all of them, when there were more.
    fn counted(self, cause: &'static str) -> Option<Note> {
        let Self { peer, reference, hour, last, count } = self;
        let event = Event::ApiKeysRefused { cause, peer, hour, count };
        (count > 1).then_some(Note::Event { at: last, request: reference, event })
    }
}

impl Notes {
    /// Notes a key or a signature that was not taken.
    pub fn wrong_key(&self, wrong: WrongKey) {
        let notes = self.wrong_keys().lock().unwrap_or_else(PoisonError::into_inner).count(wrong);
        notes.into_iter().for_each(|note| self.note(note));
    }

    pub(super) fn close_wrong_keys(&self, now: Micros) {
        let notes = self.wrong_keys().lock().unwrap_or_else(PoisonError::into_inner).close(now);
        notes.into_iter().for_each(|note| self.note(note));
    }
}

#[cfg(test)]
mod tests {
    use super::{HOUR, NETWORKS, Note, WrongKey, WrongKeys};
    use postern_core::model::event::Event;
    use std::net::{IpAddr, Ipv4Addr};

    fn wrong(at: i64, from: u32) -> WrongKey {
        let peer = IpAddr::V4(Ipv4Addr::from_bits(from));
        WrongKey { at, cause: "keyUnknown", peer, reference: format!("r{from}") }
    }

    fn told(notes: &[Note]) -> Vec<String> {
        let one = |note: &Note| match note {
            Note::Event { event: Event::ApiKeyRefused { peer, .. }, .. } => format!("first {peer}"),
            Note::Event { event: Event::ApiKeysRefused { peer, count, .. }, .. } => format!("{count} {peer}"),
            other => panic!("{other:?}"),
        };
        notes.iter().map(one).collect()
    }

    #[test]
    fn the_first_of_an_hour_is_a_row_and_the_others_a_count() {
        let mut keys = WrongKeys::default();
        assert_eq!(told(&keys.count(wrong(1, 1))), ["first 0.0.0.1"]);
        for at in 2..1_000 {
            assert!(keys.count(wrong(at, 1)).is_empty());
        }
        assert_eq!(told(&keys.count(wrong(HOUR + 1, 1))), ["999 0.0.0.1", "first 0.0.0.1"]);
        assert!(keys.close(HOUR + 2).is_empty(), "its hour is not over, and one needs no count");
        assert!(keys.close(i64::MAX).is_empty() && keys.0.is_empty());
    }

    #[test]
    fn whoever_comes_from_everywhere_makes_few_rows() {
        let mut keys = WrongKeys::default();
        let rows: usize = (0..100_000).map(|from| keys.count(wrong(1, from)).len()).sum();
        assert_eq!((rows, keys.0.len()), (NETWORKS + 1, NETWORKS + 1));
        let counted = told(&keys.close(i64::MAX));
        assert_eq!(counted, [format!("{} others", 100_000 - NETWORKS)]);
    }
}
