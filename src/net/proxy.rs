//! A proxy between this machine and Google, and what it answers.

use std::fmt;
use std::io;

use postern_core::model::secret::Secret;
use postern_core::wire::tunnel::Denied;
use postern_core::wire::tunnel::connect::{self, Verdict};
use postern_core::wire::tunnel::socks::{Socks, Step};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::fault::io_words;
use super::target::Target;

const STEP: usize = 512;

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// HTTP CONNECT.
    Http,
    /// SOCKS 5.
    Socks5,
}

/// A proxy with the login it wants, if any. Its password cannot be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// What it speaks.
    pub kind: Kind,
    /// Where it is.
    pub at: Target,
    /// User name and password.
    pub login: Option<(String, Secret)>,
}

/// Why a proxy gave no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyFault {
    /// Its name has no address.
    Unresolved,
    /// Nobody took the connection.
    Unreachable(&'static str),
    /// It was silent.
    Silent,
    /// It left in the middle.
    Gone(&'static str),
    /// It said no.
    Denied(Denied),
}

impl ProxyFault {
    /// Stable name for logs and metric labels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unresolved | Self::Unreachable(_) => "proxy_unreachable",
            Self::Silent => "proxy_timeout",
            Self::Gone(_) => "proxy_gone",
            Self::Denied(why) => why.name(),
        }
    }
}

impl fmt::Display for ProxyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved => f.write_str("is not found: its name does not resolve"),
            Self::Unreachable(why) => write!(f, "takes no connection: {why}"),
            Self::Silent => f.write_str("gave no answer in time"),
            Self::Gone(why) => write!(f, "left before it answered: {why}"),
            Self::Denied(why) => why.fmt(f),
        }
    }
}

impl Proxy {
    /// Asks on a fresh connection to the proxy for one to `target`. Not an
    /// octet of what comes behind the proxy's answer is taken.
    pub(super) async fn ask(&self, tcp: &mut TcpStream, target: &Target) -> Result<(), ProxyFault> {
        let login = self.login.as_ref().map(|(user, password)| (user.as_str(), password));
        let asked = match self.kind {
            Kind::Http => ask_http(tcp, target, login).await,
            Kind::Socks5 => ask_socks(tcp, target, login).await,
        };
        match asked {
            Ok(Ok(())) => Ok(()),
            Ok(Err(why)) => Err(ProxyFault::Denied(why)),
            Err(error) => Err(ProxyFault::Gone(io_words(&error))),
        }
    }
}

type Login<'a> = Option<(&'a str, &'a Secret)>;

async fn ask_http(tcp: &mut TcpStream, target: &Target, login: Login<'_>) -> io::Result<Result<(), Denied>> {
    tcp.write_all(&connect::request(&target.host, target.port, login)).await?;
    let mut octets = Vec::with_capacity(STEP);
    loop {
        let before = octets.len();
        octets.resize(before.saturating_add(STEP), 0);
        let seen = tcp.peek(octets.get_mut(before..).unwrap_or_default()).await?;
        if seen == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        octets.truncate(before.saturating_add(seen));
        let (end, open) = match connect::read(&octets) {
            Verdict::Partial => (octets.len(), false),
            Verdict::Open { length } => (length, true),
            Verdict::Denied(why) => return Ok(Err(why)),
        };
        tcp.read_exact(octets.get_mut(before..end).unwrap_or_default()).await?;
        if open {
            return Ok(Ok(()));
        }
    }
}

async fn ask_socks(tcp: &mut TcpStream, target: &Target, login: Login<'_>) -> io::Result<Result<(), Denied>> {
    let (mut socks, mut step) = Socks::start(&target.host, target.port, login);
    let mut answer = Vec::new();
    loop {
        match step {
            Step::Next { send, read } => {
                tcp.write_all(&send).await?;
                answer.resize(read, 0);
                tcp.read_exact(&mut answer).await?;
                step = socks.took(&answer);
            }
            Step::Open => return Ok(Ok(())),
            Step::Denied(why) => return Ok(Err(why)),
        }
    }
}
