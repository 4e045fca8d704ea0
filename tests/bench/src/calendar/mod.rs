//! The calendar's figures: `tests/bench/run calendar`.
//!
//! The planner is measured by itself. For the rest the gateway stands between Google and the CRM
//! ([`between`](crate::between)), in which people have calendars ([`world`]). Runs that were due and did
//! not happen, or one event that is missing, fail the run.

mod choose;
mod count;
mod import;
mod node;
mod options;
mod planner;
pub mod world;
mod written;

use std::path::PathBuf;

use self::options::Options;
use crate::between::Site;
use crate::between::figures::Figures;
use crate::between::gateway::Duty;

/// The word that starts Google and the CRM in a process of their own.
pub const WORLD: &str = "calendars";
/// What the gateway is to do.
const DUTY: Duty = Duty { product: "calendar", more: "" };

/// The whole run.
pub async fn run(words: impl Iterator<Item = String>, dir: PathBuf) -> anyhow::Result<()> {
    let options = Options::read(words)?;
    let heading = options.heading()?;
    let site = Site::make(dir, options.postern.clone())?;
    let mut figures = Figures::default();
    if options.has("planner") {
        planner::run(&mut figures, 9)?;
    }
    if options.has("node") {
        node::run(&mut figures, &site, &options).await?;
    }
    if options.has("import") {
        import::run(&mut figures, &site, 1, options.scaled(1_000)).await?;
        import::run(&mut figures, &site, 20, options.scaled(250)).await?;
    }
    println!("{heading}\n{}", figures.table());
    Ok(())
}
