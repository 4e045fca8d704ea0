//! As much IMAP as the driver speaks.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::{Counters, MESSAGE, MESSAGES, While};
use crate::token;
use crate::wire::Wire;

const CAPABILITIES: &str = "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS \
                            COMPRESS=DEFLATE ENABLE MOVE CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED \
                            LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584";

/// A message: lines of 76 characters.
pub fn body() -> Vec<u8> {
    let head = b"From: a@bench.example\r\nSubject: bench\r\n\r\n";
    let line = [b"QmVuY2g".repeat(11)[..76].to_vec(), b"\r\n".to_vec()].concat();
    let mut body = head.to_vec();
    while body.len() + line.len() <= MESSAGE {
        body.extend_from_slice(&line);
    }
    let rest = MESSAGE - body.len();
    body.extend(std::iter::repeat_n(b'=', rest));
    body
}

/// Serves one session.
pub async fn serve(
    mut wire: Wire<TlsStream<TcpStream>>,
    counters: Arc<Counters>,
    body: Arc<[u8]>,
) -> anyhow::Result<()> {
    let _counted = While::of(&counters.sessions);
    wire.send(b"* OK Gimap ready for requests from 127.0.0.1 bench\r\n").await?;
    let (mut record, mut messages) = (16_384, MESSAGES);
    loop {
        wire.rest();
        let Some(line) = wire.line().await? else { return Ok(()) };
        let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
        let (verb, rest) = command.split_once(' ').unwrap_or((command, ""));
        match verb.to_ascii_uppercase().as_str() {
            "CAPABILITY" => {
                let pre = "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 \
                           XYZZY SASL-IR AUTH=XOAUTH2 AUTH=PLAIN AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER";
                wire.send(format!("* CAPABILITY {pre}\r\n{tag} OK Thats all she wrote!\r\n").as_bytes())
                    .await?;
            }
            "AUTHENTICATE" => authenticate(&mut wire, tag, rest).await?,
            "SELECT" | "EXAMINE" => {
                (record, messages) = mailbox(rest.trim_matches('"'));
                let said = format!("* {messages} EXISTS\r\n* OK [UIDVALIDITY 1] .\r\n{tag} OK done\r\n");
                wire.send(said.as_bytes()).await?;
            }
            "FETCH" => {
                for n in 1..=messages {
                    let head = format!("* {n} FETCH (BODY[] {{{MESSAGE}}}\r\n");
                    let whole = [head.as_bytes(), &body, b")\r\n"].concat();
                    wire.send_in(&whole, record).await?;
                }
                wire.send(format!("{tag} OK Success\r\n").as_bytes()).await?;
            }
            "IDLE" => {
                let counted = While::of(&counters.idle);
                wire.send(b"+ idling\r\n").await?;
                wire.rest();
                let done = wire.line().await?;
                drop(counted);
                if done.is_none() {
                    return Ok(());
                }
                wire.send(format!("{tag} OK IDLE terminated (Success)\r\n").as_bytes()).await?;
            }
            "LOGOUT" => {
                let said = format!("* BYE LOGOUT Requested\r\n{tag} OK good day (Success)\r\n");
                wire.send(said.as_bytes()).await?;
                wire.closed().await;
                return Ok(());
            }
            _ => wire.send(format!("{tag} OK Success\r\n").as_bytes()).await?,
        }
    }
}

/// `r4096` sends records of that size, `r4096m1` has one message.
fn mailbox(name: &str) -> (usize, usize) {
    let sizes = name.strip_prefix('r').unwrap_or_default();
    let (record, messages) = sizes.split_once('m').unwrap_or((sizes, ""));
    (record.parse().unwrap_or(16_384), messages.parse().unwrap_or(MESSAGES))
}

async fn authenticate(wire: &mut Wire<TlsStream<TcpStream>>, tag: &str, rest: &str) -> anyhow::Result<()> {
    let shown = match rest.split_once(' ') {
        Some((_, initial)) => initial.to_owned(),
        None => {
            wire.send(b"+ \r\n").await?;
            wire.heard().await?
        }
    };
    let said = if token::is_good(&shown) {
        format!("* CAPABILITY {CAPABILITIES}\r\n{tag} OK user@bench.example authenticated (Success)\r\n")
    } else {
        format!("{tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n")
    };
    wire.send(said.as_bytes()).await
}
