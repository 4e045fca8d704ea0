//! `CrmToken`: what a mail client logs in with, without the secrets.

pub(super) mod create;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State as Of};
use axum::response::Response;
use postern_core::model::id::TokenId;
use serde::Serialize;

use super::caller::Caller;
use super::error::Fault;
use super::list::{Field, answer, asked};
use super::time;
use crate::actions::token;
use crate::http::site::Site;
use crate::store::crm_tokens;
use crate::store::filter::{self, Column, Kind, TokenRow};

const FIELDS: &[Field<Column>] = &[
    Field::of("id", Column::TokenId, Kind::Id),
    Field::of("externalAccountId", Column::TokenAccount, Kind::Id),
    Field::of("emailAddress", Column::TokenAddress, Kind::Text),
    Field::of("name", Column::TokenName, Kind::Text),
    Field::of("protocols", Column::TokenProtocols, Kind::Text),
    Field::of("createdAt", Column::TokenCreated, Kind::Time),
    Field::of("expiresAt", Column::TokenExpires, Kind::Time),
    Field::of("revokedAt", Column::TokenRevoked, Kind::Time),
];

/// A token in a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: String,
    external_account_id: String,
    email_address: String,
    name: String,
    protocols: String,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
}

impl From<TokenRow> for Listed {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id.to_string(),
            external_account_id: row.account_id.to_string(),
            email_address: row.address,
            name: row.name,
            protocols: row.protocols,
            created_at: time::told(row.created_at),
            expires_at: row.expires_at.map(time::told),
            revoked_at: row.revoked_at.map(time::told),
        }
    }
}

pub(super) async fn list(
    Of(site): Of<Arc<Site>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let query = asked(query.as_deref(), FIELDS)?.by(&caller, Column::TokenCreated, false);
    let (rows, total) = filter::tokens(&mut site.store.read().await?, &query).await?;
    let rows: Vec<Listed> = rows.into_iter().map(Listed::from).collect();
    Ok(answer(&rows, total))
}

/// Revokes a token; its sessions end within seconds. Doing it again is no fault.
pub(super) async fn revoke(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<bool>, Fault> {
    let id: TokenId = id.parse().map_err(|_| Fault::NotFound)?;
    let found = crm_tokens::by_id(&mut site.store.read().await?, id).await?;
    let found = found.ok_or(Fault::NotFound)?;
    caller.known(&site, &found.account.to_string()).await?;
    token::revoke(&site.store, &caller.by(&site)?, id).await?;
    Ok(Json(true))
}
