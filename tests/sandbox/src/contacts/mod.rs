//! Google People v1: a person's contacts and their groups, lists of changes that lag behind what
//! has been written, batches, and quotas by the minute, with Google's refusals. What Google leaves
//! open, this one does the harder way.

mod batch;
mod clean;
mod computed;
mod control;
mod counters;
mod door;
mod etag;
mod fields;
mod get;
mod group_list;
mod groups;
mod lagging;
mod list;
mod mask;
mod members;
mod method;
mod policy;
mod quota;
mod refusal;
mod show;
mod store;
mod token;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::routing::any;

pub use counters::ContactsCounters;
pub use policy::{BatchCost, ContactsPolicy};
pub use refusal::Refusal;

use crate::Faults;
use crate::api::Fault;
use crate::google::Google;
use crate::guarded::Guarded;

/// All that the contacts side remembers.
#[derive(Debug, Default)]
pub(crate) struct State {
    world: Guarded<store::World>,
    faults: Faults<Fault>,
}

impl State {
    /// A person's address has changed.
    pub(crate) fn rename(&self, from: &str, to: &str) {
        self.world.lock().rename(from, to);
    }
}

/// The People API.
pub(crate) fn router(google: Arc<Google>) -> Router {
    Router::new().route("/v1/{*rest}", any(door::serve)).with_state(google)
}
