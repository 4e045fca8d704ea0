//! One IMAP session: greeting, then command after command.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::answer::Answer;
use super::fault::ImapFault;
use super::select::Selected;
use super::words::{self, Word};
use crate::dice;
use crate::google::Google;
use crate::wire::{Secured, Wire};

const BEFORE: &str = "CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 XYZZY SASL-IR AUTH=XOAUTH2 AUTH=PLAIN AUTH=PLAIN-CLIENTTOKEN AUTH=OAUTHBEARER";
pub(super) const AFTER: &str = "CAPABILITY IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS COMPRESS=DEFLATE ENABLE MOVE CONDSTORE ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584";

pub(crate) struct Session {
    pub(super) wire: Wire,
    pub(super) google: Arc<Google>,
    pub(super) number: u64,
    pub(super) email: Option<String>,
    pub(super) expires: Option<Duration>,
    pub(super) selected: Option<Selected>,
    pub(super) bell: watch::Receiver<()>,
    pub(super) turned: watch::Receiver<()>,
    peer: SocketAddr,
}

impl Session {
    pub(crate) fn new(stream: Secured, peer: SocketAddr, google: Arc<Google>, number: u64) -> Self {
        Self {
            wire: Wire::new(stream),
            number,
            email: None,
            expires: None,
            selected: None,
            bell: google.post.bell(),
            turned: google.clock.turned(),
            google,
            peer,
        }
    }

    pub(crate) async fn run(mut self) -> io::Result<()> {
        self.take_manner(None);
        self.greet().await?;
        loop {
            let Some(raw) = self.command().await? else {
                continue;
            };
            let Some(words) = words::parse(&raw).filter(|words| words.len() > 1) else {
                let tag = String::from_utf8_lossy(raw.split(|it| *it == b' ').next().unwrap_or(b"*"));
                let bad = Answer::unparsable().bytes(&tag);
                self.wire.send(&bad).await?;
                continue;
            };
            if !self.obey(&words).await? {
                return self.wire.close().await;
            }
        }
    }

    /// Latency and octet-by-octet writing hold for the rest of the session; both are looked up
    /// at the connection for everybody, and at login for the account.
    pub(super) fn take_manner(&mut self, email: Option<&str>) {
        let faults = &self.google.imap_faults;
        let manner = &mut self.wire.manner;
        if let Some(ImapFault::Latency(latency)) =
            faults.take(email, |it| matches!(it, ImapFault::Latency(_)))
        {
            manner.latency = Some(latency);
        }
        let bytewise = faults.take(email, |it| matches!(it, ImapFault::ByteByByte));
        manner.byte_by_byte |= bytewise.is_some();
    }

    async fn greet(&mut self) -> io::Result<()> {
        match self.google.imap_faults.take(None, ImapFault::at_connect) {
            Some(ImapFault::Greeting(bytes)) => {
                self.wire.send(&bytes).await?;
                if bytes.starts_with(b"* BYE") {
                    return self.end().await;
                }
                Ok(())
            }
            Some(ImapFault::NoGreeting) => self.hang().await,
            Some(ImapFault::CloseAtConnect) => self.end().await,
            _ => {
                let (ip, trace) = (self.peer.ip(), dice::trace());
                let greeting = format!("* OK Gimap ready for requests from {ip} {trace}\r\n");
                self.wire.send(greeting.as_bytes()).await
            }
        }
    }

    /// Carries a command out; `false` after LOGOUT.
    async fn obey(&mut self, words: &[Word]) -> io::Result<bool> {
        let [tag, verb, arguments @ ..] = words else {
            return Ok(true);
        };
        let (tag, mut verb) = (tag.text().unwrap_or_default(), verb.key());
        let by_uid = verb == "UID";
        let mut arguments = arguments;
        if let (true, [inner, rest @ ..]) = (by_uid, arguments) {
            verb = inner.key();
            arguments = rest;
        }
        match (verb.as_str(), self.email.is_some()) {
            ("AUTHENTICATE", false) => return self.authenticate(&tag, arguments).await,
            ("LOGIN", false) => return self.login(&tag).await,
            ("IDLE", true) => return self.idle(&tag).await,
            _ => {}
        }
        let fits = |fault: &ImapFault| fault.at_command(&verb);
        let fault = self.google.imap_faults.take(self.email.as_deref(), fits);
        let answer = match &fault {
            Some(ImapFault::Hang { .. }) => return self.hang().await,
            Some(ImapFault::Refuse { answer, .. }) => Answer::tagged(answer.clone()),
            _ => self.answer(&verb, by_uid, arguments, &tag),
        };
        let bytes = answer.bytes(&tag);
        if let Some(ImapFault::Cut { after, .. }) = fault {
            let part = bytes.get(..after).unwrap_or(&bytes);
            self.wire.send(part).await?;
            return self.end().await;
        }
        self.wire.send(&bytes).await?;
        Ok(verb != "LOGOUT")
    }

    fn answer(&mut self, verb: &str, by_uid: bool, arguments: &[Word], tag: &str) -> Answer {
        match verb {
            "CAPABILITY" => self.capability(),
            "NOOP" | "CHECK" => self.with_news(Answer::success(), true),
            "ID" => self.identify(),
            "LOGOUT" => {
                let mut answer = Answer::ok("73 good day (Success)");
                answer.line(&format!("BYE LOGOUT Requested {}", dice::trace()));
                answer
            }
            _ if self.email.is_none() => Answer::tagged(format!("BAD Unknown command {}", dice::trace())),
            "COMPRESS" => {
                self.google.sessions.compress(self.number);
                Answer::no("COMPRESS is not available in the sandbox.")
            }
            "ENABLE" => enable(arguments),
            "NAMESPACE" => {
                let mut answer = Answer::success();
                answer.line("NAMESPACE ((\"\" \"/\")) NIL NIL");
                answer
            }
            "GETQUOTAROOT" | "GETQUOTA" => {
                let mut answer = Answer::success();
                answer.line("QUOTAROOT \"INBOX\" \"\"");
                answer.line("QUOTA \"\" (STORAGE 10 15728640)");
                answer
            }
            _ => self.mail_command(verb, by_uid, arguments, tag),
        }
    }

    fn mail_command(&mut self, verb: &str, by_uid: bool, words: &[Word], tag: &str) -> Answer {
        let email = self.email.clone().unwrap_or_default();
        if let Some(answer) = self.folder_command(&email, verb, words) {
            return answer;
        }
        if verb == "APPEND" {
            let answer = self.append(&email, words);
            return self.with_news(answer, true);
        }
        if self.selected.is_none() {
            return Answer::tagged(format!("BAD Unknown command {}", dice::trace()));
        }
        let answer = match verb {
            "FETCH" => self.fetch(&email, by_uid, words),
            "STORE" => self.change_flags(&email, by_uid, words),
            "SEARCH" => self.search(&email, by_uid, words, tag),
            "COPY" | "MOVE" => self.copy(&email, by_uid, words, verb == "MOVE"),
            "EXPUNGE" => self.expunge(&email, by_uid, words),
            _ => return Answer::tagged(format!("BAD Unknown command {}", dice::trace())),
        };
        let renumbers = by_uid || matches!(verb, "COPY" | "MOVE" | "EXPUNGE");
        self.with_news(answer, renumbers)
    }

    fn capability(&self) -> Answer {
        let (list, mut answer) = match self.email {
            Some(_) => (AFTER, Answer::success()),
            None => {
                let text = format!("Thats all she wrote! {}", dice::trace());
                (BEFORE, Answer::ok(&text))
            }
        };
        answer.line(list);
        answer
    }

    fn identify(&self) -> Answer {
        let mut answer = Answer::success();
        answer.line(&format!(
            "ID (\"name\" \"GImap\" \"vendor\" \"Google, Inc.\" \"support-url\" \"http://support.google.com/mail\" \"remote-host\" \"{}\")",
            self.peer.ip()
        ));
        answer
    }
}

fn enable(words: &[Word]) -> Answer {
    let known = |word: &String| matches!(word.as_str(), "UTF8=ACCEPT" | "CONDSTORE");
    let enabled: Vec<String> = words.iter().map(Word::key).filter(known).collect();
    let mut answer = Answer::success();
    answer.line(format!("ENABLED {}", enabled.join(" ")).trim_end());
    answer
}
