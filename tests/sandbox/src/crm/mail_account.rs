//! Mail accounts: stored, never used. Their guards are the CRM's own.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::shape::Shape;
use super::world::{Actor, Record, Standing, World};

/// Accounts that one user may have.
const MOST: usize = 2;

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
        let user = input.get("assignedUserId").and_then(Value::as_str).unwrap_or(&actor.id);
        let theirs = self.all("EmailAccount").filter(|it| it.text("assignedUserId") == Some(user));
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

    /// `POST EmailAccount/action/testConnection` and `getFolders`: nothing is dialled, a switch says
    /// how it goes.
    pub(crate) fn mail_action(&self, actor: &Actor, action: &str, input: &Map<String, Value>) -> Answer {
        let word = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
        let place = format!("{}:{}", word("host"), input.get("port").cloned().unwrap_or_default());
        if self.is_refused(word("host"), &place) {
            let tests = action == "testConnection";
            return Answer::because(
                403,
                if tests { "Not allowed host." } else { "Not allowed internal host." },
            );
        }
        let other = input.get("userId").is_some_and(|user| *user != json!(actor.id));
        if other && actor.standing != Standing::Admin {
            return Answer::bare(403);
        }
        match action {
            _ if !self.mail_answers => Answer::because(
                500,
                "IMAP command \"TAG1 LOGIN [redacted] [redacted]\" failed. Response: \
                 \"TAG1 NO [AUTHENTICATIONFAILED] refused\"",
            ),
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
