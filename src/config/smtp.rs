//! `[smtp]`.

use url::{Host, Url};

use super::address;
use super::claims::Claims;
use super::fault::{Wrong, quoted};
use super::listener::{self, Listener};
use super::section::{Section, one_of};

/// The submission side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Listeners. Default: none.
    pub listen: Vec<Listener>,
    /// Our name in the greeting and in EHLO to Gmail. Default: the host of
    /// `http.public_url` when that is a name, else `localhost`.
    pub hostname: String,
    /// What happens to a message from a foreign address. Default `Note`.
    pub from_policy: FromPolicy,
}

/// A From that is neither the account's address nor one of its aliases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FromPolicy {
    /// Is passed on and noted in the audit.
    Note,
    /// Is refused.
    Refuse,
}

pub(super) fn read(
    section: &Section<'_>,
    certificate: bool,
    claims: &Claims,
    public_url: Option<&Url>,
) -> Smtp {
    let hostname = section.get("hostname", |text| {
        let wrong =
            || Wrong::new(format!("{} is not a host name", quoted(text)), "write \"mail.example.com\"");
        address::name(text).ok_or_else(wrong)
    });
    let ours = || match public_url.and_then(Url::host) {
        Some(Host::Domain(name)) => name.to_owned(),
        _ => "localhost".to_owned(),
    };
    let words = [("note", FromPolicy::Note), ("refuse", FromPolicy::Refuse)];
    let tables = section.tables("listen");
    Smtp {
        listen: tables.iter().filter_map(|table| listener::read(table, certificate, claims)).collect(),
        hostname: hostname.unwrap_or_else(ours),
        from_policy: section.get("from_policy", one_of(&words)).unwrap_or(FromPolicy::Note),
    }
}
