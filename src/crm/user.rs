//! A user of the CRM, as far as it concerns a mailbox.

use std::fmt;

use postern_core::model::address::Address;
use serde::Deserialize;

use super::fault::Fault;

/// Longest identity; the CRM's own have 17 characters, or 36 as a UUID.
const LONGEST: usize = 36;

/// Identity of a user, which stands in a path: letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserId(String);

impl UserId {
    /// Reads an identity; none when it could lead to another path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"-_".contains(&octet));
        (plain && (1..=LONGEST).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// The identity.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the CRM says of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Whether the user may sign in there.
    pub active: bool,
    /// The user's first address; the CRM's users may add others themselves.
    pub address: Option<Address>,
}

impl User {
    /// Whether the mailbox is this user's by the CRM's word.
    #[must_use]
    pub fn has(&self, address: &Address) -> bool {
        self.active && self.address.as_ref() == Some(address)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    id: String,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    is_active: bool,
    email_address: Option<String>,
}

/// Reads the answer about the user `asked`.
pub(super) fn read(asked: &UserId, body: &[u8]) -> Result<User, Fault> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| Fault::Malformed("no record of a user"))?;
    // A database that folds letters would answer for another identity.
    if answer.id != asked.0 {
        return Err(Fault::Malformed("the record of another user"));
    }
    if answer.deleted {
        return Err(Fault::NoUser);
    }
    let address = answer.email_address.and_then(|text| Address::parse(&text).ok());
    Ok(User { active: answer.is_active, address })
}
