//! What the listeners count.

use super::door::DoorError;
use crate::metrics::{Counters, Registry};

/// The listeners' families. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    connections: Counters<2>,
}

impl Metrics {
    /// Enters the families in `registry`.
    #[must_use]
    pub fn register(registry: &Registry) -> Self {
        Self {
            connections: registry.counters(
                "postern_connections_total",
                "Connections of mail clients by outcome: admitted, or why they did not come in",
                ["protocol", "outcome"],
            ),
        }
    }

    /// A connection, and whether the door let it in.
    pub fn arrived(&self, protocol: &'static str, turned_away: Option<&DoorError>) {
        self.connections.inc([protocol, turned_away.map_or("admitted", DoorError::name)]);
    }
}
