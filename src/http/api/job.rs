//! `Job`: recurring work of the installation, and a way to start it now.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State as Of};
use axum::response::Response;
use serde::Serialize;
use uuid::Uuid;

use super::caller::Caller;
use super::error::Fault;
use super::list::{Asked, Field, answer, asked};
use super::time;
use crate::actions::jobs::{JobFault, request};
use crate::http::site::Site;
use crate::store::api_keys::Reach;
use crate::store::filter::{self, Column, Condition, JobRow, Kind, Operator, Query, RunRow, Value};

const fn field(name: &'static str, column: Column, kind: Kind) -> Field<Column> {
    Field { name, column, kind }
}

const FIELDS: &[Field<Column>] = &[
    field("id", Column::JobId, Kind::Id),
    field("name", Column::JobName, Kind::Text),
    field("status", Column::JobStatus, Kind::Text),
    field("startedAt", Column::JobStarted, Kind::Time),
    field("endedAt", Column::JobEnded, Kind::Time),
    field("nextAt", Column::JobNext, Kind::Time),
    field("createdAt", Column::JobCreated, Kind::Time),
];

const RUN_FIELDS: &[Field<Column>] = &[
    field("id", Column::RunId, Kind::Id),
    field("status", Column::RunStatus, Kind::Text),
    field("startedAt", Column::RunStarted, Kind::Time),
    field("endedAt", Column::RunEnded, Kind::Time),
];

/// A job.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed {
    id: String,
    name: String,
    enabled: bool,
    beat_seconds: i64,
    status: String,
    requested_at: Option<String>,
    started_at: Option<String>,
    ended_at: Option<String>,
    next_at: String,
    created_at: String,
}

impl From<JobRow> for Listed {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id.to_string(),
            name: row.name,
            enabled: row.disabled_at.is_none(),
            beat_seconds: row.beat / 1_000_000,
            status: row.status,
            requested_at: row.wanted_at.map(time::told),
            started_at: row.started_at.map(time::told),
            ended_at: row.ended_at.map(time::told),
            next_at: time::told(row.next_at),
            created_at: time::told(row.created_at),
        }
    }
}

/// A run of a job.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    id: String,
    job_id: String,
    status: String,
    started_at: String,
    ended_at: Option<String>,
    count: Option<i64>,
    fault: Option<String>,
    node: String,
    requested_by: Option<String>,
}

impl From<RunRow> for Run {
    fn from(row: RunRow) -> Self {
        Self {
            id: row.id.to_string(),
            job_id: row.job_id.to_string(),
            status: row.status,
            started_at: time::told(row.started_at),
            ended_at: row.ended_at.map(time::told),
            count: row.count,
            fault: row.fault,
            node: row.node,
            requested_by: row.asked_by,
        }
    }
}

pub(super) async fn list(Of(site): Of<Arc<Site>>, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    let query = ordered(asked(query.as_deref(), FIELDS)?, Column::JobName, false);
    let (rows, total) = filter::jobs(&mut site.store.read().await?, &query).await?;
    let rows: Vec<Listed> = rows.into_iter().map(Listed::from).collect();
    Ok(answer(&rows, total))
}

pub(super) async fn one(Of(site): Of<Arc<Site>>, Path(id): Path<String>) -> Result<Json<Listed>, Fault> {
    known(&site, &id).await.map(Json)
}

/// Asks for a run; doing it again before it began is no fault.
pub(super) async fn run(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Listed>, Fault> {
    // A job works for the whole installation.
    if !caller.key.terms.reach.is_all() {
        return Err(Fault::DomainNotAllowed);
    }
    let uuid: Uuid = id.parse().map_err(|_| Fault::NotFound)?;
    request(&site.store, &caller.by(&site)?, uuid).await.map_err(|fault| match fault {
        JobFault::NoJob => Fault::NotFound,
        JobFault::Store(error) => error.into(),
    })?;
    known(&site, &id).await.map(Json)
}

pub(super) async fn runs(
    Of(site): Of<Arc<Site>>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let job: Uuid = known(&site, &id).await?.id.parse().map_err(|_| Fault::NotFound)?;
    let mut query = ordered(asked(query.as_deref(), RUN_FIELDS)?, Column::RunStarted, true);
    query.condition = Condition::All(vec![is(Column::RunJob, job), query.condition]);
    let (rows, total) = filter::runs(&mut site.store.read().await?, &query).await?;
    let rows: Vec<Run> = rows.into_iter().map(Run::from).collect();
    Ok(answer(&rows, total))
}

async fn known(site: &Site, id: &str) -> Result<Listed, Fault> {
    let id: Uuid = id.parse().map_err(|_| Fault::NotFound)?;
    let query = Query {
        condition: is(Column::JobId, id),
        reach: Reach::default(),
        order: Column::JobName,
        descending: false,
        limit: 1,
        offset: 0,
    };
    let (rows, _) = filter::jobs(&mut site.store.read().await?, &query).await?;
    rows.into_iter().next().map(Listed::from).ok_or(Fault::NotFound)
}

fn is(column: Column, id: Uuid) -> Condition {
    Condition::Is { column, operator: Operator::Equals, values: vec![Value::Id(id)] }
}

fn ordered(asked: Asked<Column>, order: Column, descending: bool) -> Query {
    Query {
        condition: asked.condition,
        reach: Reach::default(),
        order: asked.order.unwrap_or(order),
        descending: asked.descending.unwrap_or(descending),
        limit: asked.limit,
        offset: asked.offset,
    }
}
