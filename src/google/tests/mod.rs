//! Google as a script: answers in order, every request kept.

pub(super) mod api;
mod fault;
mod id_token;
mod oauth;
mod service_account;

use std::collections::VecDeque;
use std::sync::Mutex;

pub(super) use super::trial::{endpoints, jwk, pem, sign};
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
