//! What the charts are drawn of: the counters that `/metrics` shows.

use postern_core::model::token::Protocol;

use super::Parts;
use crate::node::requests::{BUSIEST, Requests};
use crate::node::tally::{Kind, Source, Tally};
use crate::relay::metrics::Metrics;

/// The loop that keeps them, hour by hour.
pub(super) fn tally(parts: &Parts, process: &str, relay: &Metrics) -> Tally {
    let counter = |name, look: fn(&Metrics) -> u64| {
        let relay = relay.clone();
        source(name, Kind::Counter, move || whole(look(&relay)))
    };
    let (broker, running, quota) = (parts.broker.clone(), relay.clone(), parts.calendar.quota().clone());
    let sources = vec![
        counter("logins", Metrics::came_in_so_far),
        counter("refusals", Metrics::refused_so_far),
        counter("messages", Metrics::messages_so_far),
        counter("bytes", Metrics::bytes_so_far),
        source(BUSIEST, Kind::Gauge, move || i64::from(quota.last_minute())),
        source("refreshes", Kind::Counter, move || whole(broker.refreshed())),
        source("sessions", Kind::Gauge, move || {
            running.running(Protocol::Imap) + running.running(Protocol::Smtp)
        }),
    ];
    Tally::new(parts.store.clone(), process, sources)
}

/// The loop that writes down what is asked of the Calendar API.
pub fn requests(parts: &Parts) -> Requests {
    let quota = parts.calendar.quota().clone();
    let take = move || {
        let counts = quota.take_counts();
        counts.into_iter().map(|(account, caller, count)| (account, caller.name(), count)).collect()
    };
    Requests::new(parts.store.clone(), Box::new(take))
}

fn source(name: &'static str, kind: Kind, look: impl Fn() -> i64 + Send + Sync + 'static) -> Source {
    Source { name, kind, look: Box::new(look) }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
