//! The command line of `calendar`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::site::machine;

const PARTS: [&str; 3] = ["planner", "node", "import"];

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The gateway's binary.
    pub postern: PathBuf,
    /// Parts.
    only: Vec<String>,
    /// People with three calendars each.
    pub people: usize,
    /// How long they are watched, in seconds.
    pub window: u64,
    /// Of the events of an import: 1 is all of them.
    scale: f64,
}

impl Options {
    /// Reads `--name value` pairs.
    pub fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self {
            postern: "target/release/postern".into(),
            only: PARTS.map(str::to_owned).to_vec(),
            people: 2_000,
            window: 120,
            scale: 1.0,
        };
        while let Some(name) = words.next() {
            let value = words.next().with_context(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--postern" => options.postern = value.into(),
                // For the other parts of the command.
                "--python" => {}
                "--only" => options.only = value.split(',').map(str::to_owned).collect(),
                "--people" => options.people = value.parse()?,
                "--window" => options.window = value.parse()?,
                "--scale" => options.scale = value.parse()?,
                _ => bail!("{name} is unknown; there are --only, --people, --window, --scale"),
            }
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

    /// A number of events, scaled.
    pub fn scaled(&self, events: usize) -> usize {
        ((events as f64 * self.scale) as usize).max(1)
    }

    /// Where and with what it takes place.
    pub fn heading(&self) -> anyhow::Result<String> {
        Ok(format!(
            "{}; `tests/bench/run calendar --only {} --people {} --window {} --scale {}`\n",
            machine(&self.postern)?,
            self.only.join(","),
            self.people,
            self.window,
            self.scale,
        ))
    }
}
