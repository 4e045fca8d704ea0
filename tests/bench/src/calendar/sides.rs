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

/// What both sides count.
#[derive(Debug, Clone, Copy)]
pub struct Count {
    /// Requests to Google that read.
    pub reads: usize,
    /// Requests to the CRM.
    pub crm: usize,
    /// Records in the CRM.
    pub records: usize,
    /// Of these, with an edit of Google's.
    pub moved: usize,
    /// Events with an edit of the CRM's.
    pub agreed: usize,
}

impl Sides {
    /// Starts them.
    pub fn start(dir: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("calendars").arg(dir).stdin(Stdio::piped()).stdout(Stdio::piped());
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
        Ok(answer)
    }

    /// What they count now.
    pub fn count(&mut self) -> anyhow::Result<Count> {
        let answer = self.tell("count")?;
        let numbers: Vec<usize> = answer.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        match numbers[..] {
            [reads, crm, records, moved, agreed] => Ok(Count { reads, crm, records, moved, agreed }),
            _ => anyhow::bail!("{answer} is no count"),
        }
    }
}
