//! `/admin/accounts/new`: one mailbox or many, one a line.
//!
//! The first press checks and shows every line that is wrong; the second
//! registers the good ones and shows each owner's link once. Nothing is kept
//! between the two: the second press sends the lines along. Lines are pasted or
//! come as a file. Many are registered behind the page ([`run`]).

mod lines;
pub(super) mod run;

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::address::Address;
use postern_core::model::role::Right;

use self::lines::{Lines, read};
use super::account::{author, failed};
use super::frame::{Frame, Place, answer, onward};
use crate::actions::account::Registration;
use crate::actions::account::add::{Rules, Way, add};
use crate::actions::account::many::{self, Begun};
use crate::actions::{ActError, By};
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::site::Site;
use crate::tasks::Phase;
use crate::texts::{Accounts, Desk, Lang, Registering, Sentence, Text};

/// Most lines at once.
const MOST: usize = 1_000;
/// More than so many are registered behind the page.
const AT_ONCE: usize = 50;

/// The form, and what the check found.
#[derive(Template)]
#[template(path = "register.html", config = "src/http/askama.toml")]
struct Register {
    frame: Frame,
    text: String,
    said: Option<String>,
    good: Vec<(Registration, Registering)>,
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
    form(&site, lang, admitted, String::new(), Checked::default(), None)
}

pub(super) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    admitted: Admitted,
    sent: Form,
) -> Response {
    let text = match text(&sent) {
        Ok(text) => text,
        Err(why) => {
            return form(&site, lang, admitted, String::new(), Checked::default(), Some(why.say(lang)));
        }
    };
    let lines = read(lang, &text);
    let count = lines.good.len() + lines.bad.len();
    if count == 0 || count > MOST {
        let said = if count == 0 { Accounts::NothingToDo } else { Accounts::TooMany };
        let said = Sentence::from(said).with("count", &MOST).say(lang);
        return form(&site, lang, admitted, text, Checked::default(), Some(said));
    }
    if sent.get("register").is_none() || lines.good.is_empty() {
        return match checked(&site, lang, lines).await {
            Ok(checked) => form(&site, lang, admitted, text, checked, None),
            Err(error) => failed(lang, &error),
        };
    }
    let by = match author(&site, lang, &admitted) {
        Ok(by) => by,
        Err(response) => return *response,
    };
    if lines.good.len() > AT_ONCE {
        return behind(&site, lang, by, lines.good, binds(&admitted)).await;
    }
    register(&site, lang, admitted, &by, &lines.good).await
}

/// The lines: a file that was chosen, or what was pasted.
fn text(sent: &Form) -> Result<String, Registering> {
    match sent.file("file") {
        Some(file) => String::from_utf8(file.to_vec()).map_err(|_| Registering::NotText),
        None => Ok(sent.get("lines").unwrap_or_default()),
    }
}

/// Lines that were compared with what is registered.
#[derive(Default)]
struct Checked {
    good: Vec<(Registration, Registering)>,
    bad: Vec<(usize, String)>,
}

async fn checked(site: &Site, lang: Lang, lines: Lines) -> Result<Checked, ActError> {
    let mut out = Checked { good: Vec::new(), bad: lines.bad };
    for (number, wanted) in lines.good {
        match many::look(&site.store, site.rules(&site.google()), &wanted).await {
            Ok(true) => out.good.push((wanted, Registering::Known)),
            Ok(false) => out.good.push((wanted, Registering::New)),
            Err(error @ ActError::Store(_)) => return Err(error),
            Err(why) => {
                out.bad.push((number, Sentence::from(Accounts::LineRefused).with("why", &why).say(lang)));
            }
        }
    }
    out.bad.sort_by_key(|(number, _)| *number);
    Ok(out)
}

/// Whose a mailbox is in the CRM decides who may issue its tokens there.
fn binds(admitted: &Admitted) -> bool {
    admitted.visit.may(Right::Accounts)
}

/// Many: they are registered while the browser looks on, or does not.
async fn behind(
    site: &Site,
    lang: Lang,
    by: By,
    wanted: Vec<(usize, Registration)>,
    binds: bool,
) -> Response {
    let run = match many::begin(&site.store, wanted.len()).await {
        Ok(Begun::Run(run)) => run,
        Ok(Begun::Another(run)) => {
            return Page::new(lang, Tone::Bad, Text::RequestTitle)
                .say(Registering::Another)
                .onward(site.at(&format!("/admin/accounts/new/{run}")), Desk::ShowThese)
                .answer(StatusCode::CONFLICT);
        }
        Err(error) => return failed(lang, &error.into()),
    };
    let (store, domains) = (site.store.clone(), site.google().allowed_domains.clone());
    let stop = site.tasks.stop(Phase::Work);
    site.tasks.spawn(Phase::Work, many::run(store, by, domains, run, wanted, binds, stop));
    onward(site, &format!("/admin/accounts/new/{run}"))
}

async fn register(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    by: &By,
    good: &[(usize, Registration)],
) -> Response {
    let (mut rows, google) = (Vec::with_capacity(good.len()), site.google());
    let rules = Rules { binds: binds(&admitted), ..site.rules(&google) };
    for (_, wanted) in good {
        let outcome = match add(&site.store, by, rules, wanted).await {
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
    shown(site, lang, admitted, rows)
}

/// The links of what was registered, shown once.
fn shown(site: &Site, lang: Lang, admitted: Admitted, rows: Vec<(Address, Outcome)>) -> Response {
    let frame = Frame::new(site, lang, admitted, Place::Accounts, Accounts::RegisteredTitle);
    answer(&Registered { frame, rows, path: site.at("/admin/accounts") }, StatusCode::OK)
}

fn form(
    site: &Site,
    lang: Lang,
    admitted: Admitted,
    text: String,
    lines: Checked,
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

#[cfg(test)]
mod tests {
    use super::text;
    use crate::http::form::Form;
    use crate::texts::Registering;
    use axum::body::Bytes;
    use axum::http::HeaderMap;

    #[test]
    fn a_file_goes_before_what_is_typed_and_is_text() {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "multipart/form-data; boundary=b".parse().unwrap());
        let form = |file: &[u8]| {
            let named =
                |name: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            let (lines, head) = (format!("{}typed\r\n", named("lines")), named("file"));
            let body = [lines.as_bytes(), head.as_bytes(), file, b"\r\n--b--\r\n"].concat();
            Form::new(&headers, Bytes::from(body))
        };
        assert_eq!(text(&form(b"chosen\r\n")), Ok("chosen\r\n".to_owned()));
        assert_eq!(text(&form(b"")), Ok("typed".to_owned()), "no file was chosen");
        assert_eq!(text(&form(b"caf\xe9@x.cz")), Err(Registering::NotText));
        let plain = Form::new(&HeaderMap::new(), Bytes::from_static(b"lines=typed&file=x"));
        assert_eq!(text(&plain), Ok("typed".to_owned()));
    }
}
