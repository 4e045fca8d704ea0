//! `/healthz`: whether this node can answer at all.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;

use super::site::Site;
use crate::store::meta;

const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn answer(State(site): State<Arc<Site>>) -> (StatusCode, &'static str) {
    match tokio::time::timeout(PATIENCE, meta::founded(&site.store)).await {
        Ok(Ok(_)) => (StatusCode::OK, "ok"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not healthy");
            (StatusCode::SERVICE_UNAVAILABLE, "database")
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "database"),
    }
}
