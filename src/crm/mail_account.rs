//! The mail accounts of the CRM: a person's own (`EmailAccount`) and those of a
//! group (`InboundEmail`), and the CRM's own test of one.
//!
//! Only an administrator writes those of others, so the client signs in as one.
//! A password goes in and never comes out; what the CRM says of a failed test
//! may hold what it sent, so nothing of it passes that could be the password.

use std::time::Duration;

use postern_core::model::refusal::PeerText;
use postern_core::model::secret::Secret;
use serde_json::{Map, Value, json};

use super::client::{Client, Question};
use super::fault::Fault;
use super::query::{Filter, Query};
use super::records::{Record, RecordId};
use crate::net::exchange::Method;

/// Longest answer that tells of the CRM itself or of a test, in octets.
const LONGEST: usize = 1024 * 1024;
/// Somebody waits before anything is begun.
const PATIENCE_FOR_STANDING: Duration = Duration::from_secs(10);
/// The CRM itself waits 30 s for a mail server.
const PATIENCE_FOR_TEST: Duration = Duration::from_secs(45);
/// Most accounts of a user that are looked at.
const MOST: usize = 50;
/// Longest word of a failed test that is told; a secret in another form is longer.
const LONGEST_WORD: usize = 40;
/// How every CRM token begins.
const TOKEN: &str = "pst_";

/// Whose a mail account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A user's own.
    Personal,
    /// Shared.
    Group,
}

impl Kind {
    /// What the CRM calls the records.
    #[must_use]
    pub fn entity(self) -> &'static str {
        match self {
            Self::Personal => "EmailAccount",
            Self::Group => "InboundEmail",
        }
    }

    /// Reads the CRM's word.
    #[must_use]
    pub fn parse(entity: &str) -> Option<Self> {
        [Self::Personal, Self::Group].into_iter().find(|kind| kind.entity() == entity)
    }
}

/// What the CRM tells of itself to whoever signs in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is an administrator who signs in.
    pub administrator: bool,
    /// Major, minor and patch; none when it does not tell.
    pub version: Option<(u32, u32, u32)>,
    /// Places inside its network that it may connect to, each `host:port`.
    pub allowed: Vec<String>,
    /// Mail accounts that a user may have; none when that is not limited.
    pub most: Option<u64>,
}

impl Standing {
    /// Whether it refuses mail servers inside its network that are not listed;
    /// a release that is not known may.
    #[must_use]
    pub fn guards_hosts(&self) -> bool {
        self.version.is_none_or(|version| version >= (9, 3, 2))
    }
}

/// What a test of the connection is tried with.
#[derive(Debug, Clone)]
pub struct Trial<'t> {
    /// Whose.
    pub kind: Kind,
    /// The record whose hidden handlers, and password unless one is given, are used.
    pub record: Option<&'t RecordId>,
    /// Host of the IMAP server.
    pub host: &'t str,
    /// Its port.
    pub port: u16,
    /// The CRM's word for the encryption.
    pub security: &'t str,
    /// User name, which is the address.
    pub address: &'t str,
    /// The password.
    pub password: Option<&'t Secret>,
}

/// Why the CRM did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// It does not connect to places inside its network that are not listed.
    #[error("the CRM may not connect to this host")]
    HostNotAllowed,
    /// The user has as many accounts as a user may have.
    #[error("the CRM user has as many mail accounts as the CRM allows")]
    Limit,
    /// The test failed; what the CRM says of it.
    #[error("the CRM's test of the connection failed: {}", .0.as_str())]
    Refused(PeerText),
    /// Anything else.
    #[error(transparent)]
    Crm(#[from] Fault),
}

impl Denied {
    /// What a refusal of the CRM means here; it has no other sign than its words.
    #[must_use]
    pub fn of(fault: Fault) -> Self {
        let said =
            |words: &str| matches!(&fault, Fault::NoAccess { reason } if reason.as_str().contains(words));
        if said("emailServerAllowedAddressList")
            || said("Not allowed host")
            || said("Not allowed internal host")
        {
            return Self::HostNotAllowed;
        }
        if said("number for user limit exceeded") {
            return Self::Limit;
        }
        Self::Crm(fault)
    }
}

impl Client {
    /// What the CRM is to whoever signs in.
    ///
    /// # Errors
    /// When it takes no sign-in or does not say.
    pub async fn standing(&self) -> Result<Standing, Fault> {
        let mut question = Question::new(Method::Get, &["App", "user"], LONGEST);
        question.patience = PATIENCE_FOR_STANDING;
        let who = self.ask(question).await?;
        let user = who
            .get("user")
            .and_then(Value::as_object)
            .ok_or(Fault::Malformed("no word about who is asking"))?;
        let mut question = Question::new(Method::Get, &["Settings"], LONGEST);
        question.patience = PATIENCE_FOR_STANDING;
        let settings = self.ask(question).await?;
        let allowed = settings.get("emailServerAllowedAddressList").and_then(Value::as_array);
        let allowed = allowed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let word =
            |map: &Map<String, Value>, name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        Ok(Standing {
            administrator: matches!(word(user, "type").as_deref(), Some("admin" | "super-admin")),
            version: settings.get("version").and_then(Value::as_str).and_then(super::describe::version),
            allowed: allowed.collect(),
            most: settings.get("maxEmailAccountCount").and_then(Value::as_u64),
        })
    }

    /// The accounts for an address; of a user's own only that user's.
    ///
    /// # Errors
    /// When the CRM does not tell.
    pub async fn mail_accounts(&self, address: &str, owner: Option<&str>) -> Result<Vec<Record>, Fault> {
        let query = Query::new().filter(Filter::equals("emailAddress", address)).page(0, MOST);
        let (kind, query) = match owner {
            Some(user) => (Kind::Personal, query.filter(Filter::equals("assignedUserId", user))),
            None => (Kind::Group, query),
        };
        Ok(self.list(kind.entity(), &query).await?.records)
    }

    /// How many accounts of their own a user has, as far as they are counted.
    ///
    /// # Errors
    /// When the CRM does not tell.
    pub async fn mail_accounts_of(&self, user: &str) -> Result<u64, Fault> {
        let query = Query::new().filter(Filter::equals("assignedUserId", user)).select(&["id"]).page(0, MOST);
        Ok(self.list(Kind::Personal.entity(), &query).await?.records.len() as u64)
    }

    /// Has the CRM log in to the mail server, as its button *Test connection* does.
    ///
    /// # Errors
    /// [`Denied::Refused`] when the CRM could not log in.
    pub async fn test_mail_account(&self, trial: &Trial<'_>) -> Result<(), Denied> {
        let path = [trial.kind.entity(), "action", "testConnection"];
        let mut question = Question::new(Method::Post, &path, LONGEST);
        question.patience = PATIENCE_FOR_TEST;
        question.body = Some(body(trial)?);
        let answer = self.send(question).await.map_err(Denied::Crm)?;
        match answer.status {
            200 if answer.body.trim_ascii() == b"true" => Ok(()),
            200 => Err(Fault::Malformed("no word that the test went well").into()),
            500 => {
                let reason = answer.header("x-status-reason").unwrap_or_default();
                Err(Denied::Refused(PeerText::new(&without_secrets(reason))))
            }
            _ => Err(Denied::of(Fault::of(&answer))),
        }
    }
}

fn body(trial: &Trial<'_>) -> Result<Vec<u8>, Fault> {
    let mut body = json!({
        "host": trial.host, "port": trial.port, "security": trial.security,
        "username": trial.address, "emailAddress": trial.address,
    });
    if let Some(id) = trial.record {
        body["id"] = json!(id.as_str());
    }
    if let Some(password) = trial.password {
        body["password"] = json!(password.reveal());
    }
    serde_json::to_vec(&body).map_err(|_| Fault::TooMany)
}

/// The words of a failed test: from a token on nothing, and no long word, which
/// could be one in another form.
pub(super) fn without_secrets(words: &str) -> String {
    let before = words.split(TOKEN).next().unwrap_or_default();
    let plain = |word: &&str| word.len() <= LONGEST_WORD || word.starts_with("http");
    let kept: Vec<&str> = before.split_ascii_whitespace().filter(plain).collect();
    let cut = if before.len() < words.len() { " …" } else { "" };
    format!("{}{cut}", kept.join(" "))
}
