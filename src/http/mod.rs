//! The pages: consent, references from error texts, health.
//!
//! [`router`] makes the routes, [`serve()`] answers on our own listeners. One
//! file holds one route; what every answer has in common is in `secure` and
//! `page`. A route calls an action and renders its value: it decides nothing.

mod callback;
mod cookie;
mod healthz;
mod home;
mod page;
mod reference;
mod secure;
mod serve;
mod site;
mod start;
pub mod telemetry;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use url::Url;

use crate::actions::consent::{CALLBACK_PATH, Consents, START_PATH};
use crate::store::Store;
use crate::tasks::Tasks;
use site::Site;

pub use serve::{Seen, serve};

/// Longest body of a request, in octets.
const LONGEST_BODY: usize = 64 * 1024;

/// What the pages need.
pub struct Pages {
    /// The consent by link.
    pub consents: Arc<Consents>,
    /// Asked by `/healthz`.
    pub store: Store,
    /// The address people open; everything is served below its path.
    pub public_url: Url,
    /// Whether the listener is on loopback, so that its names are ours too.
    pub loopback: bool,
    /// Runs what must not end with the browser's connection.
    pub tasks: Tasks,
}

/// All routes, with everything that every answer needs.
pub fn router(pages: Pages) -> Router {
    let site = Arc::new(Site::new(pages));
    let at = |path: &str| format!("{}{path}", site.base);
    let mut routes = Router::new()
        // The path of the public address may hold what the router's older syntax gave a meaning.
        .without_v07_checks()
        .route(&at("/"), get(home::page))
        .route(&at("/healthz"), get(healthz::answer))
        .route(&at(START_PATH), get(start::page).post(start::press))
        .route(&at(CALLBACK_PATH), get(callback::page))
        .route(&at("/r/{reference}"), get(reference::page))
        .route(&at("/r/{reference}/connect"), post(reference::press));
    if !site.base.is_empty() {
        routes = routes.route(&site.base, get(home::page));
    }
    routes
        .fallback(home::not_found)
        .method_not_allowed_fallback(home::not_allowed)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn_with_state(Arc::clone(&site), secure::guard))
        .with_state(site)
}
