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
use crate::store::filter::{self, AuditRow, Column, Kind, Query};

const fn field(name: &'static str, column: Column, kind: Kind) -> Field<Column> {
    Field { name, column, kind }
}

const FIELDS: &[Field<Column>] = &[
    field("node", Column::AuditNode, Kind::Text),
    field("number", Column::AuditNumber, Kind::Number),
    field("createdAt", Column::AuditAt, Kind::Time),
    field("actor", Column::AuditActor, Kind::Text),
    field("event", Column::AuditEvent, Kind::Text),
    field("reference", Column::AuditReference, Kind::Text),
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
    let asked = asked(query.as_deref(), FIELDS)?;
    let query = Query {
        condition: asked.condition,
        domains: caller.key.terms.domains,
        order: asked.order.unwrap_or(Column::AuditAt),
        descending: asked.descending.unwrap_or(true),
        limit: asked.limit,
        offset: asked.offset,
    };
    let (rows, total) = filter::audit(&mut site.store.read().await?, &query).await?;
    let rows: Vec<Listed> = rows.into_iter().map(Listed::from).collect();
    Ok(answer(&rows, total))
}
