//! That Google calls us when a calendar changes. Its calls are not reliable and
//! hold nothing but the fact: who gets one still has to ask.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use postern_core::model::id::AccountId;
use postern_core::model::secret::Secret;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

use super::call::read;
use super::client::Calendar;
use super::fault::Fault;
use super::reason::Asked;
use crate::clock::Micros;
use crate::net::exchange::Method;

const LONGEST_ID: usize = 256;

/// What is asked of Google.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The channel's name, never used before.
    pub id: Uuid,
    /// Where Google calls; https.
    pub address: Url,
    /// What Google shows when it calls.
    pub token: Secret,
    /// For how long; Google may choose a shorter time.
    pub life: Duration,
}

impl Wanted {
    /// SHA-256 of the token, by which a call is known.
    #[must_use]
    pub fn token_hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, self.token.reveal().as_bytes()).as_ref());
        hash
    }
}

/// A channel that Google has opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The name it was asked for by.
    pub id: Uuid,
    /// Google's name for what it watches; needed to stop it.
    pub resource: String,
    /// When it ends by itself, microseconds since 1970; Google renews none.
    pub ends_at: Micros,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    resource_id: String,
    expiration: Option<Value>,
}

impl Opened {
    // Milliseconds, as a string or as a number.
    fn ends_at(&self) -> Option<Micros> {
        let said = self.expiration.as_ref()?;
        let millis = said.as_i64().or_else(|| said.as_str()?.parse().ok())?;
        millis.checked_mul(1_000).filter(|at| *at > 0)
    }
}

impl Calendar {
    /// Asks Google to call when events of the calendar change.
    ///
    /// # Errors
    /// `PushRefused` when Google will not, for this calendar or this address;
    /// else see [`Fault`].
    pub async fn watch(&self, account: AccountId, calendar: &str, wanted: &Wanted) -> Result<Channel, Fault> {
        let body = object([
            ("id", json!(wanted.id)),
            ("type", json!("web_hook")),
            ("address", json!(wanted.address)),
            ("token", json!(wanted.token.reveal())),
            ("params", json!({ "ttl": wanted.life.as_secs().to_string() })),
        ]);
        let path = ["calendars", calendar, "events", "watch"];
        let call = self.call("watch", Method::Post, &path)?.meaning(Asked::Watch).body(&body)?;
        let opened: Opened = read(&self.ask(account, call).await?, "no channel")?;
        let ends_at = opened.ends_at().ok_or(Fault::Malformed("a channel without an end"))?;
        if opened.resource_id.is_empty() || opened.resource_id.len() > LONGEST_ID {
            return Err(Fault::Malformed("a channel without a resource"));
        }
        Ok(Channel { id: wanted.id, resource: opened.resource_id, ends_at })
    }

    /// Asks Google to call no more.
    ///
    /// # Errors
    /// `NotFound` when the channel has ended; else see [`Fault`].
    pub async fn stop(&self, account: AccountId, channel: &Channel) -> Result<(), Fault> {
        let body = object([("id", json!(channel.id)), ("resourceId", json!(channel.resource))]);
        let call = self.call("stop", Method::Post, &["channels", "stop"])?.body(&body)?;
        self.ask(account, call).await.map(drop)
    }
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
