//! Command tags.

use std::fmt;

/// A client's command tag: 1 to 64 octets of RFC 3501 tag characters. It goes
/// upstream and into our own lines as it is, so nothing else may be in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(Box<str>);

impl Tag {
    /// Longest tag that is taken.
    pub const LIMIT: usize = 64;

    /// Checks a word.
    #[must_use]
    pub fn parse(word: &[u8]) -> Option<Self> {
        let fits = (1..=Self::LIMIT).contains(&word.len()) && word.iter().copied().all(is_tag_char);
        let text = std::str::from_utf8(word).ok()?;
        fits.then(|| Self(text.into()))
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// RFC 3501: tag = 1*<any ASTRING-CHAR except "+">
fn is_tag_char(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"(){%*\"\\+".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::Tag;

    #[test]
    fn tags_hold_tag_characters_only() {
        for word in ["a1", "TAG1", "00000001", "A.1-x]}", &"x".repeat(64)] {
            assert_eq!(Tag::parse(word.as_bytes()).unwrap().to_string(), word);
        }
        for word in ["", "+", "*", "a+", "a b", "a\r", "a{", "a\"", "a(", "a%", "ä", &"x".repeat(65)] {
            assert_eq!(Tag::parse(word.as_bytes()), None, "{word}");
        }
    }
}
