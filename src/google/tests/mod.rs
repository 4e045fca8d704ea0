//! Google as a script: answers in order, every request kept.

mod fault;
mod id_token;
mod oauth;
mod service_account;

use std::collections::VecDeque;
use std::sync::{Mutex, OnceLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use url::Url;

use super::endpoints::Endpoints;
use crate::net::exchange::{Answer, Exchange, ExchangeError, Request, Response};

pub(super) struct Script {
    answers: Mutex<VecDeque<Result<Response, ExchangeError>>>,
    asked: Mutex<Vec<Request>>,
}

impl Script {
    pub(super) fn new(answers: impl IntoIterator<Item = Result<Response, ExchangeError>>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() }
    }

    /// One answer.
    pub(super) fn says(status: u16, body: &str) -> Self {
        Self::new([answer(status, body)])
    }

    pub(super) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// The body of the one request that was made.
    pub(super) fn body(&self) -> String {
        let asked = self.asked();
        assert_eq!(asked.len(), 1);
        String::from_utf8(asked[0].body.to_vec()).unwrap()
    }
}

impl Exchange for Script {
    fn send(&self, request: Request) -> Answer<'_> {
        self.asked.lock().unwrap().push(request);
        let next = self.answers.lock().unwrap().pop_front().expect("a request that the test did not expect");
        Box::pin(async move { next })
    }
}

pub(super) fn answer(status: u16, body: &str) -> Result<Response, ExchangeError> {
    Ok(Response { status, headers: Vec::new(), body: body.as_bytes().to_vec().into() })
}

pub(super) fn endpoints() -> Endpoints {
    let at = |path: &str| Url::parse(&format!("https://google.test/{path}")).unwrap();
    Endpoints {
        auth_url: at("auth"),
        token_url: at("token"),
        revoke_url: at("revoke"),
        tokeninfo_url: at("tokeninfo"),
        jwks_url: at("certs"),
    }
}

/// A private key in PEM, made anew for each run; `n` gives another one.
pub(super) fn pem(n: usize) -> &'static str {
    static KEYS: [OnceLock<String>; 2] = [OnceLock::new(), OnceLock::new()];
    KEYS[n].get_or_init(|| {
        let der: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
        let text = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
        let kind = "PRIVATE KEY";
        format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"))
    })
}
