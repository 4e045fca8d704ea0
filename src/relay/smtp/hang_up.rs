//! Closing a connection so that its last words arrive.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// For how long a client that is sent away may go on.
const PATIENCE: Duration = Duration::from_secs(2);

/// Ends our side, then drops what the client still says: closing a socket over
/// unread bytes resets it, and what we said last would be lost with it.
pub(super) async fn hang_up<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    let heard_out = async {
        stream.shutdown().await?;
        // Not a part of the future, which is as large as its session lives long.
        let mut dropped = vec![0; 4096];
        while stream.read(&mut dropped).await? > 0 {}
        std::io::Result::Ok(())
    };
    let _gone = tokio::time::timeout(PATIENCE, heard_out).await;
}
