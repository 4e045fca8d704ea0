//! What each client makes of a token that is wrong: an error of its own, with
//! the gateway's sentence where the client shows what it was told.

use super::rig::{Login, Protocol, Run, Security, command};
use crate::support::gateway::Gateway;
use crate::support::program;

const SENTENCE: &str = "User name or CRM token is wrong (ref ";

struct Row {
    script: &'static str,
    protocol: Protocol,
    dialects: &'static [&'static str],
    /// The client's own words, and whether the gateway's follow.
    says: &'static str,
    shows: bool,
}

const fn row(
    script: &'static str,
    protocol: Protocol,
    dialects: &'static [&'static str],
    says: &'static str,
    shows: bool,
) -> Row {
    Row { script, protocol, dialects, says, shows }
}

const ROWS: [Row; 10] = [
    row("curl_imap", Protocol::Imap, &["plain", "plain-ir", "login", "login-ir"], "(67) Login denied", false),
    row("python_imap.py", Protocol::Imap, &["command", "plain", "login"], "imaplib.IMAP4.error", true),
    row("imapflow.js", Protocol::Imap, &["plain", "login", "command"], "login refused", true),
    row(
        "c_client.php",
        Protocol::Imap,
        &["plain", "login", "any"],
        "Can not authenticate to IMAP server",
        true,
    ),
    row("c_client.php", Protocol::Imap, &["command"], "Too many login failures", true),
    row("curl_smtp", Protocol::Smtp, &["plain", "plain-ir", "login", "login-ir"], "(67) Login denied", false),
    row(
        "python_smtp.py",
        Protocol::Smtp,
        &["plain", "login", "plain-two", "login-two"],
        "SMTPAuthenticationError: (535",
        true,
    ),
    row("nodemailer.js", Protocol::Smtp, &["plain", "login"], "Invalid login: 535 5.7.8", true),
    row("symfony.php", Protocol::Smtp, &["login", "plain"], "Failed to authenticate on SMTP server", true),
    row("phpmailer.php", Protocol::Smtp, &["login", "plain"], "Could not authenticate", false),
];

#[tokio::test]
async fn a_wrong_token_is_the_clients_own_error() {
    let gateway = Gateway::start().await;
    let account = gateway.connect("anna@example.com", &[]).await;
    let mut token = gateway.token(account).await;
    // Every client sends the right token's neighbour.
    let last = if token.ends_with('A') { 'B' } else { 'A' };
    token.pop();
    token.push(last);
    let login = Login { address: "anna@example.com".to_owned(), token };
    for Row { script, protocol, dialects, says, shows } in ROWS {
        for auth in dialects {
            let run = Run { script, protocol, tls: Security::None, auth };
            let mut command = command(&gateway, run, &login);
            let any = program::file("README.md");
            command.env("SMALL_FILE", &any).env("MESSAGE_FILE", &any);
            let told = program::run(command).await;
            assert!(!told.ok && told.err.contains(says), "{run:?}: {told:?}");
            assert_eq!(told.err.contains(SENTENCE), shows, "{run:?}: {told:?}");
        }
    }
    let asked = gateway.sandbox.google().token_requests();
    assert!(asked.is_empty(), "a wrong token is not worth a word with Google: {asked:?}");
    gateway.stop().await;
}
