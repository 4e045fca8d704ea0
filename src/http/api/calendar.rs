//! `GoogleCalendar` and `GoogleCalendarUser`: the calendars that Google lists,
//! and who uses which of them. What is only offered is used by nobody.
//!
//! Names are sealed in the store, so no list is narrowed or ordered by them.

use std::sync::Arc;

use axum::extract::{RawQuery, State as Of};
use axum::response::Response;
use serde::Serialize;

use super::caller::Caller;
use super::error::Fault;
use super::list::{Field, answer, asked};
use super::time;
use crate::http::site::Site;
use crate::store::filter::{self, CalendarRow, CalendarUserRow, Column, Condition, Kind, Operator, Value};
use crate::store::sync::calendar_users::Kind as Use;

const FIELDS: &[Field<Column>] = &[
    Field::of("id", Column::CalendarId, Kind::Id),
    Field::of("calendarId", Column::CalendarGoogleId, Kind::Text),
    Field::of("createdAt", Column::CalendarCreated, Kind::Time),
    Field::of("modifiedAt", Column::CalendarModified, Kind::Time),
];

const USER_FIELDS: &[Field<Column>] = &[
    Field::of("id", Column::CalendarUserId, Kind::Id),
    Field::of("externalAccountId", Column::CalendarUserAccount, Kind::Id),
    Field::of("userId", Column::CalendarUserCrmUser, Kind::Text),
    Field::of("googleCalendarId", Column::CalendarUserCalendar, Kind::Id),
    Field::of("type", Column::CalendarUserKind, Kind::Text),
    Field::of("active", Column::CalendarUserActive, Kind::Number),
    Field::of("lastSync", Column::CalendarUserSynced, Kind::Time),
    Field::of("createdAt", Column::CalendarUserCreated, Kind::Time),
    Field::of("modifiedAt", Column::CalendarUserModified, Kind::Time),
];

/// A calendar in a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: String,
    name: String,
    calendar_id: String,
    created_at: String,
    modified_at: String,
}

impl From<CalendarRow> for Listed {
    fn from(row: CalendarRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            calendar_id: row.google_id,
            created_at: time::told(row.created_at),
            modified_at: time::told(row.modified_at),
        }
    }
}

/// A calendar and who uses it in a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Used {
    id: String,
    external_account_id: String,
    user_id: Option<String>,
    google_calendar_id: String,
    r#type: String,
    active: bool,
    last_sync: Option<String>,
    created_at: String,
    modified_at: String,
}

impl From<CalendarUserRow> for Used {
    fn from(row: CalendarUserRow) -> Self {
        Self {
            id: row.id.to_string(),
            external_account_id: row.account_id.to_string(),
            user_id: row.crm_user,
            google_calendar_id: row.calendar_id.to_string(),
            r#type: row.kind,
            active: row.active != 0,
            last_sync: row.last_sync.map(time::told),
            created_at: time::told(row.created_at),
            modified_at: time::told(row.modified_at),
        }
    }
}

pub(super) async fn list(
    Of(site): Of<Arc<Site>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let query = asked(query.as_deref(), FIELDS)?.by(&caller, Column::CalendarGoogleId, false);
    let mut read = site.store.read().await?;
    let (rows, total) = filter::calendars(&site.store, &mut read, &query).await?;
    let rows: Vec<Listed> = rows.into_iter().map(Listed::from).collect();
    Ok(answer(&rows, total))
}

pub(super) async fn users(
    Of(site): Of<Arc<Site>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let mut query = asked(query.as_deref(), USER_FIELDS)?.by(&caller, Column::CalendarUserCreated, false);
    let used = Condition::Is {
        column: Column::CalendarUserKind,
        operator: Operator::NotEquals,
        values: vec![Value::Text(Use::Offered.name().to_owned())],
    };
    query.condition = Condition::All(vec![used, query.condition]);
    let (rows, total) = filter::calendar_users(&mut site.store.read().await?, &query).await?;
    let rows: Vec<Used> = rows.into_iter().map(Used::from).collect();
    Ok(answer(&rows, total))
}
