//! `Idempotency-Key`: a word under which a thing is created once.

use axum::http::request::Parts;
use postern_core::model::id::ApiKeyId;

use super::error::Fault;
use crate::actions::once::{Creation, Once};
use crate::auth::hash;

const NAME: &str = "Idempotency-Key";
/// Longest word.
const LONGEST: usize = 128;

/// The word of a request, with the hash of everything that makes it this one.
pub(super) fn wanted(parts: &Parts, key: ApiKeyId, body: &str) -> Result<Option<Once>, Fault> {
    let mut fields = parts.headers.get_all(NAME).iter();
    let word = match (fields.next(), fields.next()) {
        (None, _) => return Ok(None),
        (Some(field), None) => field.to_str().unwrap_or_default(),
        (Some(_), Some(_)) => "",
    };
    if !(1..=LONGEST).contains(&word.len()) || !word.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(Fault::at(NAME, format!("one field of 1 to {LONGEST} printable characters is expected")));
    }
    let request = hash::of(&format!("{} {}\n{body}", parts.method, parts.uri.path()));
    Ok(Some(Once { key, word: word.to_owned(), request }))
}

/// What holds a secret is told once: who asks again learns what was made.
pub(super) fn secret<T>(creation: Creation<T>) -> Result<T, Fault> {
    match creation {
        Creation::Fresh(made) => Ok(made),
        Creation::Replayed { made, .. } => Err(Fault::AlreadyCreated(made)),
        Creation::OtherRequest => Err(Fault::OtherRequest),
    }
}
