//! The one outbound HTTP client: our roots, our way, bounded time, bounded
//! answers.

use std::error::Error;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{HeaderName, HeaderValue, USER_AGENT};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use url::Url;
use zeroize::Zeroizing;

use super::dial::{DialError, Dialer, LIMIT};
use super::exchange::{Answer, Exchange, ExchangeError, Method, Request, Response};
use super::fault::io_words;
use super::route::Route;
use super::target;
use super::trust::Trust;

mod connector;

use connector::Connector;

/// Google closes idle connections after four minutes.
const IDLE: Duration = Duration::from_secs(90);
const IDLE_PER_HOST: usize = 16;
const NAME: HeaderValue = HeaderValue::from_static(concat!("postern/", env!("CARGO_PKG_VERSION")));

/// Sends over HTTPS, and over HTTP to this machine only. Follows no redirect,
/// asks no proxy but the one it was given, keeps connections for the next
/// request. Cheap to clone; clones share the connections.
#[derive(Debug, Clone)]
pub struct Client(legacy::Client<Connector, Full<Bytes>>);

impl Client {
    /// A client that trusts `trust` and goes straight.
    #[must_use]
    pub fn new(trust: &Trust) -> Self {
        Self::on(trust, Route::default())
    }

    /// A client that trusts `trust` on this way.
    #[must_use]
    pub fn on(trust: &Trust, route: Route) -> Self {
        let dialer = Dialer::new(trust, LIMIT).on(route).speaking(trust, &[b"h2", b"http/1.1"]);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .pool_timer(TokioTimer::new())
            .build(Connector(dialer));
        Self(client)
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
            let answer = self.0.request(request).await.map_err(|error| unreachable(&words(&error)))?;
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

/// `None` when a part of it cannot stand on the wire.
fn prepare(request: Request) -> Option<hyper::Request<Full<Bytes>>> {
    let method = match request.method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
        Method::Put => hyper::Method::PUT,
        Method::Patch => hyper::Method::PATCH,
        Method::Delete => hyper::Method::DELETE,
    };
    // The owner is wiped when the last octet has left.
    let body = Full::new(Bytes::from_owner(request.body));
    let mut out = hyper::Request::builder().method(method).uri(request.url.as_str()).body(body).ok()?;
    out.headers_mut().insert(USER_AGENT, NAME);
    for (name, value) in &request.headers {
        let mut value = HeaderValue::from_str(value).ok()?;
        // The library's own traces print what is not marked.
        value.set_sensitive(matches!(*name, "authorization" | "x-api-key" | "x-hmac-authorization"));
        out.headers_mut().append(HeaderName::from_lowercase(name.as_bytes()).ok()?, value);
    }
    Some(out)
}

async fn read(
    answer: hyper::Response<Incoming>,
    limit: usize,
    host: &str,
) -> Result<Response, ExchangeError> {
    let too_large = || ExchangeError::TooLarge { host: host.to_owned(), limit };
    let (head, mut rest) = answer.into_parts();
    let said = rest.size_hint().exact().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if said.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    // Room for all of it, so that growing leaves no copy of a token behind.
    let mut body = Zeroizing::new(Vec::with_capacity(said.unwrap_or(limit.min(16 * 1024))));
    while let Some(frame) = rest.frame().await {
        let broken = |error| ExchangeError::Unreachable { host: host.to_owned(), why: words(&error) };
        let Ok(chunk) = frame.map_err(broken)?.into_data() else { continue };
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    let headers = head.headers.iter();
    let headers =
        headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    Ok(Response { status: head.status.as_u16(), headers: headers.collect(), body })
}

/// What failed, in words of ours: an error of the library may repeat the
/// address with its query.
fn words(error: &(dyn Error + 'static)) -> String {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(fault) = error.downcast_ref::<DialError>() {
            return fault.why();
        }
        next = error.source();
    }
    deepest_io(error).map_or("the answer broke off or is not HTTP", io_words).to_owned()
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
