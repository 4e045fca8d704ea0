//! Servers of a run: started on free ports, ended with the run.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// A process that is ended when this is dropped.
pub struct Process(Child);

impl Process {
    /// Starts it and waits until it listens on `port`. What it says goes to `log`.
    pub fn serve(mut command: Command, log: &Path, port: u16) -> anyhow::Result<Self> {
        let file = File::create(log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let name = command.get_program().display().to_string();
        let mut process = Self(command.spawn().with_context(|| format!("starting {name}"))?);
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if process.0.try_wait()?.is_some() || Instant::now() > until {
                bail!("{name} does not serve:\n{}", std::fs::read_to_string(log).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(process)
    }

    /// One that speaks through a pipe.
    pub fn of(child: Child) -> Self {
        Self(child)
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Servers with children end those on TERM only.
        let _asked = Command::new("kill").arg(self.0.id().to_string()).status();
        for _ in 0..100 {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _killed = self.0.kill();
        let _seen = self.0.wait();
    }
}

/// Runs a command to its end and returns what it printed.
pub fn output(mut command: Command) -> anyhow::Result<String> {
    let name = format!("{command:?}");
    let done = command.stdin(Stdio::null()).output().with_context(|| name.clone())?;
    if !done.status.success() {
        bail!("{name} failed:\n{}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(String::from_utf8(done.stdout)?)
}

/// A port below those that the kernel gives to outgoing connections.
pub fn port() -> anyhow::Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    for _ in 0..8_000 {
        let port =
            20_000 + (std::process::id() as u16 % 10 * 800 + NEXT.fetch_add(1, Ordering::SeqCst)) % 8_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() && TcpListener::bind(("::1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port")
}

/// Fills the marks `@NAME@` of a template.
pub fn fill(template: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("@{name}@"), value))
}
