//! The four ways a listener is secured.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::imap_client::{Imap, clear};
use crate::support::gateway::Gateway;

const ANNA: &str = "anna@example.com";
const OPEN: &str = "* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN] Postern ready";
const SHUT: &str = "* OK [CAPABILITY IMAP4rev1 LITERAL- ID STARTTLS LOGINDISABLED] Postern ready";
const NONE: usize = 0;
const IMPLICIT: usize = 1;
const STARTTLS: usize = 2;
const AUTO: usize = 3;

async fn anna() -> (Gateway, String) {
    let gateway = Gateway::start().await;
    let account = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(account).await;
    (gateway, token)
}

async fn reads<S: AsyncRead + AsyncWrite + Unpin>(mut imap: Imap<S>, token: &str) {
    imap.ask(&format!("a LOGIN {ANNA} {token}"), "a OK").await;
    imap.ask("b SELECT INBOX", "b OK").await;
    imap.send("c LOGOUT\r\n").await;
    assert!(imap.rest().await.contains("c OK"));
}

#[tokio::test]
async fn in_clear_for_good() {
    let (gateway, token) = anna().await;
    let mut imap = clear(gateway.imap[NONE]).await;
    assert_eq!(imap.line().await, OPEN);
    assert!(imap.answer("s STARTTLS").await.starts_with("s BAD"), "never offered here");
    reads(imap, &token).await;
}

#[tokio::test]
async fn under_tls_from_the_first_octet() {
    let (gateway, token) = anna().await;
    let mut imap = clear(gateway.imap[IMPLICIT]).await.secure(&gateway).await.expect("a handshake");
    assert_eq!(imap.line().await, OPEN);
    reads(imap, &token).await;
    let mut imap = clear(gateway.imap[IMPLICIT]).await;
    imap.send("a CAPABILITY\r\n").await;
    let rest = imap.bytes_to_the_end().await;
    assert!(!rest.starts_with(b"* "), "nothing is said in clear: {rest:?}");
}

#[tokio::test]
async fn starttls_before_anything_else() {
    let (gateway, token) = anna().await;
    let mut imap = clear(gateway.imap[STARTTLS]).await;
    assert_eq!(imap.line().await, SHUT);
    let list = imap.ask("a CAPABILITY", "a OK").await;
    assert_eq!(list[0], "* CAPABILITY IMAP4rev1 LITERAL- ID STARTTLS LOGINDISABLED");
    for command in [format!("b LOGIN {ANNA} {token}"), "b AUTHENTICATE PLAIN".to_owned()] {
        assert!(imap.answer(&command).await.starts_with("b NO [PRIVACYREQUIRED] "), "{command}");
    }
    assert!(gateway.sandbox.google().sessions().is_empty(), "nothing was dialled");
    imap.ask("c STARTTLS", "c OK").await;
    let mut imap = imap.secure(&gateway).await.expect("a handshake");
    let list = imap.ask("d CAPABILITY", "d OK").await;
    assert_eq!(
        list[0], "* CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN",
        "no second greeting"
    );
    assert!(imap.answer("e STARTTLS").await.starts_with("e BAD"));
    reads(imap, &token).await;
}

#[tokio::test]
async fn bytes_behind_starttls_drop_the_connection() {
    let (gateway, token) = anna().await;
    let login = format!("b LOGIN {ANNA} {token}\r\n");
    for injected in ["b NOOP\r\n", &login, "\r\n", "b"] {
        let mut imap = clear(gateway.imap[STARTTLS]).await;
        imap.line().await;
        imap.send(format!("a STARTTLS\r\n{injected}")).await;
        assert_eq!(imap.bytes_to_the_end().await, b"", "{injected:?}");
    }
    // What comes late enough to be read as the handshake is none.
    let mut imap = clear(gateway.imap[STARTTLS]).await;
    imap.line().await;
    imap.ask("a STARTTLS", "a OK").await;
    imap.send(&login).await;
    let rest = imap.bytes_to_the_end().await;
    assert!(!rest.windows(4).any(|it| it == b"b OK" || it == b"b NO"), "{rest:?}");
    assert!(gateway.sandbox.google().sessions().is_empty(), "nobody logged in");
}

#[tokio::test]
async fn what_was_said_before_the_handshake_is_forgotten() {
    let (gateway, token) = anna().await;
    let mut imap = clear(gateway.imap[STARTTLS]).await;
    imap.line().await;
    for _ in 0..49 {
        imap.ask("a NONSENSE", "a BAD").await;
    }
    imap.ask("b STARTTLS", "b OK").await;
    let mut imap = imap.secure(&gateway).await.expect("a handshake");
    imap.ask("a NONSENSE", "a BAD").await;
    imap.ask("a NONSENSE", "a BAD").await;
    reads(imap, &token).await;
}

#[tokio::test]
async fn as_the_client_begins() {
    let (gateway, token) = anna().await;
    let mut imap = clear(gateway.imap[AUTO]).await.secure(&gateway).await.expect("a handshake");
    assert_eq!(imap.line().await, OPEN);
    reads(imap, &token).await;
    let mut imap = clear(gateway.imap[AUTO]).await;
    assert_eq!(imap.line().await, OPEN, "who waits for a greeting is in clear");
    assert!(imap.answer("s STARTTLS").await.starts_with("s BAD"));
    reads(imap, &token).await;
    let mut imap = clear(gateway.imap[AUTO]).await;
    imap.send("a NOOP\r\n").await;
    assert_eq!((imap.line().await.as_str(), imap.line().await.as_str()), (OPEN, "a OK NOOP completed"));
}
