//! The CRM at a mail server: it logs in, lists the folders and leaves, as its mailer was recorded to do.

use std::io;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::answer::Answer;
use super::version::Version;

/// How long the CRM waits for a mail server.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a mail server is tried with.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Trial {
    pub(crate) version: Version,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: String,
    pub(crate) username: String,
    pub(crate) password: String,
}

impl std::fmt::Debug for Trial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Trial({}:{})", self.host, self.port)
    }
}

impl Trial {
    /// How it goes.
    pub(crate) async fn run(&self) -> Answer {
        match timeout(PATIENCE, self.dialogue()).await {
            Ok(Ok(None)) => Answer::ok(json!(true)),
            Ok(Ok(Some(refusal))) => Answer::because(500, self.words(&refusal)),
            // It trusts no certificate that is made for a test, and says nothing of why.
            Ok(Err(_)) | Err(_) => Answer::bare(500),
        }
    }

    /// None when the login went well, else the line that refused it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the sandbox dials by itself; it may not use Postern's way"
    )]
    async fn dialogue(&self) -> io::Result<Option<String>> {
        if !self.security.is_empty() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let mut stream = BufReader::new(TcpStream::connect((self.host.as_str(), self.port)).await?);
        let mut greeting = String::new();
        stream.read_line(&mut greeting).await?;
        if !greeting.starts_with("* OK") {
            return Ok(Some(greeting.trim().to_owned()));
        }
        let login = format!("LOGIN {} {}", quoted(&self.username), quoted(&self.password));
        let answer = ask(&mut stream, "TAG1", &login).await?;
        if !answer.starts_with("TAG1 OK") {
            return Ok(Some(answer));
        }
        let listed = ask(&mut stream, "TAG2", "LIST \"\" \"*\"").await?;
        stream.write_all(b"TAG3 LOGOUT\r\n").await?;
        Ok((!listed.starts_with("TAG2 OK")).then_some(listed))
    }

    /// The older mailer drops the server's words.
    fn words(&self, refusal: &str) -> String {
        if self.version == Version::V9_2_7 {
            return "cannot login, user or password wrong".to_owned();
        }
        format!("IMAP command \"TAG1 LOGIN [redacted] [redacted]\" failed. Response: \"{refusal}\"")
    }
}

/// The tagged answer to a command.
async fn ask(stream: &mut BufReader<TcpStream>, tag: &str, command: &str) -> io::Result<String> {
    stream.write_all(format!("{tag} {command}\r\n").as_bytes()).await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line.starts_with(tag) {
            return Ok(line.trim().to_owned());
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
