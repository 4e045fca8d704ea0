//! Logins with a cached access token: connection, both handshakes, login.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::crowd;
use crate::client::imap::Imap;
use crate::peers::Gateway;
use crate::rig::Rig;
use crate::table::percentile;

/// Accounts that log in by turns.
const ACCOUNTS: usize = 100;
const WIDTH: usize = 16;

/// Measures one peer in front of the upstream of that name.
pub async fn run(rig: &mut Rig, gateway: &Arc<Gateway>, upstream: &str) -> anyhow::Result<()> {
    let peer = gateway.peer;
    warm_up(gateway).await?;
    let mut took = Vec::new();
    for n in 0..peer.share(rig.options.scaled(300)) {
        let began = Instant::now();
        let session = Imap::open(&gateway.imap, &gateway.credential(n % ACCOUNTS)).await?;
        took.push(began.elapsed().as_secs_f64() * 1e3);
        session.logout().await?;
    }
    let at = |share| percentile(&took, share).unwrap_or_default();
    rig.results.add(&format!("login p50, ms, one at a time ({upstream})"), 1, peer, at(0.5));
    rig.results.add(&format!("login p99, ms, one at a time ({upstream})"), 1, peer, at(0.99));

    let logins = peer.share(rig.options.scaled(2_000));
    let before = gateway.cpu()?;
    let began = Instant::now();
    crowd(logins, WIDTH, login(gateway)).await?;
    let rate = logins as f64 / began.elapsed().as_secs_f64();
    // What a login leaves to do is its work too.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let cpu = (gateway.cpu()? - before) * 1e3 / logins as f64;
    rig.results.add_ratio(&format!("logins/s, 16 at a time ({upstream})"), 0, peer, rate);
    if peer != crate::peers::Peer::Direct {
        rig.results.add(&format!("CPU ms per login ({upstream})"), 2, peer, cpu);
    }
    Ok(())
}

/// Puts every access token into the peer's memory.
pub async fn warm_up(gateway: &Arc<Gateway>) -> anyhow::Result<()> {
    crowd(gateway.peer.share(ACCOUNTS), 8, login(gateway)).await.map(drop)
}

fn login(
    gateway: &Arc<Gateway>,
) -> impl Fn(usize) -> std::pin::Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>> + Send + Sync + 'static
{
    let gateway = gateway.clone();
    move |n| {
        let gateway = gateway.clone();
        Box::pin(
            async move { Imap::open(&gateway.imap, &gateway.credential(n % ACCOUNTS)).await?.logout().await },
        )
    }
}
