//! A thousand logins of one mailbox in the moment its access token is past.

use std::sync::Arc;

use tokio::sync::Barrier;

use super::crowd;
use crate::client::imap::Imap;
use crate::client::in_time;
use crate::peers::{EXPIRED, Gateway, Peer};
use crate::rig::{Count, Rig};

/// Counts the requests at the token endpoint, and the logins that failed.
pub async fn run(rig: &mut Rig) -> anyhow::Result<()> {
    if !rig.options.peers.contains(&Peer::Postern) {
        return Ok(());
    }
    let logins = rig.options.scaled(1_000);
    let gateway = Arc::new(Gateway::with_budget(&rig.site, rig.light, logins)?);
    // All are connected; the token endpoint has been opened; all have an answer.
    let together = Arc::new(Barrier::new(logins + 1));
    let opened = async {
        together.wait().await;
        let before = rig.open(Count::Tokens).await;
        together.wait().await;
        together.wait().await;
        before
    };
    // A client that fails early leaves the others waiting for it.
    let both = async { Ok(tokio::join!(opened, storm(&gateway, &together, logins))) };
    let (before, failed) = in_time("the logins", both).await?;
    let (before, failed) = (before?, failed?);
    let requests = rig.count(Count::Tokens).await? - before;
    let title = format!("token requests for {logins} simultaneous logins, access token expired");
    rig.results.add(&title, 0, Peer::Postern, requests as f64);
    rig.results.add("logins of these that failed", 0, Peer::Postern, failed as f64);
    drop(gateway);
    rig.wait(Count::Sessions, 0).await
}

/// All logins; says how many failed. None ends before all have an answer.
async fn storm(gateway: &Arc<Gateway>, together: &Arc<Barrier>, logins: usize) -> anyhow::Result<usize> {
    let (gateway, together) = (gateway.clone(), together.clone());
    let failed = crowd(logins, logins, move |_| {
        let (gateway, together) = (gateway.clone(), together.clone());
        async move {
            let mut session = Imap::connect(&gateway.imap).await?;
            together.wait().await;
            together.wait().await;
            let outcome = session.login(&gateway.credential(EXPIRED)).await;
            if let Err(error) = &outcome {
                eprintln!("      {error:#}");
            }
            together.wait().await;
            Ok(usize::from(outcome.is_err()))
        }
    });
    Ok(failed.await?.into_iter().sum())
}
