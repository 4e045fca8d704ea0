//! Who is written to, as the configuration says.

use super::Parts;
use crate::config::{self, Language, MailTls, Via};
use crate::net::dial::Dialer;
use crate::net::target::Target;
use crate::notices::{Metrics, Notices, Policy, Sender, Tls, Way};
use crate::texts::Lang;

/// The loop that tells admins and owners, and whom it tells now.
pub(super) fn notices(parts: &Parts) -> (Notices, impl Fn() -> Policy + Send + use<>) {
    let config = &parts.config.notices;
    let (live, public_url) = (parts.tuning.notices(), parts.config.http.public_url.clone());
    let (gather, language) = (config.gather, config.language);
    let policy = move || {
        let now = live.now();
        Policy {
            to: now.to.clone(),
            owners: now.owners,
            gather,
            lang: match language {
                Language::English => Lang::English,
                Language::Czech => Lang::Czech,
            },
            public_url: public_url.clone(),
        }
    };
    let notices = Notices {
        store: parts.store.clone(),
        policy: policy(),
        sender: config.sending.as_ref().map(|sending| Sender {
            way: way(parts, &sending.via),
            from: sending.from.clone(),
            hostname: parts.config.smtp.hostname.clone(),
        }),
        metrics: Metrics::register(&parts.metrics),
    };
    (notices, policy)
}

fn way(parts: &Parts, via: &Via) -> Way {
    let target = |at: &config::HostPort| Target { host: at.host.clone(), port: at.port };
    match via {
        Via::Account(address) => Way::Account {
            address: address.clone(),
            broker: parts.broker.clone(),
            dialer: parts.dialer.clone(),
            smtp: target(&parts.config.google.smtp),
        },
        // Straight there: the proxy is the way to Google.
        Via::Server(server) => Way::Server {
            dialer: Dialer::new(&parts.trust, parts.config.limits.dial),
            at: target(&server.at),
            tls: match server.tls {
                MailTls::Implicit => Tls::Implicit,
                MailTls::StartTls => Tls::StartTls,
                MailTls::None => Tls::None,
            },
            login: server.login.clone(),
        },
    }
}
