//! Mailboxes read whole by eight clients at once.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Mutex;

use super::crowd;
use crate::client::imap::Imap;
use crate::peers::{Gateway, Peer};
use crate::rig::Rig;
use crate::upstream::{MESSAGE, MESSAGES};

const WIDTH: usize = 8;
const MAILBOX: usize = MESSAGE * MESSAGES;

/// Measures one peer, the stand-in sending records of `record` octets.
pub async fn run(rig: &mut Rig, gateway: &Arc<Gateway>, record: usize) -> anyhow::Result<()> {
    let peer = gateway.peer;
    let mut sessions = Vec::new();
    for n in 0..WIDTH {
        sessions.push(Mutex::new(Imap::open(&gateway.imap, &gateway.credential(n)).await?));
    }
    let sessions = Arc::new(sessions);
    let read = || {
        let sessions = sessions.clone();
        move |n: usize| {
            let sessions = sessions.clone();
            async move {
                let octets = sessions[n % WIDTH].lock().await.fetch(&format!("r{record}")).await?;
                anyhow::ensure!(octets == MAILBOX, "{octets} octets were read, {MAILBOX} are there");
                Ok(octets)
            }
        }
    };
    crowd(WIDTH, WIDTH, read()).await?;
    let rounds = peer.share(rig.options.scaled(1_000_000_000 / MAILBOX / WIDTH)) * WIDTH;
    // A twentieth would be too short here.
    let rounds = if peer == Peer::Emailproxy { rounds * 4 } else { rounds };
    let before = gateway.cpu()?;
    let began = Instant::now();
    let octets: usize = crowd(rounds, WIDTH, read()).await?.into_iter().sum();
    let rate = octets as f64 / 1e6 / began.elapsed().as_secs_f64();
    let cpu = (gateway.cpu()? - before) / (octets as f64 / 1e9);
    let kind = format!("records of {record}");
    rig.results.add_ratio(&format!("FETCH, MB/s, {kind}"), 0, peer, rate);
    if peer != Peer::Direct {
        rig.results.add(&format!("FETCH, CPU s per GB, {kind}"), 2, peer, cpu);
    }
    for session in Arc::into_inner(sessions).into_iter().flatten() {
        session.into_inner().logout().await?;
    }
    Ok(())
}
