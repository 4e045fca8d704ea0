//! `POST ExternalAccount`: registers a mailbox.

use std::sync::Arc;

use axum::Json;
use axum::extract::State as Of;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::fields::{address, aliases, user};
use super::record;
use crate::actions::account::Registration;
use crate::actions::account::create::create;
use crate::actions::once::Creation;
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::site::Site;

pub(in crate::http::api) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

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
    let wanted = registration(&sent.value)?;
    if !std::iter::once(&wanted.address)
        .chain(&wanted.aliases)
        .all(|address| caller.key.terms.reach.covers(address))
    {
        return Err(Fault::DomainNotAllowed);
    }
    let word = match &wanted.crm_user {
        Some(user) => Some(site.whose.weigh(&wanted.address, user.clone()).await),
        None => None,
    };
    let by = caller.by(&site)?;
    match create(&site.store, &by, site.rules(&site.google()), &wanted, word.as_ref(), sent.once.as_ref())
        .await?
    {
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

fn registration(wanted: &Wanted) -> Result<Registration, Fault> {
    Ok(Registration {
        address: address("emailAddress", &wanted.email_address)?,
        crm_user: user(wanted.user_id.clone())?,
        aliases: aliases(&wanted.email_address_aliases)?,
    })
}
