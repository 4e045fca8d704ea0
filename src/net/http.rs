//! The one outbound HTTP client: our roots, bounded time, bounded answers.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use url::Url;
use zeroize::Zeroizing;

use super::exchange::{Answer, Exchange, ExchangeError, Method, Request, Response};
use super::fault::{TlsFault, io_words};
use super::target;
use super::trust::Trust;

const CONNECT: Duration = Duration::from_secs(5);
/// Google closes idle connections after four minutes.
const IDLE: Duration = Duration::from_secs(90);
const IDLE_PER_HOST: usize = 16;

/// Sends over HTTPS, and over HTTP to this machine only. Follows no redirect,
/// asks no proxy of the environment, keeps connections for the next request.
/// Cheap to clone; clones share the connections.
#[derive(Debug, Clone)]
pub struct Client(reqwest::Client);

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct ClientError(#[from] reqwest::Error);

impl Client {
    /// A client that trusts `trust`.
    ///
    /// # Errors
    /// When the HTTP library refuses the set-up.
    pub fn new(trust: &Trust) -> Result<Self, ClientError> {
        let tls = trust.client_config(&[b"h2", b"http/1.1"]);
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(Arc::unwrap_or_clone(tls))
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("postern/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .build()?;
        Ok(Self(client))
    }

    async fn exchange(&self, request: Request) -> Result<Response, ExchangeError> {
        debug_assert!(!crate::tasks::holds(), "the network is asked while a transaction is open");
        let host = host(&request.url);
        let unreachable = |why: &str| ExchangeError::Unreachable { host: host.clone(), why: why.to_owned() };
        if !may_ask(&request.url) {
            return Err(unreachable("only https is asked, and http on this machine"));
        }
        let (limit, time) = (request.limit, request.timeout);
        let request = prepare(request).ok_or_else(|| unreachable("the request cannot be written"))?;
        let whole = async {
            let answer = self.0.execute(request).await.map_err(|error| unreachable(words(&error)))?;
            read(answer, limit, &host).await
        };
        tokio::time::timeout(time, whole).await.unwrap_or_else(|_| Err(unreachable("no answer in time")))
    }
}

impl Exchange for Client {
    fn send(&self, request: Request) -> Answer<'_> {
        Box::pin(self.exchange(request))
    }
}

/// The part of an address that errors may show.
fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn may_ask(url: &Url) -> bool {
    let bare = |host: &str| host.trim_matches(['[', ']']).to_owned();
    match url.scheme() {
        "https" => true,
        "http" => url.host_str().is_some_and(|host| target::is_loopback(&bare(host))),
        _ => false,
    }
}

/// `None` when a header field cannot stand on the wire.
fn prepare(request: Request) -> Option<reqwest::Request> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    };
    let mut out = reqwest::Request::new(method, request.url);
    for (name, value) in &request.headers {
        let mut value = HeaderValue::from_str(value).ok()?;
        // The library's own traces print what is not marked.
        value.set_sensitive(*name == "authorization");
        out.headers_mut().append(HeaderName::from_lowercase(name.as_bytes()).ok()?, value);
    }
    if !request.body.is_empty() {
        // The owner is wiped when the last octet has left.
        *out.body_mut() = Some(Bytes::from_owner(request.body).into());
    }
    Some(out)
}

async fn read(mut answer: reqwest::Response, limit: usize, host: &str) -> Result<Response, ExchangeError> {
    let too_large = || ExchangeError::TooLarge { host: host.to_owned(), limit };
    let said = answer.content_length().and_then(|length| usize::try_from(length).ok());
    if said.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    // Room for all of it, so that growing leaves no copy of a token behind.
    let mut body = Zeroizing::new(Vec::with_capacity(said.unwrap_or(limit.min(16 * 1024))));
    loop {
        let chunk = answer.chunk().await.map_err(|error| ExchangeError::Unreachable {
            host: host.to_owned(),
            why: words(&error).to_owned(),
        })?;
        let Some(chunk) = chunk else { break };
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    let headers = answer.headers().iter();
    let headers =
        headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    Ok(Response { status: answer.status().as_u16(), headers: headers.collect(), body })
}

/// What failed, in fixed words: an error of the library repeats the address
/// with its query.
fn words(error: &reqwest::Error) -> &'static str {
    if let Some(fault) = TlsFault::find(error) {
        return fault.words();
    }
    if error.is_timeout() {
        return "no connection in time";
    }
    if let Some(io) = deepest_io(error) {
        return io_words(io);
    }
    if error.is_connect() { "connection failed" } else { "the answer broke off or is not HTTP" }
}

fn deepest_io<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    let mut found = None;
    let mut next = Some(error);
    while let Some(error) = next {
        found = error.downcast_ref::<io::Error>().or(found);
        next = error.source();
    }
    found
}

#[cfg(test)]
mod tests;
