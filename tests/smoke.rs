//! The thin path: a client logs in, reads and sends.

use crate::support::gateway::Gateway;
use crate::support::line::Lines;

#[tokio::test]
async fn a_client_reads_and_sends() {
    let gateway = Gateway::start().await;
    let anna = gateway.connect("anna@example.com", &[]).await;
    let token = gateway.token(anna).await;
    gateway.sandbox.google().deliver("anna@example.com", b"Subject: hello\r\n\r\nbody\r\n");

    let mut imap = Lines::connect(gateway.imap[0]).await;
    assert!(imap.line().await.starts_with("* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID"));
    let answer = imap.ask(&format!("a LOGIN anna@example.com {token}"), "a ").await;
    assert!(answer.last().unwrap().starts_with("a OK anna@example.com authenticated"), "{answer:?}");
    assert!(answer.iter().any(|l| l.starts_with("* CAPABILITY") && !l.contains("COMPRESS")), "{answer:?}");
    let answer = imap.ask("b SELECT INBOX", "b ").await;
    assert!(answer.iter().any(|l| l == "* 1 EXISTS"), "{answer:?}");
    imap.ask("c LOGOUT", "c OK").await;

    let mut smtp = Lines::connect(gateway.smtp[0]).await;
    smtp.until("220 ").await;
    smtp.ask("EHLO crm.example.com", "250 ").await;
    smtp.ask("AUTH LOGIN", "334 ").await;
    use base64::Engine as _;
    let b64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    smtp.ask(&b64("anna@example.com"), "334 ").await;
    let told = smtp.ask(&b64(&token), "2").await;
    assert!(told[0].starts_with("235"), "{told:?}");
    smtp.ask("MAIL FROM:<anna@example.com>", "250 ").await;
    smtp.ask("RCPT TO:<someone@elsewhere.test>", "250 ").await;
    smtp.ask("DATA", "354 ").await;
    smtp.ask("From: anna@example.com\r\nSubject: hi\r\n\r\n..dot\r\n.", "250 ").await;
    smtp.ask("QUIT", "221 ").await;
    let sent = gateway.sandbox.google().transactions();
    assert_eq!(sent.len(), 1);
    gateway.stop().await;
}

#[tokio::test]
async fn its_health_is_asked_by_address() {
    let gateway = Gateway::start().await;
    let mut web = Lines::connect(gateway.http).await;
    web.send("GET /postern/healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").await;
    let head = web.until("date: ").await;
    assert_eq!(head[0], "HTTP/1.1 200 OK", "{head:?}");
    assert_eq!((web.line().await.as_str(), web.line().await.as_str()), ("", "ok"));
    gateway.stop().await;
}
