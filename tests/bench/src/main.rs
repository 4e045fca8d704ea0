//! The gateway and its peers on the same work.
//!
//! `tests/bench/run` puts the peers in place and starts this. One run: the
//! light stand-in for Gmail ([`upstream`]) and a Dovecot that takes only
//! XOAUTH2, every peer in front of each, then the [`phases`], round by round and
//! in each round peer by peer, so that a machine that changes its speed changes
//! it for all. Processor time and memory are the kernel's account of the peer
//! alone. Anything that fails, one login of ten thousand, fails the run.
//!
//! The [`calendar`] and the [`contacts`] have no peers: there the gateway stands
//! [`between`] Google and a CRM.

mod between;
mod calendar;
mod certificate;
mod client;
mod contacts;
mod kernel;
mod options;
mod peers;
mod phases;
mod process;
mod rig;
mod site;
mod table;
mod token;
mod upstream;
mod wire;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use self::certificate::Certificate;
use self::options::Options;
use self::phases::{fetch, login, memory, refresh, smtp};
use self::rig::{Count, Rig};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1).peekable();
    let part = words.next_if(|word| !word.starts_with('-')).unwrap_or_default();
    if ["upstream", calendar::WORLD, contacts::WORLD].contains(&part.as_str()) {
        let dir = words.next().with_context(|| format!("{part} needs the folder of the run"))?;
        return serve(&part, Path::new(&dir)).await;
    }
    let folder = Folder::make()?;
    tokio::select! {
        done = measure(&part, words, folder.0.clone()) => done,
        _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
    }
}

/// What a run has in a process of its own.
async fn serve(part: &str, dir: &Path) -> anyhow::Result<()> {
    match part {
        calendar::WORLD => calendar::world::run(dir).await,
        contacts::WORLD => contacts::world::run(dir).await,
        _ => upstream::run(&Certificate::at(dir)).await,
    }
}

async fn measure(part: &str, words: impl Iterator<Item = String>, dir: PathBuf) -> anyhow::Result<()> {
    match part {
        "" => run(Options::read(words)?, dir).await,
        "calendar" => calendar::run(words, dir).await,
        "contacts" => contacts::run(words, dir).await,
        _ => {
            anyhow::bail!("{part} is unknown; there are calendar and contacts, and without a word the peers")
        }
    }
}

async fn run(options: Options, dir: PathBuf) -> anyhow::Result<()> {
    let mut rig = Rig::start(options, dir).await?;
    let heading = site::heading(&rig.options)?;
    speed(&mut rig).await?;
    if rig.options.has("refresh") {
        refresh::run(&mut rig).await?;
    }
    if rig.options.has("memory") {
        for round in 0..rig.options.rounds {
            for sessions in rig.options.sessions.clone() {
                eprintln!("memory, round {}, {sessions} sessions", round + 1);
                for peer in rig.options.peers.clone() {
                    memory::run(&mut rig, peer, sessions).await?;
                }
            }
        }
    }
    let table = format!("{heading}\n{}", rig.results.table(&rig.options.peers));
    println!("{table}");
    if let Some(out) = &rig.options.out {
        std::fs::write(out, table)?;
    }
    Ok(())
}

/// What is measured in time, the peers by turns.
async fn speed(rig: &mut Rig) -> anyhow::Result<()> {
    if !["login", "fetch", "smtp"].iter().any(|part| rig.options.has(part)) {
        return Ok(());
    }
    let light = rig.gateways(rig.light)?;
    let (_dovecot, real) = if rig.options.has("login") {
        let (process, upstream) = rig.dovecot()?;
        (Some(process), rig.gateways(upstream)?)
    } else {
        (None, Vec::new())
    };
    for round in 0..rig.options.rounds {
        eprintln!("round {}", round + 1);
        for gateway in &real {
            login::run(rig, gateway, "Dovecot").await?;
        }
        for part in ["login", "fetch", "smtp"] {
            if !rig.options.has(part) {
                continue;
            }
            for gateway in &light {
                match part {
                    "login" => login::run(rig, gateway, "stand-in").await?,
                    "smtp" => smtp::run(rig, gateway).await?,
                    _ => {
                        fetch::run(rig, gateway, 4_096).await?;
                        fetch::run(rig, gateway, 16_384).await?;
                    }
                }
                rig.wait(Count::Sessions, 0).await?;
            }
        }
    }
    Ok(())
}

/// Where a run has its files: short, because sockets are in it, and open to the
/// users that servers drop to. Removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn make() -> anyhow::Result<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = PathBuf::from(format!("/tmp/postern-bench.{}", std::process::id()));
        std::fs::create_dir(&dir)?;
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o755))?;
        Ok(Self(dir))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::env::var_os("BENCH_KEEP").is_none() {
            let _left = std::fs::remove_dir_all(&self.0);
        }
    }
}
