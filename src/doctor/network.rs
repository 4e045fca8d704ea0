//! The way to Google: name, route, connection, proxy, TLS; each told apart.

use std::net::SocketAddr;
use std::time::Duration;

use postern_core::model::finding::Finding;
use url::Url;

use super::{bounded, remedy};
use crate::net::dial::Dialer;
use crate::net::lookup;
use crate::net::target::Target;

const LIMIT: Duration = Duration::from_secs(12);

/// Dials Gmail's IMAP and SMTP servers and the token endpoint.
pub async fn look(dialer: &Dialer, imap: &Target, smtp: &Target, token_url: &Url) -> Vec<Finding> {
    let token = secured(token_url);
    let (imap, smtp, token) =
        tokio::join!(one("network.imap", dialer, imap), one("network.smtp", dialer, smtp), async {
            match &token {
                Some(token) => one("network.token", dialer, token).await,
                None => Vec::new(),
            }
        },);
    [imap, smtp, token].concat()
}

// In the clear only a stand-in on this machine is asked.
fn secured(url: &Url) -> Option<Target> {
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    (url.scheme() == "https").then_some(Target { host, port: url.port_or_known_default()? })
}

async fn one(id: &'static str, dialer: &Dialer, target: &Target) -> Vec<Finding> {
    let late = || Finding::fault(id, format!("{target}: no answer in time"), remedy::SLOW);
    let dialled = bounded(LIMIT, late, async {
        match dialer.dial(target).await {
            Ok(_) => Finding::ok(id, format!("{target} is reached, its certificate is good")),
            Err(error) => Finding::fault(id, error.to_string(), remedy::of_dial(&error)),
        }
    });
    let (dialled, resolved) = tokio::join!(dialled, tokio::time::timeout(LIMIT, lookup::addresses(target)));
    let mut findings = vec![dialled];
    // Where a proxy resolves, what this machine makes of the name is of no interest.
    if let (Ok(Ok(addresses)), true) = (resolved, dialer.goes_straight(target)) {
        findings.extend(six(target, &addresses, lookup::routed));
    }
    findings
}

// Each dial would otherwise begin with an address that leads nowhere.
fn six(target: &Target, addresses: &[SocketAddr], routed: impl Fn(SocketAddr) -> bool) -> Option<Finding> {
    let lost = addresses.iter().find(|address| address.is_ipv6() && !routed(**address))?;
    let four = addresses.iter().any(SocketAddr::is_ipv4);
    let seen =
        format!("{} has the IPv6 address {}, to which this machine has no route", target.host, lost.ip());
    Some(if four {
        Finding::note("network.ipv6", format!("{seen}; IPv4 is used"))
    } else {
        Finding::fault(
            "network.ipv6",
            seen,
            "give this machine IPv6, or a resolver that knows the IPv4 addresses",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{secured, six};
    use crate::net::target::Target;
    use postern_core::model::finding::Severity;
    use url::Url;

    #[test]
    fn ipv6_without_a_route_is_a_note_beside_ipv4_and_a_fault_alone() {
        let target: Target = "imap.gmail.com:993".parse().unwrap();
        let (four, far) = ("192.0.2.1:993".parse().unwrap(), "[2001:db8::1]:993".parse().unwrap());
        let severity = |all: &[_]| six(&target, all, |to| to.is_ipv4()).map(|it| it.severity);
        assert_eq!(severity(&[four]), None);
        assert_eq!(severity(&[far, four]), Some(Severity::Note));
        assert_eq!(severity(&[far]), Some(Severity::Fault));
        assert_eq!(six(&target, &[far, four], |_| true), None);
    }

    #[test]
    fn the_token_endpoint_is_dialled_where_it_is() {
        let at = |text: &str| secured(&Url::parse(text).unwrap()).map(|target| target.to_string());
        assert_eq!(at("https://oauth2.googleapis.com/token").unwrap(), "oauth2.googleapis.com:443");
        assert_eq!(at("https://[::1]:8443/token").unwrap(), "[::1]:8443");
        assert_eq!(at("http://127.0.0.1:4000/token"), None);
    }
}
