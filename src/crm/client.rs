//! The client of the CRM's REST API: one bounded question at a time.
//!
//! It neither repeats a question nor remembers an answer. A refused key is for
//! the caller to act on: it must not be shown again and again.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern_core::model::secret::Secret;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::fault::Fault;
use super::user::{User, UserId, read};
use crate::net::exchange::{Exchange, Method, Request, Response};

/// Time for one question.
const PATIENCE: Duration = Duration::from_secs(20);
/// Somebody waits for the answer about a user, maybe the CRM itself.
const PATIENCE_FOR_USER: Duration = Duration::from_secs(5);
/// Longest answer about a user that is read, in octets.
const LONGEST_USER: usize = 64 * 1024;

/// How the CRM's API user shows who it is.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The key itself.
    Key(Secret),
    /// Signs method and path of each request.
    Hmac {
        /// Names the API user.
        key: Secret,
        /// Signs.
        secret: Secret,
    },
    /// Name and password of a person. An API user is never an administrator.
    Person {
        /// The name to sign in with.
        user: String,
        /// The password.
        password: Secret,
    },
}

impl Credential {
    fn header(&self, method: Method, path: &str) -> (&'static str, String) {
        match self {
            Self::Key(key) => ("x-api-key", key.reveal().to_owned()),
            Self::Hmac { key, secret } => {
                let text = format!("{} /{path}", word(method));
                let signing = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
                let code = hmac::sign(&signing, text.as_bytes());
                let hex: String = code.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
                ("x-hmac-authorization", STANDARD.encode(format!("{}:{hex}", key.reveal())))
            }
            // Its other form makes a session in the CRM with each request.
            Self::Person { user, password } => {
                let pair = Zeroizing::new(format!("{user}:{}", password.reveal()));
                ("authorization", format!("Basic {}", STANDARD.encode(pair.as_bytes())))
            }
        }
    }
}

fn word(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

/// One question.
pub(super) struct Question<'q> {
    /// Method.
    pub method: Method,
    /// What stands behind `api/v1`; each part is checked by who asks.
    pub path: &'q [&'q str],
    /// Longest answer that is read, in octets.
    pub limit: usize,
    /// Query as it stands in the address.
    pub query: String,
    /// JSON.
    pub body: Option<Vec<u8>>,
    /// Whether the CRM is spared counting.
    pub without_total: bool,
    /// Whether a record that looks the same does not matter.
    pub skip_duplicate_check: bool,
    /// Time for the whole exchange.
    pub patience: Duration,
}

impl<'q> Question<'q> {
    /// A question without query and body.
    pub fn new(method: Method, path: &'q [&'q str], limit: usize) -> Self {
        Self {
            method,
            path,
            limit,
            query: String::new(),
            body: None,
            without_total: false,
            skip_duplicate_check: false,
            patience: PATIENCE,
        }
    }
}

/// The way to the CRM. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    exchange: Arc<dyn Exchange>,
    site: Url,
    credential: Credential,
}

impl Client {
    /// `site` is where people open the CRM, `key` that of one of its API users.
    #[must_use]
    pub fn new(exchange: Arc<dyn Exchange>, site: Url, key: Secret) -> Self {
        Self::showing(exchange, site, Credential::Key(key))
    }

    /// A client that shows who it is by `credential`.
    #[must_use]
    pub fn showing(exchange: Arc<dyn Exchange>, site: Url, credential: Credential) -> Self {
        Self { exchange, site, credential }
    }

    /// What the CRM says of a user.
    ///
    /// # Errors
    /// When there is no such user, or the CRM does not say.
    pub async fn user(&self, id: &UserId) -> Result<User, Fault> {
        let path = ["User", id.as_str()];
        let mut question = Question::new(Method::Get, &path, LONGEST_USER);
        question.patience = PATIENCE_FOR_USER;
        let answer = self.send(question).await?;
        match answer.status {
            200 => read(id, &answer.body),
            // Only the CRM's own words say so: a page of whoever stands between says nothing.
            _ => Err(match Fault::of(&answer) {
                Fault::NotFound => Fault::NoUser,
                other => other,
            }),
        }
    }

    /// The JSON of an answer that is a success.
    pub(super) async fn ask(&self, question: Question<'_>) -> Result<Value, Fault> {
        let answer = self.send(question).await?;
        match answer.status {
            200 | 201 => serde_json::from_slice(&answer.body).map_err(|_| Fault::Malformed("no JSON")),
            _ => Err(Fault::of(&answer)),
        }
    }

    pub(super) async fn send(&self, question: Question<'_>) -> Result<Response, Fault> {
        let mut url = self.site.clone();
        let path = url.path_segments_mut().map(|mut path| {
            path.pop_if_empty().extend(["api", "v1"]).extend(question.path);
        });
        path.map_err(|()| Fault::Malformed("no web address"))?;
        url.set_query((!question.query.is_empty()).then_some(question.query.as_str()));
        let mut request = Request::get(url);
        request.method = question.method;
        request.headers = vec![
            self.credential.header(question.method, &question.path.join("/")),
            ("accept", "application/json".to_owned()),
        ];
        let mut flag = |name, set: bool| {
            if set {
                request.headers.push((name, "true".to_owned()));
            }
        };
        flag("x-no-total", question.without_total);
        flag("x-skip-duplicate-check", question.skip_duplicate_check);
        if let Some(body) = question.body {
            request.headers.push(("content-type", "application/json".to_owned()));
            request.body = Zeroizing::new(body);
        }
        (request.timeout, request.limit) = (question.patience, question.limit);
        Ok(self.exchange.send(request).await?)
    }
}
