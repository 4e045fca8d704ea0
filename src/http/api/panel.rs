//! `POST panel/ticket`: the CRM's server asks to show the panel in a record.
//! The answer is a ticket, or why the panel hides there.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Of;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use postern_core::model::address::Address;
use serde::Deserialize;
use serde_json::json;

use super::body::Sent;
use super::caller::Caller;
use super::error::Fault;
use super::{once, time};
use crate::actions::panel::{invite, visible};
use crate::http::panel::PATH;
use crate::http::site::Site;
use crate::store::accounts::{self, Account};
use crate::store::panels::Terms;

/// Longest identity in the CRM, and longest mode.
const ID: usize = 64;
/// Longest host; the CRM's column is as long.
const HOST: usize = 255;
const RECORDS: [&str; 2] = ["EmailAccount", "InboundEmail"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    account: String,
    crm_user_id: String,
    record_type: String,
    record_id: String,
    mode: String,
    host: Option<String>,
    smtp_host: Option<String>,
}

pub(super) async fn ticket(
    Of(site): Of<Arc<Site>>,
    caller: Caller,
    sent: Sent<Wanted>,
) -> Result<Response, Fault> {
    let wanted = sent.value;
    check(&wanted)?;
    let account = named(&site, &caller, &wanted.account).await?;
    let (host, smtp_host) = (wanted.host.unwrap_or_default(), wanted.smtp_host.unwrap_or_default());
    if let Err(hidden) = visible(&wanted.mode, [&host, &smtp_host], &site.settings.names) {
        let told = json!({ "visible": false, "reason": hidden.name(), "message": hidden.told() });
        return Ok((StatusCode::OK, Json(told)).into_response());
    }
    let terms = Terms {
        key: caller.key.id,
        account: account.as_ref().map(|account| account.id),
        crm_user: wanted.crm_user_id,
        record: format!("{} {}", wanted.record_type, wanted.record_id),
        host,
        smtp_host,
    };
    let by = caller.by(&site)?;
    let made = invite(&site.store, &by, &terms, account.as_ref(), sent.once.as_ref()).await?;
    let ticket = once::secret(made)?;
    let word = ticket.word.reveal();
    let told = json!({
        "visible": true,
        "registered": account.is_some(),
        "ticket": word,
        "url": format!("{}{}#{word}", site.origin, site.at(PATH)),
        "expiresAt": time::told(ticket.expires_at),
    });
    Ok((StatusCode::CREATED, Json(told)).into_response())
}

fn check(wanted: &Wanted) -> Result<(), Fault> {
    if !RECORDS.contains(&wanted.record_type.as_str()) {
        return Err(Fault::at("recordType", format!("{} or {} is expected", RECORDS[0], RECORDS[1])));
    }
    let plain = |text: &str| text.bytes().all(|octet| octet.is_ascii_graphic());
    let ids = [("crmUserId", &wanted.crm_user_id), ("recordId", &wanted.record_id), ("mode", &wanted.mode)];
    for (name, text) in ids {
        if !(1..=ID).contains(&text.len()) || !plain(text) {
            return Err(Fault::at(name, format!("1 to {ID} printable characters are expected")));
        }
    }
    for (name, text) in [("host", &wanted.host), ("smtpHost", &wanted.smtp_host)] {
        let text = text.as_deref().unwrap_or_default();
        if text.len() > HOST || !plain(text) {
            return Err(Fault::at(name, format!("a host name of at most {HOST} characters is expected")));
        }
    }
    Ok(())
}

// By address or identity. What the key does not reach is told before whether it is there.
async fn named(site: &Site, caller: &Caller, text: &str) -> Result<Option<Account>, Fault> {
    let mut read = site.store.read().await?;
    if !text.contains('@') {
        drop(read);
        let address = caller.known(site, text).await?;
        return Ok(accounts::by_address(&mut site.store.read().await?, &address).await?);
    }
    let address = Address::parse(text).map_err(|error| Fault::at("account", error.to_string()))?;
    let found = match accounts::by_address(&mut read, &address).await? {
        None => accounts::by_alias(&mut read, &address).await?,
        own => own,
    };
    let reach = &caller.key.terms.reach;
    let own = match &found {
        Some(account) => reach.holds(account.id, &account.address),
        None => reach.covers(&address),
    };
    if own { Ok(found) } else { Err(Fault::DomainNotAllowed) }
}
