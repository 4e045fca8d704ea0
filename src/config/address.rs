//! Host and port: where we listen, whom we dial, what people enter.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::Host;

use super::fault::{Wrong, quoted};

/// An address to listen on. `localhost` stands for `127.0.0.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenAddr {
    ip: IpAddr,
    port: u16,
    named: bool,
}

impl ListenAddr {
    /// An address of that kind.
    #[must_use]
    pub fn new(ip: IpAddr, port: u16) -> Self {
        Self { ip, port, named: false }
    }

    /// The port; 0 lets the system choose, on loopback only.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The host as it was written, without brackets.
    #[must_use]
    pub fn host(&self) -> String {
        if self.named { "localhost".to_owned() } else { self.ip.to_string() }
    }

    /// Whether only this machine reaches it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.ip.is_loopback()
    }

    /// Whether it stands for every address of this machine.
    #[must_use]
    pub fn is_unspecified(&self) -> bool {
        self.ip.is_unspecified()
    }

    /// What to bind. The first must succeed. `127.0.0.1` brings `::1` with it,
    /// since PHP's `localhost` may be either; that second one may fail where
    /// the machine has no IPv6.
    #[must_use]
    pub fn sockets(&self) -> Vec<SocketAddr> {
        let mut sockets = vec![SocketAddr::new(self.ip, self.port)];
        if self.ip == IpAddr::V4(Ipv4Addr::LOCALHOST) {
            sockets.push(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), self.port));
        }
        sockets
    }

    /// Whether both would bind one socket. IPv4 and IPv6 are apart: `[::]`
    /// serves IPv6 only.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let clash = |(a, b): (&SocketAddr, &SocketAddr)| {
            let any = a.ip().is_unspecified() || b.ip().is_unspecified();
            a.port() == b.port() && a.port() != 0 && a.is_ipv4() == b.is_ipv4() && (any || a.ip() == b.ip())
        };
        let theirs = other.sockets();
        self.sockets().iter().any(|mine| theirs.iter().any(|their| clash((mine, their))))
    }
}

impl fmt::Display for ListenAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.named {
            return write!(f, "localhost:{}", self.port);
        }
        SocketAddr::new(self.ip, self.port).fmt(f)
    }
}

/// A name or an address and a port, as a client dials it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    /// Name in lower case (IDNA as `xn--`), or an IP address without brackets.
    pub host: String,
    /// Port, never 0.
    pub port: u16,
}

impl HostPort {
    /// Whether the host is this machine by its name or address.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Whether a host (without brackets) is `localhost` or a loopback address.
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Reads an address to listen on.
pub(super) fn listen(text: &str) -> Result<ListenAddr, Wrong> {
    let wrong = |what: &str| {
        let remedy =
            "write an IP address or localhost and a port, such as \"127.0.0.1:1143\" or \"[::1]:1143\"";
        Wrong::new(format!("{} {what}", quoted(text)), remedy)
    };
    let (host, port) = split(text).ok_or_else(|| wrong("is not an address and a port"))?;
    let named = host.eq_ignore_ascii_case("localhost");
    let ip = if named {
        IpAddr::V4(Ipv4Addr::LOCALHOST)
    } else {
        host.parse().map_err(|_| wrong("has no IP address before the port"))?
    };
    if port == 0 && !ip.is_loopback() {
        return Err(wrong("has no port"));
    }
    Ok(ListenAddr { ip, port, named })
}

/// Reads a host and a port to dial.
pub(super) fn host_port(text: &str) -> Result<HostPort, Wrong> {
    let wrong = || {
        let remedy = "write a host and a port, such as \"mail.example.com:993\"";
        Wrong::new(format!("{} is not a host and a port", quoted(text)), remedy)
    };
    let (host, port) = split(text).filter(|(_, port)| *port != 0).ok_or_else(wrong)?;
    if let Ok(ip) = host.parse::<IpAddr>() {
        return Ok(HostPort { host: ip.to_string(), port });
    }
    Ok(HostPort { host: name(host).ok_or_else(wrong)?, port })
}

/// A host name in lower case, `None` when it is none.
pub(super) fn name(text: &str) -> Option<String> {
    let Ok(Host::Domain(name)) = Host::parse(text) else { return None };
    let name = name.strip_suffix('.').unwrap_or(&name);
    let label = |label: &str| {
        let octets = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        octets && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    (name.len() <= 253 && name.split('.').all(label)).then(|| name.to_owned())
}

/// Splits at the port; the brackets of an IPv6 address are required and cut.
fn split(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let port = digits.then(|| port.parse().ok())??;
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').filter(|inner| inner.contains(':'))?,
        None if host.contains(':') => return None,
        None => host,
    };
    (!host.is_empty()).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::{host_port, listen};

    #[test]
    fn loopback_brings_its_other_family() {
        let shown =
            |text: &str| listen(text).unwrap().sockets().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(shown("127.0.0.1:1143"), ["127.0.0.1:1143", "[::1]:1143"]);
        assert_eq!(shown("localhost:1143"), ["127.0.0.1:1143", "[::1]:1143"]);
        assert_eq!(shown("[::1]:1143"), ["[::1]:1143"]);
        assert_eq!(shown("0.0.0.0:1993"), ["0.0.0.0:1993"]);
        assert_eq!(listen("localhost:1143").unwrap().to_string(), "localhost:1143");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "1143",
            ":1143",
            "::1:1143",
            "[::1]",
            "[127.0.0.1]:1",
            "mail.example.com:143",
            "*:1",
            "1.2.3.4:0",
        ] {
            assert!(listen(text).is_err(), "{text}");
        }
        for text in ["127.0.0.1:65536", "127.0.0.1:+1", "127.0.0.1:", "127.0.0.1:1 "] {
            assert!(listen(text).is_err(), "{text}");
        }
    }

    #[test]
    fn one_socket_cannot_be_bound_twice() {
        let clash = |a: &str, b: &str| listen(a).unwrap().overlaps(&listen(b).unwrap());
        assert!(clash("127.0.0.1:1", "[::1]:1"));
        assert!(clash("0.0.0.0:1", "127.0.0.1:1"));
        assert!(clash("[::]:1", "localhost:1"));
        assert!(!clash("0.0.0.0:1", "[::]:1"));
        assert!(!clash("127.0.0.1:1", "127.0.0.2:1"));
        assert!(!clash("127.0.0.1:0", "127.0.0.1:0"));
    }

    #[test]
    fn a_host_to_dial_is_a_name_or_an_address() {
        assert_eq!(host_port("Mail.Example.com:993").unwrap().to_string(), "mail.example.com:993");
        assert_eq!(host_port("[::1]:993").unwrap().host, "::1");
        for text in
            ["mail.example.com", "mail.example.com:0", "mail_x y:1", "-a.b:1", "https://a.b:1", "1.2.3:5x"]
        {
            assert!(host_port(text).is_err(), "{text}");
        }
    }
}
