//! Histories of two address books thrown from a seed, and what has to hold after each of them.
//!
//! What people chose and how late Google shows its writes are thrown, too. `POSTERN_TEST_SIM_SECONDS`
//! bounds the time, `POSTERN_TEST_SIM_FIRST` begins at another seed, `POSTERN_TEST_SIM_SEED` plays one
//! history again. A history that fails is made shorter as long as it fails, and printed with its seed.

mod history;
mod oracles;
mod people;
mod stage;

use std::time::{Duration, Instant};

use history::History;
use oracles::Complaint;
use stage::Stage;
use tokio::task::JoinSet;

/// Histories that are tried to make one shorter.
const TRIES: usize = 40;

/// Plays a history to its end and judges it. What goes to pieces is a complaint, too.
async fn play(history: History) -> Result<(), Complaint> {
    let mut played = JoinSet::new();
    played.spawn(async move {
        let mut stage = Stage::new(&history).await;
        for step in &history.steps {
            stage.step(step).await;
        }
        oracles::judge(&mut stage).await
    });
    let ended = played.join_next().await.unwrap();
    ended.unwrap_or_else(|broken| Err(Complaint::new("it goes on", broken.to_string())))
}

/// Takes out steps as long as the same thing does not hold.
async fn shrunk(mut history: History, mut complaint: Complaint) -> (History, Complaint) {
    let mut tries = TRIES;
    let mut size = (history.steps.len() / 2).max(1);
    loop {
        let mut at = 0;
        while at < history.steps.len() && tries > 0 {
            let mut steps = history.steps.clone();
            steps.drain(at..(at + size).min(steps.len()));
            let shorter = History { steps, ..history.clone() };
            tries -= 1;
            match play(shorter.clone()).await {
                Err(again) if again.oracle == complaint.oracle => (history, complaint) = (shorter, again),
                _ => at += size,
            }
        }
        if size == 1 || tries == 0 {
            return (history, complaint);
        }
        size /= 2;
    }
}

async fn hold(seed: u64) {
    let history = History::of(seed);
    if let Err(complaint) = play(history.clone()).await {
        let whole = history.steps.len();
        let (history, complaint) = shrunk(history, complaint).await;
        let steps: String = history.steps.iter().map(|step| format!("  {step:?}\n")).collect();
        panic!(
            "POSTERN_TEST_SIM_SEED={seed}: {}\n{}\n{:?}, {} minutes; {} of {whole} steps:\n{steps}",
            complaint.oracle,
            complaint.told,
            history.chosen,
            history.delay,
            history.steps.len(),
        );
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_people_do_with_contacts_and_wherever_it_breaks_both_sides_come_to_rest() {
    if let Some(seed) = number("POSTERN_TEST_SIM_SEED") {
        return hold(seed).await;
    }
    let time = Duration::from_secs(number("POSTERN_TEST_SIM_SECONDS").unwrap_or(5));
    let (began, first) = (Instant::now(), number("POSTERN_TEST_SIM_FIRST").unwrap_or(1));
    let mut played = 0;
    while played == 0 || began.elapsed() < time {
        hold(first + played).await;
        played += 1;
    }
    println!("{played} histories");
}
