//! A CRM's mail clients: async-imap reads, lettre sends.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use futures_util::TryStreamExt as _;
use lettre::message::Mailbox as Sender;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use postern_core::model::address::Address;

use super::Mailbox;
use crate::net::dial::plain;

const PATIENCE: Duration = Duration::from_secs(20);

type Session = async_imap::Session<tokio::net::TcpStream>;

async fn log_in(imap: SocketAddr, user: &Address, secret: &str) -> anyhow::Result<Session> {
    let stream = tokio::time::timeout(PATIENCE, plain(imap)).await??;
    let mut client = async_imap::Client::new(stream);
    client.read_response().await?.context("no greeting")?;
    client.login(user.as_str(), secret).await.map_err(|(error, _)| error.into())
}

/// Logs in, opens the inbox and says the subject of the newest message.
pub(super) async fn read_newest(imap: SocketAddr, mailbox: &Mailbox) -> anyhow::Result<String> {
    let mut session = log_in(imap, &mailbox.address, mailbox.token.reveal()).await?;
    let inbox = session.select("INBOX").await?;
    let subjects = subjects(&mut session, inbox.exists).await?;
    session.logout().await?;
    subjects.into_iter().last().context("the inbox is empty")
}

/// Looks for a message by its subject.
pub(super) async fn find(imap: SocketAddr, mailbox: &Mailbox, subject: &str) -> anyhow::Result<()> {
    let mut session = log_in(imap, &mailbox.address, mailbox.token.reveal()).await?;
    let inbox = session.select("INBOX").await?;
    let found = subjects(&mut session, inbox.exists).await?.iter().any(|s| s == subject);
    session.logout().await?;
    if found { Ok(()) } else { bail!("{subject:?} is not in the inbox") }
}

/// Says how a wrong token is answered.
pub(super) async fn wrong_token(imap: SocketAddr, mailbox: &Mailbox) -> anyhow::Result<String> {
    match log_in(imap, &mailbox.address, "pst_wrong").await {
        Ok(_) => bail!("a wrong token was let in"),
        Err(error) => Ok(error.to_string()),
    }
}

async fn subjects(session: &mut Session, exists: u32) -> anyhow::Result<Vec<String>> {
    let mut out = Vec::new();
    if exists == 0 {
        return Ok(out);
    }
    let mut messages = session.fetch(format!("1:{exists}"), "BODY.PEEK[HEADER.FIELDS (SUBJECT)]").await?;
    while let Some(message) = messages.try_next().await? {
        let header = String::from_utf8_lossy(message.header().unwrap_or_default()).into_owned();
        out.push(header.trim().trim_start_matches("Subject:").trim().to_owned());
    }
    Ok(out)
}

/// Sends a message as the CRM would.
pub(super) async fn send(
    smtp: SocketAddr,
    from: &Mailbox,
    to: &Address,
    subject: &str,
) -> anyhow::Result<()> {
    let message = Message::builder()
        .from(person(&from.address)?)
        .to(person(to)?)
        .subject(subject)
        .body("Sent through Postern.\r\n".to_owned())?;
    let credentials = Credentials::new(from.address.to_string(), from.token.reveal().to_owned());
    // Cleartext, but on loopback: this is how a CRM on the same machine speaks to us.
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.ip().to_string())
        .port(smtp.port())
        .credentials(credentials)
        .timeout(Some(PATIENCE))
        .build();
    transport.send(message).await?;
    Ok(())
}

fn person(address: &Address) -> anyhow::Result<Sender> {
    Ok(Sender::new(None, address.as_str().parse()?))
}
