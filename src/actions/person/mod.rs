//! What is known of a person, and forgetting it.
//!
//! A person is an address: of a mailbox that is registered, or of anybody who stands in calendars,
//! contacts or records that are kept in step. *Exporting* tells everything, a JSON object a line:
//! their own mailbox whole, the journal's rows that name them, and where else the address stands.
//! *Erasing* takes away what is here only: the mailbox with everything linked to it, the name behind
//! the journal's pseudonyms, and what was written down about them. The chain of the journal holds as
//! before. What stands in Google or in the CRM is kept as long as it stands there, and is told.
//!
//! Never told or shown: tokens and keys. Of others' events only that the address stands in them.

mod archive;
mod erase;

pub use archive::Archive;
pub use erase::{Erased, Remains, erase};

use postern_core::model::address::Address;

use crate::store::kept::Kept;

/// Whether these words name the address, and not one that it is a part of.
fn names(kept: &Kept, address: &Address) -> bool {
    let (text, sought) = (kept.text.to_lowercase(), address.as_str().to_lowercase());
    let part = |letter: char| letter.is_alphanumeric() || ".@_%+-'".contains(letter);
    text.match_indices(&sought).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let mut after = text.get(at + sought.len()..).unwrap_or_default().chars();
        let ends = match after.next() {
            // A full stop ends a sentence, or goes on with a name.
            Some('.') => !after.next().is_some_and(char::is_alphanumeric),
            Some(letter) => !part(letter),
            None => true,
        };
        // What is escaped before it belongs to no address.
        let begins = before.is_none_or(|letter| !part(letter)) || text.get(..at).is_some_and(escaped);
        begins && ends
    })
}

// In JSON a line ends as `\n`.
fn escaped(before: &str) -> bool {
    ["\\n", "\\r", "\\t"].iter().any(|end| before.ends_with(end))
}

/// Whether the address is one of the values there: it is about that person.
fn is_about(value: &serde_json::Value, address: &Address) -> bool {
    match value {
        serde_json::Value::String(text) => address.is(text),
        serde_json::Value::Array(all) => all.iter().any(|value| is_about(value, address)),
        serde_json::Value::Object(all) => all.values().any(|value| is_about(value, address)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use postern_core::model::address::Address;
    use serde_json::json;
    use uuid::Uuid;

    use super::{is_about, names};
    use crate::store::kept::Kept;

    fn named(text: &str) -> bool {
        let kept = Kept { table: "links", id: Uuid::nil(), part: String::new(), text: text.to_owned() };
        names(&kept, &Address::parse("ann@x.cz").unwrap())
    }

    #[test]
    fn somebody_whose_address_holds_another_is_somebody_else() {
        for text in ["\"Ann@x.cz\"", "<ann@X.cz>", "write to ann@x.cz.", "ann@x.cz", "a\\nann@x.cz, b"] {
            assert!(named(text), "{text}");
        }
        for text in ["joann@x.cz", "ann@x.cz.example.com", "jo.ann@x.cz", "ann@x.czech", "an@x.cz", ""] {
            assert!(!named(text), "{text}");
        }
    }

    #[test]
    fn what_only_mentions_somebody_is_not_about_them() {
        let ann = Address::parse("ann@x.cz").unwrap();
        assert!(is_about(&json!({ "emailAddresses": [{ "value": "Ann@x.cz" }] }), &ann));
        assert!(!is_about(&json!({ "note": "knows ann@x.cz", "email": "eva@x.cz" }), &ann));
    }
}
