//! Google in process: refresh tokens, whose they are, and what can be wrong.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::net::exchange::{Answer, Exchange, ExchangeError, Request, Response};

/// One live grant.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) email: Option<&'static str>,
    pub(super) sub: &'static str,
    pub(super) scope: &'static str,
    pub(super) aud: &'static str,
    pub(super) rotated: Option<&'static str>,
}

impl Person {
    pub(super) fn new(email: &'static str, sub: &'static str) -> Self {
        let scope = "openid https://www.googleapis.com/auth/userinfo.email https://mail.google.com/";
        Self { email: Some(email), sub, scope, aud: super::CLIENT, rotated: None }
    }
}

/// Knows grants by refresh token. The access token of `1//x` is `ya29.x`.
#[derive(Default)]
pub(super) struct Google {
    pub(super) down: AtomicBool,
    grants: Mutex<HashMap<String, Person>>,
    revoked: Mutex<Vec<String>>,
    asked: Mutex<usize>,
}

impl Google {
    pub(super) fn grant(&self, refresh_token: &str, person: Person) {
        self.grants.lock().unwrap().insert(refresh_token.to_owned(), person);
    }

    pub(super) fn revoked(&self) -> Vec<String> {
        self.revoked.lock().unwrap().clone()
    }

    pub(super) fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }

    fn answer(&self, path: &str, fields: &HashMap<String, String>) -> (u16, Value) {
        let grants = self.grants.lock().unwrap();
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        match path {
            "/token" => match grants.get(&field("refresh_token")) {
                Some(person) => {
                    let access = field("refresh_token").replace("1//", "ya29.");
                    let mut body = json!({"access_token": access, "expires_in": 3599,
                        "scope": person.scope, "token_type": "Bearer"});
                    if let Some(rotated) = person.rotated {
                        body["refresh_token"] = rotated.into();
                    }
                    (200, body)
                }
                None => (400, json!({"error": "invalid_grant", "error_description": "Bad Request"})),
            },
            "/tokeninfo" => match grants.get(&field("access_token").replace("ya29.", "1//")) {
                Some(person) => {
                    let mut body = json!({"aud": person.aud, "sub": person.sub, "scope": person.scope,
                        "expires_in": "3598"});
                    if let Some(email) = person.email {
                        body["email"] = email.into();
                        body["email_verified"] = "true".into();
                    }
                    (200, body)
                }
                None => (400, json!({"error": "invalid_token"})),
            },
            "/revoke" => {
                self.revoked.lock().unwrap().push(field("token"));
                (200, json!({}))
            }
            other => panic!("{other} is not asked here"),
        }
    }
}

impl Exchange for Google {
    fn send(&self, request: Request) -> Answer<'_> {
        assert!(!crate::tasks::holds(), "a transaction is open");
        *self.asked.lock().unwrap() += 1;
        let fields = url::form_urlencoded::parse(&request.body).into_owned().collect();
        let answer = if self.down.load(Ordering::SeqCst) {
            Err(ExchangeError::Unreachable { host: "google.test".into(), why: "timed out".into() })
        } else {
            let (status, body) = self.answer(request.url.path(), &fields);
            Ok(Response { status, headers: Vec::new(), body: body.to_string().into_bytes().into() })
        };
        Box::pin(async move { answer })
    }
}
