//! One SMTP session: greeting, then command after command.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::watch;

use super::control::Transaction;
use super::fault::{SmtpFault, Verb};
use crate::dice;
use crate::google::Google;
use crate::people::User;
use crate::wire::{Secured, Wire};

/// Gmail's longest command line.
const LONGEST: usize = 1000;

pub(crate) struct Session {
    pub(super) wire: Wire,
    pub(super) google: Arc<Google>,
    pub(super) number: u64,
    pub(super) user: Option<User>,
    pub(super) greeted: bool,
    pub(super) mail: Option<Transaction>,
    bell: watch::Receiver<()>,
    peer: SocketAddr,
}

impl Session {
    pub(crate) fn new(stream: Secured, peer: SocketAddr, google: Arc<Google>, number: u64) -> Self {
        Self {
            wire: Wire::new(stream),
            number,
            user: None,
            greeted: false,
            mail: None,
            bell: google.post.bell(),
            google,
            peer,
        }
    }

    pub(crate) async fn run(mut self) -> io::Result<()> {
        self.take_manner(None);
        self.greet().await?;
        loop {
            let line = self.line().await?;
            let text = String::from_utf8_lossy(&line).into_owned();
            self.note(&text);
            if line.len() > LONGEST {
                let trace = dice::trace();
                self.say(&format!(
                    "555-5.5.2 Syntax error, command line too long. For more information, go to\r\n\
                     555 5.5.2  https://support.google.com/a/answer/3221692 {trace} - gsmtp"
                ))
                .await?;
                continue;
            }
            let (verb, rest) = text.split_once(' ').unwrap_or((&text, ""));
            let verb = verb.to_ascii_uppercase();
            self.obey(&verb, rest.trim()).await?;
        }
    }

    async fn obey(&mut self, verb: &str, rest: &str) -> io::Result<()> {
        match verb {
            "EHLO" | "HELO" => self.hello(verb, rest).await,
            "AUTH" => self.authenticate(rest).await,
            "MAIL" | "RCPT" | "DATA" | "BDAT" if self.user.is_none() => self.want_auth().await,
            "MAIL" => self.sender(rest).await,
            "RCPT" => self.recipient(rest).await,
            "DATA" => self.data().await,
            "BDAT" => self.chunk(rest).await,
            "RSET" => {
                if self.unharmed(Verb::Rset, "").await? {
                    self.mail = None;
                    self.say_traced("250 2.1.5 Flushed").await?;
                }
                Ok(())
            }
            "NOOP" => self.say_traced("250 2.0.0 OK").await,
            "VRFY" => {
                let text = "252 2.1.5 Send some mail, I'll try my best";
                self.say_traced(text).await
            }
            "QUIT" => {
                if self.unharmed(Verb::Quit, "").await? {
                    self.say_traced("221 2.0.0 closing connection").await?;
                }
                self.end().await
            }
            _ => self.say_traced("502 5.5.1 Unrecognized command.").await,
        }
    }

    async fn greet(&mut self) -> io::Result<()> {
        match self.google.smtp.faults.take(None, SmtpFault::at_connect) {
            Some(SmtpFault::Greeting(line)) => {
                self.say(&line).await?;
                if line.starts_with(['4', '5']) {
                    return self.end().await;
                }
                Ok(())
            }
            Some(SmtpFault::NoGreeting) => self.hang().await,
            Some(SmtpFault::CloseAtConnect) => self.end().await,
            _ => self.say_traced("220 smtp.gmail.com ESMTP").await,
        }
    }

    async fn hello(&mut self, verb: &str, name: &str) -> io::Result<()> {
        if !self.unharmed(Verb::Ehlo, "").await? {
            return Ok(());
        }
        if !name.is_ascii() || name.is_empty() {
            let trace = dice::trace();
            let text = format!(
                "501-5.5.4 HELO/EHLO argument invalid. For more information, go to\r\n\
                 501 5.5.4  https://support.google.com/mail/?p=helo {trace} - gsmtp"
            );
            return self.say(&text).await;
        }
        self.greeted = true;
        self.mail = None;
        let mut lines = vec![format!("smtp.gmail.com at your service, [{}]", self.peer.ip())];
        if verb == "EHLO" {
            lines.extend(self.google.smtp.settings.lock().offers.iter().cloned());
        }
        let last = lines.pop().unwrap_or_default();
        let mut text: String = lines.iter().map(|line| format!("250-{line}\r\n")).collect();
        text.push_str(&format!("250 {last}"));
        self.say(&text).await
    }

    async fn want_auth(&mut self) -> io::Result<()> {
        let trace = dice::trace();
        self.say(&format!(
            "530-5.7.0 Authentication Required. For more information, go to\r\n\
             530 5.7.0  https://support.google.com/mail/?p=WantAuthError {trace} - gsmtp"
        ))
        .await
    }

    /// Lets a fault of this place happen; `false` when it has answered already.
    pub(super) async fn unharmed(&mut self, place: Verb, address: &str) -> io::Result<bool> {
        let email = self.user.as_ref().map(|user| user.email.as_str());
        let faults = &self.google.smtp.faults;
        match faults.take(email, |fault| fault.at(place, address)) {
            Some(SmtpFault::Reply(_, line) | SmtpFault::Recipient(_, line)) => {
                self.say(&line).await?;
                if line.starts_with("421") || line.starts_with("451 4.4.2") {
                    return self.end().await;
                }
                Ok(false)
            }
            Some(SmtpFault::Hang(_)) => self.hang().await,
            Some(SmtpFault::Close(_)) => self.end().await,
            _ => Ok(true),
        }
    }

    /// The next line; a kick ends the session here.
    pub(super) async fn line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(line) = self.wire.line() {
                return Ok(line);
            }
            self.wait().await?;
        }
    }

    pub(super) async fn wait(&mut self) -> io::Result<()> {
        if self.google.sessions.kicked(self.number) {
            let text = "421 4.7.0 Temporary System Problem. Try again later.";
            self.say_traced(text).await?;
            return self.end().await;
        }
        let Self { wire, bell, .. } = self;
        tokio::select! {
            filled = wire.fill() => match filled? {
                true => Ok(()),
                false => Err(io::ErrorKind::UnexpectedEof.into()),
            },
            _ = bell.changed() => Ok(()),
        }
    }

    /// A reply with Gmail's trace behind it.
    pub(super) async fn say_traced(&mut self, text: &str) -> io::Result<()> {
        self.say(&format!("{text} {} - gsmtp", dice::trace())).await
    }

    pub(super) async fn say(&mut self, text: &str) -> io::Result<()> {
        self.wire.send(format!("{text}\r\n").as_bytes()).await
    }

    /// Closes the connection.
    pub(super) async fn end<T>(&mut self) -> io::Result<T> {
        self.wire.close().await?;
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// Says nothing more, until the client goes.
    pub(super) async fn hang<T>(&mut self) -> io::Result<T> {
        loop {
            if !self.wire.fill().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.wire.input.clear();
        }
    }

    /// Notes a line in the transcript, without secrets.
    fn note(&self, text: &str) {
        let mut words = text.splitn(3, ' ');
        let shown = match (words.next(), words.next(), words.next()) {
            (Some(verb), Some(mechanism), Some(_)) if verb.eq_ignore_ascii_case("AUTH") => {
                format!("{verb} {mechanism} <cut>")
            }
            _ => text.to_owned(),
        };
        self.google.sessions.heard(self.number, shown.as_bytes());
    }

    /// Latency and octet-by-octet writing hold for the rest of the session; both are looked up
    /// at the connection for everybody, and at login for the account.
    pub(super) fn take_manner(&mut self, email: Option<&str>) {
        let faults = &self.google.smtp.faults;
        let manner = &mut self.wire.manner;
        if let Some(SmtpFault::Latency(latency)) =
            faults.take(email, |it| matches!(it, SmtpFault::Latency(_)))
        {
            manner.latency = Some(latency);
        }
        let bytewise = faults.take(email, |it| matches!(it, SmtpFault::ByteByByte));
        manner.byte_by_byte |= bytewise.is_some();
    }
}
