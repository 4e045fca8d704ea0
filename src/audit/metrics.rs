//! How the writer keeps up.

use super::note::Notes;
use crate::metrics::Registry;

/// Enters what is known of the queue in `registry`.
pub fn register(registry: &Registry, notes: &Notes) {
    let (waiting, lost) = (notes.gauge(), notes.gauge());
    registry.measured("postern_audit_queue", "Rows of the journal that wait to be stored", move || {
        waiting.waiting().map(|rows| rows as f64)
    });
    registry.counted(
        "postern_audit_lost_total",
        "Rows of the journal that were lost because the queue was full",
        move || lost.lost(),
    );
}
