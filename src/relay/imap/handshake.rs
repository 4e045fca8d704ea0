//! Logging in at Gmail under the client's own tag.

use postern_core::model::address::Address;
use postern_core::model::secret::Secret;
use postern_core::wire::imap::failure::Failure;
use postern_core::wire::imap::tag::Tag;
use postern_core::wire::imap::upstream::{Step, Upstream, Welcome};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use crate::relay::upstream::{Failed, Handshake};

/// Opens a session whose last answer carries this tag.
pub(super) struct UnderTag(pub(super) Tag);

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Handshake<S> for UnderTag {
    type Session = Welcome;

    async fn shake(
        &self,
        stream: &mut S,
        mailbox: &Address,
        access_token: &Secret,
    ) -> Result<Welcome, Failed> {
        let mut core = Upstream::new(self.0.clone(), mailbox, access_token);
        let mut buffer = [0; 4096];
        loop {
            match core.step() {
                Step::Done(welcome) => return Ok(welcome),
                Step::Failed(failure) => return Err(failed(failure)),
                Step::Send(line) => {
                    let sent = async {
                        stream.write_all(line.reveal().as_bytes()).await?;
                        stream.flush().await
                    };
                    if sent.await.is_err() {
                        core.closed();
                    }
                }
                Step::Need => match stream.read(&mut buffer).await {
                    Ok(0) | Err(_) => core.closed(),
                    Ok(n) => core.feed(buffer.get(..n).unwrap_or_default()),
                },
            }
        }
    }
}

fn failed(failure: Failure) -> Failed {
    match failure {
        Failure::TokenRefused { text, .. } => Failed::TokenRefused(text),
        Failure::TooManyConnections => Failed::TooManyConnections,
        Failure::RefusedByGmail(text) => Failed::Refused(text),
        Failure::Unavailable(trouble) => Failed::Unavailable(format!("imap: {trouble:?}")),
    }
}
