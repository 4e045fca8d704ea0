//! A CRM for tests that answers in process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use postern_core::model::secret::Secret;
use serde_json::{Value, json};

use super::Scales;
use crate::actions::calendars::teams::Teams;
use crate::crm::client::Client;
use crate::net::exchange::{Answer, Exchange, ExchangeError, Request, Response};

/// Its users, each with an address and teams; without users it is down.
#[derive(Default)]
pub struct Crm {
    users: Mutex<BTreeMap<String, String>>,
    teams: Mutex<BTreeMap<String, Vec<(String, String)>>>,
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

    /// The way to its teams.
    pub fn teams(self: &Arc<Self>) -> Teams {
        let site = "https://crm.test".parse().unwrap();
        Teams::new(Some(Client::new(self.clone(), site, Secret::new("k"))))
    }

    /// From now on this user is in these teams, and in no other.
    pub fn joins(&self, user: &str, teams: &[(&str, &str)]) {
        let teams = teams.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect();
        self.teams.lock().unwrap().insert(user.to_owned(), teams);
    }

    /// Nobody is there any more: it is down.
    pub fn fails(&self) {
        self.users.lock().unwrap().clear();
    }

    fn told(&self, path: &str) -> Option<Value> {
        let id = path.rsplit('/').next().unwrap();
        let teams = self.teams.lock().unwrap();
        if id == "Team" {
            let all = teams.values().flatten();
            let list: Vec<_> = all.map(|(id, name)| json!({ "id": id, "name": name })).collect();
            return Some(json!({ "total": -1, "list": list }));
        }
        let of = teams.get(id).cloned().unwrap_or_default();
        let ids: Vec<_> = of.iter().map(|(id, _)| id).collect();
        let names: BTreeMap<_, _> = of.iter().cloned().collect();
        let address = self.users.lock().unwrap().get(id).cloned()?;
        let told = json!({ "id": id, "isActive": true, "emailAddress": address, "teamsIds": ids,
            "teamsNames": names });
        Some(told)
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
        let down = self.users.lock().unwrap().is_empty();
        let told = self.told(&path);
        self.asked.lock().unwrap().push(path);
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
