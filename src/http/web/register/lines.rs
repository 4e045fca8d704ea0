//! Lines of mailboxes, pasted or from a CSV file.
//!
//! Fields are separated by `,`, `;` or a tab and may stand in quotes (RFC 4180,
//! within one line). Without a header they are the address, the CRM user and
//! further addresses. A first line that names columns says otherwise; columns
//! that nobody knows are passed over, so that a list from elsewhere can be given
//! as it is.

use std::collections::BTreeMap;

use postern_core::model::address::Address;

use crate::actions::account::Registration;
use crate::texts::{Accounts, Lang, Registering, Sentence};

/// The lines that can be registered, and the others with their reason; each by
/// its number in the text.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub good: Vec<(usize, Registration)>,
    pub bad: Vec<(usize, String)>,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Address,
    CrmUser,
    Aliases,
    Unknown,
}

const PLAIN: [Column; 3] = [Column::Address, Column::CrmUser, Column::Aliases];

pub(super) fn read(lang: Lang, text: &str) -> Lines {
    let (mut lines, mut seen) = (Lines::default(), BTreeMap::new());
    let mut columns = None;
    let text = text.trim_start_matches('\u{feff}');
    for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if line.is_empty() {
            continue;
        }
        let fields = fields(line);
        let known = match &columns {
            Some(known) => known,
            None => {
                let header = fields.as_ref().ok().and_then(|fields| header(fields));
                let is_header = header.is_some();
                let known = &*columns.insert(header.unwrap_or_else(|| PLAIN.to_vec()));
                if is_header {
                    continue;
                }
                known
            }
        };
        let wanted = fields.and_then(|fields| one(known, &fields));
        match wanted.and_then(|wanted| claim(&mut seen, number, &wanted).map(|()| wanted)) {
            Ok(wanted) => lines.good.push((number, wanted)),
            Err(why) => lines.bad.push((number, why.say(lang))),
        }
    }
    lines
}

fn header(fields: &[String]) -> Option<Vec<Column>> {
    if fields.iter().any(|field| field.contains('@')) {
        return None;
    }
    let named = |field: &String| match field.to_lowercase().replace([' ', '-'], "_").as_str() {
        "email" | "e_mail" | "address" | "mailbox" | "email_address" => Column::Address,
        "crm_user" | "user" | "user_id" | "crm_user_id" => Column::CrmUser,
        "alias" | "aliases" => Column::Aliases,
        _ => Column::Unknown,
    };
    let columns: Vec<Column> = fields.iter().map(named).collect();
    columns.contains(&Column::Address).then_some(columns)
}

/// The fields of a line.
fn fields(line: &str) -> Result<Vec<String>, Sentence> {
    let (mut out, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' if quoted || field.trim().is_empty() => quoted = !quoted,
            ',' | ';' | '\t' if !quoted => out.push(std::mem::take(&mut field).trim().to_owned()),
            _ => field.push(letter),
        }
    }
    if quoted {
        return Err(Registering::LineQuote.into());
    }
    out.push(field.trim().to_owned());
    Ok(out)
}

fn one(columns: &[Column], fields: &[String]) -> Result<Registration, Sentence> {
    // What follows the last column belongs to it, as further addresses do.
    let rest = columns.last().copied().filter(|last| *last == Column::Aliases).unwrap_or(Column::Unknown);
    let of = |index: usize| columns.get(index).copied().unwrap_or(rest);
    let each = |wanted: Column| {
        let all = fields.iter().enumerate();
        all.filter(move |(index, _)| of(*index) == wanted).map(|(_, field)| field.as_str())
    };
    let parse = |text: &str| {
        Address::parse(text).map_err(|why| Sentence::from(Accounts::LineNoAddress).with("why", &why))
    };
    let address = parse(each(Column::Address).next().unwrap_or_default())?;
    let crm_user = each(Column::CrmUser).find(|user| !user.is_empty()).map(str::to_owned);
    if crm_user.as_deref().is_some_and(|user| user.len() > 100 || user.chars().any(char::is_control)) {
        return Err(Registering::LineUser.into());
    }
    let apart = |letter: char| letter.is_ascii_whitespace() || matches!(letter, ',' | ';');
    let aliases = each(Column::Aliases).flat_map(|field| field.split(apart));
    let aliases = aliases.filter(|alias| !alias.is_empty()).map(parse).collect::<Result<_, _>>()?;
    Ok(Registration { address, crm_user, aliases })
}

// An address may stand in the lines once, whatever for.
fn claim(seen: &mut BTreeMap<Address, usize>, number: usize, wanted: &Registration) -> Result<(), Sentence> {
    for address in std::iter::once(&wanted.address).chain(&wanted.aliases) {
        match seen.insert(address.clone(), number) {
            Some(earlier) if earlier != number => {
                return Err(Sentence::from(Accounts::LineTwice).with("line", &earlier));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Lines, read};
    use crate::texts::Lang;

    fn good(lines: &Lines) -> Vec<String> {
        let told = lines.good.iter().map(|(number, wanted)| {
            let user = wanted.crm_user.as_deref().unwrap_or("-");
            format!("{number} {} {user} {}", wanted.address, wanted.aliases.len())
        });
        told.collect()
    }

    fn bad(lines: &Lines) -> Vec<usize> {
        lines.bad.iter().map(|(number, _)| *number).collect()
    }

    #[test]
    fn good_and_bad_lines_are_told_apart() {
        let text = "anna@acme.cz\n\n  Ben@Acme.cz , 5f3a, info@acme.cz sales@acme.cz \r\nnobody\n\
                    eva@acme.cz;;eva.n@acme.cz;eva.m@acme.cz\nANNA@acme.cz\nx@acme.cz,,a b@\n";
        let lines = read(Lang::English, text);
        assert_eq!(good(&lines), ["1 anna@acme.cz - 0", "3 ben@acme.cz 5f3a 2", "5 eva@acme.cz - 2"]);
        assert_eq!(bad(&lines), [4, 6, 7]);
        assert_eq!(lines.bad[1].1, "stands in line 1 already");
    }

    #[test]
    fn a_file_may_name_its_columns_in_any_order_and_have_others() {
        let text = "\u{feff}\"Name\";\"Aliases\";\"E-mail\";\"CRM user\"\r\n\
                    \"Anna; \"\"A\"\"\";\"info@acme.cz, sales@acme.cz\";anna@acme.cz;5f3a\r\n\
                    Ben;;nobody;\r\n\"Eva;;eva@acme.cz;\r\nCarl\r\nDora;;dora@acme.cz;;x@acme.cz\r\n";
        let lines = read(Lang::English, text);
        assert_eq!(good(&lines), ["2 anna@acme.cz 5f3a 2", "6 dora@acme.cz - 0"]);
        assert_eq!(bad(&lines), [3, 4, 5]);
        assert!(lines.bad[1].1.contains("quote"), "{:?}", lines.bad);
    }

    #[test]
    fn a_first_line_with_an_address_is_no_header() {
        assert_eq!(good(&read(Lang::English, "anna@acme.cz,email\nben@acme.cz\n")).len(), 2);
        assert_eq!(bad(&read(Lang::English, "name,user\nanna@acme.cz\n")), [1]);
        let long = format!("anna@acme.cz,{}", "x".repeat(101));
        assert_eq!(bad(&read(Lang::English, &long)), [1]);
    }
}
