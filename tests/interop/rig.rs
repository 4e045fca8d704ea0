//! Client, gateway, Dovecot, recording sink: all of one test.

use std::fs;
use std::path::PathBuf;

use postern::net::dial::UpstreamStream;
use postern_sandbox::{Options, Sandbox};
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::dovecot::Dovecot;
use crate::support::gateway::{Gateway, Setup};
use crate::support::line::Lines;
use crate::support::program::{self, Told, part};
use crate::support::sink::Sink;

/// What Gmail takes as attachments: also in base64 it stays below the size limit.
pub const LARGE: usize = 25_000_000;

/// How a client reaches the gateway.
#[derive(Debug, Clone, Copy)]
pub enum Security {
    None,
    Implicit,
    StartTls,
}

/// What a client speaks.
#[derive(Debug, Clone, Copy)]
pub enum Protocol {
    Imap,
    Smtp,
}

/// One run of a client script.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// File in `tests/interop/clients`.
    pub script: &'a str,
    pub protocol: Protocol,
    pub tls: Security,
    /// The script's own word for its way to log in.
    pub auth: &'a str,
}

/// A mailbox with the CRM token that opens it.
#[derive(Debug)]
pub struct Login {
    pub address: String,
    pub token: String,
}

/// The servers. They end in the order of the fields.
pub struct Rig {
    pub gateway: Gateway,
    dovecot: Dovecot,
    pub sink: Sink,
    files: TempDir,
}

impl Rig {
    pub async fn start() -> Self {
        let sandbox = Sandbox::start(Options::default()).await.expect("the sandbox starts");
        let sink = Sink::start();
        let dovecot = Dovecot::start(&sandbox, &sink);
        let setup = Setup {
            sandbox: Some(sandbox),
            imap: Some(dovecot.imap.clone()),
            smtp: Some(dovecot.smtp.clone()),
            ca: Some(dovecot.ca.clone()),
            ..Setup::default()
        };
        let gateway = Gateway::with(setup).await;
        let files = tempfile::tempdir().expect("a temporary folder");
        Self { gateway, dovecot, sink, files }
    }

    /// A connected mailbox of this name.
    pub async fn mailbox(&self, name: &str) -> Login {
        let address = format!("{name}@example.com");
        let account = self.gateway.connect(&address, &[]).await;
        Login { address, token: self.gateway.token(account).await }
    }

    /// A file that the client is given.
    pub fn file(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.files.path().join(name);
        fs::write(&path, octets).expect("written");
        path
    }

    /// A session at Dovecot's submission without the gateway, greeted.
    pub async fn direct(&self) -> Lines<UpstreamStream> {
        let target = self.dovecot.smtp.parse().expect("host and port");
        let stream = self.gateway.parts.dialer.dial(&target).await.expect("Dovecot listens");
        let mut lines = Lines::over(stream);
        lines.until("220 ").await;
        lines.ask("EHLO client.example.com", "250 ").await;
        lines
    }

    /// Runs a client script on the files `small.eml` and `large.eml`.
    pub async fn run(&self, run: Run<'_>, login: &Login) -> Told {
        let files = self.files.path();
        let mut command = command(&self.gateway, run, login);
        command.env("SMALL_FILE", files.join("small.eml")).env("MESSAGE_FILE", files.join("large.eml"));
        program::run(command).await
    }
}

/// The call of a client script; without the files that it reads.
pub fn command(gateway: &Gateway, run: Run<'_>, login: &Login) -> Command {
    let (name, listeners) = match run.protocol {
        Protocol::Imap => ("IMAP", &gateway.imap),
        Protocol::Smtp => ("SMTP", &gateway.smtp),
    };
    let (tls, listener) = match run.tls {
        Security::None => ("none", listeners[0]),
        Security::Implicit => ("implicit", listeners[1]),
        Security::StartTls => ("starttls", listeners[2]),
    };
    let script = program::file("clients").join(run.script);
    let mut command = match script.extension().and_then(|it| it.to_str()) {
        Some("py") => Command::new(part("PYTHON")),
        Some("php") => Command::new(part("PHP")),
        Some("js") => Command::new(part("NODE")),
        _ => Command::new("bash"),
    };
    command
        .arg(script)
        .env(format!("{name}_HOST"), "localhost")
        .env(format!("{name}_PORT"), listener.port().to_string())
        .env(format!("{name}_TLS"), tls)
        .env("AUTH", run.auth)
        .env("CA_FILE", gateway.dir.path().join("certs/dev-ca.pem"))
        .env("USERNAME", &login.address)
        .env("PASSWORD", &login.token)
        .env("SENDER", &login.address)
        .env("RECIPIENT", "someone@elsewhere.test");
    command
}

/// A message of `size` octets: numbered lines, so that none can be lost or
/// swapped unseen, some of them with dots in front or with octets above 127.
pub fn message(from: &str, size: usize) -> Vec<u8> {
    let mut octets =
        format!("From: {from}\r\nTo: someone@elsewhere.test\r\nSubject: interop\r\n\r\n").into_bytes();
    for number in 0.. {
        let dots = ["", "", ".", "..", ". "][number % 5];
        let line = format!("{dots}{number:08} {}\r\n", "na\u{ef}ve ".repeat(number % 12));
        if octets.len() + line.len() + 2 > size {
            break;
        }
        octets.extend_from_slice(line.as_bytes());
    }
    octets.resize(size.max(octets.len() + 2) - 2, b'.');
    octets.extend_from_slice(b"\r\n");
    octets
}
