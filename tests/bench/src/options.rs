//! The command line.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::peers::Peer;

/// Parts of the run that `--only` names.
pub const PARTS: [&str; 5] = ["login", "fetch", "smtp", "refresh", "memory"];

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The gateway's binary.
    pub postern: PathBuf,
    /// Python with email-oauth2-proxy.
    pub python: PathBuf,
    /// Where the table goes.
    pub out: Option<PathBuf>,
    /// Parts.
    pub only: Vec<String>,
    /// Against whom.
    pub peers: Vec<Peer>,
    /// How often; the table has medians.
    pub rounds: usize,
    /// Idle sessions, one run of the part each.
    pub sessions: Vec<usize>,
    /// Of the work: 1 is all of it.
    pub scale: f64,
}

impl Options {
    /// Reads `--name value` pairs.
    pub fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self {
            postern: "target/release/postern".into(),
            python: "python3".into(),
            out: None,
            only: PARTS.map(str::to_owned).to_vec(),
            peers: Peer::ALL.to_vec(),
            rounds: 3,
            sessions: vec![1_000, 10_000],
            scale: 1.0,
        };
        while let Some(name) = words.next() {
            let value = words.next().with_context(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--postern" => options.postern = value.into(),
                "--python" => options.python = value.into(),
                "--out" => options.out = Some(value.into()),
                "--only" => options.only = parts(&value)?,
                "--peers" => options.peers = peers(&value)?,
                "--rounds" => options.rounds = value.parse()?,
                "--sessions" => {
                    options.sessions = value.split(',').map(str::parse).collect::<Result<_, _>>()?
                }
                "--scale" => options.scale = value.parse()?,
                _ => bail!(
                    "{name} is unknown; there are --only, --peers, --rounds, --sessions, --scale, --out"
                ),
            }
        }
        Ok(options)
    }

    /// Whether this part runs.
    pub fn has(&self, part: &str) -> bool {
        self.only.iter().any(|one| one == part)
    }

    /// A number of things to do, scaled.
    pub fn scaled(&self, work: usize) -> usize {
        ((work as f64 * self.scale) as usize).max(1)
    }
}

fn parts(list: &str) -> anyhow::Result<Vec<String>> {
    let named: Vec<String> = list.split(',').map(str::to_owned).collect();
    match named.iter().find(|part| !PARTS.contains(&part.as_str())) {
        Some(part) => bail!("{part} is no part; there are {}", PARTS.join(", ")),
        None => Ok(named),
    }
}

fn peers(list: &str) -> anyhow::Result<Vec<Peer>> {
    list.split(',')
        .map(|name| {
            Peer::ALL
                .into_iter()
                .find(|peer| peer.name() == name)
                .with_context(|| format!("{name} is no peer"))
        })
        .collect()
}
