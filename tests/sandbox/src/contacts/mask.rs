//! What a request asks for: fields, sources, numbers; and that it asks for nothing unknown.

use std::collections::BTreeSet;

use serde_json::Value;

use super::fields;
use super::refusal::Refusal;
use crate::api::Call;

const REFERENCE: &str = "https://developers.google.com/people/api/rest/v1/people";

/// Parameters that every API of Google takes.
const COMMON: [&str; 12] = [
    "alt",
    "key",
    "fields",
    "prettyPrint",
    "quotaUser",
    "access_token",
    "oauth_token",
    "callback",
    "uploadType",
    "upload_protocol",
    "$.xgafv",
    "$alt",
];

pub(super) type Mask = BTreeSet<String>;

/// Refuses parameters that the method does not have.
pub(super) fn known(call: &Call, parameters: &[&str]) -> Result<(), Refusal> {
    let strange = |name: &&(String, String)| {
        !COMMON.contains(&name.0.as_str()) && !parameters.contains(&name.0.as_str())
    };
    match call.query.iter().find(strange) {
        None => Ok(()),
        Some((name, _)) => {
            let message = format!(
                "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter. Field \
                 '{name}' could not be found in request message."
            );
            Err(Refusal::violation("", &message))
        }
    }
}

/// The fields to be read; `None` if nothing was said about them.
pub(super) fn readable(text: Option<&str>, parameter: &str) -> Result<Option<Mask>, Refusal> {
    let Some(paths) = paths(text) else {
        return Ok(None);
    };
    checked(paths, parameter, "get", fields::readable).map(Some)
}

/// The fields to be read, which must be said.
pub(super) fn required(call: &Call) -> Result<Mask, Refusal> {
    let stripped = call.one("requestMask.includeField").map(|it| it.replace("person.", ""));
    let text = call.one("personFields").or(stripped.as_deref());
    readable(text, "personFields")?.ok_or_else(|| missing("personFields", "get"))
}

/// The fields to be changed, which must be said.
pub(super) fn updatable(text: Option<&str>, parameter: &str) -> Result<Mask, Refusal> {
    let paths = paths(text).ok_or_else(|| missing(parameter, "updateContact"))?;
    checked(paths, parameter, "updateContact", fields::updatable)
}

/// Every field.
pub(super) fn everything() -> Mask {
    fields::all().map(str::to_owned).collect()
}

fn paths(text: Option<&str>) -> Option<Mask> {
    let paths: Mask =
        text?.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
    (!paths.is_empty()).then_some(paths)
}

fn checked(paths: Mask, parameter: &str, page: &str, fits: fn(&str) -> bool) -> Result<Mask, Refusal> {
    match paths.iter().find(|path| !fits(path)) {
        None => Ok(paths),
        Some(path) => Err(Refusal::invalid(&format!(
            "Invalid {parameter} mask path: \"{path}\". Valid paths are documented at {REFERENCE}/{page}."
        ))),
    }
}

fn missing(parameter: &str, page: &str) -> Refusal {
    Refusal::invalid(&format!(
        "{parameter} mask is required. Please specify one or more valid paths. Valid paths are documented at \
         {REFERENCE}/{page}."
    ))
}

/// Which sources a person is to be read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sources {
    pub(super) contact: bool,
    pub(super) profile: bool,
}

impl Sources {
    pub(super) const ALL: Self = Self { contact: true, profile: true };

    pub(super) fn asked(call: &Call) -> Result<Self, Refusal> {
        Self::of(call.all("sources"))
    }

    pub(super) fn in_body(body: &Value) -> Result<Self, Refusal> {
        Self::of(body["sources"].as_array().into_iter().flatten().filter_map(Value::as_str))
    }

    fn of<'a>(names: impl Iterator<Item = &'a str>) -> Result<Self, Refusal> {
        let (mut any, mut sources) = (false, Self { contact: false, profile: false });
        for name in names {
            any = true;
            match name {
                "READ_SOURCE_TYPE_CONTACT" => sources.contact = true,
                "READ_SOURCE_TYPE_PROFILE" => sources.profile = true,
                "READ_SOURCE_TYPE_DOMAIN_CONTACT" | "READ_SOURCE_TYPE_OTHER_CONTACT" => {}
                _ => {
                    let message = format!(
                        "Invalid value at 'sources' (type.googleapis.com/google.people.v1.ReadSourceType), \
                         \"{name}\""
                    );
                    return Err(Refusal::violation("sources", &message));
                }
            }
        }
        Ok(if any { sources } else { Self::ALL })
    }
}

/// A yes or no; no, if it is not there.
pub(super) fn flag(call: &Call, name: &str) -> Result<bool, Refusal> {
    match call.one(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => {
            let message = format!("Invalid value at '{name}' (TYPE_BOOL), \"{other}\"");
            Err(Refusal::violation(name, &message))
        }
    }
}

/// A number that is not negative; 0, if it is not there.
pub(super) fn number(call: &Call, name: &str) -> Result<usize, Refusal> {
    let Some(text) = call.one(name) else {
        return Ok(0);
    };
    let message = format!("Invalid value at '{name}' (TYPE_INT32), \"{text}\"");
    text.parse().map_err(|_| Refusal::violation(name, &message))
}

/// The size of a page: from 1 to 1,000, or what it is when nothing is said.
pub(super) fn page_size(call: &Call, usual: usize) -> Result<usize, Refusal> {
    match number(call, "pageSize")? {
        0 => Ok(usual),
        size if size <= 1_000 => Ok(size),
        _ => Err(Refusal::invalid("Page size must be less than or equal to 1000.")),
    }
}
