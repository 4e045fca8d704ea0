//! Where to dial: a host and a port.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use rustls::pki_types::ServerName;

/// A host (name or address) and a port, as in `imap.gmail.com:993`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Name or address, an IPv6 address without brackets.
    pub host: String,
    /// Port, never 0.
    pub port: u16,
}

/// The text is not `host:port`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not host:port, as in imap.gmail.com:993 or [::1]:993")]
pub struct NotATarget {
    text: String,
}

impl Target {
    /// Whether the host is this machine by its very name or address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// The name that the peer's certificate must hold; `None` cannot come from
    /// a target that was parsed.
    pub(super) fn server_name(&self) -> Option<ServerName<'static>> {
        ServerName::try_from(self.host.clone()).ok()
    }
}

/// Whether `host` (IPv6 without brackets) is this machine by its very name.
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

impl FromStr for Target {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        let fault = || NotATarget { text: text.chars().take(100).collect() };
        let (host, port) = text.rsplit_once(':').ok_or_else(fault)?;
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let host = match bare {
            Some(inside) if inside.contains(':') => inside,
            None if !host.contains(':') => host,
            _ => return Err(fault()),
        };
        let digits = port.bytes().all(|b| b.is_ascii_digit());
        let port = port.parse().ok().filter(|port| digits && *port != 0).ok_or_else(fault)?;
        let target = Self { host: host.to_owned(), port };
        if target.server_name().is_none() {
            return Err(fault());
        }
        Ok(target)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn names_and_addresses_survive_a_round_trip() {
        for text in ["imap.gmail.com:993", "[::1]:993", "127.0.0.1:1143", "localhost:1"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        assert!("[::1]:993".parse::<Target>().unwrap().is_loopback());
        assert!(!"imap.gmail.com:993".parse::<Target>().unwrap().is_loopback());
    }

    #[test]
    fn what_is_not_host_and_port_is_refused() {
        let bad = ["", "host", ":993", "host:", "host:0", "host:65536", "host:+1", "::1:993", "[host]:1"];
        for text in bad.into_iter().chain(["[::1:993", "a b:1", "http://host:1", "us\u{e9}r:1", "host:1 "]) {
            assert!(text.parse::<Target>().is_err(), "{text:?}");
        }
    }
}
