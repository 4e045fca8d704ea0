//! Google Calendar v3: calendars, events and their copies at guests, incremental lists, and
//! notifications, with Google's refusals. What Google leaves open, this one does the harder way.

mod calendar_list;
mod call;
mod channel;
mod check;
mod control;
mod counters;
mod dates;
mod delivery;
mod door;
mod event_type;
mod fault;
mod guests;
mod import;
mod inheritance;
mod instances;
mod list;
mod moment;
mod moving;
mod policy;
mod query;
mod quota;
mod read;
mod refusal;
mod remove;
mod routes;
mod rule;
mod series;
mod show;
mod split;
mod store;
mod token;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::routing::any;
use rustls::pki_types::CertificateDer;
use tokio::sync::Notify;

pub use channel::Notice;
pub use counters::CalendarCounters;
pub(crate) use delivery::deliver;
pub use policy::{CalendarPolicy, Tombstones};
pub use refusal::Refusal;
pub use store::Role;

use crate::Faults;
use crate::api::Fault;
use crate::google::Google;
use crate::guarded::Guarded;

/// All that the calendar side remembers.
#[derive(Debug, Default)]
pub(crate) struct State {
    world: Guarded<store::World>,
    faults: Faults<Fault>,
    /// Rings when there is something to send.
    bell: Notify,
    roots: Guarded<Vec<CertificateDer<'static>>>,
}

impl State {
    /// A person's address has changed.
    pub(crate) fn rename(&self, from: &str, to: &str) {
        self.world.lock().rename(from, to);
    }
}

/// The Calendar API.
pub(crate) fn router(google: Arc<Google>) -> Router {
    Router::new().route("/calendar/v3/{*rest}", any(door::serve)).with_state(google)
}
