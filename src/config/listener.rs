//! One listener: where, how it is encrypted, what people enter to reach it.

use postern_core::model::network::Network;

use super::address::{self, HostPort, ListenAddr};
use super::claims::Claims;
use super::fault::{Wrong, quoted};
use super::section::{Section, one_of};

/// How a listener speaks TLS. Default `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListenTls {
    /// In the clear; STARTTLS is never offered.
    None,
    /// TLS from the first octet.
    Implicit,
    /// In the clear until STARTTLS; no login before it.
    StartTls,
    /// TLS when the first octet is 0x16. Otherwise like `None` for a client on
    /// this machine or with `allow_cleartext`, else like `StartTls`.
    Auto,
}

/// What a mail client calls the encryption of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// No encryption.
    None,
    /// TLS from the first octet.
    Ssl,
    /// STARTTLS.
    StartTls,
}

/// What a person enters in the CRM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advertised {
    /// Host, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Encryption.
    pub security: Security,
}

/// A listener for mail clients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Where it listens.
    pub addr: ListenAddr,
    /// Encryption. Default `None`.
    pub tls: ListenTls,
    /// Whether a login in the clear is accepted from other machines. Default
    /// false.
    pub allow_cleartext: bool,
    /// What people enter; `None` only for a cleartext listener on every
    /// address (`0.0.0.0`) without `advertise`.
    pub advertised: Option<Advertised>,
    /// Proxies that begin with a PROXY header. Default: none.
    pub proxy_trusted: Vec<Network>,
}

impl Listener {
    /// The listener that people are told about: encrypted before clear, and
    /// what other machines reach before loopback.
    #[must_use]
    pub fn best(listeners: &[Self]) -> Option<&Advertised> {
        let known = listeners.iter().filter_map(|listener| Some((listener, listener.advertised.as_ref()?)));
        let rank = |(listener, at): &(&Self, &Advertised)| {
            (listener.addr.is_loopback(), at.security == Security::None)
        };
        known.min_by_key(rank).map(|(_, at)| at)
    }
}

/// Reads a `[[….listen]]`. `certificate`: whether `[tls]` names one.
pub(super) fn read(section: &Section<'_>, certificate: bool, claims: &Claims) -> Option<Listener> {
    let addr = section.get("addr", address::listen);
    if !section.has("addr") {
        section.fault("addr", "is missing", "write an address and a port, such as \"127.0.0.1:1143\"");
    }
    let words = [
        ("none", ListenTls::None),
        ("implicit", ListenTls::Implicit),
        ("starttls", ListenTls::StartTls),
        ("auto", ListenTls::Auto),
    ];
    let tls = section.or("tls", "none", one_of(&words));
    let advertise = section.get("advertise", address::host_port);
    let allow_cleartext = section.flag("allow_cleartext");
    let proxy_trusted = section.texts("proxy_trusted", network);
    let addr = addr?;
    claims.claim(section, "addr", &addr);
    let tls = tls?;
    judge(section, &addr, tls, certificate);
    if tls != ListenTls::None && !addr.is_loopback() && !section.has("advertise") {
        let remedy = "write the host and port that mail clients enter, such as \"mail.example.com:1993\"";
        section.fault("advertise", "is missing for a listener that other machines reach", remedy);
    }
    let advertised = advertised(&addr, tls, advertise, certificate);
    Some(Listener { addr, tls, allow_cleartext, advertised, proxy_trusted })
}

/// Reads an address or a network.
pub(super) fn network(text: &str) -> Result<Network, Wrong> {
    text.parse().map_err(|why| {
        let remedy = "write \"10.0.0.5\" or \"10.0.0.0/24\"";
        Wrong::new(format!("{} {why}", quoted(text)), remedy)
    })
}

/// What no listener that other machines reach may lack.
pub(super) fn judge(section: &Section<'_>, addr: &ListenAddr, tls: ListenTls, certificate: bool) {
    if addr.is_loopback() {
        return;
    }
    if tls == ListenTls::None && !section.flag("allow_cleartext") {
        section.fault(
            "tls",
            format!("none on {addr} would carry passwords in the clear to other machines"),
            "write implicit, or allow_cleartext = true beside it",
        );
    }
    if tls != ListenTls::None && !certificate {
        section.fault(
            "tls",
            format!("{addr} needs a certificate: the generated certificate serves loopback only"),
            "set cert and key in [tls]",
        );
    }
}

fn advertised(
    addr: &ListenAddr,
    tls: ListenTls,
    entered: Option<HostPort>,
    certificate: bool,
) -> Option<Advertised> {
    let security = match tls {
        ListenTls::None => Security::None,
        ListenTls::Implicit => Security::Ssl,
        ListenTls::StartTls => Security::StartTls,
        // a client does not trust the generated certificate
        ListenTls::Auto if certificate => Security::Ssl,
        ListenTls::Auto => Security::None,
    };
    match entered {
        Some(HostPort { host, port }) => Some(Advertised { host, port, security }),
        None if addr.is_unspecified() => None,
        None => Some(Advertised { host: addr.host(), port: addr.port(), security }),
    }
}
