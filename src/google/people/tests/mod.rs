//! Google as a script, and the People API's errors.

mod batches;
mod lists;
mod refusals;
mod requests;

use std::sync::Arc;

use postern_core::model::id::AccountId;
use serde_json::{Value, json};
use url::Url;

use super::client::People;
use super::limits::RATES;
use super::metrics::Metrics;
use crate::clock::Clock;
use crate::dice::Dice;
use crate::google::quota::Quota;
use crate::google::tests::api::{self, Answered, Leave, Script, answer};
use crate::metrics::Registry;

const CONTACTS: Leave = Leave::Grant("https://www.googleapis.com/auth/contacts");

struct Stage {
    people: People,
    google: Arc<Script>,
    account: AccountId,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// An account with a grant for its contacts.
    async fn says(answers: impl IntoIterator<Item = Answered>) -> Self {
        Self::by(CONTACTS, answers).await
    }

    async fn by(leave: Leave, answers: impl IntoIterator<Item = Answered>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let google = Script::new(answers);
        let (account, broker) = api::account(folder.path(), leave, google.clone()).await;
        let quota = Quota::new(Clock::system(), Dice::default(), RATES);
        let base = Url::parse("https://google.test/people/v1/").unwrap();
        let metrics = Metrics::register(&Registry::default());
        let people = People::new(google.clone(), base, broker, quota, metrics);
        Self { people, google, account, _folder: folder }
    }

    /// What was sent with the one request that was made.
    fn sent(&self) -> Value {
        let asked = self.google.asked();
        assert_eq!(asked.len(), 1);
        serde_json::from_slice(&asked[0].body).unwrap()
    }
}

/// An error as the People API words it.
fn error(status: u16, word: &str, message: &str, details: &Value) -> Answered {
    answer(
        status,
        &json!({ "error": { "code": status, "message": message, "status": word, "details": details } }),
    )
}

/// The detail that names a reason.
fn info(reason: &str) -> Value {
    json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason,
        "domain": "people.googleapis.com" }])
}
