//! Etags of people, of their sources and of groups: opaque, and different for every state.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;

use super::refusal::Refusal;
use super::store::Contact;

/// The etag of a person, as asked for by name or `listed`.
pub(super) fn of_person(version: u64, listed: bool) -> String {
    let head = if listed { "%EgUBAgMu" } else { "%EgUBAj03" };
    format!("{head}{}", written(version))
}

/// The etag of a contact source.
pub(super) fn of_source(version: u64) -> String {
    format!("#{}=", written(version))
}

/// The etag of a group.
pub(super) fn of_group(version: u64) -> String {
    written(version)
}

fn written(version: u64) -> String {
    STANDARD_NO_PAD.encode(version.to_be_bytes())
}

/// Whether who wants to change a contact has seen its latest state.
pub(super) fn check(contact: &Contact, person: &Value, lists_too: bool) -> Result<(), Refusal> {
    let sources = person["metadata"]["sources"].as_array();
    let source = sources.into_iter().flatten().find(|it| it["type"] == "CONTACT");
    let of_source_given = source.and_then(|it| it["etag"].as_str());
    let given = person["etag"].as_str();
    if of_source_given.is_none() && given.is_none() {
        return Err(Refusal::invalid(
            "Request must set person.etag or person.metadata.sources.etag for the source that is being updated.",
        ));
    }
    if of_source_given.is_some_and(|it| it != of_source(contact.version)) {
        return Err(Refusal::stale_source_etag());
    }
    let current = |it: &str| {
        it == of_person(contact.version, false) || (lists_too && it == of_person(contact.version, true))
    };
    // A source's etag is enough, and says more.
    if of_source_given.is_none() && !given.is_some_and(current) {
        return Err(Refusal::stale_etag());
    }
    Ok(())
}
