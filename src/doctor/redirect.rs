//! Our redirect address against Google's rules for one. Most of them are faults
//! of the configuration already: https except on this machine, no IP address,
//! no fragment.

use postern_core::model::finding::Finding;
use url::{Host, Url};

use crate::config::{Http, on_loopback, private_name};

/// What Google asks of a redirect address, and whether ours keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// https, or http on this machine.
    pub encrypted: bool,
    /// A host name, or this machine's own address.
    pub named: bool,
    /// The name ends in a public suffix, or it is localhost.
    pub public: bool,
    /// Only a browser on this machine comes back to it.
    pub local: bool,
}

/// The rules, held against an address.
#[must_use]
pub fn rules(redirect_uri: &Url) -> Rules {
    let local = on_loopback(redirect_uri);
    let raw = matches!(redirect_uri.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
    Rules {
        encrypted: redirect_uri.scheme() == "https" || local,
        named: local || !raw,
        public: local || !private_name(redirect_uri),
        local,
    }
}

/// Judges the address that Google sends people back to.
#[must_use]
pub fn look(http: &Http, redirect_uri: &Url) -> Finding {
    const ID: &str = "redirect";
    if http.is_private_name() {
        let seen = format!("Google accepts public host names only; {redirect_uri} can hardly be registered");
        let remedy = "give http.public_url a name below a public domain (it may lead to a private address)";
        return Finding::fault(ID, seen, remedy);
    }
    if http.is_local_name() {
        let seen = format!("{redirect_uri} works for a browser on this machine only");
        let remedy = "set http.public_url to the address that people open, \
                      or connect by `postern account connect EMAIL --paste`";
        return Finding::warning(ID, seen, remedy);
    }
    Finding::ok(ID, format!("{redirect_uri} has to stand in Google's console, octet for octet"))
}

#[cfg(test)]
mod tests {
    use super::rules;

    #[test]
    fn each_rule_is_told_apart() {
        let of = |text: &str| {
            let rules = rules(&text.parse().unwrap());
            [rules.encrypted, rules.named, rules.public, rules.local]
        };
        assert_eq!(of("https://crm.example.com/postern/oauth"), [true, true, true, false]);
        assert_eq!(of("http://localhost:8025/oauth"), [true, true, true, true]);
        assert_eq!(of("http://127.0.0.1:8025/oauth"), [true, true, true, true]);
        assert_eq!(of("http://crm.example.com/"), [false, true, true, false]);
        assert_eq!(of("https://10.0.0.5/"), [true, false, true, false]);
        assert_eq!(of("https://crm.lan/"), [true, true, false, false]);
        assert_eq!(of("https://crm/"), [true, true, false, false]);
    }
}
