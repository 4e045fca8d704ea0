//! `Hold`: what waits for a person's word, and that word. What the writes would
//! change is other people's data and is told on the pages only.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State as Of};
use axum::response::Response;
use postern_core::model::id::HoldId;
use serde::Serialize;

use super::caller::Caller;
use super::error::Fault;
use super::list::{Field, answer, asked};
use super::time;
use crate::actions::holds::{self, HoldFault};
use crate::http::site::Site;
use crate::store::filter::{self, Column, Condition, HoldRow, Kind, Operator, Query, Value};
use crate::store::sync::holds::PATIENCE;

const FIELDS: &[Field<Column>] = &[
    Field::of("id", Column::HoldId, Kind::Id),
    Field::of("externalAccountId", Column::HoldAccount, Kind::Id),
    Field::of("emailAddress", Column::HoldAddress, Kind::Text),
    Field::of("googleCalendarId", Column::HoldCalendar, Kind::Id),
    Field::of("class", Column::HoldClass, Kind::Text),
    Field::of("count", Column::HoldCount, Kind::Number),
    Field::of("status", Column::HoldStatus, Kind::Text),
    Field::of("openedAt", Column::HoldOpened, Kind::Time),
    Field::of("decidedAt", Column::HoldDecided, Kind::Time),
    Field::of("usedAt", Column::HoldSpent, Kind::Time),
];

/// A hold.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed {
    id: String,
    external_account_id: String,
    email_address: String,
    google_calendar_id: String,
    class: String,
    count: i64,
    status: String,
    opened_at: String,
    expires_at: String,
    decided_at: Option<String>,
    decided_by: Option<String>,
    used_at: Option<String>,
}

impl From<HoldRow> for Listed {
    fn from(row: HoldRow) -> Self {
        Self {
            id: row.id.to_string(),
            external_account_id: row.account_id.to_string(),
            email_address: row.address,
            google_calendar_id: row.calendar_id.to_string(),
            class: row.class,
            count: row.count,
            status: row.status,
            opened_at: time::told(row.opened_at),
            expires_at: time::told(row.opened_at + PATIENCE),
            decided_at: row.decided_at.map(time::told),
            decided_by: row.decided_by,
            used_at: row.spent_at.map(time::told),
        }
    }
}

pub(super) async fn list(
    Of(site): Of<Arc<Site>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let query = asked(query.as_deref(), FIELDS)?.by(&caller, Column::HoldOpened, true);
    let (rows, total) = filter::holds(&mut site.store.read().await?, &query).await?;
    let rows: Vec<Listed> = rows.into_iter().map(Listed::from).collect();
    Ok(answer(&rows, total))
}

/// Lets the writes run. Doing it again is no fault.
pub(super) async fn approve(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Listed>, Fault> {
    let known = known(&site, &caller, &id).await?;
    holds::approve(&site.store, &caller.by(&site)?, known).await?;
    one(&site, &caller, known).await.map(Json)
}

/// Bars the writes. Doing it again is no fault.
pub(super) async fn reject(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Listed>, Fault> {
    let known = known(&site, &caller, &id).await?;
    holds::reject(&site.store, &caller.by(&site)?, known).await?;
    one(&site, &caller, known).await.map(Json)
}

async fn known(site: &Site, caller: &Caller, id: &str) -> Result<HoldId, Fault> {
    let id: HoldId = id.parse().map_err(|_| Fault::NotFound)?;
    one(site, caller, id).await?;
    Ok(id)
}

async fn one(site: &Site, caller: &Caller, id: HoldId) -> Result<Listed, Fault> {
    let query = Query {
        condition: Condition::Is {
            column: Column::HoldId,
            operator: Operator::Equals,
            values: vec![Value::Id(id.0)],
        },
        reach: caller.key.terms.reach.clone(),
        order: Column::HoldId,
        descending: false,
        limit: 1,
        offset: 0,
    };
    let (rows, _) = filter::holds(&mut site.store.read().await?, &query).await?;
    rows.into_iter().next().map(Listed::from).ok_or(Fault::NotFound)
}

impl From<HoldFault> for Fault {
    fn from(fault: HoldFault) -> Self {
        match fault {
            HoldFault::NoHold => Self::NotFound,
            HoldFault::NotPending(status) => Self::NotPending(status),
            HoldFault::Store(error) => error.into(),
        }
    }
}
