//! The way to a host: straight there, or through the proxy.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use postern_core::model::exempt::Exempt;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::dial::{DialError, Stage};
use super::fault::io_words;
use super::keepalive;
use super::proxy::{Proxy, ProxyFault};
use super::race::{interleave, race};
use super::target::Target;

/// Which hosts are reached through which proxy. Loopback is never asked of a
/// proxy, and what is asked of it is not resolved here. No variable of the
/// environment has a say. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Route(Option<Arc<Way>>);

#[derive(Debug)]
struct Way {
    proxy: Proxy,
    exempt: Vec<Exempt>,
}

impl Route {
    /// Through `proxy`, except for `exempt` hosts and loopback.
    #[must_use]
    pub fn through(proxy: Proxy, exempt: Vec<Exempt>) -> Self {
        Self(Some(Arc::new(Way { proxy, exempt })))
    }

    /// The proxy that is asked for `target`, if any.
    #[must_use]
    pub fn proxy(&self, target: &Target) -> Option<&Proxy> {
        let way = self.0.as_ref()?;
        let direct = target.is_loopback() || way.exempt.iter().any(|exempt| exempt.covers(&target.host));
        (!direct).then_some(&way.proxy)
    }

    /// A connection to `target` on which nothing was said yet. `stage` follows
    /// what it waits for.
    pub(super) async fn open(
        &self,
        target: &Target,
        stage: &watch::Sender<Stage>,
    ) -> Result<TcpStream, DialError> {
        let Some(proxy) = self.proxy(target) else {
            return straight(target, stage).await.map_err(|fault| match fault {
                Unopened::Unresolved => DialError::Resolve { target: target.clone() },
                Unopened::Refused(why) => DialError::Refused { target: target.clone(), why },
            });
        };
        let fault = |fault| DialError::Proxy { target: target.clone(), proxy: proxy.at.clone(), fault };
        let mut tcp = straight(&proxy.at, stage).await.map_err(|unopened| match unopened {
            Unopened::Unresolved => fault(ProxyFault::Unresolved),
            Unopened::Refused(why) => fault(ProxyFault::Unreachable(why)),
        })?;
        stage.send_replace(Stage::Asking);
        proxy.ask(&mut tcp, target).await.map_err(fault)?;
        Ok(tcp)
    }
}

enum Unopened {
    Unresolved,
    Refused(&'static str),
}

async fn straight(target: &Target, stage: &watch::Sender<Stage>) -> Result<TcpStream, Unopened> {
    let addresses = resolve(target).await.map_err(|_| Unopened::Unresolved)?;
    stage.send_replace(Stage::Connecting);
    let tcp = race(interleave(addresses), connect).await.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unopened::Unresolved,
        _ => Unopened::Refused(io_words(&error)),
    })?;
    keepalive::tune(&tcp);
    Ok(tcp)
}

#[expect(clippy::disallowed_methods, reason = "the one place that resolves")]
async fn resolve(target: &Target) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((target.host.as_str(), target.port)).await?.collect())
}

#[expect(clippy::disallowed_methods, reason = "one of the two places that connect")]
async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    TcpStream::connect(address).await
}

#[cfg(test)]
mod tests {
    use super::Route;
    use crate::net::proxy::{Kind, Proxy};
    use crate::net::target::Target;

    #[test]
    fn loopback_and_exempt_hosts_are_reached_directly() {
        let proxy = Proxy { kind: Kind::Http, at: "proxy.lan:3128".parse().unwrap(), login: None };
        let exempt = ["intern.example.com", "10.0.0.0/8"].map(|text| text.parse().unwrap());
        let route = Route::through(proxy, exempt.to_vec());
        let asked = |text: &str| route.proxy(&text.parse::<Target>().unwrap()).is_some();
        for direct in ["localhost:1", "127.0.0.1:1", "[::1]:1", "a.intern.example.com:1", "10.9.9.9:1"] {
            assert!(!asked(direct), "{direct}");
        }
        for far in ["imap.gmail.com:993", "example.com:1", "11.0.0.1:1", "localhost.example.com:1"] {
            assert!(asked(far), "{far}");
        }
        assert!(Route::default().proxy(&"imap.gmail.com:993".parse().unwrap()).is_none());
    }
}
