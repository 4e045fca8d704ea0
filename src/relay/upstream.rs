//! The seam towards Gmail: a connection that is not logged in.

use std::future::Future;

use postern_core::model::address::Address;
use postern_core::model::refusal::PeerText;
use postern_core::model::secret::Secret;
use postern_core::model::token::Protocol;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::config::Limits;
use crate::net::dial::{Dialer, UpstreamStream};
use crate::net::target::Target;
use crate::node::settings::Live;

/// Opens connections to the mail servers.
pub trait Dial: Send + Sync + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// Connects to the server of that protocol.
    fn dial(&self, protocol: Protocol) -> impl Future<Output = Result<Self::Stream, Failed>> + Send;
}

/// Logs in on a connection.
pub trait Handshake<S>: Sync {
    /// What the login leaves behind.
    type Session: Send;

    /// Opens the session of `mailbox`.
    fn shake(
        &self,
        stream: &mut S,
        mailbox: &Address,
        access_token: &Secret,
    ) -> impl Future<Output = Result<Self::Session, Failed>> + Send;
}

/// Why there is no session, whatever the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// The access token was refused.
    TokenRefused(PeerText),
    /// Gmail counts too many connections.
    TooManyConnections,
    /// Gmail refuses the mailbox until somebody acts.
    Refused(PeerText),
    /// No connection: the kind, and the rest for the log.
    Unreachable(&'static str, String),
    /// It may work later; for the log.
    Unavailable(String),
}

impl Failed {
    /// Stable name for metric labels.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TokenRefused(_) => "token_refused",
            Self::TooManyConnections => "too_many_connections",
            Self::Refused(_) => "refused_by_gmail",
            Self::Unreachable(kind, _) => kind,
            Self::Unavailable(_) => "unavailable",
        }
    }
}

/// The real thing: TLS to the configured hosts.
#[derive(Clone)]
pub struct Gmail {
    /// Connects.
    pub dialer: Dialer,
    /// Bounds: `dial` is the time for a connection.
    pub limits: Live<Limits>,
    /// IMAP host and port.
    pub imap: Target,
    /// Submission host and port.
    pub smtp: Target,
}

impl Dial for Gmail {
    type Stream = UpstreamStream;

    async fn dial(&self, protocol: Protocol) -> Result<UpstreamStream, Failed> {
        let target = match protocol {
            Protocol::Imap => &self.imap,
            Protocol::Smtp => &self.smtp,
        };
        self.dialer
            .within(self.limits.now().dial)
            .dial(target)
            .await
            .map_err(|e| Failed::Unreachable(e.name(), e.to_string()))
    }
}
