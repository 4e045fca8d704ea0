//! The fields of a person: what an item of each may say.

/// What a key of an item holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Flag,
    Number,
    Date,
}

/// A field that clients write.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// At most one item comes from contacts.
    pub(super) single: bool,
    /// What an item may say.
    pub(super) keys: &'static [(&'static str, Kind)],
    /// What only Google says; clients that send it back are not refused.
    pub(super) output: &'static [&'static str],
}

impl Field {
    const fn many(
        name: &'static str,
        keys: &'static [(&'static str, Kind)],
        output: &'static [&'static str],
    ) -> Self {
        Self { name, single: false, keys, output }
    }

    const fn single(
        name: &'static str,
        keys: &'static [(&'static str, Kind)],
        output: &'static [&'static str],
    ) -> Self {
        Self { name, single: true, keys, output }
    }
}

use Kind::{Date, Flag, Number, Text};

const VALUE: &[(&str, Kind)] = &[("value", Text)];
const VALUE_TYPE: &[(&str, Kind)] = &[("value", Text), ("type", Text)];
const KEY_VALUE: &[(&str, Kind)] = &[("key", Text), ("value", Text)];
const TYPED: &[&str] = &["formattedType"];

const ADDRESS: &[(&str, Kind)] = &[
    ("formattedValue", Text),
    ("type", Text),
    ("poBox", Text),
    ("streetAddress", Text),
    ("extendedAddress", Text),
    ("city", Text),
    ("region", Text),
    ("postalCode", Text),
    ("country", Text),
    ("countryCode", Text),
];

const NAME: &[(&str, Kind)] = &[
    ("unstructuredName", Text),
    ("familyName", Text),
    ("givenName", Text),
    ("middleName", Text),
    ("honorificPrefix", Text),
    ("honorificSuffix", Text),
    ("phoneticFullName", Text),
    ("phoneticFamilyName", Text),
    ("phoneticGivenName", Text),
    ("phoneticMiddleName", Text),
    ("phoneticHonorificPrefix", Text),
    ("phoneticHonorificSuffix", Text),
];

const ORGANIZATION: &[(&str, Kind)] = &[
    ("type", Text),
    ("startDate", Date),
    ("endDate", Date),
    ("current", Flag),
    ("name", Text),
    ("phoneticName", Text),
    ("department", Text),
    ("title", Text),
    ("jobDescription", Text),
    ("symbol", Text),
    ("domain", Text),
    ("location", Text),
    ("costCenter", Text),
    ("fullTimeEquivalentMillipercent", Number),
];

const LOCATION: &[(&str, Kind)] = &[
    ("value", Text),
    ("type", Text),
    ("current", Flag),
    ("buildingId", Text),
    ("floor", Text),
    ("floorSection", Text),
    ("deskCode", Text),
];

/// The fields that clients write, but for `memberships`.
pub(super) const WRITTEN: [Field; 23] = [
    Field::many("addresses", ADDRESS, TYPED),
    Field::single("biographies", &[("value", Text), ("contentType", Text)], &[]),
    Field::single("birthdays", &[("date", Date), ("text", Text)], &[]),
    Field::many("calendarUrls", &[("url", Text), ("type", Text)], TYPED),
    Field::many("clientData", KEY_VALUE, &[]),
    Field::many("emailAddresses", &[("value", Text), ("type", Text), ("displayName", Text)], TYPED),
    Field::many("events", &[("date", Date), ("type", Text)], TYPED),
    Field::many("externalIds", VALUE_TYPE, TYPED),
    Field::single("genders", &[("value", Text), ("addressMeAs", Text)], &["formattedValue"]),
    Field::many(
        "imClients",
        &[("username", Text), ("type", Text), ("protocol", Text)],
        &["formattedType", "formattedProtocol"],
    ),
    Field::many("interests", VALUE, &[]),
    Field::many("locales", VALUE, &[]),
    Field::many("locations", LOCATION, &[]),
    Field::many("miscKeywords", VALUE_TYPE, TYPED),
    Field::single("names", NAME, &["displayName", "displayNameLastFirst"]),
    Field::many("nicknames", VALUE_TYPE, &[]),
    Field::many("occupations", VALUE, &[]),
    Field::many("organizations", ORGANIZATION, TYPED),
    Field::many("phoneNumbers", VALUE_TYPE, &["canonicalForm", "formattedType"]),
    Field::many("relations", &[("person", Text), ("type", Text)], TYPED),
    Field::many("sipAddresses", VALUE_TYPE, TYPED),
    Field::many("urls", VALUE_TYPE, TYPED),
    Field::many("userDefined", KEY_VALUE, &[]),
];

pub(super) const MEMBERSHIPS: &str = "memberships";

/// What masks may name beside the fields that clients write.
const READ_ONLY: [&str; 5] = ["ageRanges", "coverPhotos", "metadata", "photos", "skills"];

/// What else a person in a request may have; nothing comes of it.
const PASSED_OVER: [&str; 12] = [
    "resourceName",
    "etag",
    "ageRange",
    "braggingRights",
    "fileAses",
    "relationshipInterests",
    "relationshipStatuses",
    "residences",
    "taglines",
    "ageRanges",
    "coverPhotos",
    "skills",
];

pub(super) fn written(name: &str) -> Option<&'static Field> {
    WRITTEN.iter().find(|field| field.name == name)
}

/// Whether a mask of updates may name it.
pub(super) fn updatable(name: &str) -> bool {
    name == MEMBERSHIPS || written(name).is_some()
}

/// Whether a mask of reads may name it.
pub(super) fn readable(name: &str) -> bool {
    updatable(name) || READ_ONLY.contains(&name)
}

/// Whether a person in a request may have it.
pub(super) fn known(name: &str) -> bool {
    readable(name) || PASSED_OVER.contains(&name)
}

/// All that masks of reads may name.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    WRITTEN.iter().map(|field| field.name).chain([MEMBERSHIPS]).chain(READ_ONLY)
}
