//! How far the runs are, on the terminal, for whoever has asked for them.

use std::collections::BTreeMap;
use std::time::Duration;

use postern_core::model::id::AccountId;
use uuid::Uuid;

use super::job::Job;
use crate::actions::calendars::progress::Progress;
use crate::cli::print::say;
use crate::clock::Micros;
use crate::store::sync::runs::Run;
use crate::store::{Store, StoreError};

/// How often it is looked at.
pub(super) const BEAT: Duration = Duration::from_secs(1);
/// How long somebody waits for a run that nobody begins.
const PATIENCE: u32 = 60;

/// What was told so far.
pub(super) struct Watch<'a> {
    store: &'a Store,
    job: Job,
    account: Option<AccountId>,
    asked: Micros,
    told: BTreeMap<Uuid, String>,
}

impl<'a> Watch<'a> {
    /// Of what begins from now on.
    pub(super) fn new(store: &'a Store, job: Job, account: Option<AccountId>) -> Self {
        Self { store, job, account, asked: store.clock().now(), told: BTreeMap::new() }
    }

    /// Says what has changed.
    pub(super) async fn look(&mut self) -> Result<Progress, StoreError> {
        let progress = self.job.since(self.store, self.account, self.asked).await?;
        for (name, run) in &progress.runs {
            let line = line(name, run);
            if self.told.get(&run.calendar_id) != Some(&line) {
                say(&line);
                self.told.insert(run.calendar_id, line);
            }
        }
        Ok(progress)
    }

    /// Looks until nothing is going on any more, or nobody begins.
    pub(super) async fn follow(mut self) -> Result<(), StoreError> {
        let mut still = 0;
        loop {
            let told = self.told.clone();
            let progress = self.look().await?;
            if progress.over() {
                say(&format!("{} {} were run.", progress.runs.len(), self.job.several()));
                return Ok(());
            }
            still = if told == self.told { still + 1 } else { 0 };
            let going = progress.runs.iter().any(|(_, run)| run.ended_at.is_none());
            if !going && still > PATIENCE {
                say(&format!(
                    "{} {} still wait for a node; it goes on without this command.",
                    progress.due,
                    self.job.several()
                ));
                return Ok(());
            }
            tokio::time::sleep(BEAT).await;
        }
    }
}

fn line(name: &str, run: &Run) -> String {
    let state = match (run.status.as_str(), &run.fault) {
        ("running", _) if run.planned == 0 => "reading".to_owned(),
        ("running", _) => far(run),
        (status, Some(fault)) => format!("{status}: {fault}"),
        (status, None) => status.to_owned(),
    };
    format!(
        "{name}: {state}; seen {}, made {}, changed {}, deleted {}, failed {}, held {}",
        run.seen, run.made, run.written, run.removed, run.failed, run.held
    )
}

fn far(run: &Run) -> String {
    let far = format!("{} of {}", run.done, run.planned);
    match run.pace() {
        Some((pace, left)) => format!("{far}, {pace:.1} a second, {} s left", left.as_secs()),
        None => far,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Run, line};

    #[test]
    fn a_line_says_how_far_a_run_is_and_how_it_ended() {
        let begun = Run {
            id: Uuid::nil(),
            calendar_id: Uuid::nil(),
            status: "running".to_owned(),
            node: "main".to_owned(),
            started_at: 0,
            ended_at: None,
            seen: 250,
            made: 0,
            written: 0,
            removed: 0,
            held: 0,
            failed: 0,
            fault: None,
            planned: 0,
            done: 0,
            planned_at: None,
            beat_at: None,
        };
        let rest = "seen 250, made 0, changed 0, deleted 0, failed 0, held 0";
        assert_eq!(line("Main", &begun), format!("Main: reading; {rest}"));
        let (planned_at, beat_at) = (Some(0), Some(10_000_000));
        let midway = Run { planned: 100, done: 40, planned_at, beat_at, ..begun.clone() };
        assert_eq!(line("Main", &midway), format!("Main: 40 of 100, 4.0 a second, 15 s left; {rest}"));
        let failed = Run { status: "failed".to_owned(), fault: Some("no_token".to_owned()), ..begun };
        assert_eq!(line("Main", &failed), format!("Main: failed: no_token; {rest}"));
    }
}
