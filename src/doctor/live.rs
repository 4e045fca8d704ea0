//! Whether a gateway listens where the configuration says, and how many
//! connections this machine lets it have.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use postern_core::model::finding::Finding;

use crate::config::Config;
use crate::net::dial::plain;

const LIMIT: Duration = Duration::from_secs(2);
/// Two hundred mailboxes need more than so many connections at once.
const FEW: u32 = 1_000;

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

/// How many of the configured connections the open files carry that this
/// process may have; the service's limit may differ from this shell's.
#[must_use]
pub fn descriptors(files: Option<u64>, carried: u32, wanted: u32, needed: u64) -> Finding {
    const ID: &str = "limits.files";
    let Some(files) = files.filter(|_| carried < wanted) else {
        return Finding::ok(ID, format!("enough open files are allowed for {wanted} connections"));
    };
    let seen = format!(
        "{files} open files are allowed here: {carried} connections, not {wanted} (limits.connections)"
    );
    let remedy = format!(
        "set LimitNOFILE={needed} in the service, or `ulimit -n {needed}` in the shell that starts `postern serve`; \
         or lower limits.connections"
    );
    if carried < FEW { Finding::fault(ID, seen, remedy) } else { Finding::warning(ID, seen, remedy) }
}

#[cfg(test)]
mod tests {
    use super::{descriptors, near};
    use postern_core::model::finding::Severity;

    #[test]
    fn descriptors_that_carry_fewer_are_a_warning_and_few_a_fault() {
        let severity = |carried| descriptors(Some(1024), carried, 20_000, 40_600).severity;
        assert_eq!(severity(212), Severity::Fault);
        assert_eq!(severity(9_936), Severity::Warning);
        assert_eq!(severity(20_000), Severity::Ok);
        assert_eq!(descriptors(None, 20_000, 20_000, 40_600).severity, Severity::Ok);
    }

    #[test]
    fn only_loopback_is_tried() {
        assert_eq!(near(&"0.0.0.0:993".parse().unwrap()), Some("127.0.0.1:993".parse().unwrap()));
        assert_eq!(near(&"192.0.2.1:993".parse().unwrap()), None);
    }
}
