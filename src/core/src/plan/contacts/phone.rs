//! Phone numbers as the CRM takes them: E.164, `+` and digits.
//!
//! A number that stands without its country is one of the country that was configured, and only
//! when that country has such numbers: a short code or half a number is nobody's. With
//! its country it is taken when a number there may be that long. Everything else - an
//! extension, a vanity number, a word - is no number, and stays where it was written. What
//! the library parses is digits alone.

use std::str::FromStr as _;

use phonenumber::metadata::DATABASE;
use phonenumber::{Mode, PhoneNumber, country};
use serde::{Deserialize, Serialize};

/// The characters of the longest text that may be a number.
const LONGEST: usize = 64;
/// The digits of E.164, and the fewest that are a number with its country.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A country by its two letters (ISO 3166-1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(String);

/// A text that is no country whose numbers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a country is two letters, such as CZ")]
pub struct NoCountry;

impl Country {
    /// Reads it, in any case.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, NoCountry> {
        let upper = text.trim().to_ascii_uppercase();
        country::Id::from_str(&upper).map_err(|_| NoCountry)?;
        Ok(Self(upper))
    }

    /// Its two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn id(&self) -> Option<country::Id> {
        country::Id::from_str(&self.0).ok()
    }
}

impl TryFrom<String> for Country {
    type Error = NoCountry;

    fn try_from(text: String) -> Result<Self, NoCountry> {
        Self::parse(&text)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.0
    }
}

/// The number in E.164; none when it cannot be told what number it is.
#[must_use]
pub fn e164(text: &str, home: Option<&Country>) -> Option<String> {
    let digits = digits(text)?;
    // A number that names its country is of no other, whatever the library makes of it.
    let home = home.filter(|_| !digits.starts_with('+')).and_then(Country::id);
    let number = phonenumber::parse(home, &digits).ok()?;
    let written = number.format().mode(Mode::E164).to_string();
    // What is written is read with its country from then on, and has to be the same one.
    let read = phonenumber::parse(None, &written).ok()?;
    let of = written.strip_prefix('+')?;
    let plain = of.bytes().all(|octet| octet.is_ascii_digit()) && DIGITS.contains(&of.len());
    let same = read.format().mode(Mode::E164).to_string() == written && possible(&read, of);
    let named = number.code().source() != country::Source::Default;
    (plain && same && (named || phonenumber::is_valid(&number))).then_some(written)
}

// Whether a number of its country may be that long.
fn possible(number: &PhoneNumber, digits: &str) -> bool {
    let code = number.code().value();
    let national = digits.len().saturating_sub(code.to_string().len());
    let regions = DATABASE.by_code(&code).unwrap_or_default();
    regions.iter().any(|region| {
        let all = region.descriptors();
        let kinds = [all.fixed_line(), all.mobile(), all.toll_free(), all.premium_rate(), all.shared_cost()];
        let others = [all.personal_number(), all.voip(), all.pager(), all.uan()];
        let lengths = kinds.into_iter().chain(others).flatten().flat_map(|kind| kind.possible_length());
        lengths.copied().any(|length| usize::from(length) == national)
    })
}

// Nothing but digits and a plus at their head; none where anything else would be lost.
fn digits(text: &str) -> Option<String> {
    let text = text.trim();
    let head = text.get(..4).filter(|head| head.eq_ignore_ascii_case("tel:"));
    let text = head.and_then(|head| text.get(head.len()..)).unwrap_or(text);
    if text.chars().nth(LONGEST).is_some() {
        return None;
    }
    // A zero that is dialled at home only: +44 (0)20 7946 0000.
    let text = if text.trim_start().starts_with(['+', '＋']) {
        text.replacen("(0)", "", 1)
    } else {
        text.to_owned()
    };
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '+' | '＋' if out.is_empty() => out.push('+'),
            ' ' | '\u{a0}' | '\u{2000}'..='\u{200f}' | '\u{202a}'..='\u{202f}' | '\u{3000}' | '\t' => {}
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '.' | '/' | '(' | ')' | '[' | ']' => {}
            _ => out.push(digit(c)?),
        }
    }
    (out.len() > 1).then_some(out)
}

// ASCII, full-width, Arabic and Persian digits.
fn digit(c: char) -> Option<char> {
    let code = u32::from(c);
    let value = ['0', '\u{ff10}', '\u{660}', '\u{6f0}']
        .into_iter()
        .find_map(|zero| code.checked_sub(u32::from(zero)).filter(|value| *value < 10))?;
    char::from_digit(value, 10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};

    use super::{Country, e164};

    fn at(home: &str, text: &str) -> Option<String> {
        e164(text, Some(&Country::parse(home).unwrap()))
    }

    #[test]
    fn rule_7_5_a_number_becomes_e_164_by_the_configured_country() {
        for (home, text, number) in [
            ("CZ", "603 123 456", "+420603123456"),
            ("CZ", "00420603123456", "+420603123456"),
            ("CZ", "tel:+420-603-123-456", "+420603123456"),
            ("CZ", "\u{202a}+420\u{a0}603 123 456\u{202c}", "+420603123456"),
            ("CZ", "＋４２０６０３１２３４５６", "+420603123456"),
            ("CZ", "+1 (415) 555-2671", "+14155552671"),
            ("cz", "+15550000001", "+15550000001"),
            ("GB", "+44 (0)20 7946 0000", "+442079460000"),
            ("GB", "020 7946 0000", "+442079460000"),
            ("IT", "06 1234 5678", "+390612345678"),
            ("EG", "٠١٠٠١٢٣٤٥٦٧", "+201001234567"),
        ] {
            assert_eq!(at(home, text).as_deref(), Some(number), "{home} {text}");
        }
        assert_eq!(e164("+420603123456", None).as_deref(), Some("+420603123456"));
    }

    #[test]
    fn rule_7_5_what_cannot_become_e_164_is_no_number() {
        for text in [
            "",
            "+",
            "112",
            "555 123 4567",
            "ext. 5",
            "1-800-FLOWERS",
            "+420 603 123 456 ext. 7",
            "*21#",
            "603+123456",
            "+0",
            "+420",
            "+3100001",
            "+4206031234567890123",
            "++420603123456",
            &"1".repeat(65),
            "č. 603123456",
        ] {
            assert_eq!(at("CZ", text), None, "{text}");
        }
        assert_eq!(e164("603 123 456", None), None, "of no country");
    }

    #[test]
    fn a_country_is_two_letters_that_have_numbers() {
        for text in ["", "C", "CZE", "ZZ", "Č", "420"] {
            assert!(Country::parse(text).is_err(), "{text}");
        }
        let country: Country = serde_json::from_str("\"cz\"").unwrap();
        assert_eq!(serde_json::to_string(&country).unwrap(), "\"CZ\"");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_number_that_was_told_is_told_as_it_is(any in "(?s).{0,80}", near in "[+0]{0,3}[0-9 ()./-]{0,20}") {
            for text in [any, near] {
                if let Some(number) = at("CZ", &text) {
                    prop_assert!(number.starts_with('+') && number.len() <= 16);
                    prop_assert_eq!(e164(&number, None), Some(number.clone()), "{:?}", text);
                    prop_assert_eq!(at("US", &number), Some(number));
                }
            }
        }
    }
}
