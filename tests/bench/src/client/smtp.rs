//! An SMTP client that goes step by step, as PHP mailers do.

use anyhow::bail;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Connection, Credential, Place, in_time};
use crate::token;

/// A session.
pub struct Smtp {
    wire: Connection,
    user: String,
}

impl Smtp {
    /// Connects and logs in.
    pub async fn open(place: &Place, who: &Credential) -> anyhow::Result<Self> {
        let mut session = Self { wire: place.connect().await?, user: who.user().to_owned() };
        session.expect("220").await?;
        session.ask("EHLO bench.example", "250").await?;
        match who {
            Credential::Password(user, secret) => {
                let shown = STANDARD.encode(format!("\0{user}\0{secret}"));
                session.ask(&format!("AUTH PLAIN {shown}"), "235").await?;
            }
            Credential::AccessToken(user) => {
                session.ask("AUTH XOAUTH2", "334").await?;
                session.ask(&token::xoauth2(user), "235").await?;
            }
        }
        Ok(session)
    }

    /// Sends a message, its end included.
    pub async fn send(&mut self, message: &[u8]) -> anyhow::Result<()> {
        self.ask(&format!("MAIL FROM:<{}>", self.user), "250").await?;
        self.ask("RCPT TO:<somebody@bench.example>", "250").await?;
        self.ask("DATA", "354").await?;
        in_time("a message", self.wire.send(message)).await?;
        self.expect("250").await
    }

    /// Says good-bye.
    pub async fn quit(mut self) -> anyhow::Result<()> {
        self.ask("QUIT", "221").await?;
        in_time("the end", async {
            self.wire.closed().await;
            Ok(())
        })
        .await
    }

    async fn ask(&mut self, line: &str, wanted: &str) -> anyhow::Result<()> {
        in_time("a command", self.wire.send(format!("{line}\r\n").as_bytes())).await?;
        self.expect(wanted).await
    }

    async fn expect(&mut self, wanted: &str) -> anyhow::Result<()> {
        in_time("an answer", async {
            loop {
                let line = self.wire.heard().await?;
                if !line.starts_with(wanted) {
                    bail!("{wanted} was due and the server said {line}");
                }
                if line.as_bytes().get(3) != Some(&b'-') {
                    return Ok(());
                }
            }
        })
        .await
    }
}

/// A message of this many octets in all, with its end.
pub fn message(user: &str, octets: usize) -> Vec<u8> {
    let head = format!(
        "From: <{user}>\r\nTo: <somebody@bench.example>\r\nSubject: bench\r\n\
         Date: Mon, 23 Nov 2026 04:00:00 +0000\r\nMessage-ID: <bench@bench.example>\r\n\r\n"
    );
    let line = "QmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggYmVuY2ggYmVuY2g\r\n";
    let mut text = head;
    while text.len() + line.len() + 5 <= octets {
        text.push_str(line);
    }
    (text + ".\r\n").into_bytes()
}
