//! Further addresses of a mailbox, written by an admin one a line.

use std::sync::Arc;

use axum::extract::{Path, State as Of};
use axum::http::StatusCode;
use axum::response::Response;
use postern_core::model::address::Address;

use super::account::{author, failed, known};
use super::frame::onward;
use crate::actions::account::aliases;
use crate::http::form::Form;
use crate::http::gate::Admitted;
use crate::http::page::{Page, Tone, Tongue};
use crate::http::site::Site;
use crate::texts::{Accounts, Sentence, Text};

/// Makes the lines all further addresses of the mailbox.
pub(super) async fn press(
    Of(site): Of<Arc<Site>>,
    Tongue(lang): Tongue,
    Path(id): Path<String>,
    admitted: Admitted,
    form: Form,
) -> Response {
    let (address, by) = match (known(&site, lang, &id).await, author(&site, lang, &admitted)) {
        (Ok(address), Ok(by)) => (address, by),
        (Err(response), _) | (_, Err(response)) => return *response,
    };
    let wanted = match read(&form.text("aliases")) {
        Ok(wanted) => wanted,
        Err(why) => {
            let page = Page::new(lang, Tone::Bad, Text::RequestTitle);
            return page.say(why).answer(StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    match aliases::set(&site.store, &by, &address, &wanted).await {
        Ok(()) => onward(&site, &format!("/admin/accounts/{id}")),
        Err(error) => failed(lang, &error),
    }
}

fn read(text: &str) -> Result<Vec<Address>, Sentence> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() > aliases::MOST {
        return Err(Sentence::from(Accounts::TooMany).with("count", &aliases::MOST));
    }
    let address = |line: &&str| {
        Address::parse(line).map_err(|why| Sentence::from(Accounts::LineNoAddress).with("why", &why))
    };
    lines.iter().map(address).collect()
}
