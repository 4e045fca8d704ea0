//! The client of these tests: one request, one connection, every header in sight.

use std::env;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use postern_sandbox::{Crm, CrmOptions, Version};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::form_urlencoded::byte_serialize;

pub use crate::client::Outcome;

pub const ALICE: &str = "6b035d19485892bcb";
pub const BOB: &str = "6b035d19ddfcdda84";
pub const VERSIONS: [Version; 3] = [Version::V9_2_7, Version::V9_3_10, Version::V10_0_0];
const PATIENCE: Duration = Duration::from_secs(10);

/// A CRM to ask.
pub struct Espo {
    /// Kept so that it runs.
    pub crm: Option<Crm>,
    pub url: String,
    pub key: String,
    pub alice: String,
    pub bob: String,
    /// Whether dates need the all-day mark.
    pub is_ten: bool,
}

/// An answer.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Told {
    pub fn reason(&self) -> &str {
        self.header("x-status-reason").unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// The body; null when it is empty.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of a success.
    #[track_caller]
    pub fn good(&self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()
    }

    /// A 400 about this field.
    #[track_caller]
    pub fn is_invalid(&self, entity: &str, field: &str, kind: &str) {
        assert_eq!(self.status, 400, "{self:?}");
        let reason = format!("Field validation failure; entityType: {entity}, field: {field}, type: {kind}.");
        assert_eq!(self.reason(), reason);
        let message = json!({ "label": "validationFailure", "scope": null,
            "data": { "field": field, "type": kind } });
        assert_eq!(self.json()["messageTranslation"], message);
    }

    #[track_caller]
    pub fn is(&self, status: u16, reason: &str) {
        assert_eq!((self.status, self.reason()), (status, reason), "{self:?}");
    }
}

/// Runs a test against the real CRM, or against the stand-in of each release.
pub async fn everywhere(test: impl AsyncFn(&Espo) -> Outcome) -> Outcome {
    if let (Ok(url), Ok(key)) = (env::var("POSTERN_TEST_ESPO_URL"), env::var("POSTERN_TEST_ESPO_KEY")) {
        return test(&Espo::real(&url, &key).await?).await;
    }
    for version in VERSIONS {
        let espo = Espo::stand_in(version).await?;
        test(&espo).await.map_err(|error| format!("{version:?}: {error}"))?;
    }
    Ok(())
}

impl Espo {
    pub async fn stand_in(version: Version) -> io::Result<Self> {
        let crm = Crm::start_with(CrmOptions { version, ..CrmOptions::default() }).await?;
        crm.add_person(ALICE, ("Alice", "Adams"), &["alice@example.com"]);
        crm.add_person(BOB, ("Bob", "Brown"), &["bob@example.com"]);
        let (url, key) = (crm.url().to_owned(), crm.key().to_owned());
        let is_ten = version == Version::V10_0_0;
        Ok(Self { crm: Some(crm), url, key, alice: ALICE.to_owned(), bob: BOB.to_owned(), is_ten })
    }

    async fn real(url: &str, key: &str) -> io::Result<Self> {
        let url = url.trim_end_matches('/').to_owned();
        let mut espo = Self {
            crm: None,
            url,
            key: key.to_owned(),
            alice: String::new(),
            bob: String::new(),
            is_ten: false,
        };
        let version = espo.get("Settings").await.good()["version"].clone();
        espo.is_ten = version.as_str().is_some_and(|version| version.starts_with("10."));
        let users = espo.get("User?orderBy=userName&order=asc").await.good()["list"].clone();
        let users = users.as_array().cloned().unwrap_or_default();
        let mut regular = users.iter().filter(|user| user["type"] == "regular" && user["isActive"] == true);
        let mut next = || regular.next().and_then(|user| user["id"].as_str()).map(str::to_owned);
        (espo.alice, espo.bob) = next().zip(next()).ok_or(io::ErrorKind::NotFound)?;
        Ok(espo)
    }

    /// The stand-in's handle.
    pub fn crm(&self) -> &Crm {
        self.crm.as_ref().expect("this test needs the stand-in")
    }

    pub async fn get(&self, path: &str) -> Told {
        self.ask("GET", path, None, &[]).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Told {
        self.ask("POST", path, Some(&body.to_string()), &[]).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Told {
        self.ask("PUT", path, Some(&body.to_string()), &[]).await
    }

    pub async fn delete(&self, path: &str) -> Told {
        self.ask("DELETE", path, None, &[]).await
    }

    /// With the key.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&str>, more: &[(&str, &str)]) -> Told {
        let key = [("X-Api-Key", self.key.as_str())];
        self.send(method, path, body, &[&key[..], more].concat()).await
    }

    /// Without it.
    pub async fn send(&self, method: &str, path: &str, body: Option<&str>, fields: &[(&str, &str)]) -> Told {
        let asked = timeout(PATIENCE, exchange(&self.url, method, path, body, fields)).await;
        asked.expect("an answer in time").expect("an answer")
    }

    /// Without it, when there may be no answer.
    pub async fn try_get(&self, path: &str, patience: Duration) -> io::Result<Told> {
        let fields = [("X-Api-Key", self.key.as_str())];
        timeout(patience, exchange(&self.url, "GET", path, None, &fields)).await?
    }

    /// A new record; the answer to its create.
    pub async fn made(&self, entity: &str, attributes: &Value) -> Value {
        self.post(entity, attributes).await.good()
    }

    /// A meeting of Alice's from 11 to 12, with these attributes as well; its identity.
    pub async fn meeting(&self, more: &Value) -> String {
        let made = self.made("Meeting", &self.about(more)).await;
        made["id"].as_str().expect("an identity").to_owned()
    }

    /// What the meeting of [`Espo::meeting`] is made of.
    pub fn about(&self, more: &Value) -> Value {
        let mut meeting = json!({ "name": unique("Meeting"), "assignedUserId": self.alice,
            "dateStart": "2026-12-01 11:00:00", "dateEnd": "2026-12-01 12:00:00" });
        for (name, value) in more.as_object().into_iter().flatten() {
            meeting[name] = value.clone();
        }
        meeting
    }

    /// A contact of this first name; its identity.
    pub async fn contact(&self, first: &str) -> String {
        let made = self.made("Contact", &json!({ "firstName": first, "lastName": unique("Contact") })).await;
        made["id"].as_str().expect("an identity").to_owned()
    }

    /// A record as its own page shows it.
    pub async fn read(&self, entity: &str, id: &str) -> Value {
        self.get(&format!("{entity}/{id}")).await.good()
    }
}

/// A name that no record has yet.
pub fn unique(word: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut octets = [0; 6];
    aws_lc_rs::rand::fill(&mut octets).expect("entropy");
    let letters = URL_SAFE_NO_PAD.encode(octets).replace(['_', '-'], "x");
    format!("{word} u{letters}{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// `a=b&…` with every value encoded.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", byte_serialize(value.as_bytes()).collect::<String>()))
        .collect();
    pairs.join("&")
}

#[expect(clippy::disallowed_methods, reason = "the sandbox's own client; it may not use Postern's dialling")]
async fn exchange(
    url: &str,
    method: &str,
    path: &str,
    body: Option<&str>,
    fields: &[(&str, &str)],
) -> io::Result<Told> {
    let place = url.strip_prefix("http://").ok_or(io::ErrorKind::InvalidInput)?;
    let (host, below) = place.split_once('/').map_or((place, String::new()), |(h, p)| (h, format!("/{p}")));
    let addr: SocketAddr = host.parse().map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut tcp = TcpStream::connect(addr).await?;
    let mut head =
        format!("{method} {below}/api/v1/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    if !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) && body.is_some() {
        head.push_str("Content-Type: application/json\r\n");
    }
    for (name, value) in fields {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = body.unwrap_or_default();
    head.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    tcp.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    tcp.read_to_end(&mut answer).await?;
    let split = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8_lossy(&answer[..split]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    let body = if chunked { joined(&answer[split + 4..]) } else { answer[split + 4..].to_vec() };
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Told { status: status.ok_or(io::ErrorKind::InvalidData)?, head, body })
}

/// The chunks of a body, one after the other.
fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = chunks.windows(2).position(|two| two == b"\r\n") {
        let size = String::from_utf8_lossy(&chunks[..end]).into_owned();
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16).unwrap_or(0);
        if size == 0 || chunks.len() < end + 2 + size {
            break;
        }
        whole.extend_from_slice(&chunks[end + 2..end + 2 + size]);
        chunks = chunks.get(end + size + 4..).unwrap_or_default();
    }
    whole
}
