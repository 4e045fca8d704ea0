//! Logging in: the bearer mechanisms, and the refusal of everything else.

use std::io;

use super::fault::ImapFault;
use super::session::{AFTER, Session};
use super::words::Word;
use crate::mail::Protocol;
use crate::sasl::{self, Bearer};

const REFUSED: &str = "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)";

impl Session {
    /// LOGIN: Gmail takes no password any more.
    pub(super) async fn login(&mut self, tag: &str) -> io::Result<bool> {
        self.refuse(tag, REFUSED).await
    }

    pub(super) async fn authenticate(&mut self, tag: &str, words: &[Word]) -> io::Result<bool> {
        let mechanism = words.first().map(Word::key).unwrap_or_default();
        let known = ["XOAUTH2", "OAUTHBEARER", "PLAIN", "PLAIN-CLIENTTOKEN"];
        if !known.contains(&mechanism.as_str()) {
            return self.refuse(tag, "NO Unsupported authentication mechanism").await;
        }
        let response = match words.get(1) {
            Some(initial) => initial.text().unwrap_or_default().into_bytes(),
            None => {
                self.wire.send(b"+ \r\n").await?;
                self.line().await?
            }
        };
        if response == b"*" {
            return self.refuse(tag, "BAD Authentication cancelled").await;
        }
        if mechanism.starts_with("PLAIN") {
            return self.refuse(tag, REFUSED).await;
        }
        match sasl::bearer(&mechanism, &response) {
            Some(bearer) => self.enter(tag, &mechanism, bearer).await,
            None => self.refuse(tag, "BAD Invalid SASL argument").await,
        }
    }

    async fn enter(&mut self, tag: &str, mechanism: &str, bearer: Bearer) -> io::Result<bool> {
        let user = bearer.user.to_ascii_lowercase();
        let faults = &self.google.imap_faults;
        match faults.take(Some(&user), ImapFault::at_login) {
            Some(ImapFault::HangAtLogin) => return self.hang().await,
            Some(ImapFault::CloseAtLogin) => return self.end().await,
            Some(ImapFault::Login { challenge, answer }) => {
                if challenge {
                    self.challenge(mechanism).await?;
                }
                return self.refuse(tag, &answer).await;
            }
            _ => {}
        }
        let Some((email, expires)) = self.google.mail_bearer(&user, &bearer.token) else {
            self.challenge(mechanism).await?;
            return self.refuse(tag, REFUSED).await;
        };
        if !self.google.sessions.log_in(self.number, &email) {
            // Counted as refused already.
            let text = "NO [ALERT] Too many simultaneous connections. (Failure)";
            self.wire.send(format!("{tag} {text}\r\n").as_bytes()).await?;
            return Ok(true);
        }
        self.expires = Some(expires);
        self.email = Some(email.clone());
        self.take_manner(Some(&email));
        self.welcome(tag, &email).await
    }

    /// Gmail's error challenge; the client must answer it, with whatever.
    async fn challenge(&mut self, mechanism: &str) -> io::Result<()> {
        let challenge = format!("+ {}\r\n", sasl::refusal(mechanism));
        self.wire.send(challenge.as_bytes()).await?;
        self.line().await.map(drop)
    }

    async fn refuse(&mut self, tag: &str, answer: &str) -> io::Result<bool> {
        self.google.sessions.refused(Protocol::Imap);
        let line =
            if answer.starts_with('*') { format!("{answer}\r\n") } else { format!("{tag} {answer}\r\n") };
        self.wire.send(line.as_bytes()).await?;
        if line.starts_with("* BYE") {
            return self.end().await;
        }
        Ok(true)
    }

    /// The untagged capability line and the tagged OK, in one write.
    async fn welcome(&mut self, tag: &str, email: &str) -> io::Result<bool> {
        let faults = &self.google.imap_faults;
        let flood = faults.take(Some(email), |it| matches!(it, ImapFault::FloodBeforeOk(_)));
        let glue = faults.take(Some(email), |it| matches!(it, ImapFault::GlueBehindOk(_)));
        let mut bytes = Vec::new();
        if let Some(ImapFault::FloodBeforeOk(lines)) = flood {
            let line = b"* OK Still getting your mailbox ready, please wait\r\n";
            (0..lines).for_each(|_| bytes.extend_from_slice(line));
        }
        let text = format!("* {AFTER}\r\n{tag} OK {email} authenticated (Success)\r\n");
        bytes.extend_from_slice(text.as_bytes());
        if let Some(ImapFault::GlueBehindOk(glue)) = glue {
            bytes.extend_from_slice(&glue);
        }
        self.wire.send(&bytes).await?;
        Ok(true)
    }
}
