//! Channels and the notifications they bring.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::api::{anna, hour, path, refused};
use crate::client::{ANNA, Outcome, sandbox};

const WATCH: &str = "calendars/primary/events/watch";
const PATIENCE: Duration = Duration::from_secs(10);

fn channel(id: &str, address: &str) -> Value {
    json!({"id": id, "type": "web_hook", "address": address, "token": "our secret"})
}

/// The next request that comes in, answered with 200.
async fn heard(listener: &TcpListener) -> Result<String, Box<dyn std::error::Error>> {
    let (tcp, _) = timeout(PATIENCE, listener.accept()).await??;
    answered(tcp).await
}

async fn answered(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
) -> Result<String, Box<dyn std::error::Error>> {
    let mut octets = Vec::new();
    while !octets.ends_with(b"\r\n\r\n") {
        if timeout(PATIENCE, stream.read_buf(&mut octets)).await?? == 0 {
            return Err("cut off".into());
        }
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
    stream.flush().await?;
    Ok(String::from_utf8(octets)?)
}

/// A server for `localhost`, and what a client must trust.
fn tls() -> Result<(TlsAcceptor, String), Box<dyn std::error::Error>> {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let key = PrivateKeyDer::try_from(issued.signing_key.serialize_der())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![issued.cert.der().clone()], key)?;
    Ok((TlsAcceptor::from(Arc::new(server)), issued.cert.pem()))
}

#[tokio::test]
async fn a_channel_says_sync_and_then_that_something_changed() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/hooks/calendar?from=google", listener.local_addr()?);
    let opened = api.post(WATCH, channel("ch-1", &address)).await?;
    assert_eq!(opened.status, 200, "{}", opened.body);
    let opened = opened.json()?;
    assert_eq!((&opened["kind"], &opened["id"]), (&json!("api#channel"), &json!("ch-1")));
    let expires: u64 = opened["expiration"].as_str().ok_or("no expiration")?.parse()?;
    let week = sandbox.google().clock().seconds() + 604_800;
    assert!((week - 10..=week).contains(&(expires / 1000)));
    let first = heard(&listener).await?;
    assert!(first.starts_with("POST /hooks/calendar?from=google HTTP/1.1\r\n"), "{first}");
    for line in [
        "X-Goog-Resource-State: sync",
        "X-Goog-Channel-Token: our secret",
        "X-Goog-Message-Number: 1",
        "X-Goog-Channel-ID: ch-1",
    ] {
        assert!(first.contains(&format!("{line}\r\n")), "{line}: {first}");
    }
    sandbox.google().put_event(ANNA, ANNA, hour("New"))?;
    let second = heard(&listener).await?;
    assert!(second.contains("X-Goog-Resource-State: exists\r\n"), "{second}");
    assert!(
        second
            .contains(&format!("X-Goog-Resource-ID: {}\r\n", opened["resourceId"].as_str().ok_or("no id")?))
    );
    Ok(())
}

#[tokio::test]
async fn a_stopped_or_expired_channel_is_silent_and_its_id_stays_taken() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    google.set_token_lifetime(Duration::from_secs(30 * 86_400));
    let opened = api.post(WATCH, channel("ch-1", "https://127.0.0.1:9/")).await?.json()?;
    refused(&api.post(WATCH, channel("ch-1", "https://127.0.0.1:9/")).await?, 400, "channelIdNotUnique");
    assert_eq!(google.live_channels(), 1);
    let wrong = json!({"id": "ch-1", "resourceId": "other"});
    refused(&api.post("channels/stop", wrong).await?, 404, "notFound");
    let right = json!({"id": "ch-1", "resourceId": opened["resourceId"]});
    assert_eq!(api.post("channels/stop", right.clone()).await?.status, 204);
    refused(&api.post("channels/stop", right).await?, 404, "notFound");
    let mut short = channel("ch-2", "https://127.0.0.1:9/");
    short["params"] = json!({"ttl": "60"});
    assert_eq!(api.post(WATCH, short).await?.status, 200);
    assert_eq!(google.live_channels(), 1);
    google.clock().advance(Duration::from_secs(61));
    assert_eq!(google.live_channels(), 0);
    refused(
        &anna(&sandbox).post(WATCH, channel("ch-2", "https://127.0.0.1:9/")).await?,
        400,
        "channelIdNotUnique",
    );
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    for address in ["http://crm.example.com/hook", "ftp://127.0.0.1/", "nowhere", ""] {
        refused(&api.post(WATCH, channel("ch-1", address)).await?, 400, "push.webhookUrlNotHttps");
    }
    google.set_calendar_policy(|policy| policy.webhooks_must_be_https = true);
    let plain = api.post(WATCH, channel("ch-1", "http://127.0.0.1:9/")).await?;
    refused(&plain, 400, "push.webhookUrlNotHttps");
    refused(&api.post(WATCH, channel("", "https://127.0.0.1:9/")).await?, 400, "required");
    refused(&api.post(WATCH, channel("a b", "https://127.0.0.1:9/")).await?, 400, "invalid");
    google.refuse_watching(ANNA);
    let holidays = api.post(WATCH, channel("ch-1", "https://127.0.0.1:9/")).await?;
    refused(&holidays, 400, "pushNotSupportedForRequestedResource");
    assert_eq!(google.live_channels(), 0);
    Ok(())
}

#[tokio::test]
async fn notifications_can_be_lost() -> Outcome {
    let sandbox = sandbox().await?;
    let (api, google) = (anna(&sandbox), sandbox.google());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/", listener.local_addr()?);
    google.set_calendar_policy(|policy| policy.lose_notices = 2);
    api.post(WATCH, channel("ch-1", &address)).await?;
    let made = api.made(hour("Unheard")).await?;
    api.patch(&path(&made), json!({"summary": "Heard"})).await?;
    let first = heard(&listener).await?;
    assert!(
        first.contains("X-Goog-Resource-State: exists\r\n")
            && first.contains("X-Goog-Message-Number: 15\r\n"),
        "{first}"
    );
    Ok(())
}

#[tokio::test]
async fn a_read_or_a_refused_write_notifies_nobody() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/", listener.local_addr()?);
    api.post(WATCH, channel("ch-1", &address)).await?;
    heard(&listener).await?;
    api.get("calendars/primary/events").await?;
    refused(&api.post("calendars/primary/events", json!({})).await?, 400, "required");
    api.made(hour("New")).await?;
    let next = heard(&listener).await?;
    assert!(next.contains("X-Goog-Message-Number: 8\r\n"), "{next}");
    Ok(())
}

#[tokio::test]
async fn a_secure_channel_needs_a_certificate_that_is_trusted() -> Outcome {
    let sandbox = sandbox().await?;
    let api = anna(&sandbox);
    let (server, pem) = tls()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("https://localhost:{}/", listener.local_addr()?.port());
    api.post(WATCH, channel("ch-1", &address)).await?;
    let (tcp, _) = timeout(PATIENCE, listener.accept()).await??;
    assert!(server.accept(tcp).await.is_err(), "Google trusts nobody it does not know");
    sandbox.google().trust_webhooks(&pem);
    api.made(hour("New")).await?;
    let (tcp, _) = timeout(PATIENCE, listener.accept()).await??;
    let notice = answered(server.accept(tcp).await?).await?;
    assert!(notice.contains("X-Goog-Resource-State: exists\r\n"), "{notice}");
    Ok(())
}
