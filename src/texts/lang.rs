//! Languages, and how a browser asks for one.

/// A language that the texts are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// English, for everybody else too.
    #[default]
    English,
    /// Czech.
    Czech,
}

/// Longest list of languages that is read.
const MOST: usize = 32;

impl Lang {
    /// The language's tag, for `lang` attributes.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Czech => "cs",
        }
    }

    /// The language of a tag.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        [Self::English, Self::Czech].into_iter().find(|lang| lang.tag() == tag)
    }

    /// The best language for an `Accept-Language` field (RFC 9110, 12.5.4);
    /// the first one wins among equals. Slovaks read Czech more easily.
    #[must_use]
    pub fn accepted(field: &str) -> Self {
        let mut best = (0, Self::default());
        for part in field.split(',').take(MOST) {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let lang = match tag.split('-').next() {
                Some("en" | "*") => Self::English,
                Some("cs" | "sk") => Self::Czech,
                _ => continue,
            };
            let weight = pieces.find_map(|p| p.trim().strip_prefix("q=").map(weight)).unwrap_or(1000);
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }
}

// Thousandths; what cannot be read counts as not wanted.
fn weight(text: &str) -> u16 {
    let mut parts = text.trim().splitn(2, '.');
    let whole = match parts.next() {
        Some("1") => return 1000,
        Some("0") => 0,
        _ => return 0,
    };
    let digits = parts.next().unwrap_or_default();
    if digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return 0;
    }
    format!("{digits:0<3}").parse().unwrap_or(whole)
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn the_heaviest_known_language_wins() {
        for (field, lang) in [
            ("", Lang::English),
            ("cs-CZ,cs;q=0.9,en;q=0.8", Lang::Czech),
            ("en-GB,cs;q=0.9", Lang::English),
            ("de,cs;q=0.5,en;q=0.4", Lang::Czech),
            ("en;q=0.25, cs;q=0.3", Lang::Czech),
            ("cs;q=0, en;q=0.1", Lang::English),
            ("sk", Lang::Czech),
            ("cs;q=1.0", Lang::Czech),
            ("cs;q=9,*", Lang::English),
            ("CS", Lang::Czech),
            (";;;,,q=1", Lang::English),
        ] {
            assert_eq!(Lang::accepted(field), lang, "{field:?}");
        }
    }
}
