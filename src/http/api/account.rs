//! `ExternalAccount`: the mailboxes.

pub(super) mod amend;
pub(super) mod calendar;
pub(super) mod contacts;
pub(super) mod contacts_undo;
pub(super) mod create;
pub(super) mod decide;
pub(super) mod end;
mod fields;
pub(super) mod link;
pub(super) mod provision;
pub(super) mod removal;
pub(super) mod undo;
pub(super) mod waiting;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State as Of};
use axum::response::Response;
use postern_core::model::account::State;
use postern_core::model::address::Address;
use serde::Serialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::error::Fault;
use super::list::{Field, answer, asked};
use super::time;
use crate::actions::account::view;
use crate::http::site::Site;
use crate::store::filter::{self, AccountRow, Column, Kind};

const FIELDS: &[Field<Column>] = &[
    Field::of("id", Column::AccountId, Kind::Id),
    Field::of("emailAddress", Column::AccountAddress, Kind::Text),
    Field::of("userId", Column::AccountCrmUser, Kind::Text),
    Field::of("proposedUserId", Column::AccountProposedUser, Kind::Text),
    Field::of("state", Column::AccountState, Kind::Text),
    Field::of("proposedEmailAddress", Column::AccountProposed, Kind::Text),
    Field::of("createdAt", Column::AccountCreated, Kind::Time),
    Field::of("modifiedAt", Column::AccountChanged, Kind::Time),
];

/// A mailbox in a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: String,
    email_address: String,
    user_id: Option<String>,
    proposed_user_id: Option<String>,
    state: String,
    proposed_email_address: Option<String>,
    created_at: String,
    modified_at: String,
}

impl From<AccountRow> for Listed {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id.to_string(),
            email_address: row.address,
            user_id: row.crm_user,
            proposed_user_id: row.proposed_crm_user,
            state: row.state,
            proposed_email_address: row.proposed_address,
            created_at: time::told(row.created_at),
            modified_at: time::told(row.changed_at),
        }
    }
}

pub(super) async fn list(
    Of(site): Of<Arc<Site>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let query = asked(query.as_deref(), FIELDS)?.by(&caller, Column::AccountAddress, false);
    let (rows, total) = filter::accounts(&mut site.store.read().await?, &query).await?;
    let rows: Vec<Listed> = rows.into_iter().map(Listed::from).collect();
    Ok(answer(&rows, total))
}

pub(super) async fn one(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>, Fault> {
    let address = caller.known(&site, &id).await?;
    record(&site, &address).await.map(Json)
}

/// A whole record.
async fn record(site: &Site, address: &Address) -> Result<Value, Fault> {
    let view = view::one(&site.store, address).await?;
    Ok(json!({
        "id": view.id,
        "emailAddress": view.address,
        "userId": view.crm_user,
        "proposedUserId": view.proposed_crm_user,
        "enabled": view.state != State::Disabled,
        "state": view.state,
        "proposedEmailAddress": view.proposed_address,
        "emailAddressAliases": view.aliases,
        "connectedBy": view.connected_by,
        "gmail": view.gmail,
        "calendar": view.calendar,
        "contacts": view.contacts,
        "grantedAt": view.granted_at.as_deref().map(time::of),
        "tokenCount": view.tokens,
        "lastRefusal": view.noted,
        "createdAt": time::of(&view.created_at),
        "modifiedAt": time::of(&view.changed_at),
    }))
}
