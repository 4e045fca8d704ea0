//! The pages: consent, references from error texts, health, those of the
//! admins, the one of a mailbox's owner, the panel in the CRM, the REST API, and
//! where the CRM and Google call us.
//!
//! [`router`] makes the routes, [`serve()`] answers on our own listeners. One
//! file holds one route; what every answer has in common is in `secure` and
//! `page`. `table` says of each route who may come, `gate` holds it. A route
//! calls an action and renders its value: it decides nothing.

mod api;
mod asset;
mod calendars;
mod callback;
mod cookie;
mod form;
mod gate;
mod healthz;
mod home;
mod hooks;
mod multipart;
mod own;
mod page;
mod pairs;
mod panel;
mod peer;
mod policy;
mod products;
mod reference;
mod secure;
mod serve;
mod site;
mod start;
mod story;
mod table;
pub mod telemetry;
#[cfg(test)]
mod tests;
mod undo;
mod web;
mod wishes;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use postern_core::model::network::Network;
use url::Url;

use crate::actions::admin::enter::Entrance;
use crate::actions::binding::Scales;
use crate::actions::calendars::refresh::Lists;
use crate::actions::calendars::teams::Teams;
use crate::actions::contacts::groups::Groups;
use crate::actions::contacts::push::Pushing;
use crate::actions::consent::{AGAIN_PATH, CALLBACK_PATH, Consents, START_PATH};
use crate::actions::hooks::crm::Webhooks;
use crate::actions::provision::Provision;
use crate::audit::Notes;
use crate::doctor::account::Ways;
use crate::node::settings::Tuning;
use crate::store::Store;
use crate::tasks::Tasks;
use site::Site;
use table::Table;

pub use api::metrics::Metrics;
pub use hooks::{CRM_PATH, GOOGLE_PATH};
pub use serve::{Seen, serve};
pub use table::{Access, Entry};
pub use web::settings::Settings;

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
    /// The way in for admins.
    pub entrance: Entrance,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// What mail clients enter to reach the listeners.
    pub settings: Settings,
    /// The host of the CRM, for people who are asked; none when it is not set.
    pub crm: Option<String>,
    /// Whether letters leave: `[notices]` says by which way.
    pub mails: bool,
    /// What may change while the gateway runs.
    pub tuning: Tuning,
    /// Asks the CRM whose mailbox it is.
    pub whose: Scales,
    /// Asks the CRM which teams there are.
    pub teams: Teams,
    /// The journal, for what needs no act.
    pub notes: Notes,
    /// What programs are counted by.
    pub metrics: Metrics,
    /// The way to Gmail, for checks and for what ends at Google.
    pub gmail: Ways,
    /// The way to Google's lists of calendars.
    pub calendars: Lists,
    /// The way to Google's groups of contacts.
    pub groups: Groups,
    /// The way to the CRM for what is pushed by conditions.
    pub pushing: Pushing,
    /// Whose deliveries are taken as hints.
    pub webhooks: Webhooks,
    /// Writes mail accounts into the CRM.
    pub provision: Provision,
    /// Whose pages may show the panel in a frame.
    pub embed_origins: Vec<String>,
}

/// All routes, with everything that every answer needs.
pub fn router(pages: Pages) -> Router {
    let site = Arc::new(Site::new(pages));
    let (routes, _) = table(&site).finish();
    let routes = if site.base.is_empty() { routes } else { routes.route(&site.base, get(home::page)) };
    routes
        .fallback(home::not_found)
        .method_not_allowed_fallback(home::not_allowed)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn_with_state(Arc::clone(&site), secure::guard))
        .layer(from_fn_with_state(Arc::clone(&site), api::error::json_only))
        .with_state(site)
}

/// Every route with who may come to it.
#[must_use]
pub fn entries(pages: Pages) -> Vec<Entry> {
    table(&Arc::new(Site::new(pages))).finish().1
}

fn table(site: &Arc<Site>) -> Table {
    let table = Table::new(Arc::clone(site))
        .get("/", Access::Anyone, home::page)
        .get("/healthz", Access::Anyone, healthz::answer)
        .get("/assets/{name}", Access::Anyone, asset::answer)
        .get(START_PATH, Access::Anyone, start::page)
        .post(START_PATH, Access::Anyone, start::press)
        .post(AGAIN_PATH, Access::Anyone, start::again)
        .get(CALLBACK_PATH, Access::Anyone, callback::page)
        .get("/r/{reference}", Access::Anyone, reference::page)
        .post("/r/{reference}/connect", Access::Anyone, reference::press);
    hooks::routes(api::routes(panel::routes(own::routes(web::routes(table)))))
}
