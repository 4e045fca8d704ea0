//! The listener for those who watch.

use postern::health::Stage;
use postern::lifecycle;

use crate::support::gateway::{Gateway, Setup};
use crate::support::line::Lines;

const MORE: &str = "[telemetry]\nlisten = \"127.0.0.1:0\"\n";

async fn watched() -> Gateway {
    Gateway::with(Setup { more: MORE.to_owned(), ..Setup::default() }).await
}

/// The status and the body of an answer.
async fn get(gateway: &Gateway, path: &str) -> (String, String) {
    let at = gateway.telemetry.expect("a telemetry listener");
    let mut web = Lines::connect(at).await;
    web.send(&format!("GET {path} HTTP/1.1\r\nhost: watch\r\nconnection: close\r\n\r\n")).await;
    let answer = web.rest().await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
}

/// The value behind a figure, without its decimals.
fn figure(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    value.split('.').next()?.parse().ok()
}

#[tokio::test]
async fn what_clients_do_is_in_the_figures_while_they_do_it() {
    let gateway = watched().await;
    let anna = gateway.connect("anna.novakova@example.com", &[]).await;
    let token = gateway.token(anna).await;
    gateway.sandbox.google().deliver("anna.novakova@example.com", b"Subject: hello\r\n\r\nbody\r\n");

    let mut imap = Lines::connect(gateway.imap[0]).await;
    imap.until("* OK").await;
    imap.ask("a LOGIN anna.novakova@example.com wrong", "a NO").await;
    imap.ask(&format!("b LOGIN anna.novakova@example.com {token}"), "b OK").await;
    imap.ask("c SELECT INBOX", "c OK").await;
    imap.send("d IDLE\r\n").await;
    imap.until("+ ").await;

    let (_, text) = get(&gateway, "/metrics").await;
    let value = |name: &str| figure(&text, name).unwrap_or_else(|| panic!("no {name} in\n{text}"));
    assert_eq!(value("postern_sessions{protocol=\"imap\"}"), 1);
    assert_eq!(value("postern_connections_total{protocol=\"imap\",outcome=\"admitted\"}"), 1);
    assert_eq!(value("postern_logins_total{protocol=\"imap\",outcome=\"ok\"}"), 1);
    assert_eq!(value("postern_logins_total{protocol=\"imap\",outcome=\"wrong_token\"}"), 1);
    assert_eq!(value("postern_login_seconds_count{protocol=\"imap\"}"), 1);
    assert_eq!(value("postern_refreshes_total{outcome=\"ok\"}"), 1);
    assert_eq!(value("postern_access_token_life_seconds_count"), 1);
    assert_eq!(value("postern_audit_lost_total"), 0);
    let up = "c SELECT INBOX\r\nd IDLE\r\n".len() as u64;
    assert_eq!(value("postern_bytes_total{protocol=\"imap\",direction=\"up\"}"), up);
    assert!(value("postern_bytes_total{protocol=\"imap\",direction=\"down\"}") > 100, "{text}");
    for word in ["anna", "novakova", "@", "example", "127.0.0.1", token.as_str()] {
        assert!(!text.contains(word), "{word} is in the figures:\n{text}");
    }

    drop(imap);
    for _ in 0..200 {
        let (_, text) = get(&gateway, "/metrics").await;
        if figure(&text, "postern_sessions{protocol=\"imap\"}") == Some(0) {
            gateway.stop().await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the session is never counted off");
}

#[tokio::test]
async fn readiness_says_what_is_wrong_and_goes_before_the_process_does() {
    let gateway = watched().await;
    let ready = r#"{"ready":true,"stage":"up","store":"ok","keys":"ok"}"#;
    assert_eq!(get(&gateway, "/readyz").await, ("HTTP/1.1 200 OK".to_owned(), ready.to_owned()));

    gateway.parts.health.reached(Stage::Draining);
    let (status, body) = get(&gateway, "/readyz").await;
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    assert!(body.contains(r#""ready":false,"stage":"draining""#), "{body}");
    assert_eq!(get(&gateway, "/healthz").await.1, "ok");

    gateway.parts.store.close().await;
    let (status, body) = get(&gateway, "/readyz").await;
    assert_eq!(status, "HTTP/1.1 503 Service Unavailable");
    assert!(body.contains(r#""store":"unreachable""#), "{body}");
    assert_eq!(get(&gateway, "/healthz").await.1, "ok");
    let drain = gateway.parts.config.limits.drain;
    lifecycle::stop(&gateway.parts.tasks, &gateway.parts.store, drain).await;
}
