//! The command line of `contacts`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::pull::UNASKED;
use crate::site::machine;

const PARTS: [&str; 2] = ["push", "pull"];

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The gateway's binary.
    pub postern: PathBuf,
    /// Parts.
    only: Vec<String>,
    /// People who are pushed, and who are pulled.
    pub people: usize,
    /// By how many milliseconds each answer comes later, one after another.
    pub latency: Vec<u64>,
}

impl Options {
    /// Reads `--name value` pairs.
    pub fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self {
            postern: "target/release/postern".into(),
            only: PARTS.map(str::to_owned).to_vec(),
            people: 1_000,
            latency: vec![0, 50],
        };
        while let Some(name) = words.next() {
            let value = words.next().with_context(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--postern" => options.postern = value.into(),
                // For the other parts of the command.
                "--python" => {}
                "--only" => options.only = value.split(',').map(str::to_owned).collect(),
                "--people" => options.people = value.parse()?,
                "--latency" => {
                    options.latency = value.split(',').map(str::parse).collect::<Result<_, _>>()?
                }
                _ => bail!("{name} is unknown; there are --only, --people, --latency"),
            }
        }
        if options.has("pull") && options.people <= UNASKED {
            bail!("only more than {UNASKED} people are asked about before they are pulled");
        }
        match options.only.iter().find(|part| !PARTS.contains(&part.as_str())) {
            Some(part) => bail!("{part} is no part; there are {}", PARTS.join(", ")),
            None => Ok(options),
        }
    }

    /// Whether this part runs.
    pub fn has(&self, part: &str) -> bool {
        self.only.iter().any(|one| one == part)
    }

    /// Where and with what it takes place.
    pub fn heading(&self) -> anyhow::Result<String> {
        Ok(format!(
            "{}; `tests/bench/run contacts --only {} --people {} --latency {}`\n",
            machine(&self.postern)?,
            self.only.join(","),
            self.people,
            self.latency.iter().map(u64::to_string).collect::<Vec<_>>().join(","),
        ))
    }
}
