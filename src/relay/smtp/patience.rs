//! How long a session may take for what it does: its own limits, and the end
//! of its time once it was ordered to end.

use std::io;
use std::pin::pin;
use std::time::Duration;

use postern_core::wire::smtp::reply::Farewell;
use tokio::time::{Instant, sleep_until};

use crate::relay::order::{Ending, Order, Running};

/// For the last words of a session that was ended from outside.
const LAST_WORDS: Duration = Duration::from_millis(1_500);
/// For the verdict on a message that was complete before: no command is taken
/// any more, and a verdict that is lost may send the message twice.
const LAST_VERDICT: Duration = Duration::from_secs(30);

/// Hears orders while it waits.
pub(super) struct Patience {
    running: Running,
    ordered: Option<(Instant, Order)>,
    /// The order was not taken yet.
    fresh: bool,
}

impl Patience {
    pub(super) fn new(running: Running) -> Self {
        Self { running, ordered: None, fresh: false }
    }

    /// An order that came in meanwhile.
    pub(super) fn take_order(&mut self) -> Option<Order> {
        let fresh = std::mem::replace(&mut self.fresh, false);
        self.ordered.filter(|_| fresh).map(|(_, order)| order)
    }

    /// The order in force.
    pub(super) fn order(&self) -> Option<Order> {
        self.ordered.map(|(_, order)| order)
    }

    /// Waits for an order.
    pub(super) async fn hear(&mut self) {
        let order = self.running.order().await;
        self.heard(order);
    }

    fn heard(&mut self, order: Order) {
        self.ordered = Some((Instant::now(), order));
        self.fresh = true;
    }

    /// `end`, or the end of the session's time if that is sooner.
    pub(super) fn sooner(&self, end: Instant, for_verdict: bool) -> Instant {
        match self.ordered {
            None | Some((_, Order::Leave)) => end,
            Some((at, Order::Close)) => end.min(at),
            Some((at, Order::End(ending))) => {
                let waits = for_verdict && ending != Ending::Shutdown;
                end.min(at + if waits { LAST_VERDICT } else { LAST_WORDS })
            }
        }
    }

    /// Does this within its limit.
    pub(super) async fn allow<T>(
        &mut self,
        limit: Duration,
        work: impl Future<Output = io::Result<T>>,
    ) -> io::Result<T> {
        let end = Instant::now() + limit;
        let mut work = pin!(work);
        loop {
            let until = self.sooner(end, false);
            tokio::select! {
                // What can be done at once is done, however late it is.
                biased;
                done = &mut work => return done,
                () = self.hear() => {}
                () = sleep_until(until) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
    }
}

/// What the client is told.
pub(super) fn farewell(ending: Ending) -> Farewell {
    match ending {
        Ending::Shutdown => Farewell::ShuttingDown,
        Ending::Revoked => Farewell::Revoked,
        Ending::Expired => Farewell::Expired,
        Ending::Disabled | Ending::SwitchedOff => Farewell::Disabled,
        Ending::Removed => Farewell::Removed,
        Ending::Kicked => Farewell::Kicked,
    }
}
