//! The message itself: DATA and BDAT, the verdict, and where the message goes.

use std::io;

use super::ending;
use super::fault::{SmtpFault, Verb};
use super::message;
use super::session::Session;
use crate::mail::SENT;
use crate::people::User;

/// How much more than the limit is read before a sender is given up.
const PATIENCE: usize = 8 * 1024 * 1024;

impl Session {
    pub(super) async fn data(&mut self) -> io::Result<()> {
        let recipients = self.mail.as_ref().map_or(0, |it| it.recipients.len());
        if recipients == 0 {
            return self.say_traced("503 5.5.1 RCPT first.").await;
        }
        if !self.unharmed(Verb::Data, "").await? {
            return Ok(());
        }
        self.say_traced("354  Go ahead").await?;
        let read = self.message().await;
        if read.is_err() {
            self.keep_broken();
        }
        let raw = read?;
        if let Some(mail) = &mut self.mail {
            mail.message = ending::unstuffed(&raw);
            mail.raw = raw;
        }
        self.conclude().await
    }

    /// A message that broke off is recorded all the same.
    fn keep_broken(&mut self) {
        if let Some(mut mail) = self.mail.take() {
            mail.raw = std::mem::take(&mut self.wire.input);
            mail.message = ending::unstuffed(&mail.raw);
            self.google.smtp.transactions.lock().push(mail);
        }
    }

    /// Reads up to the final dot. What has come stays in the buffer when it breaks off.
    async fn message(&mut self) -> io::Result<Vec<u8>> {
        let (lax, size) = {
            let settings = self.google.smtp.settings.lock();
            (settings.lax, settings.size)
        };
        let email = self.user.as_ref().map(|user| user.email.as_str());
        let breaks = |fault: &SmtpFault| matches!(fault, SmtpFault::CloseInMessage(_));
        let limit = match self.google.smtp.faults.take(email, breaks) {
            Some(SmtpFault::CloseInMessage(after)) => after,
            _ => size + PATIENCE,
        };
        let mut searched = 0;
        loop {
            let end = ending::find(&self.wire.input, searched, lax);
            if let Some(end) = end.filter(|end| end.message <= limit) {
                let mut raw: Vec<u8> = self.wire.input.drain(..end.consumed).collect();
                raw.truncate(end.message);
                return Ok(raw);
            }
            // The dot line may be split between two reads.
            searched = self.wire.input.len().saturating_sub(2);
            if self.wire.input.len() > limit {
                return self.end().await;
            }
            self.wait().await?;
        }
    }

    pub(super) async fn chunk(&mut self, rest: &str) -> io::Result<()> {
        let mut words = rest.split(' ');
        let size: Option<usize> = words.next().and_then(|size| size.parse().ok());
        let last = words.next().is_some_and(|it| it.eq_ignore_ascii_case("LAST"));
        let Some(size) = size else {
            return self.say_traced("501 5.5.4 BDAT argument invalid").await;
        };
        while self.wire.input.len() < size {
            self.wait().await?;
        }
        let octets: Vec<u8> = self.wire.input.drain(..size).collect();
        let mail = self.mail.as_mut().filter(|it| !it.recipients.is_empty());
        let Some(mail) = mail else {
            return self.say_traced("503 5.5.1 RCPT first.").await;
        };
        mail.raw.extend_from_slice(&octets);
        mail.message.extend_from_slice(&octets);
        if last {
            return self.conclude().await;
        }
        self.say_traced("250 2.0.0 OK").await
    }

    /// The verdict on a whole message.
    async fn conclude(&mut self) -> io::Result<()> {
        let (Some(mut mail), Some(user)) = (self.mail.take(), self.user.clone()) else {
            return Ok(());
        };
        mail.complete = true;
        let too_large = mail.message.len() > self.google.smtp.settings.lock().size;
        let faults = &self.google.smtp.faults;
        let fault = faults.take(Some(&user.email), |fault| fault.at(Verb::Verdict, ""));
        let taken = !too_large && matches!(fault, None | Some(SmtpFault::CloseAfterTaking));
        if taken {
            self.send_on(&user, &mail.message, &mail.recipients);
        }
        let verdict = match &fault {
            _ if too_large => "552 5.2.3 Your message exceeded Google's message size limits.".into(),
            None => format!("250 2.0.0 OK  {}", self.google.clock.seconds()),
            Some(SmtpFault::Reply(_, line)) => line.clone(),
            Some(_) => String::new(),
        };
        mail.verdict.clone_from(&verdict);
        self.google.smtp.transactions.lock().push(mail);
        match fault {
            None => self.say_traced(&verdict).await,
            Some(SmtpFault::Hang(_)) => self.hang().await,
            Some(SmtpFault::Reply(..)) => {
                self.say(&verdict).await?;
                if verdict.starts_with("421") || verdict.starts_with("451 4.4.2") {
                    return self.end().await;
                }
                Ok(())
            }
            Some(_) => self.end().await,
        }
    }

    /// Into Sent Mail, and to those recipients who are users here.
    fn send_on(&self, user: &User, mail: &[u8], recipients: &[String]) {
        let sent = message::rewritten(mail, user);
        self.google.seed(&user.email, SENT, &sent, &["\\Seen"]);
        let copy = message::without_bcc(&sent);
        for recipient in recipients {
            self.google.deliver(recipient, &copy);
        }
    }
}
