//! A stand-in CRM: the users that its REST API tells an API user of, with
//! EspoCRM's answers.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// The key that its API user has.
const KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// A running CRM. Dropping it ends it.
#[derive(Debug)]
pub struct Crm {
    url: String,
    state: Arc<Mutex<Inside>>,
    /// Ends with the set.
    _listener: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Inside {
    users: BTreeMap<String, Value>,
    asked: Vec<String>,
}

impl Crm {
    /// Listens on loopback and answers.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::<Mutex<Inside>>::default();
        let router = Router::new().route("/api/v1/User/{id}", get(user)).with_state(Arc::clone(&state));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            // It ends by being aborted.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, state, _listener: tasks })
    }

    /// Where people open it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The key of its API user.
    pub fn key(&self) -> &str {
        KEY
    }

    /// Adds a user; the first address is the primary one.
    pub fn add_user(&self, id: &str, addresses: &[&str]) {
        let entry = |(at, address): (usize, &&str)| {
            json!({ "emailAddress": address, "lower": address.to_lowercase(), "primary": at == 0,
                "optOut": false, "invalid": false })
        };
        let data: Vec<Value> = addresses.iter().enumerate().map(entry).collect();
        let user = json!({
            "id": id, "name": "Alice Adams", "deleted": false, "userName": "alice", "type": "regular",
            "firstName": "Alice", "lastName": "Adams", "isActive": true, "title": null,
            "emailAddress": addresses.first(), "phoneNumber": null, "createdAt": "2026-11-22 21:22:33",
            "modifiedAt": "2026-11-22 21:22:33", "emailAddressData": data, "phoneNumberData": [],
            "createdById": "6b035cafbb3f177bb", "createdByName": "Admin",
        });
        self.inside(|inside| inside.users.insert(id.to_owned(), user));
    }

    /// Identities that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.inside(|inside| inside.asked.clone())
    }

    fn inside<T>(&self, act: impl FnOnce(&mut Inside) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `GET /api/v1/User/{id}`
async fn user(
    State(state): State<Arc<Mutex<Inside>>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let key = headers.get("x-api-key").and_then(|field| field.to_str().ok());
    if key != Some(KEY) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mut inside = state.lock().unwrap_or_else(PoisonError::into_inner);
    inside.asked.push(id.clone());
    match inside.users.get(&id) {
        Some(user) => axum::Json(user.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, [("x-status-reason", format!("Record {id} does not exist."))])
            .into_response(),
    }
}
