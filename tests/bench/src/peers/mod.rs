//! The gateway and its peers, each in front of one upstream.

mod dovecot;
mod emailproxy;
mod haproxy;
mod postern;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use rustls::ClientConfig;

use crate::certificate::Certificate;
use crate::client::{Credential, Place};
use crate::kernel;
use crate::process::Process;
use crate::token;

pub use self::dovecot::gmail;
pub use self::postern::EXPIRED;

/// Sessions that one account may have: the gateway's default.
const BUDGET: usize = 10;

/// What stands between client and upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// Nothing.
    Direct,
    /// The gateway.
    Postern,
    /// email-oauth2-proxy.
    Emailproxy,
    /// Dovecot's login proxy.
    Dovecot,
    /// haproxy, which sees octets only: the client itself knows the access token.
    Haproxy,
}

impl Peer {
    /// All, in the order of the table.
    pub const ALL: [Self; 5] = [Self::Direct, Self::Postern, Self::Haproxy, Self::Dovecot, Self::Emailproxy];

    /// In the table, and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Postern => "postern",
            Self::Emailproxy => "emailproxy",
            Self::Dovecot => "dovecot",
            Self::Haproxy => "haproxy",
        }
    }

    /// How much of the work it gets: what takes a quarter of a second per login
    /// would hold up the run for an hour.
    pub fn share(self, work: usize) -> usize {
        if self == Self::Emailproxy { work.div_ceil(20) } else { work }
    }
}

/// What the run has put in place.
pub struct Site {
    /// Its folder.
    pub dir: PathBuf,
    /// Of all servers.
    pub certificate: Certificate,
    /// Of all clients.
    pub tls: Arc<ClientConfig>,
    /// The release binary under test.
    pub postern: PathBuf,
    /// Python with email-oauth2-proxy.
    pub python: PathBuf,
    /// Accounts that are registered.
    pub accounts: usize,
}

impl Site {
    /// A folder of its own for a server.
    pub fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let dir = (0..1_000).map(|n| self.dir.join(format!("{name}-{n}"))).find(|dir| !dir.exists());
        let dir = dir.context("too many folders")?;
        std::fs::create_dir(&dir)?;
        Ok(dir)
    }

    fn place(&self, port: u16) -> Place {
        Place { tls: self.tls.clone(), port }
    }
}

/// Where Gmail is.
#[derive(Debug, Clone, Copy)]
pub struct Upstream {
    /// IMAP with TLS.
    pub imap: u16,
    /// SMTP with TLS.
    pub smtp: u16,
    /// Token endpoint and token information.
    pub http: u16,
}

/// A running peer.
pub struct Gateway {
    /// Which.
    pub peer: Peer,
    /// Where IMAP clients go.
    pub imap: Place,
    /// Where SMTP clients go.
    pub smtp: Place,
    process: Option<Process>,
    /// By user; who is not in it shows the access token.
    secrets: BTreeMap<String, String>,
}

impl Gateway {
    /// Starts `peer` in front of `upstream`.
    pub fn start(site: &Site, peer: Peer, upstream: Upstream) -> anyhow::Result<Self> {
        match peer {
            Peer::Direct => Ok(Self {
                peer,
                imap: site.place(upstream.imap),
                smtp: site.place(upstream.smtp),
                process: None,
                secrets: BTreeMap::new(),
            }),
            Peer::Postern => postern::start(site, upstream, BUDGET),
            Peer::Emailproxy => emailproxy::start(site, upstream),
            Peer::Dovecot => dovecot::proxy(site, upstream),
            Peer::Haproxy => haproxy::start(site, upstream),
        }
    }

    /// Starts the gateway with another budget of sessions for each account.
    pub fn with_budget(site: &Site, upstream: Upstream, budget: usize) -> anyhow::Result<Self> {
        postern::start(site, upstream, budget)
    }

    /// How the `n`th mailbox logs in.
    pub fn credential(&self, n: usize) -> Credential {
        // This peer's accounts are few: each costs a second of key derivation to prepare.
        let n = if self.peer == Peer::Emailproxy { n % emailproxy::ACCOUNTS } else { n };
        let user = token::mailbox(n);
        match self.secrets.get(&user) {
            Some(secret) => Credential::Password(user, secret.clone()),
            None => Credential::AccessToken(user),
        }
    }

    /// Processor seconds so far.
    pub fn cpu(&self) -> anyhow::Result<f64> {
        self.process.as_ref().map_or(Ok(0.0), |process| kernel::cpu(process.id()))
    }

    /// Memory now, in KiB.
    pub fn pss(&self) -> anyhow::Result<f64> {
        self.process.as_ref().map_or(Ok(0.0), |process| kernel::pss(process.id()))
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
