//! A CRM for tests that keeps mail accounts in process and takes every login.

use std::sync::{Arc, Mutex};

use postern_core::model::secret::Secret;
use serde_json::{Map, Value, json};

use super::Provision;
use crate::config::{Advertised, Security};
use crate::crm::client::Client;
use crate::net::exchange::{Answer, Exchange, Method, Request, Response};

/// Its accounts: kind and fields.
#[derive(Default)]
pub struct Crm {
    records: Mutex<Vec<(String, Map<String, Value>)>>,
}

/// What writes into a CRM of its own.
pub fn provision() -> Provision {
    let client = Client::new(Arc::new(Crm::default()), "https://crm.test".parse().unwrap(), Secret::new("k"));
    let at = |port| Some(Advertised { host: "192.0.2.1".into(), port, security: Security::Ssl });
    Provision { crm: Some(client), imap: at(1993), smtp: at(1465) }
}

impl Crm {
    fn told(&self, request: &Request) -> Value {
        let path: Vec<_> = request.url.path().trim_start_matches("/api/v1/").split('/').collect();
        let sent: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let mut records = self.records.lock().unwrap();
        match (request.method, path.as_slice()) {
            (Method::Get, ["App", "user"]) => json!({ "user": { "id": "1", "type": "admin" } }),
            (Method::Get, ["Settings"]) => json!({ "version": "10.0.0" }),
            (Method::Post, [_, "action", "testConnection"]) => json!(true),
            (Method::Get, [entity]) => {
                let of: Vec<_> =
                    records.iter().filter(|(kind, _)| kind == entity).map(|(_, it)| it).collect();
                json!({ "total": of.len(), "list": of })
            }
            (Method::Post, [entity]) => {
                let mut fields = sent.as_object().cloned().unwrap();
                fields.insert("id".to_owned(), json!(format!("r{}", records.len())));
                fields.insert("fetchData".to_owned(), Value::Null);
                records.push(((*entity).to_owned(), fields.clone()));
                json!(fields)
            }
            (Method::Delete, [_, id]) => {
                records.retain(|(_, it)| it["id"] != **id);
                json!(true)
            }
            (method, [_, id]) => {
                let (_, it) = records.iter_mut().find(|(_, it)| it["id"] == **id).unwrap();
                if method == Method::Put {
                    it.extend(sent.as_object().cloned().unwrap());
                }
                json!(it)
            }
            other => panic!("{other:?}"),
        }
    }
}

impl Exchange for Crm {
    fn send(&self, request: Request) -> Answer<'_> {
        assert!(!crate::tasks::holds(), "the network was asked inside a transaction");
        let body = self.told(&request).to_string().into_bytes().into();
        Box::pin(async move { Ok(Response { status: 200, headers: Vec::new(), body }) })
    }
}
