//! Dovecot takes more for the end of a message than CRLF, dot, CRLF. A client
//! that knows this must not get a second message past the gateway.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncRead, AsyncWrite};

use super::rig::{Login, Rig};
use crate::support::line::Lines;

/// What Dovecot believes; then what others are known to.
const BELIEVED: [&str; 3] = ["\n.\n", "\n.\r\n", "\r\n.\n"];
const OTHERS: [&str; 5] = ["\r.\r", "\r.\r\n", "\r\n.\r", "\n.\r", "\r.\n"];
const HEAD: &str = "From: anna@example.com\r\nSubject: first\r\n\r\nfirst";
const SECOND: &str = "MAIL FROM:<anna@example.com>\r\nRCPT TO:<victim@elsewhere.test>\r\nDATA\r\n\
                      From: ceo@example.com\r\nSubject: second\r\n\r\nsecond\r\n.\r\n";

#[tokio::test]
async fn a_second_message_is_not_smuggled() {
    let rig = Rig::start().await;
    let anna = rig.mailbox("anna").await;
    for end in BELIEVED.iter().chain(&OTHERS) {
        let mut smtp = greeted(&rig, &anna).await;
        data(&mut smtp).await;
        smtp.send(format!("{HEAD}{end}{SECOND}")).await;
        let verdict = smtp.line().await;
        assert!(verdict.starts_with("550 5.6.0 Message holds a bare "), "{end:?}: {verdict}");
        assert!(!smtp.ask("QUIT", "").await[0].starts_with("250"), "{end:?}");
    }
    // What is under way would arrive before this one.
    let mut smtp = greeted(&rig, &anna).await;
    data(&mut smtp).await;
    smtp.ask(&format!("{HEAD}\r\n."), "250 ").await;
    let arrived: Vec<_> = rig.sink.take().into_iter().map(|message| message.envelope["to"].clone()).collect();
    assert_eq!(arrived, [serde_json::json!(["someone@elsewhere.test"])]);
    rig.gateway.stop().await;
}

/// Without the gateway each of these ends the message: the test above bites.
#[tokio::test]
async fn dovecot_believes_a_bare_line_feed() {
    let rig = Rig::start().await;
    let anna = rig.mailbox("anna").await;
    let token = rig.gateway.sandbox.google().issue_access_token(&anna.address).expect("a token");
    let sasl = STANDARD.encode(format!("user={}\x01auth=Bearer {token}\x01\x01", anna.address));
    for end in BELIEVED {
        let mut smtp = rig.direct().await;
        smtp.ask("AUTH XOAUTH2", "334").await;
        smtp.ask(&sasl, "235 ").await;
        data(&mut smtp).await;
        smtp.send(format!("{HEAD}{end}")).await;
        smtp.until("250 ").await;
        assert_eq!(rig.sink.take().len(), 1, "{end:?}");
    }
    rig.gateway.stop().await;
}

async fn greeted(rig: &Rig, login: &Login) -> Lines {
    let mut smtp = Lines::connect(rig.gateway.smtp[0]).await;
    smtp.until("220 ").await;
    smtp.ask("EHLO crm.example.com", "250 ").await;
    let sasl = STANDARD.encode(format!("\0{}\0{}", login.address, login.token));
    smtp.ask(&format!("AUTH PLAIN {sasl}"), "235 ").await;
    smtp
}

async fn data<S: AsyncRead + AsyncWrite + Unpin>(smtp: &mut Lines<S>) {
    smtp.ask("MAIL FROM:<anna@example.com>", "250 ").await;
    smtp.ask("RCPT TO:<someone@elsewhere.test>", "250 ").await;
    smtp.ask("DATA", "354").await;
}
