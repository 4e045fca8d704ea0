//! A client of Google's REST APIs that does nothing by itself.

use std::error::Error;

use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::client::{Page, request};

pub type Answered = Result<Page, Box<dyn Error>>;

/// A user's client of one API.
pub struct Api {
    base: String,
    token: String,
}

impl Api {
    /// `base` ends with a slash.
    pub fn at(base: String, token: String) -> Self {
        Self { base, token }
    }

    /// Any request; the path may have a query.
    pub async fn call(&self, method: &str, path: &str, headers: &str, body: &Value) -> Answered {
        let url = format!("{}{path}", self.base);
        let token = &self.token;
        let headers = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n{headers}");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        request(method, &url, &headers, &body).await
    }

    pub async fn get(&self, path: &str) -> Answered {
        self.call("GET", path, "", &Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answered {
        self.call("POST", path, "", &body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answered {
        self.call("PUT", path, "", &body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answered {
        self.call("PATCH", path, "", &body).await
    }

    pub async fn delete(&self, path: &str) -> Answered {
        self.call("DELETE", path, "", &Value::Null).await
    }
}

pub fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}
