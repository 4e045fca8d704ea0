//! The seam of outbound HTTP: one request, one bounded answer.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

/// Method of a request; nothing else is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Send a body.
    Post,
    /// Put a body in the place of what is there.
    Put,
    /// Change a part of what is there.
    Patch,
    /// Remove.
    Delete,
}

/// What is sent. The body may hold a secret and is never printed.
#[derive(Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Whole address.
    pub url: Url,
    /// Header fields, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Body octets.
    pub body: Zeroizing<Vec<u8>>,
    /// Time for the whole exchange.
    pub timeout: Duration,
    /// Longest answer body that is read, in octets.
    pub limit: usize,
}

impl Request {
    /// A POST of an urlencoded form: 10 s, an answer of 256 KiB at most.
    #[must_use]
    pub fn form(url: Url, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self {
            method: Method::Post,
            url,
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: Zeroizing::new(body.into_bytes()),
            timeout: Duration::from_secs(10),
            limit: 256 * 1024,
        }
    }

    /// A GET: 10 s, an answer of 256 KiB at most.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: Zeroizing::new(Vec::new()),
            timeout: Duration::from_secs(10),
            limit: 256 * 1024,
        }
    }
}

/// What came back. The body may hold a secret and is never printed.
#[derive(Clone)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Header fields, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body octets, within the request's limit.
    pub body: Zeroizing<Vec<u8>>,
}

impl Response {
    /// The first header field of that name (lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Why no answer came. None of these says anything about a grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// Name, connection, TLS or time.
    #[error("{host} cannot be reached: {why}")]
    Unreachable {
        /// Host that was asked.
        host: String,
        /// What failed, without address parts that could hold a secret.
        why: String,
    },
    /// The answer was larger than the request allows.
    #[error("{host} sent more than {limit} octets")]
    TooLarge {
        /// Host that was asked.
        host: String,
        /// The limit.
        limit: usize,
    },
}

/// The future of one exchange.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response, ExchangeError>> + Send + 'a>>;

/// Sends a request and reads its answer. Implemented by the outbound client
/// and, in tests, by parts that answer in process.
pub trait Exchange: Send + Sync {
    /// One request, one answer; redirects are not followed.
    fn send(&self, request: Request) -> Answer<'_>;
}
