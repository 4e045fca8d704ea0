//! Emptying the register when this node stops.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::Sessions;
use crate::config::Limits;
use crate::dice::Dice;
use crate::node::settings::Live;
use crate::relay::order::{Ending, Order};

const TICK: Duration = Duration::from_millis(20);

/// When a drain begins and what cuts it short.
pub struct Drain {
    /// Begins it.
    pub begin: CancellationToken,
    /// Closes every session that is left at once.
    pub hurry: CancellationToken,
    /// Nobody waits for sessions any more.
    pub over: CancellationToken,
    /// Its length, `drain`.
    pub limits: Live<Limits>,
}

impl Sessions {
    /// Asks each session to leave at a random point of the first half, so that
    /// their clients do not all come back at once, and ends what is left at the
    /// limit.
    pub async fn drain(self, drain: Drain, dice: Dice) {
        tokio::select! {
            () = drain.begin.cancelled() => {}
            () = drain.over.cancelled() => return,
        }
        tokio::select! {
            () = self.see_off(drain.limits.now().drain, &dice) => drain.over.cancelled().await,
            () = drain.hurry.cancelled() => {}
            () = drain.over.cancelled() => {}
        }
        self.0.register().ring_all(Order::Close);
    }

    async fn see_off(&self, limit: Duration, dice: &Dice) {
        let began = Instant::now();
        let mut plan = self.plan(limit / 2, dice);
        while began.elapsed() < limit {
            self.ask(&mut plan, began.elapsed());
            sleep(TICK).await;
        }
        self.0.register().ring_all(Order::End(Ending::Shutdown));
    }

    /// When each session is asked, the first one last.
    fn plan(&self, within: Duration, dice: &Dice) -> Vec<(Duration, u64)> {
        let mut register = self.0.register();
        register.draining = true;
        let at = |id: &u64| {
            let drawn = dice.bytes().map_or(0, u16::from_be_bytes);
            (within * u32::from(drawn) / u32::from(u16::MAX), *id)
        };
        let mut plan: Vec<(Duration, u64)> = register.running.keys().map(at).collect();
        plan.sort_unstable_by(|one, other| other.cmp(one));
        plan
    }

    fn ask(&self, plan: &mut Vec<(Duration, u64)>, past: Duration) {
        let register = self.0.register();
        while let Some((_, id)) = plan.pop_if(|(at, _)| *at <= past) {
            if let Some(entry) = register.running.get(&id) {
                entry.bell.ring(Order::Leave);
            }
        }
    }
}
