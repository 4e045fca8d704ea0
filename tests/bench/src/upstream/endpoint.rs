//! The token endpoint, the token information, and what the driver asks for.
//!
//! `POST /token` trades the refresh token `rt.ADDRESS` for the mailbox's access
//! token; `rt-short.ADDRESS` gets one of a minute at first, then nothing until
//! `GET /open`, and then one of an hour, after a while in which every waiting
//! login has arrived. So the gateway comes to that moment with a token that is
//! past its use, though it renews tokens ahead of their time.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::Counters;
use crate::token;
use crate::wire::Wire;

/// Mailboxes that had their short-lived token.
static GIVEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Whether they get another one.
static OPEN: AtomicBool = AtomicBool::new(false);

pub async fn run(listener: TcpListener, counters: Arc<Counters>) {
    loop {
        let Ok((tcp, _)) = listener.accept().await else { continue };
        let _fails_on_dead = tcp.set_nodelay(true);
        let counters = counters.clone();
        tokio::spawn(async move {
            let mut wire = Wire::new(tcp);
            while let Ok(Some((target, body))) = request(&mut wire).await {
                let (status, text) = answer(&target, &body, &counters).await;
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                    text.len()
                );
                if wire.send((head + &text).as_bytes()).await.is_err() {
                    return;
                }
            }
        });
    }
}

async fn request(wire: &mut Wire<TcpStream>) -> anyhow::Result<Option<(String, String)>> {
    let Some(first) = wire.line().await? else { return Ok(None) };
    let target = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        let line = wire.heard().await?;
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    Ok(Some((target, wire.text(length).await?)))
}

async fn answer(target: &str, body: &str, counters: &Counters) -> (&'static str, String) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    match path {
        "/counters" => ("200 OK", counters.lines()),
        "/open" => {
            OPEN.store(true, Ordering::SeqCst);
            ("200 OK", counters.lines())
        }
        "/tokeninfo" => {
            let shown = parameter(body, "access_token").or_else(|| parameter(query, "access_token"));
            match shown.as_deref().and_then(token::opens) {
                Some(mailbox) => ("200 OK", info(mailbox)),
                None => ("400 Bad Request", r#"{"error":"invalid_token"}"#.to_owned()),
            }
        }
        "/token" => {
            counters.tokens.fetch_add(1, Ordering::SeqCst);
            let refresh = parameter(body, "refresh_token").unwrap_or_default();
            match refresh.split_once('.') {
                Some(("rt", mailbox)) => ("200 OK", grant(mailbox, 3_599)),
                Some(("rt-short", mailbox)) if is_first(mailbox) => ("200 OK", grant(mailbox, 60)),
                Some(("rt-short", _)) if !OPEN.load(Ordering::SeqCst) => {
                    ("503 Service Unavailable", r#"{"error":"temporarily_unavailable"}"#.to_owned())
                }
                Some(("rt-short", mailbox)) => {
                    tokio::time::sleep(Duration::from_millis(500)).await;
                    ("200 OK", grant(mailbox, 3_599))
                }
                _ => ("400 Bad Request", r#"{"error":"invalid_grant"}"#.to_owned()),
            }
        }
        _ => ("404 Not Found", "{}".to_owned()),
    }
}

fn is_first(mailbox: &str) -> bool {
    GIVEN.lock().unwrap_or_else(PoisonError::into_inner).insert(mailbox.to_owned())
}

fn info(mailbox: &str) -> String {
    format!(
        r#"{{"aud":"bench-client","sub":"{mailbox}","email":"{mailbox}","email_verified":"true","scope":"openid email https://mail.google.com/","expires_in":"3000"}}"#
    )
}

fn grant(mailbox: &str, expires_in: u32) -> String {
    let token = token::access(mailbox);
    format!(
        r#"{{"access_token":"{token}","expires_in":{expires_in},"scope":"openid email https://mail.google.com/","token_type":"Bearer"}}"#
    )
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    let mut out = Vec::new();
    let mut octets = value.bytes();
    while let Some(octet) = octets.next() {
        out.push(match octet {
            b'%' => {
                let pair = [octets.next()?, octets.next()?];
                u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()?
            }
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(out).ok()
}
