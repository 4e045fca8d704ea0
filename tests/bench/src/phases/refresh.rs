//! A thousand logins of one mailbox in the moment its access token is past.

use std::sync::Arc;

use tokio::sync::Barrier;

use super::crowd;
use crate::client::imap::Imap;
use crate::peers::{EXPIRED, Gateway, Peer};
use crate::rig::{Count, Rig};

/// Counts the requests at the token endpoint, and the logins that failed.
pub async fn run(rig: &mut Rig) -> anyhow::Result<()> {
    if !rig.options.peers.contains(&Peer::Postern) {
        return Ok(());
    }
    let logins = rig.options.scaled(1_000);
    let gateway = Arc::new(Gateway::with_budget(&rig.site, rig.light, logins)?);
    let before = rig.count(Count::Tokens).await?;
    let together = Arc::new(Barrier::new(logins));
    let failed: usize = {
        let gateway = gateway.clone();
        crowd(logins, logins, move |_| {
            let (gateway, together) = (gateway.clone(), together.clone());
            async move {
                let mut session = Imap::connect(&gateway.imap).await?;
                together.wait().await;
                let outcome = session.login(&gateway.credential(EXPIRED)).await;
                if let Err(error) = &outcome {
                    eprintln!("      {error:#}");
                }
                together.wait().await;
                Ok(usize::from(outcome.is_err()))
            }
        })
        .await?
        .into_iter()
        .sum()
    };
    let requests = rig.count(Count::Tokens).await? - before;
    let title = format!("token requests for {logins} simultaneous logins, access token expired");
    rig.results.add(&title, 0, Peer::Postern, requests as f64);
    rig.results.add("logins of these that failed", 0, Peer::Postern, failed as f64);
    drop(gateway);
    rig.wait(Count::Sessions, 0).await
}
