//! Sync and page tokens of lists. A token is good for the parameters it was given for.

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::refusal::Refusal;
use crate::api::token::read;
pub(super) use crate::api::token::written;

/// Where the next incremental list begins.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SyncToken {
    /// What is listed, and for whom.
    pub(super) of: String,
    pub(super) epoch: u64,
    pub(super) since: u64,
    pub(super) parameters: String,
    /// When it was given, in seconds.
    pub(super) given: u64,
}

/// Where the next page begins.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PageToken {
    pub(super) of: String,
    pub(super) epoch: u64,
    /// The list is one of changes after this one.
    pub(super) since: Option<u64>,
    /// The last change when the list began: what comes later belongs to the next list.
    pub(super) from: u64,
    /// The key of the last item shown.
    pub(super) after: String,
    pub(super) page: usize,
    pub(super) parameters: String,
}

/// The sync token of a call. One that is not ours is malformed, not expired.
pub(super) fn sync_token(call: &Call) -> Result<Option<SyncToken>, Refusal> {
    let malformed =
        Refusal::global(400, "badRequest", "Invalid sync token value.").at("parameter", "syncToken");
    call.one("syncToken").map(|text| read(text).ok_or(malformed)).transpose()
}

pub(super) fn page_token(call: &Call, of: &str, parameters: &str) -> Result<Option<PageToken>, Refusal> {
    let malformed = || Refusal::parameter("pageToken", "Invalid page token value.");
    let Some(text) = call.one("pageToken") else {
        return Ok(None);
    };
    let token: PageToken = read(text).ok_or_else(malformed)?;
    if token.of != of || token.parameters != parameters {
        return Err(malformed());
    }
    Ok(Some(token))
}

/// The parameters of these names, in one order whatever order they came in.
pub(super) fn parameters(call: &Call, names: &[&str]) -> String {
    let mut all: Vec<String> = names
        .iter()
        .flat_map(|name| call.all(name).map(move |value| format!("{name}={value}")))
        .filter(|it| !it.ends_with("=false"))
        .collect();
    all.sort();
    all.join("&")
}
