//! `Audit`: the journal. People stand in it as pseudonyms, as they are chained.

use std::sync::Arc;

use axum::extract::{RawQuery, State as Of};
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

use super::caller::Caller;
use super::error::Fault;
use super::list::{Field, answer, asked};
use super::time;
use crate::http::site::Site;
use crate::store::filter::{self, AuditRow, Column, Kind};

const FIELDS: &[Field<Column>] = &[
    Field::of("node", Column::AuditNode, Kind::Text),
    Field::of("number", Column::AuditNumber, Kind::Number),
    Field::of("createdAt", Column::AuditAt, Kind::Time),
    Field::of("actor", Column::AuditActor, Kind::Text),
    Field::of("event", Column::AuditEvent, Kind::Text),
    Field::of("reference", Column::AuditReference, Kind::Text),
];

/// A row of the journal.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    node: String,
    number: i64,
    created_at: String,
    actor: String,
    event: String,
    reference: String,
    data: Value,
}

impl From<AuditRow> for Listed {
    fn from(row: AuditRow) -> Self {
        Self {
            data: serde_json::from_str(&row.detail).unwrap_or(Value::String(row.detail)),
            node: row.node,
            number: row.seq,
            created_at: time::told(row.at),
            actor: row.actor,
            event: row.event,
            reference: row.request,
        }
    }
}

pub(super) async fn list(
    Of(site): Of<Arc<Site>>,
    RawQuery(query): RawQuery,
    caller: Caller,
) -> Result<Response, Fault> {
    let query = asked(query.as_deref(), FIELDS)?.by(&caller, Column::AuditAt, true);
    let (rows, total) = filter::audit(&mut site.store.read().await?, &query).await?;
    let rows: Vec<Listed> = rows.into_iter().map(Listed::from).collect();
    Ok(answer(&rows, total))
}
