//! Everything that a run starts, and what all parts ask of it.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::net::TcpStream;

use crate::certificate::Certificate;
use crate::options::Options;
use crate::peers::{self, Gateway, Peer, Site, Upstream};
use crate::process::Process;
use crate::table::Results;
use crate::wire::Wire;

/// The stand-in and the folder, with what was measured so far.
pub struct Rig {
    /// What was asked for.
    pub options: Options,
    /// Folder and certificates.
    pub site: Site,
    /// The light stand-in.
    pub light: Upstream,
    /// What came out.
    pub results: Results,
    _light: Process,
}

/// A count that the stand-in keeps.
#[derive(Debug, Clone, Copy)]
pub enum Count {
    /// Connections.
    Sessions,
    /// IMAP sessions in IDLE.
    Idle,
    /// Requests at the token endpoint.
    Tokens,
    /// Messages taken.
    Messages,
}

impl Rig {
    /// Starts the stand-in in `dir`.
    pub async fn start(options: Options, dir: std::path::PathBuf) -> anyhow::Result<Self> {
        let certificate = Certificate::make(&dir)?;
        let (process, light) = upstream(&dir).await?;
        let most = options.sessions.iter().max().copied().unwrap_or_default();
        let site = Site {
            tls: certificate.client()?,
            dir,
            certificate,
            postern: options.postern.clone(),
            python: options.python.clone(),
            accounts: most.div_ceil(10).max(100),
        };
        Ok(Self { options, site, light, results: Results::default(), _light: process })
    }

    /// The peers of this run in front of `upstream`.
    pub fn gateways(&self, upstream: Upstream) -> anyhow::Result<Vec<Arc<Gateway>>> {
        self.options.peers.iter().map(|peer| self.gateway(*peer, upstream)).collect()
    }

    /// One of them.
    pub fn gateway(&self, peer: Peer, upstream: Upstream) -> anyhow::Result<Arc<Gateway>> {
        eprintln!("  starting {}", peer.name());
        Gateway::start(&self.site, peer, upstream).map(Arc::new)
    }

    /// Dovecot as Gmail.
    pub fn dovecot(&self) -> anyhow::Result<(Process, Upstream)> {
        peers::gmail(&self.site, self.light)
    }

    /// What the stand-in counts.
    pub async fn count(&self, count: Count) -> anyhow::Result<usize> {
        self.ask("/counters", count).await
    }

    /// The same, and from now on mailboxes whose access token is past get a new one.
    pub async fn open(&self, count: Count) -> anyhow::Result<usize> {
        self.ask("/open", count).await
    }

    async fn ask(&self, path: &str, count: Count) -> anyhow::Result<usize> {
        let mut wire = Wire::new(TcpStream::connect(("127.0.0.1", self.light.http)).await?);
        wire.send(format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n").as_bytes()).await?;
        let name = match count {
            Count::Sessions => "sessions ",
            Count::Idle => "idle ",
            Count::Tokens => "tokens ",
            Count::Messages => "messages ",
        };
        loop {
            if let Some(value) = wire.heard().await?.strip_prefix(name) {
                return Ok(value.parse()?);
            }
        }
    }

    /// Waits until the stand-in has this many.
    pub async fn wait(&self, count: Count, wanted: usize) -> anyhow::Result<()> {
        for _ in 0..600 {
            if self.count(count).await? == wanted {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the stand-in counts {} {count:?}, {wanted} were due", self.count(count).await?)
    }
}

async fn upstream(dir: &std::path::Path) -> anyhow::Result<(Process, Upstream)> {
    use std::io::BufRead as _;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("upstream").arg(dir).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let out = child.stdout.take().context("stdout")?;
    let process = Process::of(child);
    let mut line = String::new();
    std::io::BufReader::new(out).read_line(&mut line)?;
    let ports: Vec<u16> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    match ports[..] {
        [imap, smtp, http] => Ok((process, Upstream { imap, smtp, http })),
        _ => bail!("the stand-in does not serve"),
    }
}
