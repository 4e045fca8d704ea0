//! `CalendarPair`: why a record of the CRM, or an event of Google, is as it is,
//! asked by its own identity.

use std::sync::Arc;

use axum::extract::{RawQuery, State as Of};
use axum::response::Response;
use serde_json::Value;

use super::account::waiting::full;
use super::caller::Caller;
use super::error::Fault;
use super::list::answer;
use super::query;
use crate::actions::calendars::story::{self, Whose};
use crate::http::site::Site;

/// Longest identity of an event, in octets, and longest word of the CRM.
const LONGEST: usize = 1_024;
const LONGEST_OF_THE_CRM: usize = 64;

pub(super) async fn find(
    Of(site): Of<Arc<Site>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let all = query::read(query.as_deref().unwrap_or_default())?;
    let mut asked = Asked::default();
    for (name, value) in &all {
        let most = if name == "eventId" { LONGEST } else { LONGEST_OF_THE_CRM };
        let text = value.as_str().filter(|text| fits(text, most));
        let text = text.ok_or_else(|| Fault::at(name, "an identity is expected"))?;
        match name.as_str() {
            "entityType" => asked.entity = Some(text),
            "recordId" => asked.record = Some(text),
            "eventId" => asked.event = Some(text),
            _ => return Err(Fault::at(name, "is no parameter of this list")),
        }
    }
    let mut told: Vec<Value> = Vec::new();
    for (account, link) in story::pairs(&site.store, asked.whose()?).await? {
        // To a key that does not reach the mailbox, its pairs are not there.
        if caller.key.terms.reach.holds(account.id, &account.address) {
            told.push(full(&story::of(&site.store, account.id, link.id).await?));
        }
    }
    let total = i64::try_from(told.len()).unwrap_or(i64::MAX);
    Ok(answer(&told, total))
}

#[derive(Default)]
struct Asked<'a> {
    entity: Option<&'a str>,
    record: Option<&'a str>,
    event: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn whose(self) -> Result<Whose<'a>, Fault> {
        match (self.entity, self.record, self.event) {
            (Some(entity), Some(record), None) => Ok(Whose::Record(entity, record)),
            (None, None, Some(event)) => Ok(Whose::Event(event)),
            _ => Err(Fault::at("recordId", "name either entityType and recordId, or eventId")),
        }
    }
}

// PostgreSQL keeps no NUL in a text.
fn fits(text: &str, most: usize) -> bool {
    !text.is_empty() && text.len() <= most && !text.contains('\0')
}
