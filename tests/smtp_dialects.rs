//! How mail clients of CRMs log in and send, as they are on the wire.

use postern_core::model::token::Protocols;

use crate::smtp_client::{ANNA, Client, b64, with_anna};
use crate::support::gateway::Gateway;

/// A client: its greeting, its login (what it sends, how it is answered), its
/// envelope. `$USER`, `$PASSWORD`, `$PLAIN` and `$TWICE` stand for base64: the
/// last two are PLAIN without and with an authorization identity.
struct Dialect {
    name: &'static str,
    hello: &'static str,
    login: &'static [(&'static str, &'static str)],
    envelope: [&'static str; 3],
}

const UPPER: [&str; 3] = ["MAIL FROM:<anna@example.com>", "RCPT TO:<bob@elsewhere.test>", "DATA"];
const SIZED: [&str; 3] =
    ["MAIL FROM:<anna@example.com> SIZE=70 BODY=8BITMIME", "RCPT TO:<bob@elsewhere.test>", "DATA"];
const LOWER: [&str; 3] = ["mail FROM:<anna@example.com> size=70", "rcpt TO:<bob@elsewhere.test>", "data"];
const IN: &str = "235 2.7.0 Accepted";
const ASK_USER: &str = "334 VXNlcm5hbWU6";
const ASK_PASSWORD: &str = "334 UGFzc3dvcmQ6";

const ALL: [Dialect; 9] = [
    Dialect {
        name: "EspoCRM 9.2 to 10 (symfony), LOGIN",
        hello: "EHLO espocrm",
        login: &[("AUTH LOGIN", ASK_USER), ("$USER", ASK_PASSWORD), ("$PASSWORD", IN)],
        envelope: UPPER,
    },
    Dialect {
        name: "EspoCRM 9.2 to 10 (symfony), PLAIN with the user as identity",
        hello: "EHLO espocrm",
        login: &[("AUTH PLAIN $TWICE", IN)],
        envelope: UPPER,
    },
    Dialect {
        name: "EspoCRM up to 9.0 (laminas), PLAIN in two steps",
        hello: "EHLO localhost",
        login: &[("AUTH PLAIN", "334 "), ("$PLAIN", IN)],
        envelope: UPPER,
    },
    Dialect {
        name: "PHPMailer, LOGIN",
        hello: "EHLO crm.example.com",
        login: &[("AUTH LOGIN", ASK_USER), ("$USER", ASK_PASSWORD), ("$PASSWORD", IN)],
        envelope: UPPER,
    },
    Dialect {
        name: "PHPMailer, PLAIN in two steps",
        hello: "EHLO crm.example.com",
        login: &[("AUTH PLAIN", "334 "), ("$PLAIN", IN)],
        envelope: UPPER,
    },
    Dialect {
        name: "nodemailer, PLAIN",
        hello: "EHLO [127.0.0.1]",
        login: &[("AUTH PLAIN $PLAIN", IN)],
        envelope: SIZED,
    },
    Dialect {
        name: "nodemailer, LOGIN",
        hello: "EHLO [127.0.0.1]",
        login: &[("AUTH LOGIN", ASK_USER), ("$USER", ASK_PASSWORD), ("$PASSWORD", IN)],
        envelope: SIZED,
    },
    Dialect {
        name: "smtplib, PLAIN",
        hello: "ehlo [127.0.0.1]",
        login: &[("AUTH PLAIN $PLAIN", IN)],
        envelope: LOWER,
    },
    Dialect {
        name: "smtplib, LOGIN with the user at once",
        hello: "ehlo [127.0.0.1]",
        login: &[("AUTH LOGIN $USER", ASK_PASSWORD), ("$PASSWORD", IN)],
        envelope: LOWER,
    },
];

fn filled(line: &str, token: &str) -> String {
    line.replace("$USER", &b64(ANNA))
        .replace("$PASSWORD", &b64(token))
        .replace("$PLAIN", &b64(&format!("\0{ANNA}\0{token}")))
        .replace("$TWICE", &b64(&format!("{ANNA}\0{ANNA}\0{token}")))
}

async fn log_in(client: &mut Client, dialect: &Dialect, token: &str) -> String {
    assert!(client.answer().await.starts_with("220 localhost ESMTP"), "{}", dialect.name);
    let offered = client.ask(dialect.hello).await;
    assert!(offered.contains("AUTH PLAIN LOGIN") && !offered.contains("STARTTLS"), "{}", dialect.name);
    let (last, first) = dialect.login.split_last().unwrap();
    for (line, prompt) in first {
        assert_eq!(client.ask(&filled(line, token)).await.trim_end(), prompt.trim_end(), "{}", dialect.name);
    }
    client.ask(&filled(last.0, token)).await
}

#[tokio::test]
async fn every_dialect_logs_in_and_sends() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    for dialect in &ALL {
        let mut client = Client::connect(gateway.smtp[0]).await;
        assert_eq!(log_in(&mut client, dialect, &token).await, IN, "{}", dialect.name);
        for (line, start) in dialect.envelope.iter().zip(["250 2.1.0 ", "250 2.1.5 ", "354 "]) {
            let told = client.ask(line).await;
            assert!(told.starts_with(start), "{}: {told}", dialect.name);
        }
        let message = format!("From: {ANNA}\r\nX-Client: {}\r\n\r\n..dot, žluť\r\n", dialect.name);
        client.send(format!("{message}.\r\n")).await;
        assert!(client.answer().await.starts_with("250 2.0.0 OK"), "{}", dialect.name);
        client.play(&[("QUIT", "221 ")]).await;
        let sent = gateway.sandbox.google().transactions().pop().unwrap();
        assert_eq!(String::from_utf8(sent.raw).unwrap(), message);
    }
}

#[tokio::test]
async fn every_dialect_is_refused_and_may_reset_and_leave() {
    let gateway = Gateway::start().await;
    let anna = gateway.connect(ANNA, &[]).await;
    let token = gateway.token_for(anna, Protocols::Imap, None).await;
    for dialect in &ALL {
        let mut client = Client::connect(gateway.smtp[0]).await;
        let told = log_in(&mut client, dialect, &token).await;
        assert!(told.starts_with("535 5.7.8 "), "{}: {told}", dialect.name);
        client.play(&[("RSET", "250 "), ("QUIT", "221 ")]).await;
    }
}

#[tokio::test]
async fn an_exchange_that_leads_nowhere() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let mut client = Client::greeted(&gateway).await;
    let other = b64(&format!("bob@example.com\0{ANNA}\0{token}"));
    client
        .play(&[
            ("AUTH LOGIN", ASK_USER),
            ("*", "501 5.7.0 "),
            ("AUTH PLAIN =", "501 5.5.2 "),
            ("AUTH PLAIN not*base64", "501 5.5.2 "),
            (&format!("AUTH PLAIN {}", b64("\0\0token")), "501 5.5.2 "),
            ("AUTH CRAM-MD5", "504 5.5.4 "),
            ("AUTH XOAUTH2 dXNlcj1h", "504 5.5.4 "),
            (&format!("AUTH PLAIN {other}"), "535 5.7.8 "),
        ])
        .await;
    assert_eq!(client.login(&ANNA.to_uppercase(), &token).await, IN, "user names have no case");
}
