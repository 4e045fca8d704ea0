//! A CRM for tests that answers in process, in turn, and keeps what it was asked.

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_core::model::secret::Secret;
use serde_json::Value;

use super::client::{Client, Credential};
use crate::net::exchange::{Answer, Exchange, ExchangeError, Request, Response};

/// Answers as they were recorded: a status, the reason if there was one, a body.
/// The status 0 is no answer, 1 one that is too large.
pub struct Crm {
    answers: Mutex<Vec<(u16, &'static str, String)>>,
    asked: Mutex<Vec<Request>>,
}

impl Crm {
    /// A CRM that gives these answers in turn, and a client of it.
    pub fn of(answers: &[(u16, &'static str, &str)]) -> (Arc<Self>, Client) {
        let answers =
            answers.iter().rev().map(|(status, reason, body)| (*status, *reason, (*body).to_owned()));
        let crm = Arc::new(Self { answers: Mutex::new(answers.collect()), asked: Mutex::default() });
        let client = Client::new(crm.clone(), site(), Secret::new("k1"));
        (crm, client)
    }

    /// A client that signs.
    pub fn signing(self: &Arc<Self>) -> Client {
        let (key, secret) = (Secret::new("k1"), Secret::new("s1"));
        Client::showing(self.clone(), site(), Credential::Hmac { key, secret })
    }

    /// What was asked.
    pub fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// The JSON of the last body.
    pub fn sent(&self) -> Value {
        serde_json::from_slice(&self.asked.lock().unwrap().last().unwrap().body).unwrap()
    }
}

/// `Signature` and `X-Signature` as the CRM makes them.
pub fn signed(by: &str, secret: &str, body: &[u8]) -> (String, String) {
    let code = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    let hex: String = code.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
    let raw = [by.as_bytes(), b":", code.as_ref()].concat();
    (STANDARD.encode(format!("{by}:{hex}")), STANDARD.encode(raw))
}

fn site() -> url::Url {
    "https://crm.example.com/espo".parse().unwrap()
}

impl Exchange for Crm {
    fn send(&self, request: Request) -> Answer<'_> {
        let limit = request.limit;
        self.asked.lock().unwrap().push(request);
        let (status, reason, body) = self.answers.lock().unwrap().pop().expect("a question too many");
        Box::pin(async move {
            match status {
                0 => Err(ExchangeError::Unreachable { host: "crm".into(), why: "refused".into() }),
                1 => Err(ExchangeError::TooLarge { host: "crm".into(), limit }),
                status => {
                    let reason = (!reason.is_empty()).then(|| ("x-status-reason".into(), reason.into()));
                    let headers = reason.into_iter().collect();
                    Ok(Response { status, headers, body: body.into_bytes().into() })
                }
            }
        })
    }
}
