//! What people have written of others, in the CRM and at Google: the same of the same number.

use serde_json::{Value, json};

/// The `n`th contact in the CRM.
pub fn contact(n: usize) -> Value {
    json!({
        "firstName": first(n), "lastName": last(n), "title": "Head of purchasing",
        "emailAddress": address(n), "phoneNumber": number(n),
        "addressStreet": format!("Dlouhá {}", n % 90 + 1), "addressCity": "Praha",
        "addressPostalCode": "110 00", "addressCountry": "Česko", "description": note(n),
    })
}

/// The `n`th person at Google, in this group.
pub fn person(n: usize, group: &str) -> Value {
    json!({
        "names": [{ "givenName": first(n), "familyName": last(n) }],
        "emailAddresses": [{ "value": address(n), "type": "work" }],
        "phoneNumbers": [{ "value": number(n), "type": "mobile" }],
        "organizations": [{ "name": "Acme", "title": "Head of purchasing" }],
        "addresses": [{
            "type": "work", "streetAddress": format!("Dlouhá {}", n % 90 + 1), "city": "Praha",
            "postalCode": "110 00", "country": "Česko",
        }],
        "biographies": [{ "value": note(n), "contentType": "TEXT_PLAIN" }],
        "memberships": [{ "contactGroupMembership": { "contactGroupResourceName": group } }],
    })
}

fn first(n: usize) -> &'static str {
    ["Eva", "Tomáš", "Jana", "Petr", "Lucie", "Karel", "Marie"][n % 7]
}

fn last(n: usize) -> String {
    format!("Nováček{n:04}")
}

fn address(n: usize) -> String {
    format!("buyer{n}@acme.example")
}

fn number(n: usize) -> String {
    format!("+420{}", 601_000_000 + n)
}

fn note(n: usize) -> String {
    format!("Met at the fair, stand {}. Asked for the new catalogue, and to be called in the autumn.", n % 40)
}
