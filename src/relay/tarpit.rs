//! Answering wrong logins slowly where they come too often.
//!
//! A good token never comes here. Only so many answers wait at a time; beyond
//! that the connection closes at once, so that slowness costs the guesser and
//! not the gateway.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use postern_core::model::refusal::Refusal;
use postern_core::model::secret::Secret;
use tokio::sync::Semaphore;

use super::refuse::Refused;
use crate::auth::throttle::{Pace, Rules, Throttle};
use crate::clock::Micros;

/// Answers that wait at once.
pub const WAITING: usize = 500;

/// Holds answers back.
#[derive(Debug)]
pub struct Tarpit {
    throttle: Mutex<Throttle>,
    free: Semaphore,
}

impl Tarpit {
    /// One that holds back whom `throttle` shuts out.
    #[must_use]
    pub fn new(throttle: Throttle) -> Self {
        Self { throttle: Mutex::new(throttle), free: Semaphore::new(WAITING) }
    }

    /// Other rules from the next wrong secret on.
    pub(super) fn follow(&self, rules: Rules) {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner).follow(rules);
    }

    /// Says after its time how a wrong secret is answered.
    pub(super) async fn hold(&self, peer: IpAddr, secret: &Secret, now: Micros, refusal: Refusal) -> Refused {
        let pace = self.throttle.lock().unwrap_or_else(PoisonError::into_inner).wrong(peer, secret, now);
        let Pace::ShutOut(delay) = pace else { return Refused::Once(refusal) };
        let Ok(_place) = self.free.try_acquire() else { return Refused::Unheard };
        tokio::time::sleep(delay).await;
        Refused::ForGood(refusal)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use postern_core::model::refusal::{Cause, Reference, Refusal};
    use postern_core::model::secret::Secret;
    use tokio::time::Instant;

    use super::{Tarpit, WAITING};
    use crate::auth::throttle::{Rules, Throttle};
    use crate::relay::refuse::Refused;

    #[tokio::test(start_paused = true)]
    async fn so_many_answers_wait_and_no_more() {
        let rules = Rules { secrets: 1, window: Duration::from_secs(600), longest: Duration::from_secs(10) };
        let tarpit = Tarpit::new(Throttle::new(rules, [0; 32]));
        let refusal = Refusal { cause: Cause::WrongToken, reference: Reference::new("r"), help: None };
        let peer = "192.0.2.1".parse().unwrap();
        let began = Instant::now();
        let secrets: Vec<_> = (0..WAITING + 50).map(|n| Secret::new(format!("wrong {n}"))).collect();
        let all = secrets.iter().map(|secret| {
            let refusal = refusal.clone();
            async { (tarpit.hold(peer, secret, 0, refusal).await, began.elapsed()) }
        });
        let answers = futures_util::future::join_all(all).await;
        let unheard = answers.iter().filter(|(answer, _)| *answer == Refused::Unheard);
        assert_eq!(unheard.clone().count(), 50);
        assert!(unheard.clone().all(|(_, after)| after.is_zero()), "closed at once");
        let told = answers.iter().filter(|(answer, _)| *answer == Refused::ForGood(refusal.clone()));
        assert_eq!(told.count(), WAITING);
        assert_eq!(began.elapsed(), Duration::from_secs(10));
    }
}
