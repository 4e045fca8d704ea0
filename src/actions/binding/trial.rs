//! A CRM for tests that answers in process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use postern_core::model::secret::Secret;
use serde_json::json;

use super::Scales;
use crate::crm::client::Client;
use crate::net::exchange::{Answer, Exchange, ExchangeError, Request, Response};

/// Its users, each with an address; without users it is down.
#[derive(Default)]
pub struct Crm {
    users: Mutex<BTreeMap<String, String>>,
    asked: Mutex<Vec<String>>,
}

impl Crm {
    /// Scales that ask this CRM.
    pub fn scales(self: &Arc<Self>) -> Scales {
        let site = "https://crm.test".parse().unwrap();
        Scales::new(Some(Client::new(self.clone(), site, Secret::new("k"))))
    }

    /// From now on this user has that address.
    pub fn knows(&self, user: &str, address: &str) {
        self.users.lock().unwrap().insert(user.to_owned(), address.to_owned());
    }

    /// Paths of all questions.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Exchange for Crm {
    fn send(&self, request: Request) -> Answer<'_> {
        assert!(!crate::tasks::holds(), "the network was asked inside a transaction");
        let path = request.url.path().to_owned();
        let id = path.rsplit('/').next().unwrap().to_owned();
        self.asked.lock().unwrap().push(path);
        let users = self.users.lock().unwrap();
        let told =
            users.get(&id).map(|address| json!({ "id": id, "isActive": true, "emailAddress": address }));
        let down = users.is_empty();
        Box::pin(async move {
            if down {
                return Err(ExchangeError::Unreachable { host: "crm.test".into(), why: "down".into() });
            }
            let status = if told.is_some() { 200 } else { 404 };
            let body = told.unwrap_or_default().to_string().into_bytes().into();
            Ok(Response { status, headers: Vec::new(), body })
        })
    }
}
