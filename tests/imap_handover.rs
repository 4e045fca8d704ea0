//! From login to relay no byte is lost, and APPEND passes for clients that
//! wait for `+` and for those that do not.

use postern_sandbox::{ImapFault, SessionReport};
use tokio::net::TcpStream;

use crate::imap_client::{Imap, clear, logged_in};
use crate::support::gateway::Gateway;

const ANNA: &str = "anna@example.com";

async fn anna() -> (Gateway, String) {
    let gateway = Gateway::start().await;
    let account = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(account).await;
    (gateway, token)
}

fn only_session(gateway: &Gateway) -> SessionReport {
    let sessions = gateway.sandbox.google().sessions();
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    sessions.into_iter().next().expect("a session")
}

#[tokio::test]
async fn what_was_sent_behind_login_and_behind_ok_arrives() {
    let (gateway, token) = anna().await;
    let google = gateway.sandbox.google();
    google.deliver(ANNA, b"Subject: hello\r\n\r\nbody\r\n");
    let glued = b"* 7 EXISTS\r\n* OK [CAPABILITY COMPRESS=DEFLATE IDLE] hello {9}\r\n".to_vec();
    google.imap_faults().next_for(ANNA, ImapFault::GlueBehindOk(glued));
    let mut imap = clear(gateway.imap[0]).await;
    let pipelined = format!(
        "0 CAPABILITY\r\nTag.1 LOGIN \"{ANNA}\" \"{token}\"\r\nTag.2 SELECT INBOX\r\n\
         Tag.3 COMPRESS DEFLATE\r\nTag.4 UID FETCH 1 (UID)\r\nTag.5 LOGOUT\r\n"
    );
    imap.send(pipelined).await;
    imap.until("0 OK").await;
    let told = imap.until("Tag.1 ").await;
    assert!(told[0].starts_with("* CAPABILITY IMAP4rev1 ") && !told[0].contains("COMPRESS"), "{told:?}");
    assert_eq!(told[1], format!("Tag.1 OK {ANNA} authenticated (Success)"));
    let rest = imap.rest().await;
    let lines: Vec<&str> = rest.lines().collect();
    assert!(
        lines.contains(&"* 7 EXISTS") && lines.contains(&"* OK [CAPABILITY IDLE] hello {9}"),
        "{lines:?}"
    );
    assert!(lines.contains(&"* 1 EXISTS") && lines.contains(&"* 1 FETCH (UID 1)"), "{lines:?}");
    assert!(lines.contains(&"Tag.3 NO [CANNOT] COMPRESS is not offered here"), "{lines:?}");
    assert!(lines.last().expect("lines").starts_with("Tag.5 OK"), "{lines:?}");
    assert_eq!(
        only_session(&gateway).lines,
        ["Tag.1 AUTHENTICATE XOAUTH2 <cut>", "Tag.2 SELECT INBOX", "Tag.4 UID FETCH 1 (UID)", "Tag.5 LOGOUT"],
        "under the client's own tag"
    );
    assert!(!google.compress_seen());
}

#[tokio::test]
async fn every_way_to_log_in_opens_a_session_under_its_tag() {
    use base64::Engine as _;
    let (gateway, token) = anna().await;
    let b64 = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    let (user, secret) = (b64(ANNA.to_owned()), b64(token.clone()));
    let plain = b64(format!("\0{ANNA}\0{token}"));
    let ways = [
        vec![format!("A LOGIN {ANNA} {token}")],
        vec![format!("A LOGIN \"ANNA@Example.COM\" \"{token}\"")],
        vec![format!("A LOGIN {{{}+}}", ANNA.len()), format!("{ANNA} {{53}}"), token.clone()],
        vec![format!("A AUTHENTICATE PLAIN {plain}")],
        vec!["A AUTHENTICATE PLAIN".to_owned(), b64(format!("{ANNA}\0{ANNA}\0{token}"))],
        vec!["A AUTHENTICATE LOGIN".to_owned(), user.clone(), secret.clone()],
        vec![format!("A AUTHENTICATE LOGIN {user}"), secret],
    ];
    for way in &ways {
        let mut imap = clear(gateway.imap[0]).await;
        imap.line().await;
        let (last, first) = way.split_last().expect("lines");
        for line in first {
            imap.send(format!("{line}\r\n")).await;
            if !line.ends_with("+}") {
                imap.until("+ ").await;
            }
        }
        imap.ask(last, "A OK").await;
        imap.ask("B NOOP", "B OK").await;
    }
    let sessions = gateway.sandbox.google().sessions();
    assert_eq!(sessions.len(), ways.len());
    assert!(sessions.iter().all(|it| it.lines[0] == "A AUTHENTICATE XOAUTH2 <cut>"), "{sessions:?}");
}

/// 1 MB that would do harm if it were read as commands.
fn message() -> Vec<u8> {
    let mut message =
        b"Subject: big\r\n\r\nx COMPRESS DEFLATE\r\nx DELETE INBOX {3}\r\n+ go\r\nx OK\r\n".to_vec();
    message.extend((message.len()..1_048_576).map(|n| if n % 64 == 0 { b'\n' } else { (n % 251) as u8 }));
    message
}

async fn append(imap: &mut Imap<TcpStream>, waits: bool, refused: bool) -> String {
    let message = message();
    let command = format!("a APPEND \"[Gmail]/Drafts\" {{{}}}\r\n", message.len());
    if waits {
        imap.send(command).await;
        let answer = imap.line().await;
        if refused {
            return answer;
        }
        assert!(answer.starts_with('+'), "{answer}");
        imap.send(&message).await;
        imap.send("\r\n").await;
    } else {
        imap.send([command.as_bytes(), &message, b"\r\n"].concat()).await;
        if !refused {
            assert!(imap.line().await.starts_with('+'));
        }
    }
    imap.until("a ").await.pop().expect("an answer")
}

#[tokio::test]
async fn append_passes_for_clients_that_wait_and_that_do_not() {
    let (gateway, token) = anna().await;
    let google = gateway.sandbox.google();
    let mut imap = logged_in(&gateway, ANNA, &token).await;
    for waits in [true, false] {
        let told = append(&mut imap, waits, false).await;
        assert!(told.starts_with("a OK [APPENDUID "), "{waits}: {told}");
        imap.ask("b NOOP", "b OK").await;
    }
    let stored = google.mailbox(ANNA, "[Gmail]/Drafts");
    assert_eq!(stored.len(), 2);
    assert!(stored.iter().all(|it| *it == message()), "byte-identical at the far end");
    assert!(!google.compress_seen());
}

#[tokio::test]
async fn a_refused_append_leaves_the_session_in_step() {
    let (gateway, token) = anna().await;
    let google = gateway.sandbox.google();
    let mut imap = logged_in(&gateway, ANNA, &token).await;
    for waits in [true, false, true, false] {
        let no = "NO [OVERQUOTA] Full (Failure)";
        google.imap_faults().next_for(ANNA, ImapFault::RefuseAppend(no.to_owned()));
        assert_eq!(append(&mut imap, waits, true).await, format!("a {no}"), "{waits}");
        let told = imap.ask("b STATUS INBOX (MESSAGES)", "b ").await;
        assert!(told.last().expect("lines").starts_with("b OK"), "{waits}: {told:?}");
        let told = append(&mut imap, waits, false).await;
        assert!(told.starts_with("a OK"), "{waits}: {told}");
    }
    let lines = only_session(&gateway).lines;
    let verbs = lines.iter().map(|line| line.split(' ').nth(1).unwrap_or_default());
    assert!(verbs.clone().all(|verb| matches!(verb, "AUTHENTICATE" | "APPEND" | "STATUS" | "")), "{lines:?}");
    assert_eq!(google.mailbox(ANNA, "[Gmail]/Drafts").len(), 4);
}
