//! An IMAP client.

use anyhow::{Context as _, bail};

use super::{Connection, Credential, Place, in_time};
use crate::token;

/// A session.
pub struct Imap {
    wire: Connection,
    tag: u32,
}

impl Imap {
    /// Connects and hears the greeting.
    pub async fn connect(place: &Place) -> anyhow::Result<Self> {
        let mut wire = place.connect().await?;
        let greeting = in_time("the greeting", wire.heard()).await?;
        if !greeting.starts_with("* OK") {
            bail!("greeted with {greeting}");
        }
        Ok(Self { wire, tag: 0 })
    }

    /// Connects and logs in.
    pub async fn open(place: &Place, who: &Credential) -> anyhow::Result<Self> {
        let mut session = Self::connect(place).await?;
        session.login(who).await?;
        Ok(session)
    }

    /// Logs in.
    pub async fn login(&mut self, who: &Credential) -> anyhow::Result<()> {
        let command = match who {
            Credential::Password(user, secret) => format!("LOGIN {user} {secret}"),
            Credential::AccessToken(user) => format!("AUTHENTICATE XOAUTH2 {}", token::xoauth2(user)),
        };
        in_time("login", self.command(&command)).await.map(drop)
    }

    /// Reads a mailbox whole; says how many octets of messages that was.
    pub async fn fetch(&mut self, mailbox: &str) -> anyhow::Result<usize> {
        in_time("SELECT", self.command(&format!("SELECT {mailbox}"))).await?;
        in_time("FETCH", self.command("FETCH 1:* (BODY.PEEK[])")).await
    }

    /// Begins to wait for news.
    pub async fn idle(&mut self) -> anyhow::Result<()> {
        self.tag += 1;
        let line = format!("t{} IDLE\r\n", self.tag);
        in_time("IDLE", async {
            self.wire.send(line.as_bytes()).await?;
            let answer = self.wire.heard().await?;
            if !answer.starts_with('+') {
                bail!("IDLE was answered with {answer}");
            }
            self.wire.rest();
            Ok(())
        })
        .await
    }

    /// Ends IDLE.
    pub async fn done(&mut self) -> anyhow::Result<()> {
        in_time("DONE", async {
            self.wire.send(b"DONE\r\n").await?;
            self.verdict().await.map(drop)
        })
        .await
    }

    /// Logs out and waits for the server's end.
    pub async fn logout(mut self) -> anyhow::Result<()> {
        in_time("LOGOUT", async {
            self.wire.send(b"bye LOGOUT\r\n").await?;
            while let Some(line) = self.wire.line().await? {
                if line.starts_with("bye ") {
                    break;
                }
            }
            self.wire.closed().await;
            Ok(())
        })
        .await
    }

    async fn command(&mut self, command: &str) -> anyhow::Result<usize> {
        self.tag += 1;
        let line = format!("t{} {command}\r\n", self.tag);
        self.wire.send(line.as_bytes()).await?;
        self.verdict().await
    }

    /// Reads to the tagged answer; says how many octets of literals came before.
    async fn verdict(&mut self) -> anyhow::Result<usize> {
        let tag = format!("t{} ", self.tag);
        let mut octets = 0;
        loop {
            let line = self.wire.heard().await?;
            if let Some(said) = line.strip_prefix(&tag) {
                if said.starts_with("OK") {
                    return Ok(octets);
                }
                bail!("the server said {said}");
            }
            if let Some(literal) = line.strip_suffix('}').and_then(|line| line.rsplit_once('{')) {
                let length = literal.1.parse().context("the length of a literal")?;
                self.wire.skip(length).await?;
                octets += length;
            }
        }
    }
}
