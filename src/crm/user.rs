//! A user of the CRM, as far as it concerns a mailbox.

use postern_core::model::address::Address;
use serde::Deserialize;
use serde_json::Value;

use super::fault::Fault;
pub use super::id::Id as UserId;
use super::team::{self, Team};

/// What the CRM says of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Whether the user may sign in there.
    pub active: bool,
    /// The user's first address; the CRM's users may add others themselves.
    pub address: Option<Address>,
    /// The user's teams; none where the CRM does not tell.
    pub teams: Option<Vec<Team>>,
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
    is_active: Option<bool>,
    email_address: Option<String>,
    #[serde(default)]
    teams_ids: Value,
    #[serde(default)]
    teams_names: Value,
}

/// Reads the answer about the user `asked`.
pub(super) fn read(asked: &UserId, body: &[u8]) -> Result<User, Fault> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| Fault::Malformed("no record of a user"))?;
    // A database that folds letters would answer for another identity.
    if answer.id != asked.as_str() {
        return Err(Fault::Malformed("the record of another user"));
    }
    if answer.deleted {
        return Err(Fault::NoUser);
    }
    let active = answer.is_active.ok_or(Fault::Malformed("no word whether the user may sign in"))?;
    let address = answer.email_address.and_then(|text| Address::parse(&text).ok());
    let teams = team::of_user(&answer.teams_ids, &answer.teams_names);
    Ok(User { active, address, teams })
}
