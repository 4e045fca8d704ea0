//! A submission session on a stream that was dialled by us.
//!
//! lettre speaks the protocol; how it dials and its one-line AUTH are not used
//! here. Words of the server are cleaned before they are kept.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use lettre::Message;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use postern_core::model::refusal::PeerText;
use postern_core::model::secret::Secret;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// Why a mail server did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CourierFault {
    /// It said no.
    #[error("the mail server refuses {what}: {}", why.as_str())]
    Declined {
        /// What was asked.
        what: &'static str,
        /// Asking again does not help (5xx).
        lasting: bool,
        /// Its code and words.
        why: PeerText,
    },
    /// It said nothing that can be understood, or went away.
    #[error("the connection to the mail server or its protocol broke")]
    Broken,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The server's words.
    pub answer: PeerText,
    /// Recipients that it did not take, while it took others.
    pub refused: usize,
}

/// A session that has been greeted.
pub struct Courier(AsyncSmtpConnection);

impl Courier {
    /// Waits for the greeting and greets as `hostname`.
    ///
    /// # Errors
    /// When the server refuses or is none.
    pub async fn open<S>(stream: S, hostname: &str) -> Result<Self, CourierFault>
    where
        S: AsyncRead + AsyncWrite + Send + Sync + Unpin + fmt::Debug + 'static,
    {
        let hello = ClientId::Domain(hostname.chars().filter(char::is_ascii_graphic).collect());
        let opened = AsyncSmtpConnection::connect_with_transport(Box::new(Carried(stream)), &hello).await;
        opened.map(Self).map_err(|error| told("the greeting", &error))
    }

    /// The same on a stream on which a server was greeted before STARTTLS: it
    /// says nothing until it is greeted again (RFC 3207 section 4.2).
    ///
    /// # Errors
    /// See [`Courier::open`].
    pub async fn resume<S>(stream: S, hostname: &str) -> Result<Self, CourierFault>
    where
        S: AsyncRead + AsyncWrite + Send + Sync + Unpin + fmt::Debug + 'static,
    {
        const GREETED: &[u8] = b"220 greeted before\r\n";
        let (read, write) = tokio::io::split(stream);
        Self::open(tokio::io::join(GREETED.chain(read), write), hostname).await
    }

    /// Logs in with a password.
    ///
    /// # Errors
    /// When the server refuses or offers no way to.
    pub async fn log_in(&mut self, user: &str, password: &Secret) -> Result<(), CourierFault> {
        let login = Credentials::new(user.to_owned(), password.reveal().to_owned());
        let done = self.0.auth(&[Mechanism::Plain, Mechanism::Login], &login).await;
        done.map(drop).map_err(|error| match told("the login", &error) {
            CourierFault::Broken if error.is_client() => CourierFault::Declined {
                what: "the login",
                lasting: true,
                why: PeerText::new("it offers neither AUTH PLAIN nor AUTH LOGIN"),
            },
            other => other,
        })
    }

    /// Says one line and hears its answer.
    pub(super) async fn say(
        &mut self,
        what: &'static str,
        line: impl fmt::Display,
    ) -> Result<Response, CourierFault> {
        self.0.command(line).await.map_err(|error| told(what, &error))
    }

    /// Sends a message; enough that one of its recipients is taken.
    ///
    /// # Errors
    /// When nobody was taken, or the message was not. The session can be used
    /// on after a refusal, unless the server hangs up with it.
    pub async fn deliver(&mut self, message: &Message) -> Result<Delivered, CourierFault> {
        let sent = self.transaction(message).await;
        if let Err(CourierFault::Declined { .. }) = sent {
            // The verdict stands, whatever becomes of the session.
            let _reset = self.say("a new beginning", Rset).await;
        }
        sent
    }

    async fn transaction(&mut self, message: &Message) -> Result<Delivered, CourierFault> {
        let envelope = message.envelope();
        self.say("the sender", Mail::new(envelope.from().cloned(), Vec::new())).await?;
        let mut refused: Vec<CourierFault> = Vec::new();
        for to in envelope.to() {
            match self.say("the recipient", Rcpt::new(to.clone(), Vec::new())).await {
                Ok(_) => {}
                Err(CourierFault::Broken) => return Err(CourierFault::Broken),
                Err(no) => refused.push(no),
            }
        }
        if refused.len() == envelope.to().len() {
            // One who may be taken later is worth another try.
            let later = refused.iter().position(|no| !no.lasts()).unwrap_or(0);
            return Err(refused.into_iter().nth(later).unwrap_or(CourierFault::Broken));
        }
        self.say("the message", Data).await?;
        let answer = self.0.message(&message.formatted()).await.map_err(|it| told("the message", &it))?;
        Ok(Delivered { answer: words(&answer), refused: refused.len() })
    }

    /// Says goodbye; a farewell that fails changes nothing.
    pub async fn close(mut self) {
        let _farewell = self.0.quit().await;
    }
}

impl CourierFault {
    /// Whether asking again does not help.
    #[must_use]
    pub fn lasts(&self) -> bool {
        matches!(self, Self::Declined { lasting: true, .. })
    }
}

/// The words of an answer, in one line.
pub(super) fn words(answer: &Response) -> PeerText {
    PeerText::new(&answer.message().collect::<Vec<_>>().join(" "))
}

fn told(what: &'static str, error: &Error) -> CourierFault {
    let Some(code) = error.status() else {
        return CourierFault::Broken;
    };
    let words = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let why = PeerText::new(&format!("{code} {words}"));
    CourierFault::Declined { what, lasting: error.is_permanent(), why }
}

/// A stream that was dialled by us, for a library that dials by itself.
#[derive(Debug)]
struct Carried<S>(S);

impl<S: AsyncRead + AsyncWrite + Send + Sync + Unpin + fmt::Debug> AsyncTokioStream for Carried<S> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Carried<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Carried<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::{Courier, CourierFault};
    use lettre::Message;
    use postern_core::model::secret::Secret;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};

    const EHLO: (&str, &str) = ("EHLO gate.example\r\n", "250-mx\r\n250 AUTH PLAIN\r\n");
    const MAIL: (&str, &str) = ("MAIL FROM:<it@x.cz>", "250 ok\r\n");
    const RSET: (&str, &str) = ("RSET", "250 ok\r\n");

    /// Says each answer after a line that starts so.
    async fn play(server: DuplexStream, greeting: &str, script: &[(&str, &str)]) {
        let mut server = BufReader::new(server);
        server.write_all(greeting.as_bytes()).await.unwrap();
        for (start, say) in script {
            let mut line = String::new();
            // Of a message only the dot is of interest.
            while !line.starts_with(start) {
                line.clear();
                assert!(server.read_line(&mut line).await.unwrap() > 0, "no {start:?}");
                assert!(*start == ".\r\n" || line.starts_with(start), "{line:?} is not {start:?}");
            }
            server.write_all(say.as_bytes()).await.unwrap();
        }
    }

    fn message(to: &[&str]) -> Message {
        let mut message = Message::builder().from("it@x.cz".parse().unwrap());
        for to in to {
            message = message.to(to.parse().unwrap());
        }
        message.body("hello".to_owned()).unwrap()
    }

    async fn sent(to: &[&str], rest: &[(&str, &str)]) -> Result<usize, CourierFault> {
        let (ours, theirs) = tokio::io::duplex(16 * 1024);
        let script = [&[EHLO, MAIL], rest].concat();
        let work = async {
            let mut courier = Courier::open(ours, "gate.example").await?;
            Ok(courier.deliver(&message(to)).await?.refused)
        };
        tokio::join!(work, play(theirs, "220 mx ESMTP\r\n", &script)).0
    }

    #[tokio::test]
    async fn who_is_refused_does_not_keep_the_message_from_the_others() {
        let script = [
            ("RCPT TO:<a@x.cz>", "550 5.1.1 unknown\r\n"),
            ("RCPT TO:<b@x.cz>", "250 ok\r\n"),
            ("DATA", "354 go\r\n"),
            (".\r\n", "250 2.0.0 queued\r\n"),
        ];
        assert_eq!(sent(&["a@x.cz", "b@x.cz"], &script).await, Ok(1));
    }

    #[tokio::test]
    async fn a_refusal_lasts_only_when_all_of_it_does() {
        let gone = ("RCPT TO:<a@x.cz>", "550 5.1.1 unknown\r\n");
        let busy = ("RCPT TO:<b@x.cz>", "451 4.3.0 later\r\n");
        assert!(sent(&["a@x.cz"], &[gone, RSET]).await.unwrap_err().lasts());
        let no = sent(&["a@x.cz", "b@x.cz"], &[gone, busy, RSET]).await.unwrap_err();
        assert!(!no.lasts() && no.to_string().contains("451 4.3.0 later"), "{no}");
        let taken = [("RCPT TO:<a@x.cz>", "250 ok\r\n"), ("DATA", "354 go\r\n")];
        assert_eq!(sent(&["a@x.cz"], &taken).await, Err(CourierFault::Broken));
    }

    #[tokio::test]
    async fn a_session_goes_on_behind_starttls_and_logs_in() {
        let (ours, theirs) = tokio::io::duplex(16 * 1024);
        let work = async {
            let mut courier = Courier::resume(ours, "gate.example").await?;
            courier.log_in("it", &Secret::new("p")).await
        };
        let script = [EHLO, ("AUTH PLAIN AGl0AHA=", "235 ok\r\n")];
        assert_eq!(tokio::join!(work, play(theirs, "", &script)).0, Ok(()));
    }

    #[tokio::test]
    async fn a_password_is_not_said_where_nobody_asks_for_one() {
        let (ours, theirs) = tokio::io::duplex(16 * 1024);
        let work = async {
            let mut courier = Courier::open(ours, "gate.example").await?;
            courier.log_in("it", &Secret::new("p")).await
        };
        let script = [("EHLO gate.example\r\n", "250 mx\r\n")];
        let no = tokio::join!(work, play(theirs, "220 mx\r\n", &script)).0.unwrap_err();
        assert!(no.to_string().contains("neither AUTH PLAIN"), "{no}");
    }
}
