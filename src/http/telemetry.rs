//! The listener for those who watch: `/metrics`, `/readyz` and `/healthz`.
//!
//! It knows no accounts and asks for no password, so it listens on loopback
//! unless the configuration says otherwise. It answers to the very end of the
//! process: a node that drains is to be seen draining.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::health::{Health, Stage};
use crate::metrics::{self, Registry};
use crate::store::{Store, StoreError};

const PATIENCE: Duration = Duration::from_secs(2);

/// What there is to be seen.
#[derive(Clone)]
pub struct Watched {
    /// All figures.
    pub registry: Registry,
    /// How far the process is.
    pub health: Health,
    /// Asked by `/readyz`.
    pub store: Store,
}

/// The routes of the telemetry listener.
pub fn router(watched: Watched) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/readyz", get(ready))
        .route("/healthz", get(|| async { "ok" }))
        .with_state(Arc::new(watched))
}

async fn metrics(State(watched): State<Arc<Watched>>) -> Response {
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE), (CACHE_CONTROL, "no-store")], watched.registry.text())
        .into_response()
}

/// What `/readyz` tells.
#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// `starting`, `up` or `draining`.
    stage: &'static str,
    /// `ok`, or what is wrong with the database.
    store: &'static str,
    /// Whether the keys open what this database holds: `ok`, `wrong`, `unknown`.
    keys: &'static str,
}

async fn ready(State(watched): State<Arc<Watched>>) -> Response {
    let stage = watched.health.stage();
    let (store, keys) = match tokio::time::timeout(PATIENCE, watched.store.ready()).await {
        Ok(Ok(())) => ("ok", "ok"),
        Ok(Err(StoreError::Seal(_))) => ("ok", "wrong"),
        Ok(Err(StoreError::NotMigrated(_) | StoreError::TooNew { .. })) => ("other_schema", "unknown"),
        Ok(Err(_)) => ("unreachable", "unknown"),
        Err(_) => ("slow", "unknown"),
    };
    let ready = stage == Stage::Up && store == "ok" && keys == "ok";
    let code = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let told = Readiness { ready, stage: stage.name(), store, keys };
    (code, [(CACHE_CONTROL, "no-store")], Json(told)).into_response()
}
