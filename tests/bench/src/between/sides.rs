//! The process in which Google and the CRM are.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::Context as _;

use crate::process::Process;

/// Both sides.
pub struct Sides {
    /// The address of Google's endpoints.
    pub google: String,
    /// The CRM's address.
    pub crm: String,
    /// The key of its API user.
    pub key: String,
    /// The table of people, once there are some.
    pub people: PathBuf,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    _process: Process,
}

impl Sides {
    /// Starts them; `world` is the word of the world that they are.
    pub fn start(dir: &Path, world: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(world).arg(dir).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let to = child.stdin.take().context("stdin")?;
        let mut from = BufReader::new(child.stdout.take().context("stdout")?);
        let process = Process::of(child);
        let mut line = String::new();
        from.read_line(&mut line)?;
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut next = || words.next().context("Google and the CRM do not serve");
        let (google, crm, key) = (next()?, next()?, next()?);
        Ok(Self { google, crm, key, people: dir.join("people.csv"), to, from, _process: process })
    }

    /// Has something done.
    pub fn tell(&mut self, line: &str) -> anyhow::Result<String> {
        writeln!(self.to, "{line}")?;
        let mut answer = String::new();
        anyhow::ensure!(self.from.read_line(&mut answer)? > 0, "{line} was not done");
        answer.truncate(answer.trim_end().len());
        Ok(answer)
    }

    /// What they count, under this word.
    pub fn count<const N: usize>(&mut self, what: &str) -> anyhow::Result<[usize; N]> {
        let answer = self.tell(what)?;
        let numbers: Vec<usize> = answer.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        numbers.try_into().map_err(|_| anyhow::anyhow!("{answer} is no count"))
    }
}
