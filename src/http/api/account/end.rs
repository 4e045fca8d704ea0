//! `POST ExternalAccount/{id}/disconnect` and `DELETE ExternalAccount/{id}`:
//! the way back from a link and from a registration.
//!
//! Both belong to `account:link`: whoever connects mailboxes takes them back,
//! and a CRM whose user leaves must not have to leave a living grant behind.
//! Google ends the grant, the journal keeps what happened, the owner can
//! connect again; what an admin has disabled cannot be removed by a program.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State as Of};
use serde_json::Value;

use super::link::Nothing;
use super::record;
use crate::actions::account::{remove, view};
use crate::http::api::body::Sent;
use crate::http::api::caller::Caller;
use crate::http::api::error::Fault;
use crate::http::site::Site;

pub(in crate::http::api) async fn disconnected(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
    sent: Sent<Nothing>,
) -> Result<Json<Value>, Fault> {
    let Nothing {} = sent.value;
    let address = caller.known(&site, &id).await?;
    let by = caller.by(&site)?;
    let id = view::one(&site.store, &address).await?.id;
    site.disconnect(by, id).await?;
    record(&site, &address).await.map(Json)
}

pub(in crate::http::api) async fn removed(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<bool>, Fault> {
    let address = caller.known(&site, &id).await?;
    let by = caller.by(&site)?;
    // Without force: where Google does not confirm, the mailbox and its grant stay.
    let own = Arc::clone(&site);
    let removing = async move { remove::remove(&own.store, &by, &own.reach(), &address, false).await };
    site.to_the_end(removing).await?;
    Ok(Json(true))
}
