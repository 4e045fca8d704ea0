//! Watching the key file: a key that an admin or `key rotate` added is known
//! here within seconds and told by the heartbeat.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::store::Store;

const BEAT: Duration = Duration::from_secs(1);

/// Looks at the file each second until `stop`.
pub async fn watch(store: Store, stop: CancellationToken) {
    let mut wrong = None;
    loop {
        match store.ring().renew() {
            Ok(changed) => {
                if changed {
                    let keys: Vec<String> = store.ring().ids().collect();
                    tracing::info!(keys = keys.join(" "), "the key file was read again");
                }
                wrong = None;
            }
            Err(error) => {
                let told = error.to_string();
                if wrong.as_ref() != Some(&told) {
                    tracing::error!(error = told, "the key file cannot be read, the keys in use stay");
                    wrong = Some(told);
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}
