//! The page about a mailbox's calendars.

use postern_core::model::scope::{Product, ScopeSet};
use serde_json::json;

use super::House;
use super::owner::Owner;

impl House {
    /// Anna connects mail and calendar; Google lists these calendars.
    pub async fn with_calendars(&self, all: &[(&str, &str)]) -> Owner {
        self.stage.calendars(all);
        self.stage.fields(json!({ "scope": ScopeSet::consent(&Product::ALL).to_string() }));
        self.connected().await
    }
}
