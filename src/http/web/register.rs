//! `/admin/accounts/new`: one mailbox or many, one a line.
//!
//! The first press checks and shows every line that is wrong; the second
//! registers the good ones and shows each owner's link once. Nothing is kept
//! between the two: the second press sends the lines along.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::address::Address;

use super::account::author;
use super::frame::{Frame, Place, answer};
use crate::actions::account::Registration;
use crate::actions::account::add::{Way, add};
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::Tongue;
use crate::http::site::Site;
use crate::texts::{Accounts, Desk, Lang, Sentence};

/// Most lines at once: each makes a link.
const MOST: usize = 500;

/// The form, and what the check found.
#[derive(Template)]
#[template(path = "register.html", config = "src/http/askama.toml")]
struct Register {
    frame: Frame,
    text: String,
    said: Option<String>,
    good: Vec<Registration>,
    bad: Vec<(usize, String)>,
    bad_title: String,
    press: String,
}

/// What was registered.
#[derive(Template)]
#[template(path = "registered.html", config = "src/http/askama.toml")]
struct Registered {
    frame: Frame,
    rows: Vec<(Address, Outcome)>,
    path: String,
}

enum Outcome {
    Link(String),
    Said(String),
}

pub(super) async fn page(Of(site): Of<Arc<Site>>, Tongue(lang): Tongue, admitted: Admitted) -> Response {
    form(&site, lang, admitted, String::new(), Lines::default(), None)
}

pub(super) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    sent: Form,
) -> Response {
    let text = sent.get("lines").unwrap_or_default();
    let lines = read(lang, &text);
    let count = lines.good.len() + lines.bad.len();
    if count == 0 || count > MOST {
        let said = if count == 0 { Accounts::NothingToDo } else { Accounts::TooMany };
        let said = Sentence::from(said).with("count", &MOST).say(lang);
        return form(&site, lang, admitted, text, Lines::default(), Some(said));
    }
    if sent.get("register").is_none() || lines.good.is_empty() {
        return form(&site, lang, admitted, text, lines, None);
    }
    register(&site, lang, admitted, &lines.good).await
}

async fn register(site: &Site, lang: Lang, admitted: Admitted, good: &[Registration]) -> Response {
    let mut rows = Vec::with_capacity(good.len());
    for wanted in good {
        let by = match author(site, lang, &admitted) {
            Ok(by) => by,
            Err(response) => return *response,
        };
        let outcome = match add(&site.store, &by, site.rules(), wanted).await {
            Ok(added) => match added.way {
                Way::Link { link, .. } => Outcome::Link(link.url.reveal().to_owned()),
                Way::Served { by } => {
                    Outcome::Said(Sentence::from(Accounts::ServedBy).with("by", &by).say(lang))
                }
            },
            Err(why) => Outcome::Said(Sentence::from(Accounts::NotRegistered).with("why", &why).say(lang)),
        };
        rows.push((wanted.address.clone(), outcome));
    }
    let frame = Frame::new(site, lang, admitted, Place::Accounts, Accounts::RegisteredTitle);
    answer(&Registered { frame, rows, path: site.at("/admin/accounts") }, StatusCode::OK)
}

fn form(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    text: String,
    lines: Lines,
    said: Option<String>,
) -> Response {
    let status = if said.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let counted = |phrase: Accounts, count: usize| Sentence::from(phrase).with("count", &count).say(lang);
    let page = Register {
        frame: Frame::new(site, lang, admitted, Place::Accounts, Accounts::Register),
        text,
        said,
        bad_title: counted(Accounts::BadLines, lines.bad.len()),
        press: counted(Accounts::RegisterGood, lines.good.len()),
        good: lines.good,
        bad: lines.bad,
    };
    answer(&page, status)
}

/// The lines that can be registered, and the others with their reason.
#[derive(Default)]
struct Lines {
    good: Vec<Registration>,
    bad: Vec<(usize, String)>,
}

fn read(lang: Lang, text: &str) -> Lines {
    let (mut lines, mut seen) = (Lines::default(), BTreeMap::new());
    for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if line.is_empty() {
            continue;
        }
        match one(line).and_then(|wanted| claim(&mut seen, number, &wanted).map(|()| wanted)) {
            Ok(wanted) => lines.good.push(wanted),
            Err(why) => lines.bad.push((number, why.say(lang))),
        }
    }
    lines
}

fn one(line: &str) -> Result<Registration, Sentence> {
    let mut fields = line.split([',', ';', '\t']).map(str::trim);
    let parse = |text: &str| {
        Address::parse(text).map_err(|why| Sentence::from(Accounts::LineNoAddress).with("why", &why))
    };
    let address = parse(fields.next().unwrap_or_default())?;
    let crm_user = fields.next().filter(|user| !user.is_empty()).map(str::to_owned);
    let aliases = fields.flat_map(str::split_ascii_whitespace).map(parse).collect::<Result<_, _>>()?;
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
    use super::read;
    use crate::texts::Lang;

    #[test]
    fn good_and_bad_lines_are_told_apart() {
        let text = "anna@acme.cz\n\n  Ben@Acme.cz , 5f3a, info@acme.cz sales@acme.cz \r\nnobody\n\
                    eva@acme.cz;;eva.n@acme.cz\nANNA@acme.cz\nx@acme.cz,,a b@\n";
        let lines = read(Lang::English, text);
        let good: Vec<String> = lines
            .good
            .iter()
            .map(|l| format!("{} {:?} {}", l.address, l.crm_user.as_deref().unwrap_or("-"), l.aliases.len()))
            .collect();
        assert_eq!(good, ["anna@acme.cz \"-\" 0", "ben@acme.cz \"5f3a\" 2", "eva@acme.cz \"-\" 1"]);
        let bad: Vec<usize> = lines.bad.iter().map(|(line, _)| *line).collect();
        assert_eq!(bad, [4, 6, 7]);
        assert_eq!(lines.bad[1].1, "stands in line 1 already");
    }
}
