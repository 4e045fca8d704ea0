//! Where a message ends: upstream has exactly the client's message or none that
//! is complete, and never a second one. The sandbox reads as laxly as a server
//! that can be smuggled to.

use std::collections::HashMap;

use futures_util::future::join_all;

use crate::smtp_client::{ANNA, Client, eventually, with_anna};
use crate::support::gateway::Gateway;

const MARKS: [&str; 10] = ["", "\r", "\n", "\r\n", "\0", "\r\n\0", "\n\r", "\r\r\n", "\0\r\n", "\n\n"];
const SMUGGLED: &str = "MAIL FROM:<evil@example.com>\r\nRCPT TO:<x@elsewhere.test>\r\nDATA\r\nevil\r\n.\r\n";

/// One message as a client sends it, behind its 354.
struct Case {
    sender: String,
    stream: String,
    /// How much of the stream is the message, its final dot not counted.
    message: usize,
    clean: bool,
}

impl Case {
    fn new(n: usize, stream: String) -> Self {
        // By the standard, whatever a server makes of it.
        let message = if stream.starts_with(".\r\n") { Some(0) } else { None };
        let message = message.or_else(|| stream.find("\r\n.\r\n").map(|at| at + 2)).unwrap();
        let clean = !stream[..message].replace("\r\n", "").contains(['\r', '\n', '\0']);
        // Commands behind the client's own end would be commands.
        let stream = if clean { stream[..message + 3].to_owned() } else { stream };
        Self { sender: format!("case{n}@example.com"), stream, message, clean }
    }

    fn sent(&self) -> &str {
        &self.stream[..self.message]
    }
}

fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    for before in MARKS {
        for after in MARKS {
            let dot = format!("{before}.{after}");
            for stream in [
                format!("{dot}{SMUGGLED}"),
                format!("From: anna@example.com\r\n\r\nhello{dot}{SMUGGLED}"),
                format!("From: anna@example.com\r\n\r\nhello{dot}\r\n.\r\n"),
                format!("From: anna@example.com\r\n\r\nhello\r\n{dot}\r\n.\r\n"),
            ] {
                all.push(Case::new(all.len(), stream));
            }
        }
    }
    all
}

/// Sends every message; a refused one costs its session.
async fn send_all(gateway: &Gateway, token: &str, cases: &[Case]) {
    let mut client = None;
    for case in cases {
        let mut session = match client.take() {
            Some(session) => session,
            None => Client::logged_in(gateway, ANNA, token).await,
        };
        session
            .play(&[
                (&format!("MAIL FROM:<{}>", case.sender), "250 "),
                ("RCPT TO:<bob@elsewhere.test>", "250 "),
                ("DATA", "354 "),
            ])
            .await;
        session.send(&case.stream).await;
        let told = session.answer().await;
        let shown = case.stream.escape_debug();
        if case.clean {
            assert!(told.starts_with("250 2.0.0 OK"), "{shown}: {told}");
            client = Some(session);
        } else {
            assert!(told.starts_with("550 5.6.0 "), "{shown}: {told}");
            // What follows the client's own end is answered by us, once.
            session.send("RSET\r\n").await;
            let rest = session.rest().await;
            assert!(!rest.contains("250") && !rest.contains("354"), "{shown}: {rest}");
        }
    }
}

#[tokio::test]
async fn every_end_of_data_at_start_middle_and_end() {
    let (gateway, token) = with_anna(Gateway::start().await).await;
    let google = gateway.sandbox.google();
    google.set_lax_end_of_data(true);
    let cases = cases();
    join_all(cases.chunks(100).map(|some| send_all(&gateway, &token, some))).await;
    eventually("Gmail has seen the end", async || (google.open_connections() == 0).then_some(())).await;
    let sent = google.transactions();
    let mut by_sender: HashMap<&str, Vec<_>> = HashMap::new();
    for one in &sent {
        by_sender.entry(one.from.as_str()).or_default().push(one);
    }
    assert!(!by_sender.contains_key("evil@example.com"));
    for case in &cases {
        let shown = case.stream.escape_debug();
        let found = by_sender.get(case.sender.as_str()).map(Vec::as_slice).unwrap_or_default();
        assert!(found.len() <= 1, "{shown}");
        match found.first() {
            Some(one) if one.complete => {
                assert!(case.clean, "{shown}");
                assert_eq!(String::from_utf8_lossy(&one.raw), case.sent());
            }
            Some(one) => {
                assert!(!case.clean && case.stream.as_bytes().starts_with(&one.raw), "{shown}");
            }
            None => assert!(!case.clean, "{shown}"),
        }
    }
}
