//! What a program may write about a mailbox.

use postern_core::model::address::Address;

use crate::http::api::error::Fault;

/// Most further addresses of a mailbox.
const ALIASES: usize = 50;
/// Longest identity of a CRM user.
const USER: usize = 64;

/// An address.
pub(super) fn address(name: &str, text: &str) -> Result<Address, Fault> {
    Address::parse(text).map_err(|error| Fault::at(name, error.to_string()))
}

/// Further addresses.
pub(super) fn aliases(texts: &[String]) -> Result<Vec<Address>, Fault> {
    if texts.len() > ALIASES {
        return Err(Fault::at("emailAddressAliases", format!("at most {ALIASES} are expected")));
    }
    texts.iter().map(|text| address("emailAddressAliases", text)).collect()
}

/// The CRM user; an empty text is nobody.
pub(super) fn user(wanted: Option<String>) -> Result<Option<String>, Fault> {
    let wanted = wanted.filter(|user| !user.is_empty());
    let plain = |user: &String| user.len() <= USER && user.bytes().all(|octet| octet.is_ascii_graphic());
    if !wanted.as_ref().is_none_or(plain) {
        return Err(Fault::at("userId", format!("at most {USER} printable characters are expected")));
    }
    Ok(wanted)
}
