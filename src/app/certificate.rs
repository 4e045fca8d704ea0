//! Admins are told by mail before the certificate of the listeners ends: thirty days, seven and one day
//! ahead, once each, whichever node sees it first.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::net::tls::ServerTls;
use crate::store::{Store, outbox};

const BEAT: Duration = Duration::from_secs(3_600);
const DAY: i64 = 86_400;
/// Days before the end on which it is told.
const AHEAD: [i64; 3] = [1, 7, 30];

/// Looks each hour until `stop`.
pub(super) async fn watch(store: Store, tls: ServerTls, stop: CancellationToken) {
    loop {
        if let Some((_, end)) = tls.identity().life()
            && let Some(days) = due(end, store.clock().seconds())
            && let Err(error) = outbox::certificate_ends(&store, end, days).await
        {
            tracing::debug!(%error, "nobody was told yet that the certificate ends");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(BEAT) => {}
        }
    }
}

fn due(end: i64, now: i64) -> Option<i64> {
    AHEAD.into_iter().find(|days| end.saturating_sub(now) <= days * DAY)
}

#[cfg(test)]
mod tests {
    use super::{DAY, due};

    #[test]
    fn it_is_told_thirty_days_seven_and_one_ahead() {
        let at = |left: i64| due(1_000 * DAY, 1_000 * DAY - left);
        assert_eq!(at(31 * DAY), None);
        assert_eq!([30 * DAY, 8 * DAY].map(at), [Some(30); 2]);
        assert_eq!([7 * DAY, 2 * DAY].map(at), [Some(7); 2]);
        assert_eq!([DAY, 60, -5 * DAY].map(at), [Some(1); 3]);
    }
}
