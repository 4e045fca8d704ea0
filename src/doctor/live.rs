//! Whether a gateway listens where the configuration says, and how many
//! connections this machine lets it have.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use postern_core::model::finding::Finding;
use rustix::process::{Resource, getrlimit};

use crate::config::Config;
use crate::net::dial::plain;

const LIMIT: Duration = Duration::from_secs(2);
/// Descriptors of a gateway without sessions; each session takes two more.
const GROUND: u64 = 128;
/// Sessions that an installation should have room for.
const SESSIONS: u64 = 1024;

/// Connects to each listener that this machine reaches by loopback.
pub async fn look(config: &Config) -> Finding {
    const ID: &str = "live";
    let listeners = config.imap.listen.iter().chain(&config.smtp.listen);
    let near: Vec<SocketAddr> =
        listeners.filter_map(|listener| near(listener.addr.sockets().first()?)).collect();
    let mut deaf = Vec::new();
    for at in &near {
        if !matches!(tokio::time::timeout(LIMIT, plain(*at)).await, Ok(Ok(_))) {
            deaf.push(at.to_string());
        }
    }
    if near.is_empty() {
        Finding::note(ID, "no listener is reached by loopback, so none was tried")
    } else if deaf.is_empty() {
        Finding::ok(ID, "a gateway listens on this machine")
    } else if deaf.len() == near.len() {
        Finding::note(ID, "no gateway runs on this machine")
    } else {
        let seen = format!("nobody listens on {}", deaf.join(", "));
        Finding::fault(ID, seen, "restart the gateway: it runs with an older configuration")
    }
}

fn near(at: &SocketAddr) -> Option<SocketAddr> {
    let ip: IpAddr = if at.ip().is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { at.ip() };
    (ip.is_loopback() && at.port() != 0).then_some(SocketAddr::new(ip, at.port()))
}

/// The limit of open files. The service's own may differ from this shell's.
#[must_use]
pub fn descriptors() -> Finding {
    let limit = getrlimit(Resource::Nofile);
    judged(limit.maximum.unwrap_or(u64::MAX))
}

fn judged(most: u64) -> Finding {
    const ID: &str = "limits.files";
    let sessions = most.saturating_sub(GROUND) / 2;
    let seen = format!("{most} open files are allowed here: room for {sessions} sessions");
    if sessions < SESSIONS {
        let remedy = "raise it: LimitNOFILE=65536 in the service, or ulimit -n in the shell that starts `postern serve`";
        return Finding::fault(ID, seen, remedy);
    }
    Finding::ok(ID, seen)
}

#[cfg(test)]
mod tests {
    use super::{judged, near};
    use postern_core::model::finding::Severity;

    #[test]
    fn too_few_descriptors_are_a_fault() {
        assert_eq!(judged(1024).severity, Severity::Fault);
        assert_eq!(judged(65_536).severity, Severity::Ok);
    }

    #[test]
    fn only_loopback_is_tried() {
        assert_eq!(near(&"0.0.0.0:993".parse().unwrap()), Some("127.0.0.1:993".parse().unwrap()));
        assert_eq!(near(&"192.0.2.1:993".parse().unwrap()), None);
    }
}
