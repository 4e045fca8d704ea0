//! What failed below a connection, in words that can hold no secret: nothing
//! here repeats what a peer sent, except the name of an authority that nobody
//! here trusts, cleaned: it tells who opens TLS on the way.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

use rustls::CertificateError;

/// Why a TLS session did not come up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TlsFault {
    /// No root we trust has signed the certificate, but an authority of this
    /// name (empty when it has none) did.
    Untrusted(Arc<str>),
    /// The certificate is for another name.
    WrongName,
    /// The certificate's time is over.
    Expired,
    /// The certificate's time has not come; often this machine's clock.
    NotYetValid,
    /// The certificate is refused for another reason.
    Certificate,
    /// What came is not TLS.
    NotTls,
    /// The peer ended the handshake with an alert.
    RefusedByPeer,
    /// No version, cipher or application protocol in common.
    NothingInCommon,
    /// The connection ended during the handshake.
    Closed,
    /// Anything else.
    Other,
}

impl TlsFault {
    /// Stable name for logs and metric labels.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Untrusted(_) => "untrusted",
            Self::WrongName => "wrong_name",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Certificate => "certificate",
            Self::NotTls => "not_tls",
            Self::RefusedByPeer => "refused_by_peer",
            Self::NothingInCommon => "nothing_in_common",
            Self::Closed => "closed",
            Self::Other => "other",
        }
    }

    /// A sentence's second half, after "… cannot be reached:".
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Untrusted(_) => "its certificate is signed by no authority trusted here",
            Self::WrongName => "its certificate is for another name",
            Self::Expired => "its certificate has expired",
            Self::NotYetValid => "its certificate is not valid yet (is the clock of this machine right?)",
            Self::Certificate => "its certificate is not acceptable",
            Self::NotTls => "it does not speak TLS on this port",
            Self::RefusedByPeer => "it refused the TLS session",
            Self::NothingInCommon => "no TLS version or protocol in common",
            Self::Closed => "it closed the connection during the TLS handshake",
            Self::Other => "the TLS handshake failed",
        }
    }

    /// The fault inside an error of a handshake, if TLS is what failed.
    #[must_use]
    pub fn find(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(tls) = error.downcast_ref::<rustls::Error>() {
                return Some(Self::of(tls));
            }
            // An io::Error hides what it carries from source() of its own level.
            let carried = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            next = match carried {
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        None
    }

    /// The fault of a handshake that ended with `error`.
    #[must_use]
    pub fn of_handshake(error: &io::Error) -> Self {
        Self::find(error).unwrap_or(match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Other,
        })
    }

    fn of(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(why) => Self::of_certificate(why),
            rustls::Error::NoCertificatesPresented => Self::Certificate,
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            rustls::Error::AlertReceived(_) => Self::RefusedByPeer,
            rustls::Error::PeerIncompatible(_) | rustls::Error::NoApplicationProtocol => {
                Self::NothingInCommon
            }
            _ => Self::Other,
        }
    }

    fn of_certificate(why: &CertificateError) -> Self {
        match why {
            // A bad signature is what another authority of the same name looks like.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                Self::Untrusted(Arc::default())
            }
            CertificateError::Other(other) => match other.0.downcast_ref::<UnknownAuthority>() {
                Some(UnknownAuthority(name)) => Self::Untrusted(Arc::clone(name)),
                None => Self::Certificate,
            },
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::WrongName
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            _ => Self::Certificate,
        }
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())?;
        match self {
            Self::Untrusted(name) if !name.is_empty() => {
                write!(f, " but by \"{name}\" (is TLS opened on the way? see google.extra_ca_file)")
            }
            _ => Ok(()),
        }
    }
}

/// The name of an authority that is not trusted, as the judge of certificates
/// hands it through the TLS library.
#[derive(Debug, thiserror::Error)]
#[error("unknown authority")]
pub(super) struct UnknownAuthority(pub(super) Arc<str>);

/// An error of the operating system in fixed words.
#[must_use]
pub fn io_words(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => "connection reset",
        io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => "connection closed",
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => "network unreachable",
        io::ErrorKind::HostUnreachable => "no route to the host",
        io::ErrorKind::AddrNotAvailable => "no address of that family on this machine",
        io::ErrorKind::PermissionDenied => "forbidden on this machine",
        io::ErrorKind::TimedOut => "timed out",
        _ => "connection failed",
    }
}

#[cfg(test)]
mod tests {
    use super::TlsFault;
    use rustls::CertificateError;
    use std::io;

    #[test]
    fn a_fault_is_found_below_io_errors() {
        let tls = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let error = io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls));
        assert_eq!(TlsFault::find(&error), Some(TlsFault::Expired));
        assert_eq!(TlsFault::find(&io::Error::other("plain")), None);
        assert_eq!(TlsFault::of_handshake(&io::ErrorKind::UnexpectedEof.into()), TlsFault::Closed);
    }
}
