//! One login to a mailbox, to prove that an access token opens it.

use std::fmt;
use std::time::Duration;

use async_imap::Authenticator;
use async_imap::imap_proto::{Response, Status};
use postern_core::model::address::Address;
use postern_core::model::refusal::{Blame, PeerText, Retry};
use postern_core::model::secret::Secret;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use zeroize::Zeroizing;

use crate::net::dial::{DialError, Dialer};
use crate::net::target::Target;

const LIMIT: Duration = Duration::from_secs(20);
// A greeting, a challenge and an answer have a few hundred octets; the library
// itself would read on without end.
const MOST: u64 = 64 * 1024;

/// Why the mailbox was not proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailboxFault {
    /// Gmail refused the login.
    #[error("Gmail refuses to open {address} with this grant: {}", why.as_str())]
    Refused {
        /// The mailbox.
        address: Address,
        /// Gmail's words.
        why: PeerText,
    },
    /// Gmail cannot be reached.
    #[error(transparent)]
    Unreachable(#[from] DialError),
    /// Gmail was reached, but gave no verdict.
    #[error("Gmail gave no answer to the login: {0}")]
    NoVerdict(&'static str),
}

impl MailboxFault {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Refused { .. } => Blame::Account,
            Self::Unreachable(_) | Self::NoVerdict(_) => Blame::Upstream,
        }
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Refused { .. } => Retry::No,
            Self::Unreachable(_) | Self::NoVerdict(_) => Retry::Later,
        }
    }
}

/// Logs in by XOAUTH2 and out again.
///
/// # Errors
/// `Refused` is Gmail's word; the others say nothing about the mailbox.
pub async fn prove(
    dialer: &Dialer,
    imap: &Target,
    address: &Address,
    access_token: &Secret,
) -> Result<(), MailboxFault> {
    let stream = dialer.dial(imap).await?;
    match tokio::time::timeout(LIMIT, login(stream, address, access_token)).await {
        Ok(done) => done,
        Err(_) => Err(MailboxFault::NoVerdict("no answer in time")),
    }
}

async fn login<S>(stream: S, address: &Address, access_token: &Secret) -> Result<(), MailboxFault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug,
{
    let (read, write) = tokio::io::split(stream);
    let mut client = async_imap::Client::new(tokio::io::join(read.take(MOST), write));
    let greeting = client.read_response().await.map_err(|_| MailboxFault::NoVerdict("no greeting"))?;
    let greeted =
        greeting.is_some_and(|answer| matches!(answer.parsed(), Response::Data { status: Status::Ok, .. }));
    if !greeted {
        return Err(MailboxFault::NoVerdict("no greeting"));
    }
    let payload = format!("user={address}\x01auth=Bearer {}\x01\x01", access_token.reveal());
    let mut session = match client.authenticate("XOAUTH2", Xoauth2(Some(Zeroizing::new(payload)))).await {
        Ok(session) => session,
        Err((async_imap::error::Error::No(why), _)) => {
            return Err(MailboxFault::Refused { address: address.clone(), why: PeerText::new(words(&why)) });
        }
        Err(_) => return Err(MailboxFault::NoVerdict("the connection or the protocol broke")),
    };
    // The proof is done; a farewell that fails changes nothing.
    let _farewell = session.logout().await;
    Ok(())
}

// The library tells a refusal as `code: …, info: Some("…")`.
fn words(why: &str) -> &str {
    let told = why.split_once("info: Some(\"").and_then(|(_, rest)| rest.strip_suffix("\")"));
    told.unwrap_or(why)
}

// The payload answers the first challenge; a second one is Google's reason for
// a refusal and wants an empty line.
struct Xoauth2(Option<Zeroizing<String>>);

impl Authenticator for Xoauth2 {
    type Response = Zeroizing<Vec<u8>>;

    fn process(&mut self, _challenge: &[u8]) -> Self::Response {
        Zeroizing::new(self.0.take().map(|payload| payload.as_bytes().to_vec()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::{MailboxFault, login};
    use postern_core::model::address::Address;
    use postern_core::model::secret::Secret;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream};

    async fn play(server: DuplexStream, lines: &[(&str, &str)]) -> Vec<String> {
        let mut server = BufReader::new(server);
        let mut heard = Vec::new();
        for (wait, say) in lines {
            if !wait.is_empty() {
                let mut line = String::new();
                server.read_line(&mut line).await.unwrap();
                assert!(line.contains(wait), "{line:?}");
                heard.push(line.clone());
            }
            let tag = heard.iter().find_map(|l| l.split_once(" AUTHENTICATE")).map_or("", |(tag, _)| tag);
            if server.write_all(say.replace("TAG", tag).as_bytes()).await.is_err() {
                break;
            }
        }
        heard
    }

    async fn run(lines: &[(&str, &str)]) -> (Result<(), MailboxFault>, Vec<String>) {
        let (ours, theirs) = tokio::io::duplex(4096);
        let anna = Address::parse("anna@x.cz").unwrap();
        let secret = Secret::new("ya29.x");
        tokio::join!(login(ours, &anna, &secret), play(theirs, lines))
    }

    #[tokio::test]
    async fn an_accepted_login_proves_the_mailbox() {
        let ok =
            [("", "* OK Gimap ready\r\n"), ("AUTHENTICATE XOAUTH2", "+ \r\n"), ("dXNl", "TAG OK done\r\n")];
        let (done, heard) = run(&ok).await;
        assert_eq!(done, Ok(()));
        assert_eq!(heard[1].trim_end(), "dXNlcj1hbm5hQHguY3oBYXV0aD1CZWFyZXIgeWEyOS54AQE=");
    }

    #[tokio::test]
    async fn a_refusal_answers_the_challenge_and_keeps_the_words() {
        let (done, _) = run(&[
            ("", "* OK Gimap ready\r\n"),
            ("AUTHENTICATE XOAUTH2", "+ \r\n"),
            ("dXNl", "+ eyJzdGF0dXMiOiI0MDAifQ==\r\n"),
            ("\r\n", "TAG NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n"),
        ])
        .await;
        let Err(MailboxFault::Refused { why, .. }) = done else { panic!("{done:?}") };
        assert_eq!(why.as_str(), "(AUTHENTICATIONFAILED) Invalid credentials (Failure)");
    }

    #[tokio::test]
    async fn what_is_no_verdict_blames_nobody() {
        let scripts: [&[(&str, &str)]; 3] = [
            &[("", "* BYE too many connections\r\n")],
            &[("", "* PREAUTH welcome\r\n")],
            &[("", "* OK ready\r\n"), ("AUTHENTICATE", "* BYE later\r\n")],
        ];
        for script in scripts {
            let (done, _) = run(script).await;
            assert!(matches!(done, Err(MailboxFault::NoVerdict(_))), "{script:?}: {done:?}");
        }
    }
}
