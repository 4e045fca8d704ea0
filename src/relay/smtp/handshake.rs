//! Logging in at Gmail's submission server.

use postern_core::model::address::Address;
use postern_core::model::secret::Secret;
use postern_core::wire::smtp::offers::Offers;
use postern_core::wire::smtp::upstream::{Failure, Step, Upstream};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::relay::upstream::{Failed, Handshake};

/// Opens a session in which we greet with this name.
pub(super) struct Greeting<'a>(pub(super) &'a str);

/// A session at Gmail that waits for its first command.
pub(super) struct Ready {
    /// What it offers.
    pub(super) offers: Offers,
    /// What it said beyond.
    pub(super) unread: Vec<u8>,
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Handshake<S> for Greeting<'_> {
    type Session = Ready;

    async fn shake(&self, stream: &mut S, mailbox: &Address, access_token: &Secret) -> Result<Ready, Failed> {
        let mut core = Upstream::new(self.0, mailbox, access_token);
        let mut unread = Vec::new();
        loop {
            let mut rest = unread.as_slice();
            let step = core.step(&mut rest);
            let used = unread.len() - rest.len();
            unread.drain(..used);
            let sent = match step {
                Step::Done(offers) => return Ok(Ready { offers, unread }),
                Step::Failed(failure) => return Err(failed(failure)),
                Step::Send(line) => send(stream, &line).await,
                Step::SendSecret(line) => send(stream, line.reveal().as_bytes()).await,
                Step::Need => read(stream, &mut unread).await,
            };
            if sent.is_err() {
                return Err(failed(core.lost()));
            }
        }
    }
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, line: &[u8]) -> std::io::Result<()> {
    stream.write_all(line).await?;
    stream.flush().await
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S, unread: &mut Vec<u8>) -> std::io::Result<()> {
    let mut buffer = [0; 4096];
    match stream.read(&mut buffer).await? {
        0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
        n => {
            unread.extend_from_slice(buffer.get(..n).unwrap_or_default());
            Ok(())
        }
    }
}

fn failed(failure: Failure) -> Failed {
    match failure {
        Failure::TokenRefused(words) => Failed::TokenRefused(words),
        Failure::TooManyConnections(_) => Failed::TooManyConnections,
        Failure::Refused(words) => Failed::Refused(words),
        Failure::Unavailable(trouble) => Failed::Unavailable(format!("smtp: {trouble:?}")),
    }
}
