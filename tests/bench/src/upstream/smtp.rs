//! As much SMTP as the driver speaks.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::{Counters, While};
use crate::token;
use crate::wire::Wire;

const EHLO: &[u8] =
    b"250-smtp.gmail.com at your service, [127.0.0.1]\r\n250-SIZE 35882577\r\n250-8BITMIME\r\n\
                      250-AUTH LOGIN PLAIN XOAUTH2 PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH\r\n\
                      250-ENHANCEDSTATUSCODES\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n";

/// Serves one session.
pub async fn serve(mut wire: Wire<TlsStream<TcpStream>>, counters: Arc<Counters>) -> anyhow::Result<()> {
    let _counted = While::of(&counters.sessions);
    wire.send(b"220 smtp.gmail.com ESMTP bench - gsmtp\r\n").await?;
    loop {
        wire.rest();
        let Some(line) = wire.line().await? else { return Ok(()) };
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => wire.send(EHLO).await?,
            "AUTH" => authenticate(&mut wire, rest).await?,
            "DATA" => {
                wire.send(b"354 Go ahead bench - gsmtp\r\n").await?;
                let octets = wire.message().await?;
                counters.messages.fetch_add(1, Ordering::SeqCst);
                counters.octets.fetch_add(octets, Ordering::SeqCst);
                wire.send(b"250 2.0.0 OK  1700000000 bench - gsmtp\r\n").await?;
            }
            "QUIT" => {
                wire.send(b"221 2.0.0 closing connection bench - gsmtp\r\n").await?;
                wire.closed().await;
                return Ok(());
            }
            _ => wire.send(b"250 2.1.0 OK bench - gsmtp\r\n").await?,
        }
    }
}

async fn authenticate(wire: &mut Wire<TlsStream<TcpStream>>, rest: &str) -> anyhow::Result<()> {
    let shown = match rest.split_once(' ') {
        Some((_, initial)) => initial.to_owned(),
        None => {
            wire.send(b"334 \r\n").await?;
            wire.heard().await?
        }
    };
    let said: &[u8] = if token::is_good(&shown) {
        b"235 2.7.0 Accepted\r\n"
    } else {
        b"535-5.7.8 Username and Password not accepted.\r\n535 5.7.8  bench - gsmtp\r\n"
    };
    wire.send(said).await
}
