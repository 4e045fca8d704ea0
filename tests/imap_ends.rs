//! How sessions end, and that they do not end before.

use std::time::{Duration, Instant};

use postern_sandbox::ImapFault;

use crate::imap_client::logged_in;
use crate::support::gateway::{Gateway, Setup};

const ANNA: &str = "anna@example.com";
const BYE: &str = "* BYE Session expired, please login again.\r\n";

async fn anna(limits: &str) -> (Gateway, String) {
    let more = format!("[limits]\n{limits}\n");
    let gateway = Gateway::with(Setup { more, ..Setup::default() }).await;
    let account = gateway.connect(ANNA, &[]).await;
    let token = gateway.token(account).await;
    (gateway, token)
}

async fn nothing_is_left_at_gmail(gateway: &Gateway) {
    for _ in 0..100 {
        if gateway.sandbox.google().open_connections() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a session at Gmail is left open");
}

#[tokio::test]
async fn gmails_bye_reaches_the_client_and_the_connection_closes() {
    let (gateway, token) = anna("").await;
    let google = gateway.sandbox.google();
    let mut idle = logged_in(&gateway, ANNA, &token).await;
    idle.ask("a SELECT INBOX", "a OK").await;
    idle.ask("b IDLE", "+").await;
    let mut quiet = logged_in(&gateway, ANNA, &token).await;
    google.clock().advance(Duration::from_secs(3700));
    assert_eq!((idle.rest().await.as_str(), quiet.rest().await.as_str()), (BYE, BYE));
    nothing_is_left_at_gmail(&gateway).await;
    logged_in(&gateway, ANNA, &token).await;
}

#[tokio::test]
async fn a_bye_is_not_lost_behind_a_pipeline() {
    let (gateway, token) = anna("").await;
    let google = gateway.sandbox.google();
    for _ in 0..5 {
        let mut imap = logged_in(&gateway, ANNA, &token).await;
        google.kick(ANNA);
        // Some of it is still unread when the gateway closes.
        for _ in 0..50 {
            if imap.try_send("a NOOP\r\n".repeat(500)).await.is_err() {
                panic!("the connection was reset");
            }
        }
        let rest = imap.rest().await;
        assert!(rest.ends_with(BYE), "{}", rest.len());
    }
}

#[tokio::test]
async fn an_answer_that_gmail_cuts_is_passed_on_to_the_cut() {
    let (gateway, token) = anna("").await;
    let google = gateway.sandbox.google();
    google.deliver(ANNA, b"Subject: hello\r\n\r\nbody\r\n");
    let mut imap = logged_in(&gateway, ANNA, &token).await;
    imap.ask("a SELECT INBOX", "a OK").await;
    google.imap_faults().next_for(ANNA, ImapFault::Cut { verb: "FETCH", after: 30 });
    imap.send("b FETCH 1 (BODY.PEEK[])\r\n").await;
    let rest = imap.rest().await;
    assert!(rest.starts_with("* 1 FETCH (BODY[] {24}\r\n") && rest.len() == 30, "{rest:?}");
}

#[tokio::test]
async fn a_client_that_half_closes_gets_the_answer_to_logout() {
    let (gateway, token) = anna("").await;
    let mut imap = logged_in(&gateway, ANNA, &token).await;
    imap.send("a NOOP\r\nb LOGOUT\r\n").await;
    imap.half_close().await;
    let rest = imap.rest().await;
    assert!(rest.contains("a OK") && rest.contains("* BYE") && rest.contains("b OK"), "{rest}");
    nothing_is_left_at_gmail(&gateway).await;
}

#[tokio::test]
async fn a_client_that_vanishes_leaves_nothing_at_gmail() {
    let (gateway, token) = anna("").await;
    let google = gateway.sandbox.google();
    for fault in [None, Some(ImapFault::Hang { verb: "STATUS" })] {
        let mut imap = logged_in(&gateway, ANNA, &token).await;
        if let Some(fault) = fault {
            google.imap_faults().next_for(ANNA, fault);
        }
        imap.send("a STATUS INBOX (MESSAGES)\r\n").await;
        drop(imap);
        nothing_is_left_at_gmail(&gateway).await;
    }
}

#[tokio::test]
async fn idle_hears_of_a_new_message() {
    let (gateway, token) = anna("").await;
    let mut imap = logged_in(&gateway, ANNA, &token).await;
    imap.ask("a SELECT INBOX", "a OK").await;
    imap.ask("b IDLE", "+ idling").await;
    let began = Instant::now();
    gateway.sandbox.google().deliver(ANNA, b"Subject: hello\r\n\r\nbody\r\n");
    imap.until("* 1 EXISTS").await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    imap.ask("DONE", "b OK").await;
    imap.ask("c LOGOUT", "c OK").await;
}

#[tokio::test]
async fn a_session_without_a_byte_ends() {
    let (gateway, token) = anna("imap_idle = \"5s\"").await;
    let mut imap = logged_in(&gateway, ANNA, &token).await;
    let began = Instant::now();
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(2)).await;
        imap.ask("a NOOP", "a OK").await;
    }
    let quiet = Instant::now();
    let told = String::from_utf8(imap.bytes_to_the_end().await).expect("ASCII");
    assert!(told.starts_with("* BYE Idle for too long, please connect again (ref "), "{told}");
    assert!(quiet.elapsed() >= Duration::from_millis(4_900), "{:?}", quiet.elapsed());
    assert!(began.elapsed() < Duration::from_secs(16), "{:?}", began.elapsed());
    nothing_is_left_at_gmail(&gateway).await;
}
