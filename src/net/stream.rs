//! The client's connection, in the clear or under TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::tls::{ServerSession, ServerTls};

/// Octets to and from a client. The TLS state is boxed, so that whoever holds
/// a stream stays small.
#[derive(Debug)]
pub enum ServerStream {
    /// In the clear.
    Plain(TcpStream),
    /// Under TLS.
    Tls(Box<ServerSession>),
}

impl ServerStream {
    /// STARTTLS: the handshake on a stream that is still in the clear. Who
    /// calls this must have dropped the connection if any octet followed the
    /// command line, and must forget everything the client said before.
    ///
    /// # Errors
    /// When the stream is under TLS already, or the handshake's own.
    pub async fn upgrade(self, tls: &ServerTls) -> io::Result<Self> {
        match self {
            Self::Plain(tcp) => Ok(Self::Tls(Box::new(tls.accept(tcp).await?))),
            Self::Tls(_) => Err(io::Error::new(io::ErrorKind::InvalidInput, "TLS is already on")),
        }
    }

    /// Whether the stream is under TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }
}

impl AsyncRead for ServerStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for ServerStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Self::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write_vectored(cx, bufs),
            Self::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(tcp) => tcp.is_write_vectored(),
            Self::Tls(tls) => tls.is_write_vectored(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ServerStream;
    use crate::net::trial;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn a_stream_is_upgraded_once_and_carries_octets_both_ways() {
        let (server, ca) = trial::server_tls();
        let (client, accepted) = trial::tcp_pair().await;
        let (client, stream) =
            tokio::join!(trial::tls_client(client, &ca, &[]), ServerStream::Plain(accepted).upgrade(&server));
        let (mut client, mut stream) = (client.unwrap(), stream.unwrap());
        assert!(stream.is_tls());
        stream.write_all(b"* OK\r\n").await.unwrap();
        stream.flush().await.unwrap();
        let mut got = [0; 6];
        client.read_exact(&mut got).await.unwrap();
        assert_eq!(&got, b"* OK\r\n");
        client.write_all(b"hi").await.unwrap();
        let mut got = [0; 2];
        stream.read_exact(&mut got).await.unwrap();
        assert_eq!(&got, b"hi");
        assert!(stream.upgrade(&server).await.is_err());
    }
}
