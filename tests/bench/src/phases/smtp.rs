//! Messages sent over connections that are kept.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;

use super::crowd;
use crate::client::smtp::{Smtp, message};
use crate::peers::{Gateway, Peer};
use crate::rig::{Count, Rig};

/// Measures one peer with small and with large messages.
pub async fn run(rig: &mut Rig, gateway: &Arc<Gateway>) -> anyhow::Result<()> {
    let peer = gateway.peer;
    let messages = peer.share(rig.options.scaled(4_000));
    let small = send(rig, gateway, 8, messages, 4_096).await?;
    rig.results.add_ratio("SMTP, messages of 4 KB per second, 8 connections", 0, peer, small.rate);
    if peer != Peer::Direct {
        rig.results.add("SMTP, CPU ms per message of 4 KB", 2, peer, small.cpu * 1e3);
    }
    let messages = rig.options.scaled(12).max(4);
    let large = send(rig, gateway, 4, messages, 25_000_000).await?;
    rig.results.add_ratio("SMTP, MB/s, messages of 25 MB, 4 connections", 0, peer, large.rate * 25.0);
    if peer != Peer::Direct {
        rig.results.add("SMTP, CPU s per GB, messages of 25 MB", 2, peer, large.cpu * 40.0);
    }
    Ok(())
}

/// Per second, and processor seconds each.
struct Sent {
    rate: f64,
    cpu: f64,
}

async fn send(
    rig: &Rig,
    gateway: &Arc<Gateway>,
    width: usize,
    messages: usize,
    octets: usize,
) -> anyhow::Result<Sent> {
    let mut sessions = Vec::new();
    for n in 0..width {
        sessions.push(Mutex::new(Smtp::open(&gateway.smtp, &gateway.credential(n)).await?));
    }
    let sessions = Arc::new(sessions);
    let texts: Arc<Vec<Vec<u8>>> =
        Arc::new((0..width).map(|n| message(gateway.credential(n).user(), octets)).collect());
    let post = || {
        let (sessions, texts) = (sessions.clone(), texts.clone());
        move |n: usize| {
            let (sessions, texts) = (sessions.clone(), texts.clone());
            async move { sessions[n % width].lock().await.send(&texts[n % width]).await }
        }
    };
    if octets < 1_000_000 {
        crowd(width * 4, width, post()).await?;
    }
    let taken = rig.count(Count::Messages).await?;
    let before = gateway.cpu()?;
    let began = Instant::now();
    crowd(messages, width, post()).await?;
    let rate = messages as f64 / began.elapsed().as_secs_f64();
    let cpu = (gateway.cpu()? - before) / messages as f64;
    let arrived = rig.count(Count::Messages).await? - taken;
    anyhow::ensure!(arrived == messages, "{messages} messages were sent, {arrived} arrived");
    for session in Arc::into_inner(sessions).into_iter().flatten() {
        session.into_inner().quit().await?;
    }
    Ok(Sent { rate, cpu })
}
