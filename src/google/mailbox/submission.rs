//! A submission of our own: messages from the mailbox itself.

use std::fmt;

use lettre::message::Mailbox as Person;
use lettre::{Address as Envelope, Message};
use postern_core::model::address::Address;
use postern_core::model::refusal::PeerText;
use postern_core::model::secret::Secret;
use postern_core::wire::sasl;
use tokio::io::{AsyncRead, AsyncWrite};

use super::MailboxFault;
use super::courier::{Courier, CourierFault, Delivered};

/// A submission session that is logged in.
pub struct Submission(Courier);

impl Submission {
    /// Greets as `hostname` and logs in by XOAUTH2, always in two steps: the
    /// library's own `auth` sends one line, which is too long for Gmail with a
    /// delegated token (RFC 4954 section 4).
    ///
    /// # Errors
    /// `Refused` is Gmail's word; the others say nothing about the mailbox.
    pub async fn open<S>(
        stream: S,
        hostname: &str,
        address: &Address,
        access_token: &Secret,
    ) -> Result<Self, MailboxFault>
    where
        S: AsyncRead + AsyncWrite + Send + Sync + Unpin + fmt::Debug + 'static,
    {
        let mut courier = Courier::open(stream, hostname).await?;
        let refused = |fault: CourierFault| match fault.into() {
            MailboxFault::Declined { why, .. } => MailboxFault::Refused { address: address.clone(), why },
            other => other,
        };
        courier.say("the login", "AUTH XOAUTH2\r\n").await.map_err(refused)?;
        let payload = sasl::xoauth2(address, access_token);
        let answer = courier.say("the login", Line(&payload)).await.map_err(refused)?;
        if answer.has_code(334) {
            // Google's reason; the verdict comes after an empty line.
            courier.say("the login", "\r\n").await.map_err(refused)?;
            return Err(MailboxFault::NoVerdict("a challenge that leads nowhere"));
        }
        Ok(Self(courier))
    }

    /// Sends a short message to `to`; Gmail's words at its verdict.
    ///
    /// # Errors
    /// When Gmail refuses it or breaks off.
    pub async fn send(&mut self, from: &Address, to: &Address) -> Result<PeerText, MailboxFault> {
        let unfit = |_| MailboxFault::NoVerdict("the address fits no envelope");
        let sender: Envelope = from.as_str().parse().map_err(unfit)?;
        let receiver: Envelope = to.as_str().parse().map_err(unfit)?;
        let message = Message::builder()
            .from(Person::new(None, sender))
            .to(Person::new(None, receiver))
            .subject("Postern: test of this mailbox")
            .body(format!(
                "postern account check sent this message from {from}.\r\nNothing has to be done.\r\n"
            ))
            .map_err(|_| MailboxFault::NoVerdict("the message cannot be written"))?;
        Ok(self.0.deliver(&message).await?.answer)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// See [`Courier::deliver`].
    pub async fn deliver(&mut self, message: &Message) -> Result<Delivered, CourierFault> {
        self.0.deliver(message).await
    }

    /// Says goodbye; a farewell that fails changes nothing.
    pub async fn close(self) {
        self.0.close().await;
    }
}

impl From<CourierFault> for MailboxFault {
    fn from(fault: CourierFault) -> Self {
        match fault {
            CourierFault::Declined { what, why, .. } => Self::Declined { what, why },
            CourierFault::Broken => Self::NoVerdict("the connection or the protocol broke"),
        }
    }
}

struct Line<'a>(&'a Secret);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\r\n", self.0.reveal())
    }
}

#[cfg(test)]
mod tests {
    use super::Submission;
    use crate::google::mailbox::MailboxFault;
    use postern_core::model::address::Address;
    use postern_core::model::secret::Secret;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};

    /// Says each answer after the line that starts so; returns what it heard.
    async fn play(server: DuplexStream, script: &[(&str, &str)]) -> Vec<String> {
        let mut server = BufReader::new(server);
        let mut heard = Vec::new();
        server.write_all(b"220 smtp.gmail.com ESMTP\r\n").await.unwrap();
        for (start, say) in script {
            let mut line = String::new();
            server.read_line(&mut line).await.unwrap();
            assert!(line.starts_with(start), "{line:?} is not {start:?}");
            heard.push(line);
            server.write_all(say.as_bytes()).await.unwrap();
        }
        heard
    }

    const EHLO: (&str, &str) = ("EHLO gate.example\r\n", "250-smtp.gmail.com\r\n250 AUTH XOAUTH2\r\n");

    async fn open(script: &[(&str, &str)], token: &str) -> (Result<(), MailboxFault>, Vec<String>) {
        let (ours, theirs) = tokio::io::duplex(16 * 1024);
        let anna = Address::parse("anna@x.cz").unwrap();
        let token = Secret::new(token);
        let login = async {
            let session = Submission::open(ours, "gate.example", &anna, &token).await;
            session.map(drop)
        };
        tokio::join!(login, play(theirs, script))
    }

    #[tokio::test]
    async fn a_long_token_is_sent_in_a_line_of_its_own() {
        let ok = [EHLO, ("AUTH XOAUTH2\r\n", "334 \r\n"), ("dXNlcj1hbm5h", "235 2.7.0 Accepted\r\n")];
        let (done, heard) = open(&ok, &"t".repeat(1024)).await;
        assert_eq!(done, Ok(()));
        assert_eq!(heard[1], "AUTH XOAUTH2\r\n", "a longer line is refused by Gmail");
        assert!(heard[2].len() > 1300);
    }

    #[tokio::test]
    async fn a_refusal_answers_the_challenge_and_keeps_the_words() {
        let no = [
            EHLO,
            ("AUTH XOAUTH2\r\n", "334 \r\n"),
            ("dXNl", "334 eyJzdGF0dXMiOiI0MDAifQ==\r\n"),
            ("\r\n", "535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 more words\r\n"),
        ];
        let (done, _) = open(&no, "t").await;
        let Err(MailboxFault::Refused { why, .. }) = done else { panic!("{done:?}") };
        assert!(why.as_str().starts_with("535 5.7.8 Username and Password not accepted."), "{why:?}");
    }

    #[tokio::test]
    async fn a_connection_that_breaks_is_no_verdict() {
        let (done, _) = open(&[EHLO], "t").await;
        assert!(matches!(done, Err(MailboxFault::NoVerdict(_))), "{done:?}");
    }
}
