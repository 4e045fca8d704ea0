//! E-mail addresses and telephone numbers. An address is a row of its own, shared by every record
//! that has it, whatever its letters' case.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::query::items;
use super::world::{Record, World};

/// Addresses, and numbers, that one record may have.
const MOST: usize = 10;
/// Kinds of numbers.
pub(crate) const PHONE_KINDS: [&str; 5] = ["Mobile", "Office", "Home", "Fax", "Other"];

impl World {
    /// What a record shows of its addresses and numbers; none for other attributes.
    pub(crate) fn address_value(&self, record: &Record, attribute: &str) -> Option<Value> {
        if matches!(record.entity.as_str(), "EmailAccount" | "InboundEmail") {
            return None;
        }
        let primary = record.emails.first().and_then(|lower| self.addresses.get(lower));
        let number = record.phones.first();
        Some(match attribute {
            "emailAddress" => json!(primary.map(|row| &row.spelling)),
            "emailAddressIsOptedOut" => json!(primary.map(|row| row.opt_out)),
            "emailAddressIsInvalid" => json!(primary.map(|row| row.invalid)),
            "emailAddressData" => self.address_rows(record),
            "phoneNumber" => json!(number.map(|(number, _)| number)),
            "phoneNumberIsOptedOut" | "phoneNumberIsInvalid" => json!(number.map(|_| false)),
            "phoneNumberData" => {
                let row = |(at, (number, kind)): (usize, &(String, String))| {
                    json!({ "phoneNumber": number, "type": kind, "primary": at == 0, "optOut": false,
                        "invalid": false })
                };
                record.phones.iter().enumerate().map(row).collect()
            }
            _ => return None,
        })
    }

    fn address_rows(&self, record: &Record) -> Value {
        let rows = record.emails.iter().enumerate().filter_map(|(at, lower)| {
            let row = self.addresses.get(lower)?;
            Some(json!({ "emailAddress": row.spelling, "lower": lower, "primary": at == 0,
                "optOut": row.opt_out, "invalid": row.invalid }))
        });
        rows.collect()
    }

    /// Gives a record the addresses and numbers of a request that has been checked.
    pub(crate) fn set_addresses(&mut self, record: &mut Record, input: &Map<String, Value>) {
        if let Some(data) = input.get("emailAddressData") {
            record.emails = self.address_set(data);
        } else if let Some(address) = input.get("emailAddress") {
            // Only the primary one is replaced.
            let rest = record.emails.split_off(record.emails.len().min(1));
            record.emails.clear();
            let primary = address.as_str().map(str::trim).filter(|address| !address.is_empty());
            if let Some(address) = primary {
                record.emails.push(self.share_address(address));
                record.emails.extend(rest.into_iter().filter(|lower| *lower != address.to_lowercase()));
            }
        }
        if let Some(data) = input.get("phoneNumberData") {
            let mut rows = items(data);
            rows.sort_by_key(|row| row["primary"] != json!(true));
            let kind = |row: &Value| row["type"].as_str().unwrap_or("Mobile").to_owned();
            let number = |row: &&Value| Some((international(row["phoneNumber"].as_str()?)?, kind(row)));
            record.phones = rows.iter().filter_map(number).collect();
        } else if let Some(number) = input.get("phoneNumber") {
            let rest = record.phones.split_off(record.phones.len().min(1));
            record.phones.clear();
            if let Some(number) = number.as_str().and_then(international) {
                record.phones.push((number, "Mobile".to_owned()));
                record.phones.extend(rest);
            }
        }
    }

    /// A row that says nothing of a mark leaves it; what the CRM does then was not recorded.
    fn address_set(&mut self, data: &Value) -> Vec<String> {
        let mut rows = items(data);
        rows.sort_by_key(|row| row["primary"] != json!(true));
        let mut emails = Vec::new();
        for row in rows {
            let Some(address) = row["emailAddress"].as_str() else { continue };
            let lower = self.share_address(address.trim());
            if let Some(shared) = self.addresses.get_mut(&lower) {
                shared.opt_out = row["optOut"].as_bool().unwrap_or(shared.opt_out);
                shared.invalid = row["invalid"].as_bool().unwrap_or(shared.invalid);
            }
            if !emails.contains(&lower) {
                emails.push(lower);
            }
        }
        emails
    }
}

/// What is wrong with the addresses and numbers of a request.
pub(crate) fn refused(entity: &str, input: &Map<String, Value>) -> Option<Answer> {
    for (field, good, kind) in [
        ("emailAddress", is_address as fn(&str) -> bool, "emailAddress"),
        ("phoneNumber", |number| international(number).is_some(), "valid"),
    ] {
        let rows = input.get(&format!("{field}Data")).map(items).unwrap_or_default();
        if rows.len() > MOST {
            return Some(Answer::invalid(entity, field, "maxCount"));
        }
        let single = input.get(field).and_then(Value::as_str).map(str::trim);
        let mut values = rows.iter().filter_map(|row| row[field].as_str()).chain(single);
        if values.any(|value| !value.is_empty() && !good(value)) {
            return Some(Answer::invalid(entity, field, kind));
        }
    }
    // As the CRM's code has it; it was not recorded.
    let rows = input.get("phoneNumberData").map(items).unwrap_or_default();
    let unknown = |row: &&Value| row["type"].as_str().is_some_and(|kind| !PHONE_KINDS.contains(&kind));
    rows.iter().any(unknown).then(|| Answer::invalid(entity, "phoneNumber", "valid"))
}

fn is_address(text: &str) -> bool {
    let clean = text.len() <= 255 && text.chars().all(|c| !c.is_whitespace() && !"<>(),;:\"[]\\".contains(c));
    let split = text.split_once('@');
    clean
        && split.is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.contains('@') && domain.split('.').all(|label| !label.is_empty())
        })
}

/// A number as `+` and digits, or nothing.
fn international(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !" ()-./".contains(*c)).collect();
    let digits = plain.strip_prefix('+')?;
    let good = (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    good.then_some(plain)
}
