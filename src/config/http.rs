//! `[http]`: pages, API and the addresses that lead to them.

use postern_core::model::network::Network;
use url::Url;

use super::address::{self, HostPort, ListenAddr};
use super::claims::Claims;
use super::fault::Wrong;
use super::listener::{self, ListenTls};
use super::section::{Section, one_of};
use super::web;

/// The HTTP side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Http {
    /// Where it listens. Default `127.0.0.1:8025`.
    pub listen: ListenAddr,
    /// `None` or `Implicit`. Default `None`.
    pub tls: ListenTls,
    /// Whether other machines may come in the clear. Default false.
    pub allow_cleartext: bool,
    /// Host and port that people reach, when that is not `listen`; only the
    /// default of `public_url` is made of it.
    pub advertise: Option<HostPort>,
    /// The address people open, without a slash at the end of its path (the
    /// root itself is `/`). Default: made of `advertise` or of `listen`.
    pub public_url: Url,
    /// Proxies whose `X-Forwarded-For` is believed. Default: none.
    pub trusted_proxies: Vec<Network>,
}

impl Http {
    /// The path below which everything is served: empty, or `/postern`.
    #[must_use]
    pub fn base_path(&self) -> &str {
        self.public_url.path().trim_end_matches('/')
    }

    /// Whether no public suffix ends the name that people open.
    #[must_use]
    pub fn is_private_name(&self) -> bool {
        web::private_name(&self.public_url)
    }

    /// Whether people open this very machine.
    #[must_use]
    pub fn is_local_name(&self) -> bool {
        web::on_loopback(&self.public_url)
    }

    /// The full address of one of our paths; `path` begins with a slash.
    #[must_use]
    pub fn address_of(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}

pub(super) fn read(section: &Section<'_>, certificate: bool, claims: &Claims) -> Option<Http> {
    let listen = section.or("listen", "127.0.0.1:8025", address::listen);
    let words = [("none", ListenTls::None), ("implicit", ListenTls::Implicit)];
    let tls = section.or("tls", "none", one_of(&words));
    let advertise = section.get("advertise", address::host_port);
    let entered = section.get("public_url", web::public);
    let allow_cleartext = section.flag("allow_cleartext");
    let trusted_proxies = section.texts("trusted_proxies", listener::network);
    let listen = listen?;
    claims.claim(section, "listen", &listen);
    let tls = tls?;
    listener::judge(section, &listen, tls, certificate);
    let public_url =
        if section.has("public_url") { entered? } else { made(section, &listen, tls, advertise.as_ref())? };
    Some(Http { listen, tls, allow_cleartext, advertise, public_url, trusted_proxies })
}

/// The public address when none is written.
fn made(
    section: &Section<'_>,
    listen: &ListenAddr,
    tls: ListenTls,
    advertise: Option<&HostPort>,
) -> Option<Url> {
    let remedy = "write the address that people open, such as \"https://crm.example.com/postern\"";
    if advertise.is_none() && !listen.is_loopback() {
        section.fault("public_url", "is missing for a listener that other machines reach", remedy);
        return None;
    }
    let scheme = if tls == ListenTls::None { "http" } else { "https" };
    let place = advertise.map_or_else(|| listen.to_string(), ToString::to_string);
    let url = web::public(&format!("{scheme}://{place}"));
    url.map_err(|Wrong { what, .. }| {
        section.fault("public_url", format!("is missing; by default {what}"), remedy);
    })
    .ok()
}
