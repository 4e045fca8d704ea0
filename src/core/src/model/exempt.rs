//! A host that is reached without the proxy.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::network::{Network, NotANetwork};

/// A name with everything below it, or a network of addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Exempt {
    /// `example.com` covers `mail.example.com` too.
    Name(String),
    /// Covers hosts that are written as addresses; no name is resolved for it.
    Network(Network),
}

/// The text is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is neither a host name nor an address nor a network")]
pub struct NotAHost;

impl Exempt {
    /// Whether `host` (IPv6 without brackets) is covered.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        match self {
            Self::Name(name) => {
                let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
                host.strip_suffix(name).is_some_and(|below| below.is_empty() || below.ends_with('.'))
            }
            Self::Network(network) => host.parse::<IpAddr>().is_ok_and(|address| network.holds(address)),
        }
    }
}

impl FromStr for Exempt {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        match text.parse::<Network>() {
            Ok(network) => return Ok(Self::Network(network)),
            Err(NotANetwork::Beyond) => return Err(NotAHost),
            Err(NotANetwork::Form) => {}
        }
        let name = text.strip_prefix("*.").or_else(|| text.strip_prefix('.')).unwrap_or(text);
        let label = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        // What has only digits and dots was meant as an address.
        let digits = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !digits && name.split('.').all(label) {
            Ok(Self::Name(name.to_ascii_lowercase()))
        } else {
            Err(NotAHost)
        }
    }
}

impl fmt::Display for Exempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Network(network) => network.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exempt;

    fn covers(entry: &str, host: &str) -> bool {
        entry.parse::<Exempt>().unwrap().covers(host)
    }

    #[test]
    fn a_name_covers_itself_and_what_is_below() {
        for entry in ["example.com", ".example.com", "*.Example.com"] {
            for host in ["example.com", "MAIL.example.com", "a.b.example.com."] {
                assert!(covers(entry, host), "{entry} {host}");
            }
            for host in ["badexample.com", "example.com.evil.net", "com", "127.0.0.1"] {
                assert!(!covers(entry, host), "{entry} {host}");
            }
        }
    }

    #[test]
    fn a_network_covers_addresses_only() {
        assert!(covers("10.0.0.0/8", "10.1.2.3") && covers("fd00::/8", "fd00::1"));
        assert!(covers("::1", "::1") && !covers("10.0.0.0/8", "ten.example.com"));
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in ["", "*", "*.", "a..b", "10.0.0.1/8", "1.2.3", "a b", "http://a.b", "a.b:443", "a.*.b"] {
            assert!(text.parse::<Exempt>().is_err(), "{text:?}");
        }
    }
}
