//! The way to the People API.

use std::sync::Arc;
use std::time::Duration;

use postern_core::model::scope::ScopeSet;
use url::Url;

use super::metrics::Metrics;
use crate::google::broker::Broker;
use crate::google::call::Way;
use crate::google::quota::{Caller, Quota};
use crate::net::exchange::Exchange;

/// Asks Google People. Cheap to clone; clones share budget and figures.
#[derive(Clone)]
pub struct People {
    pub(super) way: Way,
    pub(super) base: Url,
    pub(super) metrics: Metrics,
}

impl People {
    /// `base` is what the API's paths are put behind. Requests count as polls
    /// until [`People::counted_as`] says what they are.
    #[must_use]
    pub fn new(
        exchange: Arc<dyn Exchange>,
        base: Url,
        broker: Broker,
        quota: Quota,
        metrics: Metrics,
    ) -> Self {
        Self { way: Way::new(exchange, broker, quota, ScopeSet::contacts()), base, metrics }
    }

    /// The same way for requests that are made for something else, each of
    /// which waits at most `patience` for its place in the budget.
    #[must_use]
    pub fn counted_as(&self, caller: Caller, patience: Duration) -> Self {
        Self { way: Way { caller, patience, ..self.way.clone() }, ..self.clone() }
    }

    /// The budget that its requests are taken from.
    #[must_use]
    pub fn quota(&self) -> &Quota {
        &self.way.quota
    }
}
