//! The fields of a mail account of the CRM: which are written, and what stood
//! there before.

use std::collections::BTreeMap;

use postern_core::model::secret::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Way;
use crate::config::{Advertised, Security};
use crate::crm::records::Record;
use crate::store::accounts::Account;

/// What no record may tell, and nothing remembers.
const PASSWORDS: [&str; 2] = ["password", "smtpPassword"];
/// Classes that log in otherwise than the record says. A CRM that keeps them
/// hidden lets nobody clear them.
const HANDLERS: [&str; 2] = ["imapHandler", "smtpHandler"];

/// Fields that were written over, each with what stood there and what was written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Replaced(BTreeMap<String, (Value, Value)>);

impl Replaced {
    /// Reads what the store keeps; nothing when it cannot be read.
    pub(super) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// As the store keeps it.
    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }

    /// The same after `body` was written over `record`. What stood there before
    /// the first time stays known.
    pub(super) fn after(&self, record: &Record, body: &Map<String, Value>) -> Self {
        let mut all = self.0.clone();
        for (name, new) in body.iter().filter(|(name, _)| !PASSWORDS.contains(&name.as_str())) {
            let stands = record.as_map().get(name).cloned().unwrap_or(Value::Null);
            match all.get_mut(name) {
                // Somebody has changed it since: that is what it goes back to.
                Some((before, written)) if !alike(&stands, written) => {
                    (*before, *written) = (stands, new.clone());
                }
                Some((_, written)) => *written = new.clone(),
                None if !alike(&stands, new) => {
                    all.insert(name.clone(), (stands, new.clone()));
                }
                None => {}
            }
        }
        Self(all)
    }

    /// What puts the record back; what somebody has changed since stays.
    pub(super) fn back(&self, record: &Record) -> Map<String, Value> {
        let still =
            |name: &str, written: &Value| alike(record.as_map().get(name).unwrap_or(&Value::Null), written);
        let ours = self.0.iter().filter(|(name, (_, written))| still(name, written));
        ours.map(|(name, (before, _))| (name.clone(), before.clone())).collect()
    }
}

/// The CRM tells a number as a text at times, and nothing as an empty text.
fn alike(one: &Value, other: &Value) -> bool {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text(one) == text(other)
}

/// Whether the record shows that something else logs in for it.
pub(super) fn shows_handler(record: &Record) -> bool {
    HANDLERS.iter().any(|name| record.text(name).is_some_and(|class| !class.is_empty()))
}

/// The CRM's word for the encryption.
pub(super) fn security(at: &Advertised) -> &'static str {
    match at.security {
        Security::None => "",
        Security::Ssl => "SSL",
        Security::StartTls => "TLS",
    }
}

/// A place as the CRM's allow-list has it.
pub(super) fn place(at: &Advertised) -> String {
    format!("{}:{}", at.host, at.port)
}

impl Way {
    /// The fields of every account that works by this gateway.
    pub(super) fn body(&self, account: &Account, token: &Secret) -> Map<String, Value> {
        let address = account.address.as_str();
        let mut body = json!({
            "status": "Active", "useImap": true, "host": self.imap.host, "port": self.imap.port,
            "security": security(&self.imap), "username": address, "password": token.reveal(),
        });
        if let Some(smtp) = &self.smtp {
            let sends = json!({
                "useSmtp": true, "smtpHost": smtp.host, "smtpPort": smtp.port, "smtpSecurity": security(smtp),
                "smtpAuth": true, "smtpAuthMechanism": "login", "smtpUsername": address,
                "smtpPassword": token.reveal(),
            });
            merge(&mut body, sends);
        }
        object(body)
    }

    /// The same for an account that does not exist yet. Gmail keeps a copy of
    /// what is sent by itself.
    pub(super) fn first(&self, account: &Account, token: &Secret, today: &str) -> Map<String, Value> {
        let address = account.address.as_str();
        let mut body = Value::Object(self.body(account, token));
        let new = json!({
            "name": address, "emailAddress": address, "monitoredFolders": ["INBOX"], "fetchSince": today,
            "storeSentEmails": false,
        });
        merge(&mut body, new);
        if let Some(user) = &account.crm_user {
            merge(&mut body, json!({ "assignedUserId": user }));
        }
        object(body)
    }

    /// The same for an account that exists: what it lacks to be read is added,
    /// and a class that it shows to log in for it is taken out.
    pub(super) fn over(
        &self,
        account: &Account,
        token: &Secret,
        today: &str,
        record: &Record,
    ) -> Map<String, Value> {
        let mut body = self.body(account, token);
        let stands = |name: &str| record.as_map().get(name).filter(|value| !value.is_null());
        if stands("fetchSince").is_none() {
            body.insert("fetchSince".to_owned(), json!(today));
        }
        for handler in HANDLERS.iter().filter(|name| record.text(name).is_some()) {
            body.insert((*handler).to_owned(), Value::Null);
        }
        body
    }
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
