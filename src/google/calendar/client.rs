//! The way to the Calendar API.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::metrics::Metrics;
use super::quota::{Caller, Quota};
use crate::google::broker::Broker;
use crate::net::exchange::Exchange;

/// How long a request waits for its place in the budget.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks Google Calendar. Cheap to clone; clones share budget and figures.
#[derive(Clone)]
pub struct Calendar {
    pub(super) exchange: Arc<dyn Exchange>,
    pub(super) base: Url,
    pub(super) broker: Broker,
    pub(super) quota: Quota,
    pub(super) metrics: Metrics,
    pub(super) caller: Caller,
    pub(super) patience: Duration,
}

impl Calendar {
    /// `base` is what the API's paths are put behind. Requests count as polls
    /// until [`Calendar::counted_as`] says what they are.
    #[must_use]
    pub fn new(
        exchange: Arc<dyn Exchange>,
        base: Url,
        broker: Broker,
        quota: Quota,
        metrics: Metrics,
    ) -> Self {
        Self { exchange, base, broker, quota, metrics, caller: Caller::Poll, patience: PATIENCE }
    }

    /// The same way for requests that are made for something else, each of
    /// which waits at most `patience` for its place in the budget.
    #[must_use]
    pub fn counted_as(&self, caller: Caller, patience: Duration) -> Self {
        Self { caller, patience, ..self.clone() }
    }

    /// The same way for requests that are made for something else, with the same patience.
    #[must_use]
    pub fn made_for(&self, caller: Caller) -> Self {
        self.counted_as(caller, self.patience)
    }

    /// The budget that its requests are taken from.
    #[must_use]
    pub fn quota(&self) -> &Quota {
        &self.quota
    }
}
