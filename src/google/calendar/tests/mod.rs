//! Google as a script, and the Calendar API's errors.

mod channels;
mod lists;
mod refusals;
mod requests;
mod writes;

use std::sync::Arc;

use postern_core::model::id::AccountId;
use serde_json::json;
use url::Url;

use super::client::Calendar;
use super::limits::RATES;
use super::metrics::Metrics;
use crate::clock::Clock;
use crate::dice::Dice;
use crate::google::quota::Quota;
use crate::google::tests::api::{self, Answered, Leave, Script, answer};
use crate::metrics::Registry;
use crate::net::exchange::Request;

const BOTH: Leave = Leave::Grant(
    "https://www.googleapis.com/auth/calendar.events \
     https://www.googleapis.com/auth/calendar.calendarlist.readonly",
);

struct Stage {
    calendar: Calendar,
    metrics: Metrics,
    google: Arc<Script>,
    account: AccountId,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// An account with a grant for its calendar.
    async fn says(answers: impl IntoIterator<Item = Answered>) -> Self {
        Self::by(BOTH, answers).await
    }

    async fn by(leave: Leave, answers: impl IntoIterator<Item = Answered>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let google = Script::new(answers);
        let (account, broker) = api::account(folder.path(), leave, google.clone()).await;
        let metrics = Metrics::register(&Registry::default());
        let quota = Quota::new(Clock::system(), Dice::default(), RATES);
        let base = Url::parse("https://google.test/calendar/v3/").unwrap();
        let calendar = Calendar::new(google.clone(), base, broker, quota, metrics.clone());
        Self { calendar, metrics, google, account, _folder: folder }
    }

    fn asked(&self) -> Vec<Request> {
        self.google.asked()
    }

    /// Path and query of the one request that was made.
    fn line(&self) -> String {
        self.google.line()
    }
}

/// An error as the Calendar API words it.
fn error(status: u16, reason: &str, message: &str, location: Option<&str>) -> Answered {
    let mut entry = json!({ "domain": "calendar", "reason": reason, "message": message });
    if let Some(location) = location {
        entry["location"] = json!(location);
        entry["locationType"] = json!("parameter");
    }
    answer(status, &json!({ "error": { "errors": [entry], "code": status, "message": message } }))
}
