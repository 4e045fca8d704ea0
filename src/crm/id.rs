//! Identity of a record, which stands in a path and leads to no other one.

use std::fmt;

/// Longest identity; the CRM's own have 17 characters, or 36 as a UUID.
const LONGEST: usize = 36;

/// Identity of a record: letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(String);

impl Id {
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

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Id;

    #[test]
    fn an_identity_leads_to_no_other_path() {
        for text in ["", ".", "..", "a/b", "a?b", "a#b", "a%2fb", "a b", "é", &"a".repeat(37)] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
        assert!(Id::parse("550e8400-e29b-41d4-a716-446655440000").is_some());
    }
}
