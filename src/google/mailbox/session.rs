//! An IMAP session of our own.

use std::fmt;

use async_imap::Authenticator;
use async_imap::error::Error;
use async_imap::imap_proto::{Response, Status};
use async_imap::types::{Capability, NameAttribute, QuotaResourceName};
use futures_util::TryStreamExt as _;
use postern_core::model::address::Address;
use postern_core::model::refusal::PeerText;
use postern_core::model::secret::Secret;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, Join, ReadHalf, Take, WriteHalf};
use zeroize::Zeroizing;

use super::MailboxFault;

// A mailbox of thousands of labels answers LIST with some hundred KiB; the
// library itself would read on without end.
const MOST: u64 = 4 * 1024 * 1024;

type Bounded<S> = Join<Take<ReadHalf<S>>, WriteHalf<S>>;

/// A session that is logged in.
#[derive(Debug)]
pub struct Session<S>(async_imap::Session<Bounded<S>>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug;

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its name as Gmail writes it, in one printable line.
    pub name: String,
    /// What it is for, by its special-use attribute (RFC 6154): names are
    /// localised.
    pub special: Option<&'static str>,
}

/// How full the mailbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Used, in KiB.
    pub used: u64,
    /// Allowed, in KiB.
    pub limit: u64,
}

impl<S> Session<S>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug,
{
    /// Logs in by XOAUTH2.
    ///
    /// # Errors
    /// `Refused` is Gmail's word; the others say nothing about the mailbox.
    pub async fn open(stream: S, address: &Address, access_token: &Secret) -> Result<Self, MailboxFault> {
        let (read, write) = tokio::io::split(stream);
        let mut client = async_imap::Client::new(tokio::io::join(read.take(MOST), write));
        let greeting = client.read_response().await.map_err(|_| MailboxFault::NoVerdict("no greeting"))?;
        let greeted = greeting
            .is_some_and(|answer| matches!(answer.parsed(), Response::Data { status: Status::Ok, .. }));
        if !greeted {
            return Err(MailboxFault::NoVerdict("no greeting"));
        }
        let payload = format!("user={address}\x01auth=Bearer {}\x01\x01", access_token.reveal());
        match client.authenticate("XOAUTH2", Xoauth2(Some(Zeroizing::new(payload)))).await {
            Ok(session) => Ok(Self(session)),
            Err((Error::No(why), _)) => {
                Err(MailboxFault::Refused { address: address.clone(), why: PeerText::new(words(&why)) })
            }
            Err(_) => Err(MailboxFault::NoVerdict("the connection or the protocol broke")),
        }
    }

    /// Every folder.
    ///
    /// # Errors
    /// When Gmail refuses or breaks off.
    pub async fn folders(&mut self) -> Result<Vec<Folder>, MailboxFault> {
        let fault = |error| told("the list of folders", &error);
        let mut names = self.0.list(Some(""), Some("\"*\"")).await.map_err(fault)?;
        let mut folders = Vec::new();
        while let Some(name) = names.try_next().await.map_err(fault)? {
            let special = name.attributes().iter().find_map(special);
            folders.push(Folder { name: printable(name.name()), special });
        }
        // The library does not tell a refusal from an empty list.
        if folders.is_empty() { Err(MailboxFault::NoVerdict("it tells no folder")) } else { Ok(folders) }
    }

    /// How full the mailbox is, where Gmail offers to tell.
    ///
    /// # Errors
    /// When Gmail refuses or breaks off.
    pub async fn quota(&mut self) -> Result<Option<Quota>, MailboxFault> {
        let fault = |error| told("the quota", &error);
        let offers = self.0.capabilities().await.map_err(fault)?;
        if !offers.has(&Capability::Atom("QUOTA".to_owned())) {
            return Ok(None);
        }
        let (_, quotas) = self.0.get_quota_root("INBOX").await.map_err(fault)?;
        let storage = quotas.iter().flat_map(|quota| &quota.resources);
        let storage = storage.filter(|resource| resource.name == QuotaResourceName::Storage);
        Ok(storage.map(|it| Quota { used: it.usage, limit: it.limit }).next())
    }

    /// Logs out; a farewell that fails changes nothing.
    pub async fn close(mut self) {
        let _farewell = self.0.logout().await;
    }
}

fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

fn special(attribute: &NameAttribute<'_>) -> Option<&'static str> {
    Some(match attribute {
        NameAttribute::All => "all",
        NameAttribute::Archive => "archive",
        NameAttribute::Drafts => "drafts",
        NameAttribute::Flagged => "flagged",
        NameAttribute::Junk => "junk",
        NameAttribute::Sent => "sent",
        NameAttribute::Trash => "trash",
        NameAttribute::Extension(name) if name.eq_ignore_ascii_case("\\Important") => "important",
        _ => return None,
    })
}

fn told(what: &'static str, error: &Error) -> MailboxFault {
    match error {
        Error::No(why) | Error::Bad(why) => MailboxFault::Declined { what, why: PeerText::new(words(why)) },
        _ => MailboxFault::NoVerdict("the connection or the protocol broke"),
    }
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
    use super::{Folder, MailboxFault, Quota, Session};
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

    async fn login(stream: DuplexStream, address: &Address, token: &Secret) -> Result<(), MailboxFault> {
        Session::open(stream, address, token).await.map(drop)
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

    #[tokio::test]
    async fn folders_are_told_by_their_use_and_the_mailbox_by_its_fill() {
        let (ours, theirs) = tokio::io::duplex(4096);
        let look = async {
            let anna = Address::parse("anna@x.cz").unwrap();
            let mut session = Session::open(ours, &anna, &Secret::new("t")).await.unwrap();
            (session.folders().await, session.quota().await)
        };
        let lines = [
            ("", "* OK Gimap ready\r\n"),
            ("AUTHENTICATE XOAUTH2", "+ \r\n"),
            ("dXNl", "A0001 OK done\r\n"),
            (
                "LIST \"\" \"*\"",
                "* LIST (\\HasNoChildren) \"/\" \"INBOX\"\r\n* LIST (\\HasNoChildren \\Sent) \"/\" \"[Gmail]/Odeslan&AOE-\"\r\nA0002 OK Success\r\n",
            ),
            ("CAPABILITY", "* CAPABILITY IMAP4rev1 QUOTA\r\nA0003 OK done\r\n"),
            (
                "GETQUOTAROOT",
                "* QUOTAROOT \"INBOX\" \"\"\r\n* QUOTA \"\" (STORAGE 10 15728640)\r\nA0004 OK Success\r\n",
            ),
        ];
        let ((folders, quota), _) = tokio::join!(look, play(theirs, &lines));
        let sent = Folder { name: "[Gmail]/Odeslan&AOE-".to_owned(), special: Some("sent") };
        assert_eq!(folders.unwrap()[1], sent);
        assert_eq!(quota.unwrap(), Some(Quota { used: 10, limit: 15_728_640 }));
    }
}
