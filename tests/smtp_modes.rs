//! The four kinds of listener: what each offers, and what TLS must come before.

use tokio::io::AsyncReadExt as _;

use crate::smtp_client::{ANNA, Client, MESSAGE, b64, rows, with_anna};
use crate::support::gateway::Gateway;

const NONE: usize = 0;
const IMPLICIT: usize = 1;
const STARTTLS: usize = 2;
const AUTO: usize = 3;

/// Greets, looks at the list, logs in, sends, leaves.
async fn use_it(mut client: Client, token: &str, greeting: bool) {
    if greeting {
        assert!(client.answer().await.starts_with("220 localhost ESMTP"));
    }
    let offered = client.ask("EHLO crm").await;
    assert!(offered.contains("AUTH PLAIN LOGIN") && !offered.contains("STARTTLS"), "{offered}");
    client.play(&[("STARTTLS", "502 5.5.1 ")]).await;
    assert_eq!(client.login(ANNA, token).await, "235 2.7.0 Accepted");
    client.open_message().await;
    client.send(MESSAGE).await;
    assert!(client.answer().await.starts_with("250 2.0.0 OK"));
    assert!(client.ask("QUIT").await.starts_with("221 "));
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn every_listener_carries_a_message() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    use_it(Client::connect(gateway.smtp[NONE]).await, &token, true).await;
    use_it(Client::secure(&gateway, gateway.smtp[IMPLICIT]).await, &token, true).await;
    use_it(Client::connect(gateway.smtp[AUTO]).await, &token, true).await;
    use_it(Client::secure(&gateway, gateway.smtp[AUTO]).await, &token, true).await;

    let mut client = Client::connect(gateway.smtp[STARTTLS]).await;
    client.answer().await;
    client.play(&[("STARTTLS", "220 2.0.0 ")]).await;
    use_it(client.upgrade(&gateway).await.unwrap(), &token, false).await;
    assert_eq!(gateway.sandbox.google().transactions().iter().filter(|one| one.complete).count(), 5);
}

#[tokio::test]
async fn nothing_is_verified_before_tls() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let plain = format!("AUTH PLAIN {}", b64(&format!("\0{ANNA}\0{token}")));
    let wrong = format!("AUTH PLAIN {}", b64(&format!("\0{ANNA}\0wrong")));
    let mut client = Client::connect(gateway.smtp[STARTTLS]).await;
    client.answer().await;
    let offered = client.ask("EHLO crm").await;
    assert!(offered.ends_with("250 STARTTLS") && !offered.contains("AUTH"), "{offered}");
    for line in [&*plain, &wrong, "AUTH PLAIN", "AUTH LOGIN", "MAIL FROM:<a@x>", "RCPT TO:<a@x>", "DATA"] {
        client.play(&[(line, "530 5.7.0 Must issue a STARTTLS command first")]).await;
    }
    client.play(&[("STARTTLS now", "501 "), ("STARTTLS", "220 2.0.0 ")]).await;
    let mut client = client.upgrade(&gateway).await.unwrap();
    client.play(&[(&*plain, "503 5.5.1 EHLO first"), ("EHLO crm", "250-")]).await;
    assert!(client.login(ANNA, "wrong").await.starts_with("535 "));
    let refused = rows(&gateway, "login_refused", 1).await;
    assert_eq!(refused.len(), 1, "only what came under TLS was looked at");
    assert!(gateway.sandbox.google().token_requests().is_empty());
}

#[tokio::test]
async fn nothing_but_a_login_comes_before_the_login() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let mut client = Client::connect(gateway.smtp[NONE]).await;
    client.answer().await;
    client.play(&[("AUTH PLAIN", "503 5.5.1 EHLO first"), ("EHLO crm", "250-")]).await;
    for line in
        ["MAIL FROM:<anna@example.com>", "RCPT TO:<a@x>", "DATA", "VRFY a", "EXPN a", "BDAT 3 LAST", "HELP"]
    {
        client.play(&[(line, "530 5.7.0 Authentication required")]).await;
    }
    client.play(&[("NOOP", "250 "), ("RSET", "250 ")]).await;
    assert_eq!(client.login(ANNA, &token).await, "235 2.7.0 Accepted");
    client.play(&[("MAIL FROM:<anna@example.com>", "250 2.1.0 OK")]).await;
}

#[tokio::test]
async fn what_is_injected_behind_starttls_is_never_obeyed() {
    let (gateway, _) = with_anna(Gateway::start().await).await;
    for injected in ["NOOP\r\n", "EHLO evil\r\nAUTH LOGIN\r\n", "\r\n", "x"] {
        let mut client = Client::connect(gateway.smtp[STARTTLS]).await;
        client.ask("EHLO crm").await;
        client.answer().await;
        client.send(format!("STARTTLS\r\n{injected}")).await;
        assert_eq!(client.rest().await, "", "{injected:?}");

        // Behind the 220 only a handshake is understood.
        let mut client = Client::connect(gateway.smtp[STARTTLS]).await;
        client.answer().await;
        client.play(&[("STARTTLS", "220 2.0.0 ")]).await;
        client.send(format!("{injected}{}", "NOOP\r\n".repeat(20))).await;
        let (mut hears, _) = client.halves();
        let mut told = Vec::new();
        let _reset = hears.read_to_end(&mut told).await;
        let told = String::from_utf8_lossy(&told).into_owned();
        assert!(!told.contains("250") && !told.contains("334"), "{injected:?}: {told}");
    }
}
