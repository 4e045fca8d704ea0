//! A From that Gmail would replace: noted, or refused before a body is up.

use crate::smtp_client::{ANNA, Client, eventually, rows};
use crate::support::gateway::{Gateway, Setup};

const ALIAS: &str = "sales@example.com";

/// Header block, word in the audit, whether `refuse` lets it pass.
const HEADERS: [(&str, &str, bool); 7] = [
    ("From: Anna <anna@example.com>\r\n", "own", true),
    ("from: ANNA@EXAMPLE.COM\r\n", "own", true),
    ("From: \"Sales, Inc.\"\r\n <sales@example.com>\r\n", "own", true),
    ("From: Boss <boss@example.com>\r\n", "rewritten_by_gmail", false),
    ("From: anna@example.com, boss@example.com\r\n", "rewritten_by_gmail", false),
    ("From: anna@example.com\r\nFrom: boss@example.com\r\n", "rewritten_by_gmail", false),
    ("Subject: from nobody\r\n", "missing", false),
];

async fn gateway(policy: &str) -> (Gateway, String) {
    // One [smtp] table, which has the listeners too.
    let more = format!("[smtp]\nfrom_policy = \"{policy}\"\n");
    let gateway = Gateway::with(Setup { more, ..Setup::default() }).await;
    let anna = gateway.connect(ANNA, &[ALIAS]).await;
    gateway.sandbox.google().add_alias(ANNA, ALIAS);
    let token = gateway.token(anna).await;
    (gateway, token)
}

async fn send(gateway: &Gateway, token: &str, header: &str) -> String {
    let mut client = Client::logged_in(gateway, ANNA, token).await;
    client.open_message().await;
    client.send(format!("{header}\r\nhello\r\n.\r\n")).await;
    client.answer().await
}

#[tokio::test]
async fn a_foreign_from_is_noted() {
    let (gateway, token) = gateway("note").await;
    for (header, _, _) in HEADERS {
        let told = send(&gateway, &token, header).await;
        assert!(told.starts_with("250 2.0.0 OK"), "{header}: {told}");
    }
    let told = rows(&gateway, "message_sent", HEADERS.len()).await;
    for (row, (header, word, _)) in told.iter().zip(HEADERS) {
        assert_eq!(row.detail["from"], word, "{header}");
        assert_eq!(row.detail["outcome"], "accepted");
    }
    let sent = gateway.sandbox.google().transactions();
    for (one, (header, ..)) in sent.iter().zip(HEADERS) {
        assert_eq!(one.raw, format!("{header}\r\nhello\r\n").into_bytes(), "passed on as it is");
    }
}

#[tokio::test]
async fn a_foreign_from_is_refused() {
    let (gateway, token) = gateway("refuse").await;
    let google = gateway.sandbox.google();
    for (header, word, passes) in HEADERS {
        google.clear_transactions();
        let told = send(&gateway, &token, header).await;
        let start = if passes { "250 2.0.0 OK" } else { "550 5.7.1 " };
        assert!(told.starts_with(start), "{header}: {told}");
        eventually("Gmail has seen the end", async || (google.open_connections() == 0).then_some(())).await;
        let sent = google.transactions();
        assert_eq!(sent.iter().filter(|one| one.complete).count(), usize::from(passes), "{word}");
        assert!(passes || sent.iter().all(|one| !one.raw.windows(5).any(|w| w == b"hello")), "{sent:?}");
    }
    let told = rows(&gateway, "message_sent", HEADERS.len()).await;
    for (row, (header, word, passes)) in told.iter().zip(HEADERS) {
        let outcome = if passes { "accepted" } else { "refused" };
        assert_eq!(
            (&row.detail["from"], &row.detail["outcome"]),
            (&word.into(), &outcome.into()),
            "{header}"
        );
    }
}
