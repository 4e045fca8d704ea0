//! Mail accounts: stored, and tried where a test asks for that. Their guards are the CRM's own.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::answer::{Answer, Shown};
use super::shape::Shape;
use super::trial::Trial;
use super::world::{Actor, Record, Standing, World};

/// Accounts that one user may have.
pub(crate) const MOST: usize = 2;
/// What extensions set to log in in their own way; no request sees them or sets them.
pub(crate) const HANDLERS: [&str; 2] = ["imapHandler", "smtpHandler"];

impl World {
    /// Refuses a third account of a user, and a host inside the CRM's network that is not listed.
    pub(crate) fn check_mail_account(
        &self,
        actor: &Actor,
        shape: &Shape,
        before: Option<&Record>,
        input: &Map<String, Value>,
    ) -> Result<(), Answer> {
        if !matches!(shape.entity, "EmailAccount" | "InboundEmail") {
            return Ok(());
        }
        let theirs = self.all("EmailAccount").filter(|it| it.text("assignedUserId") == Some(&actor.id));
        let limited = shape.entity == "EmailAccount" && before.is_none() && actor.standing != Standing::Admin;
        if limited && theirs.count() >= MOST {
            return Err(Answer::because(403, "Email Account number for user limit exceeded."));
        }
        for (host, port) in [("host", "port"), ("smtpHost", "smtpPort")] {
            // Old values stay without question.
            if !input.contains_key(host) && !input.contains_key(port) {
                continue;
            }
            let value = |name: &str| {
                input.get(name).or_else(|| before.and_then(|before| before.fields.get(name))).cloned()
            };
            let Some(Value::String(name)) = value(host) else { continue };
            let place = format!("{name}:{}", value(port).unwrap_or_default());
            if self.is_refused(&name, &place) {
                let reason = format!(
                    "Host '{name}' is not allowed as it's internal. To allow, add `{place}` to the config \
                     parameter `emailServerAllowedAddressList`."
                );
                return Err(Answer::because(403, reason));
            }
        }
        Ok(())
    }

    fn is_refused(&self, host: &str, place: &str) -> bool {
        self.version.guards_hosts() && is_internal(host) && !self.mail_hosts.iter().any(|it| it == place)
    }

    /// `POST EmailAccount/action/testConnection` and `getFolders`: where nothing is dialled, a switch
    /// says how it goes.
    pub(crate) fn mail_action(
        &self,
        actor: &Actor,
        shape: &Shape,
        action: &str,
        input: &Map<String, Value>,
    ) -> Answer {
        let word = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
        let place = format!("{}:{}", word("host"), input.get("port").cloned().unwrap_or_default());
        let admin = actor.standing == Standing::Admin;
        let other = input.get("userId").is_some_and(|user| *user != json!(actor.id));
        if !admin && (other || shape.entity == "InboundEmail") {
            return Answer::bare(403);
        }
        let record = input.get("id").and_then(Value::as_str).map(|id| self.record(shape.entity, id));
        let record = match record {
            None => None,
            Some(Some(record)) if admin || record.text("assignedUserId") == Some(&actor.id) => Some(record),
            Some(Some(_)) => return Answer::bare(403),
            Some(None) => return Answer::bare(404),
        };
        let given = input.get("password").and_then(Value::as_str);
        let Some(password) = given.or_else(|| record?.text("password")) else { return Answer::bare(403) };
        if self.is_refused(word("host"), &place) {
            let tests = action == "testConnection";
            return Answer::because(
                403,
                if tests { "Not allowed host." } else { "Not allowed internal host." },
            );
        }
        // Whoever logs in otherwise than the account says is not let in here.
        let handled = record.is_some_and(|record| HANDLERS.iter().any(|name| record.text(name).is_some()));
        match action {
            _ if !self.mail_answers || handled => Answer::because(
                500,
                "IMAP command \"TAG1 LOGIN [redacted] [redacted]\" failed. Response: \
                 \"TAG1 NO [AUTHENTICATIONFAILED] refused\"",
            ),
            "testConnection" if self.mail_dials => {
                let port =
                    input.get("port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
                let trial = Trial {
                    version: self.version,
                    host: word("host").to_owned(),
                    port: port.unwrap_or_default(),
                    security: word("security").to_owned(),
                    username: word("username").to_owned(),
                    password: password.to_owned(),
                };
                Answer { status: 200, reason: None, body: Shown::Trial(Box::new(trial)) }
            }
            "testConnection" => Answer::ok(json!(true)),
            _ => Answer::ok(json!(["INBOX", "Sent"])),
        }
    }
}

/// Private addresses, and names that no public server knows.
pub(crate) fn is_internal(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified()
        }
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unspecified(),
        Err(_) => {
            let local = [".localhost", ".test", ".local", ".internal", ".invalid"];
            !host.contains('.') || local.iter().any(|ending| host.ends_with(ending))
        }
    }
}
