//! The table of routes: each names who may come, and none can be added without
//! saying so.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, patch, post, put};
use postern_core::model::key_scope::KeyScope;
use postern_core::model::role::Right;

use super::gate::{Gate, gate};
use super::site::Site;

/// Who may come to a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever opens it; what they show decides.
    Anyone,
    /// The owner of a mailbox, and only about that one.
    Owner,
    /// Admins with this right.
    Admin(Right),
    /// The same, and a change wants a proof of who it is from a short while ago.
    Proven(Right),
    /// A panel in a page of the CRM, by its bearer; no cookie opens it.
    Panel,
    /// Programs whose key has this scope; no cookie opens it.
    Key(KeyScope),
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: Method,
    /// Below the public address, as the router has it.
    pub path: &'static str,
    /// Who may come.
    pub access: Access,
}

/// Routes under construction.
pub(super) struct Table {
    site: Arc<Site>,
    router: Router<Arc<Site>>,
    /// What stands in it so far.
    pub entries: Vec<Entry>,
}

impl Table {
    pub fn new(site: Arc<Site>) -> Self {
        // The path of the public address may hold what the router's older syntax gave a meaning.
        Self { site, router: Router::new().without_v07_checks(), entries: Vec::new() }
    }

    /// Adds a route that changes nothing.
    pub fn get<H, T>(mut self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Arc<Site>>,
        T: 'static,
    {
        let guard = from_fn_with_state(self.enter(Method::GET, path, access), gate);
        self.router = self.router.route(&self.site.at(path), get(handler).layer(guard));
        self
    }

    /// Adds a route that changes something.
    pub fn post<H, T>(mut self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Arc<Site>>,
        T: 'static,
    {
        let guard = from_fn_with_state(self.enter(Method::POST, path, access), gate);
        self.router = self.router.route(&self.site.at(path), post(handler).layer(guard));
        self
    }

    /// Adds a route that changes what its caller names.
    pub fn patch<H, T>(mut self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Arc<Site>>,
        T: 'static,
    {
        let guard = from_fn_with_state(self.enter(Method::PATCH, path, access), gate);
        self.router = self.router.route(&self.site.at(path), patch(handler).layer(guard));
        self
    }

    /// The same by another name.
    pub fn put<H, T>(mut self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Arc<Site>>,
        T: 'static,
    {
        let guard = from_fn_with_state(self.enter(Method::PUT, path, access), gate);
        self.router = self.router.route(&self.site.at(path), put(handler).layer(guard));
        self
    }

    /// Adds a route that takes something away.
    pub fn delete<H, T>(mut self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, Arc<Site>>,
        T: 'static,
    {
        let guard = from_fn_with_state(self.enter(Method::DELETE, path, access), gate);
        self.router = self.router.route(&self.site.at(path), delete(handler).layer(guard));
        self
    }

    /// All routes.
    pub fn finish(self) -> (Router<Arc<Site>>, Vec<Entry>) {
        (self.router, self.entries)
    }

    fn enter(&mut self, method: Method, path: &'static str, access: Access) -> Gate {
        self.entries.push(Entry { method, path, access });
        Gate { site: Arc::clone(&self.site), access }
    }
}
