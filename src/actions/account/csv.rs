//! Reading the table of `account import --csv`.
//!
//! RFC 4180 with a header line: quoted fields, `,` or `;` between them, as the
//! header has it. What is wrong is told by line and column; no value is shown,
//! for in a table with swapped columns it could be a refresh token.

use std::collections::BTreeMap;
use std::fmt;

use postern_core::model::address::Address;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;

use super::import::Candidate;
use super::register::Registration;

const COLUMNS: [&str; 4] = ["email", "refresh_token", "crm_user", "aliases"];

/// A line that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// From 1, the header included.
    pub line: usize,
    /// Why.
    pub why: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

fn bad(line: usize, why: impl Into<String>) -> BadLine {
    BadLine { line, why: why.into() }
}

/// The candidates with their lines, or every line that is wrong.
pub(super) fn read(text: &Secret) -> Result<Vec<(usize, Candidate)>, Vec<BadLine>> {
    let text = text.reveal().trim_start_matches('\u{feff}');
    let comma = if text.lines().next().is_some_and(|l| l.contains(';')) { ';' } else { ',' };
    let mut records = records(text, comma).map_err(|fault| vec![fault])?.into_iter();
    let header = records.next().ok_or_else(|| vec![bad(1, "the file is empty")])?;
    let columns = columns(&header.1).map_err(|why| vec![bad(header.0, why)])?;
    let (mut good, mut wrong, mut seen) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (line, fields) in records {
        match candidate(&columns, fields).and_then(|c| claim(&mut seen, line, &c.registration).map(|()| c)) {
            Ok(candidate) => good.push((line, candidate)),
            Err(why) => wrong.push(bad(line, why)),
        }
    }
    if wrong.is_empty() { Ok(good) } else { Err(wrong) }
}

// An address may stand in the table once, whatever for.
fn claim(
    seen: &mut BTreeMap<Address, usize>,
    line: usize,
    registration: &Registration,
) -> Result<(), String> {
    for address in std::iter::once(&registration.address).chain(&registration.aliases) {
        match seen.insert(address.clone(), line) {
            Some(earlier) if earlier != line => {
                return Err(format!("{address} stands in line {earlier} already"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn columns(header: &[String]) -> Result<Vec<&'static str>, String> {
    let wanted = || "the first line names the columns: email, refresh_token, crm_user, aliases".to_owned();
    let mut found = Vec::new();
    for name in header {
        let name = name.trim().to_ascii_lowercase();
        let known = COLUMNS.iter().find(|c| **c == name).ok_or_else(wanted)?;
        if found.contains(known) {
            return Err(format!("the column {known} stands twice"));
        }
        found.push(*known);
    }
    if found.contains(&"email") && found.contains(&"refresh_token") { Ok(found) } else { Err(wanted()) }
}

fn candidate(columns: &[&'static str], fields: Vec<String>) -> Result<Candidate, String> {
    if fields.len() != columns.len() {
        return Err(format!("{} fields where the first line has {}", fields.len(), columns.len()));
    }
    let mut row: BTreeMap<&str, String> = columns.iter().copied().zip(fields).collect();
    let mut take = |name: &str| row.remove(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
    let refresh_token = take("refresh_token").map(Secret::new).ok_or("refresh_token is empty")?;
    let email = take("email").ok_or("email is empty")?;
    let address = Address::parse(&email).map_err(|e| format!("email: {e}"))?;
    let aliases = take("aliases").unwrap_or_default();
    let aliases = aliases
        .split(|c: char| c.is_ascii_whitespace() || c == ',' || c == ';')
        .filter(|part| !part.is_empty())
        .map(|part| Address::parse(part).map_err(|e| format!("aliases: {e}")))
        .collect::<Result<_, _>>()?;
    let registration = Registration { address, crm_user: take("crm_user"), aliases };
    Ok(Candidate { registration, refresh_token, scopes: ScopeSet::mail() })
}

/// Splits into records with the line each begins on; empty lines are skipped.
fn records(text: &str, comma: char) -> Result<Vec<(usize, Vec<String>)>, BadLine> {
    let (mut out, mut fields, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut line, mut start, mut quoted) = (1, 1, false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\n' {
            line += 1;
        }
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' if quoted || field.trim().is_empty() => quoted = !quoted,
            _ if quoted => field.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' => {
                end_record(&mut out, &mut fields, &mut field, start);
                start = line;
            }
            _ if c == comma => fields.push(std::mem::take(&mut field)),
            _ => field.push(c),
        }
    }
    if quoted {
        return Err(bad(start, "a quote is not closed"));
    }
    end_record(&mut out, &mut fields, &mut field, start);
    Ok(out)
}

fn end_record(
    out: &mut Vec<(usize, Vec<String>)>,
    fields: &mut Vec<String>,
    field: &mut String,
    start: usize,
) {
    fields.push(std::mem::take(field));
    let record = std::mem::take(fields);
    if record.iter().any(|f| !f.trim().is_empty()) {
        out.push((start, record));
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use postern_core::model::secret::Secret;

    fn lines(text: &str) -> Vec<String> {
        let faults = read(&Secret::new(text)).err().unwrap_or_default();
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn quotes_semicolons_a_byte_order_mark_and_empty_lines() {
        let text = "\u{feff}email;refresh_token;aliases\r\n\r\nanna@x.cz;1//a;\"info@x.cz; sales@x.cz\"\r\n\
                    \"boris@x.cz\";\"1//b\"\"c\";\r\n";
        let found = read(&Secret::new(text)).unwrap();
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(found[0].1.registration.aliases.len(), 2);
        assert_eq!(found[1].1.refresh_token.reveal(), "1//b\"c");
    }

    #[test]
    fn every_bad_line_is_named_and_no_value_is_shown() {
        let text = "email,refresh_token,crm_user,aliases\n\
                    1//secret,anna@x.cz,,\nboris@x.cz,,7,\nc@x.cz,1//c\nd@x.cz,1//d,,e@x.cz\ne@x.cz,1//e,,\n";
        let found = lines(text);
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].starts_with("line 2: email:"));
        assert_eq!(found[1], "line 3: refresh_token is empty");
        assert_eq!(found[2], "line 4: 2 fields where the first line has 4");
        assert_eq!(found[3], "line 6: e@x.cz stands in line 5 already");
        assert!(!found.concat().contains("secret"));
    }

    #[test]
    fn a_table_without_its_columns_is_refused() {
        for text in ["", "email\n", "email,token\n", "email,email,refresh_token\n"] {
            assert_eq!(lines(text).len(), 1, "{text:?}");
        }
        assert_eq!(lines("email,refresh_token\na@x.cz,\"1//a\n"), ["line 2: a quote is not closed"]);
    }
}
