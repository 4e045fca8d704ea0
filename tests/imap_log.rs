//! Nothing secret in the log at any level, nor in the audit.

use std::io::Write;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use postern::store::{access_tokens, audit};
use postern::telemetry::{Format, subscriber};
use postern_core::model::change::Change;
use postern_core::model::id::AccountId;
use postern_core::model::scope::ScopeSet;
use postern_sandbox::{ImapFault, TokenFault};

use crate::imap_client::clear;
use crate::support::gateway::Gateway;

const ANNA: &str = "anna@example.com";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("sound").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Logs in and out in every way, good and bad; the answers.
async fn logins(gateway: &Gateway, token: &str) -> String {
    let plain = STANDARD.encode(format!("\0{ANNA}\0{token}"));
    let typo = format!("{}~", &token[..token.len() - 1]);
    let rows = [
        format!("LOGIN {ANNA} {token}"),
        format!("LOGIN \"{ANNA}\" \"{token}\""),
        format!("AUTHENTICATE PLAIN {plain}"),
        format!("LOGIN {ANNA} {typo}"),
        format!("LOGIN somebody@example.com {token}"),
        format!("LOGIN {token} {ANNA}"),
        format!("LOGIN {ANNA} {token} {token}"),
        format!("{token} {token}"),
        format!("AUTHENTICATE PLAIN {plain}="),
        format!("SELECT {token}"),
    ];
    let mut told = String::new();
    for row in rows {
        let mut imap = clear(gateway.imap[0]).await;
        imap.line().await;
        imap.send(format!("a {row}\r\n")).await;
        told += &imap.until("a ").await.join("\n");
        imap.send("b LOGOUT\r\n").await;
        told += &imap.rest().await;
    }
    told
}

async fn access_token(gateway: &Gateway, account: AccountId) -> Option<String> {
    let store = &gateway.parts.store;
    let mut read = store.read().await.expect("a connection");
    let token = access_tokens::of(store, &mut read, account, &ScopeSet::mail()).await.expect("read");
    token.map(|it| it.token.reveal().to_owned())
}

/// The secrets that were in use; ends the gateway so that every line is out.
async fn exercise(gateway: Gateway) -> (Vec<String>, String) {
    let google = gateway.sandbox.google().clone();
    let anna = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(anna).await;
    let mut secrets = google.live_refresh_tokens(ANNA);
    secrets.push(token.clone());
    let mut told = String::new();
    let refused = ImapFault::Login {
        challenge: true,
        answer: "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)".to_owned(),
    };
    let imap_faults =
        [None, Some(refused), Some(ImapFault::CloseAtLogin), Some(ImapFault::login("NO System Error"))];
    for fault in imap_faults {
        if let Some(fault) = fault {
            google.imap_faults().always_for(ANNA, fault);
        }
        told += &logins(&gateway, &token).await;
        secrets.extend(access_token(&gateway, anna).await);
        google.imap_faults().clear();
    }
    google.drop_access_tokens(ANNA);
    for fault in [TokenFault::malformed(), TokenFault::LoseAnswer, TokenFault::invalid_grant()] {
        google.token_faults().next_for(ANNA, fault);
        google.drop_access_tokens(ANNA);
        gateway.parts.broker.changed(Change::Everything);
        told += &logins(&gateway, &token).await;
        secrets.extend(access_token(&gateway, anna).await);
    }
    let blobs =
        secrets.iter().map(|it| STANDARD.encode(format!("user={ANNA}\u{1}auth=Bearer {it}\u{1}\u{1}")));
    let blobs: Vec<String> = blobs.chain([STANDARD.encode(format!("\0{ANNA}\0{token}"))]).collect();
    secrets.extend(blobs);
    let store = gateway.parts.store.clone();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let mut read = store.read().await.expect("a connection");
    let rows = audit::newest(&mut read, 0, 10_000).await.expect("read");
    assert!(rows.iter().any(|row| row.event == "login_refused"));
    told += &format!("{rows:?}");
    drop(read);
    gateway.stop().await;
    (secrets, told)
}

#[tokio::test]
async fn no_secret_is_logged_or_audited() {
    // With one dispatcher alone, tracing lets the thread that comes to a line
    // first decide for all threads whether the line is of interest.
    let _another = tracing::Dispatch::new(tracing_subscriber::registry());
    for format in [Format::Text, Format::Json] {
        let log = Log::default();
        let writer = log.clone();
        let lines = subscriber(format, "trace", move || writer.clone()).expect("a filter");
        // All of this gateway runs on this thread.
        let guard = tracing::subscriber::set_default(lines);
        let (secrets, told) = exercise(Gateway::start().await).await;
        drop(guard);
        let log = String::from_utf8(log.0.lock().expect("sound").clone()).expect("text");
        assert!(log.contains("session ended") && log.contains("login refused"), "{log}");
        assert!(secrets.len() > 8, "{}", secrets.len());
        for (what, text) in [("log", &log), ("answers and audit", &told)] {
            for secret in &secrets {
                assert!(!text.contains(secret.as_str()), "{what}: {secret} in {text}");
            }
            // And nothing that only looks like one.
            for trace in ["pst_", "ya29.", "1//0", "GOCSPX", "Bearer", "dXNlcj1"] {
                assert!(!text.contains(trace), "{what}: {trace} in {text}");
            }
        }
    }
}
