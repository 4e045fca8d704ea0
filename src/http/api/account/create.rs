//! `POST ExternalAccount`: registers a mailbox.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Of;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use postern_core::model::address::Address;
use serde::Deserialize;

use super::record;
use crate::actions::account::Registration;
use crate::actions::account::create::create;
use crate::actions::once::Creation;
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::site::Site;

/// Most further addresses of a mailbox.
const ALIASES: usize = 50;
/// Longest identity of a CRM user.
const USER: usize = 64;
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http::api) struct Wanted {
    email_address: String,
    user_id: Option<String>,
    #[serde(default)]
    email_address_aliases: Vec<String>,
}

pub(in crate::http::api) async fn answer(
    Of(site): Of<Arc<Site>>,
    caller: Caller,
    sent: Sent<Wanted>,
) -> Result<Response, Fault> {
    let wanted = registration(sent.value)?;
    if !std::iter::once(&wanted.address)
        .chain(&wanted.aliases)
        .all(|address| caller.key.terms.reach.covers(address))
    {
        return Err(Fault::DomainNotAllowed);
    }
    let by = caller.by(&site)?;
    match create(&site.store, &by, site.rules(), &wanted, sent.once.as_ref()).await? {
        Creation::Fresh(_) => {
            Ok((StatusCode::CREATED, Json(record(&site, &wanted.address).await?)).into_response())
        }
        Creation::Replayed { status, made } => {
            let address = caller.known(&site, &made).await?;
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::CREATED);
            let told = [(REPLAYED, HeaderValue::from_static("true"))];
            Ok((status, told, Json(record(&site, &address).await?)).into_response())
        }
        Creation::OtherRequest => Err(Fault::OtherRequest),
    }
}

fn registration(wanted: Wanted) -> Result<Registration, Fault> {
    let parse = |name: &str, text: &str| Address::parse(text).map_err(|e| Fault::at(name, e.to_string()));
    let crm_user = wanted.user_id.filter(|user| !user.is_empty());
    let plain = |user: &String| user.len() <= USER && user.bytes().all(|octet| octet.is_ascii_graphic());
    if !crm_user.as_ref().is_none_or(plain) {
        return Err(Fault::at("userId", format!("at most {USER} printable characters are expected")));
    }
    if wanted.email_address_aliases.len() > ALIASES {
        return Err(Fault::at("emailAddressAliases", format!("at most {ALIASES} are expected")));
    }
    let aliases = wanted.email_address_aliases.iter().map(|text| parse("emailAddressAliases", text));
    Ok(Registration {
        address: parse("emailAddress", &wanted.email_address)?,
        crm_user,
        aliases: aliases.collect::<Result<_, _>>()?,
    })
}
