//! AUTH: the bearer mechanisms, and the refusal of everything else.

use std::io;

use super::fault::{SmtpFault, Verb};
use super::session::Session;
use crate::dice;
use crate::mail::Protocol;
use crate::sasl::{self, Bearer};

impl Session {
    pub(super) async fn authenticate(&mut self, rest: &str) -> io::Result<()> {
        if self.user.is_some() {
            let text = "503 5.7.0 No identity changes permitted.";
            return self.say_traced(text).await;
        }
        if !self.greeted {
            return self.say_traced("503 5.5.1 EHLO/HELO first.").await;
        }
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let mechanism = mechanism.to_ascii_uppercase();
        if matches!(mechanism.as_str(), "PLAIN" | "LOGIN" | "PLAIN-CLIENTTOKEN") {
            return self.password(&mechanism, initial).await;
        }
        if !matches!(mechanism.as_str(), "XOAUTH2" | "OAUTHBEARER") {
            return self.say_traced("504 5.7.4 Unrecognized Authentication Type").await;
        }
        let response = if initial.is_empty() {
            self.say("334 ").await?;
            self.line().await?
        } else {
            initial.as_bytes().to_vec()
        };
        match sasl::bearer(&mechanism, &response) {
            Some(bearer) => self.enter(&mechanism, bearer).await,
            None => self.say_traced("501 5.5.2 Cannot Decode response").await,
        }
    }

    async fn enter(&mut self, mechanism: &str, bearer: Bearer) -> io::Result<()> {
        let claimed = bearer.user.to_ascii_lowercase();
        if !self.unharmed_login(&claimed).await? {
            return Ok(());
        }
        let owner = self.google.mail_bearer(&claimed, &bearer.token);
        let user = owner.and_then(|(email, _)| self.google.user(&email));
        let Some(user) = user else {
            self.say(&format!("334 {}", sasl::refusal(mechanism))).await?;
            self.line().await?;
            return self.refuse().await;
        };
        self.google.sessions.log_in(self.number, &user.email);
        let faults = &self.google.smtp.faults;
        let glues = |fault: &SmtpFault| matches!(fault, SmtpFault::GlueBehind235(_));
        let glue = faults.take(Some(&user.email), glues);
        self.take_manner(Some(&user.email));
        self.user = Some(user);
        let mut bytes = b"235 2.7.0 Accepted\r\n".to_vec();
        if let Some(SmtpFault::GlueBehind235(glue)) = glue {
            bytes.extend_from_slice(&glue);
        }
        self.wire.send(&bytes).await
    }

    /// A fault of the login is looked up by the address claimed: nobody is logged in yet.
    async fn unharmed_login(&mut self, claimed: &str) -> io::Result<bool> {
        let faults = &self.google.smtp.faults;
        let fault = faults.take(Some(claimed), |fault| fault.at(Verb::Auth, ""));
        match fault {
            Some(SmtpFault::Reply(_, line)) => {
                self.google.sessions.refused(Protocol::Smtp);
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

    /// Passwords are asked for as the mechanism wants, and refused.
    async fn password(&mut self, mechanism: &str, initial: &str) -> io::Result<()> {
        if initial.is_empty() {
            let login = mechanism == "LOGIN";
            self.say(if login { "334 VXNlcm5hbWU6" } else { "334 " }).await?;
            self.line().await?;
        }
        if mechanism == "LOGIN" {
            self.say("334 UGFzc3dvcmQ6").await?;
            self.line().await?;
        }
        self.refuse().await
    }

    async fn refuse(&mut self) -> io::Result<()> {
        self.google.sessions.refused(Protocol::Smtp);
        let trace = dice::trace();
        self.say(&format!(
            "535-5.7.8 Username and Password not accepted. For more information, go to\r\n\
             535 5.7.8  https://support.google.com/mail/?p=BadCredentials {trace} - gsmtp"
        ))
        .await
    }
}
