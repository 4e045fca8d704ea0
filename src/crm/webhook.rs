//! Webhooks: the CRM says that records changed, in its own time and in no order.
//!
//! What it says is a hint to look and no more: of each delivery only the
//! identities are kept, and only when its signature is that of a webhook we made.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_core::model::secret::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::client::Client;
use super::fault::Fault;
use super::id::Id;
use super::query::Query;
use super::records::Record;

/// Kind of the records that webhooks are in the CRM.
const ENTITY: &str = "Webhook";
/// Longest delivery, in octets, and most records of one.
pub const LONGEST: usize = 1024 * 1024;
const MOST: usize = 1000;
/// Longest header that is read, in octets.
const LONGEST_HEADER: usize = 512;

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was removed.
    Delete,
}

impl Event {
    /// The CRM's word for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// A webhook of our user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its identity, which each delivery names.
    pub id: Id,
    /// Kind and event, as in `Meeting.create`.
    pub event: String,
    /// Where it delivers.
    pub url: String,
    /// What it signs with, where the CRM tells: when it was just made.
    pub secret: Option<Secret>,
}

impl Webhook {
    fn read(record: &Record) -> Option<Self> {
        let text = |name| record.text(name).map(str::to_owned);
        let secret = record.text("secretKey").filter(|key| !key.is_empty()).map(Secret::new);
        Some(Self { id: record.id().clone(), event: text("event")?, url: text("url")?, secret })
    }
}

impl Client {
    /// Has the CRM tell of an event at `url`, but not of what our user did.
    ///
    /// # Errors
    /// [`Fault::Invalid`] with `url` and `notInternal` when the CRM delivers to
    /// no such address.
    pub async fn add_webhook(&self, entity: &str, event: Event, url: &Url) -> Result<Webhook, Fault> {
        let body: Map<String, Value> = [
            ("event".to_owned(), format!("{entity}.{}", event.name()).into()),
            ("url".to_owned(), url.as_str().into()),
            ("skipOwn".to_owned(), true.into()),
        ]
        .into_iter()
        .collect();
        let made = Webhook::read(&self.create(ENTITY, &body).await?);
        made.filter(|made| made.secret.is_some()).ok_or(Fault::Malformed("a webhook without a secret"))
    }

    /// The webhooks of our user.
    ///
    /// # Errors
    /// When the CRM does not tell.
    pub async fn webhooks(&self) -> Result<Vec<Webhook>, Fault> {
        Ok(self.list(ENTITY, &Query::new()).await?.records.iter().filter_map(Webhook::read).collect())
    }

    /// Removes a webhook.
    ///
    /// # Errors
    /// [`Fault::NotFound`] when it is gone already.
    pub async fn remove_webhook(&self, id: &Id) -> Result<(), Fault> {
        self.delete(ENTITY, id).await
    }
}

/// The two header fields that sign a delivery, as they came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signed<'h> {
    /// `Signature`: base64 of the identity, `:` and the code in hex.
    pub signature: Option<&'h str>,
    /// `X-Signature`: the same with the code's octets; counts only without the other.
    pub legacy: Option<&'h str>,
}

impl Signed<'_> {
    /// The webhook that is named, and the code; none when nothing of the kind is shown.
    fn shown(self) -> Option<(Id, Vec<u8>)> {
        let field = self.signature.or(self.legacy).filter(|field| field.len() <= LONGEST_HEADER)?;
        let shown = STANDARD.decode(field.trim()).ok()?;
        let colon = shown.iter().position(|octet| *octet == b':')?;
        let (id, code) = (std::str::from_utf8(&shown[..colon]).ok()?, &shown[colon + 1..]);
        let code = if self.signature.is_some() { octets(code)? } else { code.to_vec() };
        Some((Id::parse(id)?, code))
    }

    /// The webhook that is named: who may have sent it, before a body is read.
    #[must_use]
    pub fn sender(self) -> Option<Id> {
        self.shown().map(|(id, _)| id)
    }
}

/// Whether the webhook that is named sent this, by its secret.
#[must_use]
pub fn verify(body: &[u8], signed: Signed<'_>, secret: &Secret) -> bool {
    let Some((_, code)) = signed.shown() else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
    hmac::verify(&key, body, &code).is_ok()
}

fn octets(hex: &[u8]) -> Option<Vec<u8>> {
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some((digit(*high)? << 4) | digit(*low)?),
        _ => None,
    };
    hex.chunks(2).map(pair).collect()
}

/// The records that a delivery names, each once; none when it is no delivery.
#[must_use]
pub fn hints(body: &[u8]) -> Option<Vec<Id>> {
    #[derive(Deserialize)]
    struct Entry {
        id: String,
    }
    if body.len() > LONGEST {
        return None;
    }
    let entries: Vec<Entry> = serde_json::from_slice(body).ok()?;
    if entries.len() > MOST {
        return None;
    }
    let mut ids = entries.iter().map(|entry| Id::parse(&entry.id)).collect::<Option<Vec<_>>>()?;
    ids.sort_unstable();
    ids.dedup();
    Some(ids)
}
