//! MAIL and RCPT.

use std::io;

use super::control::Transaction;
use super::fault::Verb;
use super::session::Session;

impl Session {
    pub(super) async fn sender(&mut self, rest: &str) -> io::Result<()> {
        if self.mail.is_some() {
            let text = "503 5.5.1 Nested MAIL command.";
            return self.say_traced(text).await;
        }
        let Some((from, parameters)) = path(rest, "FROM:") else {
            return self.say_traced("555 5.5.2 Syntax error.").await;
        };
        if !self.unharmed(Verb::Mail, from).await? {
            return Ok(());
        }
        if announced_size(parameters) > self.google.smtp.settings.lock().size {
            return self.too_large().await;
        }
        let account = self.user.as_ref().map(|user| user.email.clone());
        self.mail = Some(Transaction {
            account: account.unwrap_or_default(),
            from: from.to_owned(),
            parameters: parameters.to_owned(),
            ..Transaction::default()
        });
        self.say_traced("250 2.1.0 OK").await
    }

    pub(super) async fn recipient(&mut self, rest: &str) -> io::Result<()> {
        let Some(mail) = &self.mail else {
            return self.say_traced("503 5.5.1 MAIL first.").await;
        };
        let known = mail.recipients.len();
        let Some((to, _)) = path(rest, "TO:").filter(|(to, _)| to.contains('@')) else {
            let text = "553 5.1.3 The recipient address is not a valid RFC 5321 address.";
            return self.say_traced(text).await;
        };
        if !self.unharmed(Verb::Rcpt, to).await? {
            return Ok(());
        }
        if known >= self.google.smtp.settings.lock().most_recipients {
            let text = "452 4.5.3 Your message has too many recipients.";
            return self.say_traced(text).await;
        }
        if let Some(mail) = &mut self.mail {
            mail.recipients.push(to.to_owned());
        }
        self.say_traced("250 2.1.5 OK").await
    }

    pub(super) async fn too_large(&mut self) -> io::Result<()> {
        let text = "552 5.2.3 Your message exceeded Google's message size limits.";
        self.say_traced(text).await
    }
}

/// The address in angle brackets after the key word, and what follows it.
fn path<'a>(rest: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let start = rest.get(..keyword.len())?;
    if !start.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let path = rest.get(keyword.len()..)?.trim().strip_prefix('<')?;
    let (address, parameters) = path.split_once('>')?;
    Some((address, parameters.trim()))
}

fn announced_size(parameters: &str) -> usize {
    let mut words = parameters.split(' ');
    let size = words.find_map(|word| word.to_ascii_uppercase().strip_prefix("SIZE=")?.parse().ok());
    size.unwrap_or(0)
}
