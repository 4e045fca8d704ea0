//! Google's names of people and groups, as they stand in paths.

use super::fault::Fault;

const LONGEST: usize = 200;

/// The part of `people/c123` that stands behind `people`.
pub(super) fn person(name: &str) -> Result<&str, Fault> {
    part(name, "people/")
}

/// The part of `contactGroups/1a2b` that stands behind `contactGroups`.
pub(super) fn group(name: &str) -> Result<&str, Fault> {
    part(name, "contactGroups/")
}

/// Whether it is a person's name.
#[must_use]
pub fn is_person(name: &str) -> bool {
    person(name).is_ok()
}

/// Whether it is a group's name.
#[must_use]
pub fn is_group(name: &str) -> bool {
    group(name).is_ok()
}

// A colon would name another deed, a slash another thing.
fn part<'a>(name: &'a str, kind: &str) -> Result<&'a str, Fault> {
    let plain = |id: &&str| {
        (1..=LONGEST).contains(&id.len())
            && id.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-'))
    };
    name.strip_prefix(kind).filter(plain).ok_or(Fault::Invalid("resource name"))
}
