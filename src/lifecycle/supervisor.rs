//! Telling the service manager how the process is.
//!
//! READY once every listener is bound, STOPPING when the drain begins, a line
//! of status, and the watchdog at half its time. It is fed only while the
//! process is alive by [`Health::alive`]: a runtime that hangs, or a store that
//! nobody asks any more, misses it; a database that is away does not.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::health::{Health, Stage};
use crate::net::notify::Notifier;

/// Between two looks at the status, unless the watchdog is more urgent.
const BEAT: Duration = Duration::from_secs(5);

/// Reports until `stop`.
pub async fn report(
    notifier: Arc<Notifier>,
    health: Health,
    status: impl Fn() -> String + Send,
    stop: CancellationToken,
) {
    let mut stage = health.watch();
    let half = notifier.watchdog().map(|time| time / 2);
    let mut beat = interval(half.map_or(BEAT, |half| half.min(BEAT)));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut told, mut missed) = (String::new(), false);
    let reached = *stage.borrow_and_update();
    announce(&notifier, reached).await;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            changed = stage.changed() => {
                if changed.is_err() {
                    return;
                }
                let reached = *stage.borrow_and_update();
                announce(&notifier, reached).await;
            }
            _ = beat.tick() => {}
        }
        let now = format!("{}: {}", health.stage().name(), status());
        if now != told {
            notifier.status(&now).await;
            told = now;
        }
        if half.is_none() {
            continue;
        }
        if health.alive() {
            notifier.alive().await;
            missed = false;
        } else if !missed {
            missed = true;
            tracing::error!("the store has not been asked for long: the watchdog is not fed any more");
        }
    }
}

async fn announce(notifier: &Notifier, stage: Stage) {
    match stage {
        Stage::Starting => {}
        Stage::Up => notifier.ready().await,
        Stage::Draining => notifier.stopping().await,
    }
}

#[cfg(test)]
mod tests {
    use super::report;
    use crate::health::{Health, Stage};
    use crate::net::notify::Notifier;
    use crate::tasks::{Phase, Tasks};
    use std::collections::BTreeMap;
    use std::os::unix::net::UnixDatagram;
    use std::sync::Arc;
    use std::time::Duration;

    struct Manager(UnixDatagram);

    impl Manager {
        /// What was told while `seconds` passed.
        async fn hears(&self, seconds: u64) -> Vec<String> {
            for _ in 0..seconds * 2 {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            let mut heard = Vec::new();
            let mut message = [0; 128];
            while let Ok(length) = self.0.recv(&mut message) {
                heard.push(String::from_utf8_lossy(&message[..length]).into_owned());
            }
            heard
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_watchdog_is_fed_while_the_process_has_a_pulse() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = Manager(UnixDatagram::bind(&path).unwrap());
        manager.0.set_nonblocking(true).unwrap();
        let env = BTreeMap::from([
            ("NOTIFY_SOCKET".to_owned(), path.display().to_string()),
            ("WATCHDOG_USEC".to_owned(), "8000000".to_owned()),
        ]);
        let notifier = Arc::new(Notifier::from_env(&env).unwrap().unwrap());
        let (health, tasks) = (Health::default(), Tasks::default());
        let stop = tasks.stop(Phase::Node);
        tasks.spawn(Phase::Node, report(notifier, health.clone(), || "idle".to_owned(), stop));

        let fed = |heard: &[String]| heard.iter().filter(|message| *message == "WATCHDOG=1").count();
        let heard = manager.hears(9).await;
        assert!(!heard.contains(&"READY=1".to_owned()), "{heard:?}");
        assert_eq!(fed(&heard), 3, "at 0, 4 and 8 s: {heard:?}");

        health.reached(Stage::Up);
        let heard = manager.hears(19).await;
        assert_eq!(heard.iter().filter(|message| *message == "READY=1").count(), 1, "{heard:?}");
        assert!(heard.contains(&"STATUS=up: idle".to_owned()), "told once: {heard:?}");
        // 30 s after the start the pulse is missed.
        assert!((1..=2).contains(&fed(&manager.hears(8).await)));
        assert_eq!(manager.hears(30).await, Vec::<String>::new());
        health.beat();
        assert!(fed(&manager.hears(8).await) >= 1, "it is fed again");

        health.reached(Stage::Draining);
        assert!(manager.hears(1).await.contains(&"STOPPING=1".to_owned()));
        assert_eq!(tasks.end(Phase::Node, Duration::from_secs(1)).await, 0);
    }
}
