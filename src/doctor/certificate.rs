//! The certificate of the listeners: whether it can be used, whether clients
//! take it for the names that people enter, and for how long.

use std::time::Duration;

use postern_core::model::finding::Finding;

use crate::clock::{Clock, Micros, micros, written};
use crate::config::{Config, ListenTls, TlsPair};
use crate::net::identity::Identity;
use crate::net::presented::is_for;

const DAY: Duration = Duration::from_secs(86_400);
/// Authorities renew 30 days before the end; then something is stuck.
const LATE: u32 = 20;

/// Looks at the configured pair; the generated one is kept right by itself.
#[must_use]
pub fn look(config: &Config, clock: &Clock) -> Vec<Finding> {
    let Some(pair) = &config.tls.pair else { return Vec::new() };
    let identity = match Identity::load(&pair.cert, &pair.key) {
        Ok(identity) => identity,
        Err(error) => {
            let remedy =
                "name the full chain as tls.cert and its key as tls.key, readable by the gateway's user";
            return vec![Finding::fault("certificate", error.to_string(), remedy)];
        }
    };
    let mut findings: Vec<Finding> = entered(config)
        .iter()
        .filter(|host| !is_for(&identity, host))
        .map(|host| foreign(pair, host))
        .collect();
    findings.extend(identity.life().map(|(start, end)| life(pair, start, end, clock)));
    findings
}

// What people enter where the certificate is presented.
fn entered(config: &Config) -> Vec<String> {
    let mail = config.imap.listen.iter().chain(&config.smtp.listen);
    let tls = mail.filter(|listener| listener.tls != ListenTls::None);
    let mut hosts: Vec<String> = tls.filter_map(|it| Some(it.advertised.as_ref()?.host.clone())).collect();
    if config.http.tls == ListenTls::Implicit {
        hosts.extend(config.http.public_url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned()));
    }
    hosts.sort();
    hosts.dedup();
    hosts
}

fn foreign(pair: &TlsPair, host: &str) -> Finding {
    let seen = format!("{} is not for {host}, which people enter", pair.cert.display());
    let remedy = format!(
        "get a certificate for {host} (`postern cert new --name {host}` makes a local one), or correct advertise"
    );
    Finding::fault("certificate.name", seen, remedy)
}

fn life(pair: &TlsPair, start: i64, end: i64, clock: &Clock) -> Finding {
    const ID: &str = "certificate.time";
    let (cert, now) = (pair.cert.display(), clock.now());
    let at = |seconds: i64| -> Micros { seconds.saturating_mul(1_000_000) };
    let renew = "renew it: a running gateway reads the files again by itself";
    if now < at(start) {
        let seen = format!("{cert} is not valid before {}", written(at(start)));
        return Finding::fault(ID, seen, "check the clock of this machine (timedatectl)");
    }
    let seen = format!("{cert} is valid until {}", written(at(end)));
    if now > at(end) {
        return Finding::fault(ID, format!("{cert} expired on {}", written(at(end))), renew);
    }
    if now > at(end) - micros(DAY * LATE) {
        return Finding::warning(ID, seen, renew);
    }
    Finding::ok(ID, seen)
}

#[cfg(test)]
mod tests {
    use super::{DAY, life};
    use crate::clock::Clock;
    use crate::config::TlsPair;
    use postern_core::model::finding::Severity;

    #[test]
    fn a_certificate_near_its_end_is_warned_of() {
        let pair = TlsPair { cert: "c.pem".into(), key: "k.pem".into() };
        let clock = Clock::manual(100 * 86_400_000_000);
        let severity = |days: i64| life(&pair, 90 * 86_400, days * 86_400, &clock).severity;
        assert_eq!(
            [severity(130), severity(110), severity(99)],
            [Severity::Ok, Severity::Warning, Severity::Fault]
        );
        let early = Clock::manual(0);
        early.advance(DAY);
        assert_eq!(life(&pair, 90 * 86_400, 130 * 86_400, &early).severity, Severity::Fault);
    }
}
