//! Inside the process of Google and the CRM: both are started and told by lines what people do.
//!
//! A line is a word and numbers, and its answer is one line. Which words there are, each
//! [`World`] says.

use std::io::BufRead as _;
use std::time::Duration;

use postern_sandbox::{
    CalendarFault, CalendarTrouble, Crm, CrmFault, CrmOptions, CrmTrouble, Faults, Options, Sandbox,
};

/// The OAuth client of the run.
pub const CLIENT: (&str, &str) = ("bench-client", "bench-secret");

/// What people do on both sides.
pub trait World {
    /// Does what a line says; its answer.
    fn told(&mut self, what: &str, numbers: &[usize]) -> anyhow::Result<String>;
}

/// Serves until its input ends.
pub async fn serve<W: World>(set_up: impl FnOnce(Sandbox, Crm) -> anyhow::Result<W>) -> anyhow::Result<()> {
    let sandbox = Sandbox::start(Options::default()).await?;
    let clock = sandbox.google().clock().clone();
    let crm = Crm::start_with(CrmOptions { clock, ..CrmOptions::default() }).await?;
    sandbox.google().add_client(CLIENT.0, CLIENT.1, &["http://127.0.0.1/callback"]);
    let addresses = format!("{} {} {}", sandbox.oauth_url(), crm.url(), crm.key());
    let mut world = set_up(sandbox, crm)?;
    println!("{addresses}");
    let (said, mut heard) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        std::io::stdin().lock().lines().map_while(Result::ok).all(|line| said.send(line).is_ok())
    });
    while let Some(line) = heard.recv().await {
        let mut words = line.split(' ');
        let what = words.next().unwrap_or_default();
        let numbers: Vec<usize> = words.map(str::parse).collect::<Result<_, _>>()?;
        println!("{}", world.told(what, &numbers)?);
    }
    Ok(())
}

/// Every answer of one of Google's APIs and of the CRM comes so much later. The faults of all of
/// Google's APIs are of one kind.
pub fn latency(google: &Faults<CalendarFault>, crm: &Crm, ms: usize) {
    let time = Duration::from_millis(ms as u64);
    google.clear();
    crm.faults().clear();
    if !time.is_zero() {
        google.always(CalendarFault::any(CalendarTrouble::Delay(time)));
        crm.faults().always(CrmFault::from(CrmTrouble::Delay(time)));
    }
}
