//! Memory per session, all of them in IDLE, ten to an account.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::Mutex;

use super::{crowd, login};
use crate::client::imap::Imap;
use crate::peers::{Gateway, Peer};
use crate::rig::{Count, Rig};

/// Sessions that email-oauth2-proxy holds before it hangs are few, and each
/// costs it a quarter of a processor second.
const EMAILPROXY: usize = 200;
const SETTLE: Duration = Duration::from_secs(3);

/// Measures one peer, started for this alone.
pub async fn run(rig: &mut Rig, peer: Peer, sessions: usize) -> anyhow::Result<()> {
    let few = rig.options.sessions.iter().min() == Some(&sessions);
    let count = match peer {
        Peer::Direct => return Ok(()),
        Peer::Emailproxy if !few => return Ok(()),
        Peer::Emailproxy => sessions.min(EMAILPROXY),
        Peer::Postern | Peer::Dovecot | Peer::Haproxy => sessions,
    };
    let gateway = rig.gateway(peer, rig.light)?;
    login::warm_up(&gateway).await?;
    let mut first = Imap::open(&gateway.imap, &gateway.credential(0)).await?;
    first.fetch("r4096").await?;
    first.logout().await?;
    rig.wait(Count::Sessions, 0).await?;
    tokio::time::sleep(SETTLE).await;
    let empty = gateway.pss()?;

    let open = fill(&gateway, count).await?;
    let idle = settled(rig, &gateway, count).await?;
    let title = |what: &str| match peer {
        Peer::Emailproxy => {
            format!("KiB per idle session{what}, {sessions} ({EMAILPROXY} at most for emailproxy)")
        }
        _ if few && rig.options.peers.contains(&Peer::Emailproxy) => {
            format!("KiB per idle session{what}, {sessions} ({EMAILPROXY} at most for emailproxy)")
        }
        _ => format!("KiB per idle session{what}, {sessions}"),
    };
    rig.results.add(&title(""), 1, peer, (idle - empty) / count as f64);

    burst(&open).await?;
    let after = settled(rig, &gateway, count).await?;
    rig.results.add(&title(" after a burst"), 1, peer, (after - empty) / count as f64);
    drop(open);
    drop(gateway);
    rig.wait(Count::Sessions, 0).await
}

type Sessions = Arc<Vec<Mutex<Imap>>>;

async fn fill(gateway: &Arc<Gateway>, count: usize) -> anyhow::Result<Sessions> {
    let accounts = count.div_ceil(10);
    let opened = {
        let gateway = gateway.clone();
        crowd(count, 16, move |n| {
            let gateway = gateway.clone();
            async move {
                let who = gateway.credential(n % accounts);
                let mut session =
                    Imap::open(&gateway.imap, &who).await.with_context(|| format!("session {n}"))?;
                session.idle().await?;
                Ok(Mutex::new(session))
            }
        })
        .await?
    };
    Ok(Arc::new(opened))
}

/// Each session reads 256 KiB and goes back to IDLE; 64 at a time.
async fn burst(open: &Sessions) -> anyhow::Result<()> {
    let sessions = open.clone();
    crowd(open.len(), 64, move |n| {
        let sessions = sessions.clone();
        async move {
            let mut session = sessions[n].lock().await;
            session.done().await?;
            session.fetch("r4096m1").await?;
            session.idle().await
        }
    })
    .await
    .map(drop)
}

/// Memory once all sessions wait and nothing moves.
async fn settled(rig: &Rig, gateway: &Gateway, count: usize) -> anyhow::Result<f64> {
    rig.wait(Count::Idle, count).await?;
    tokio::time::sleep(SETTLE).await;
    rig.wait(Count::Idle, count).await?;
    gateway.pss()
}
