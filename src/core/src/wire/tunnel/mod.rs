//! Asking a proxy for a connection to somebody else: HTTP CONNECT (RFC 9110,
//! 9.3.6) and SOCKS 5 (RFC 1928, 1929). The proxy resolves the name.
//!
//! Both promise: exact lengths, so that no octet behind the proxy's answer is
//! taken; bounded answers; nothing of what the proxy said in a [`Denied`].

pub mod connect;
pub mod socks;

/// Why there is no connection, as far as the proxy tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Denied {
    /// It wants a user name and a password, or other ones.
    #[error("wants a user name and a password, or other ones than google.proxy has")]
    Credentials,
    /// Its rules forbid it.
    #[error("forbids it; whoever runs the proxy has to allow this host and port")]
    Forbidden,
    /// It could not reach the host itself.
    #[error("could not reach it")]
    Upstream,
    /// What it said belongs to another protocol.
    #[error("does not answer as a proxy of that kind; is the scheme of google.proxy right?")]
    NotSpoken,
    /// Anything else.
    #[error("refuses it")]
    Other,
}

impl Denied {
    /// Stable name for logs and metric labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Credentials => "proxy_credentials",
            Self::Forbidden => "proxy_forbidden",
            Self::Upstream => "proxy_upstream",
            Self::NotSpoken => "proxy_not_spoken",
            Self::Other => "proxy_refused",
        }
    }
}
