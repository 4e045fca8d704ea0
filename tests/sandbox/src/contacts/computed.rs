//! What Google adds to what was written: display names, canonical phones, formatted addresses.

use serde_json::{Value, json};

use super::store::Body;

/// The least and most digits of a number that is called from everywhere.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Adds to an item of a field what follows from the rest of it.
pub(super) fn add(field: &str, item: &mut Body) {
    match field {
        "names" => name(item),
        "phoneNumbers" => phone(item),
        "addresses" => address(item),
        "biographies" => {
            item.entry("contentType").or_insert_with(|| json!("TEXT_PLAIN"));
        }
        "genders" => copy(item, "value", "formattedValue"),
        "imClients" => copy(item, "protocol", "formattedProtocol"),
        _ => {}
    }
    if TYPED.contains(&field) {
        copy(item, "type", "formattedType");
    }
}

const TYPED: [&str; 12] = [
    "addresses",
    "calendarUrls",
    "emailAddresses",
    "events",
    "externalIds",
    "imClients",
    "miscKeywords",
    "organizations",
    "phoneNumbers",
    "relations",
    "sipAddresses",
    "urls",
];

fn copy(item: &mut Body, from: &str, to: &str) {
    if let Some(word) = text(item, from).map(in_words) {
        item.insert(to.to_owned(), json!(word));
    }
}

/// `homeFax` as people read it.
fn in_words(word: &str) -> String {
    let mut words = String::with_capacity(word.len() + 2);
    for (at, letter) in word.char_indices() {
        match at {
            0 => words.extend(letter.to_uppercase()),
            _ if letter.is_ascii_uppercase() => words.extend([' ', letter]),
            _ => words.push(letter),
        }
    }
    words
}

fn text<'a>(item: &'a Body, key: &str) -> Option<&'a str> {
    item.get(key).and_then(Value::as_str).filter(|it| !it.is_empty())
}

fn joined(item: &Body, keys: &[&str], between: &str) -> String {
    keys.iter().filter_map(|key| text(item, key)).collect::<Vec<_>>().join(between)
}

/// A name without parts is taken apart; parts make up a name.
fn name(item: &mut Body) {
    let whole = text(item, "unstructuredName").unwrap_or_default().trim().to_owned();
    let parts = ["honorificPrefix", "givenName", "middleName", "familyName", "honorificSuffix"];
    if joined(item, &parts, " ").is_empty() {
        match whole.rsplit_once(' ') {
            Some((given, family)) => {
                item.insert("givenName".into(), json!(given.trim_end()));
                item.insert("familyName".into(), json!(family));
            }
            None if !whole.is_empty() => {
                item.insert("givenName".into(), json!(whole));
            }
            None => {}
        }
    }
    let display = joined(item, &parts, " ");
    if display.is_empty() {
        return;
    }
    let given = joined(item, &["honorificPrefix", "givenName", "middleName"], " ");
    let last_first = match (text(item, "familyName"), given.as_str()) {
        (Some(family), "") => family.to_owned(),
        (Some(family), given) => format!("{family}, {given}"),
        (None, given) => given.to_owned(),
    };
    item.insert("displayName".into(), json!(display));
    item.insert("displayNameLastFirst".into(), json!(last_first));
    item.insert("unstructuredName".into(), json!(display));
}

/// Only a number with its country can be told apart from others.
fn phone(item: &mut Body) {
    let value = text(item, "value").unwrap_or_default();
    if let Some(canonical) = canonical(value) {
        item.insert("canonicalForm".into(), json!(canonical));
    }
}

fn canonical(value: &str) -> Option<String> {
    let value = value.trim();
    let rest = value.strip_prefix('+').or_else(|| value.strip_prefix("00"))?;
    let number = rest.split([';', ',', '#', 'x', 'e', 'p', 'w']).next().unwrap_or_default();
    if number.chars().any(char::is_alphabetic) {
        return None;
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    DIGITS.contains(&digits.len()).then(|| format!("+{digits}"))
}

/// What was formatted by the writer stays as it is, even when it no longer fits the parts.
fn address(item: &mut Body) {
    if text(item, "formattedValue").is_some() {
        return;
    }
    let place = joined(item, &["city", "region"], ", ");
    let place = [place.as_str(), text(item, "postalCode").unwrap_or_default()];
    let place = place.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    let street = joined(item, &["streetAddress", "extendedAddress", "poBox"], "\n");
    let country = text(item, "country").or_else(|| text(item, "countryCode")).unwrap_or_default();
    let lines = [street.as_str(), place.as_str(), country];
    let lines: Vec<&str> = lines.into_iter().filter(|it| !it.is_empty()).collect();
    if !lines.is_empty() {
        item.insert("formattedValue".into(), json!(lines.join("\n")));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::add;

    fn added(field: &str, item: &Value) -> Value {
        let mut item = item.as_object().cloned().unwrap();
        add(field, &mut item);
        Value::Object(item)
    }

    #[test]
    fn only_a_phone_with_its_country_has_a_canonical_form() {
        for (value, canonical) in [
            ("+420 601 123 456", json!("+420601123456")),
            ("00 44 (20) 7946-0000", json!("+442079460000")),
            ("+1 650-253-0000 ext. 12", json!("+16502530000")),
            ("601 123 456", Value::Null),
            ("+12", Value::Null),
            ("call me", Value::Null),
        ] {
            assert_eq!(
                added("phoneNumbers", &json!({"value": value}))["canonicalForm"],
                canonical,
                "{value}"
            );
        }
        let typed = added("phoneNumbers", &json!({"value": "1", "type": "homeFax"}));
        assert_eq!(typed["formattedType"], "Home Fax");
    }

    #[test]
    fn a_name_is_made_of_its_parts_or_taken_apart() {
        let made =
            added("names", &json!({"givenName": "Ada", "familyName": "King", "honorificPrefix": "Dr."}));
        assert_eq!(
            (&made["displayName"], &made["displayNameLastFirst"]),
            (&json!("Dr. Ada King"), &json!("King, Dr. Ada"))
        );
        let apart = added("names", &json!({"unstructuredName": "Ada Mary King"}));
        assert_eq!((&apart["givenName"], &apart["familyName"]), (&json!("Ada Mary"), &json!("King")));
        assert_eq!(added("names", &json!({"unstructuredName": "Ada"}))["givenName"], "Ada");
    }

    #[test]
    fn an_address_is_formatted_once() {
        let parts =
            json!({"streetAddress": "1 Main St", "city": "Brno", "postalCode": "602 00", "country": "CZ"});
        let made = added("addresses", &parts);
        assert_eq!(made["formattedValue"], "1 Main St\nBrno 602 00\nCZ");
        let kept = added("addresses", &json!({"city": "Brno", "formattedValue": "Praha"}));
        assert_eq!(kept["formattedValue"], "Praha");
    }
}
