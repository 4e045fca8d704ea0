//! The calendar's figures: `tests/bench/run calendar`.
//!
//! The planner is measured by itself. For the rest Google and the CRM are the stand-ins of the
//! tests in a process of their own ([`world`]), and the gateway is the release binary, set up by its own
//! commands and its REST API; processor time and memory are the kernel's account of it alone. Runs
//! that were due and did not happen, or one event that is missing, fail the run.

mod gateway;
mod import;
mod node;
mod options;
mod planner;
mod rest;
mod sides;
pub mod world;
mod written;

use std::path::PathBuf;

use self::options::Options;
use crate::certificate::Certificate;
use crate::table::percentile;

/// What was measured.
#[derive(Debug, Default)]
pub struct Figures(Vec<(String, usize, Vec<f64>)>);

impl Figures {
    /// Adds a value and says it at once.
    pub fn add(&mut self, title: &str, digits: usize, value: f64) {
        eprintln!("    {title}: {value:.digits$}");
        match self.0.iter_mut().find(|(known, ..)| known == title) {
            Some((_, _, values)) => values.push(value),
            None => self.0.push((title.to_owned(), digits, vec![value])),
        }
    }

    /// The medians, in Markdown.
    fn table(&self) -> String {
        let row = |(title, digits, values): &(String, usize, Vec<f64>)| {
            let value = percentile(values, 0.5).unwrap_or(f64::NAN);
            format!("| {title} | {value:.digits$} |\n")
        };
        format!("| | postern |\n|---|---|\n{}", self.0.iter().map(row).collect::<String>())
    }
}

/// Where the parts of a run have their files, and which binary they run.
#[derive(Debug)]
pub struct Site {
    /// Its folder.
    pub dir: PathBuf,
    /// Of the gateway.
    pub certificate: Certificate,
    /// The release binary.
    pub postern: PathBuf,
}

/// The whole run.
pub async fn run(words: impl Iterator<Item = String>, dir: PathBuf) -> anyhow::Result<()> {
    let options = Options::read(words)?;
    let heading = options.heading()?;
    let site = Site { certificate: Certificate::make(&dir)?, dir, postern: options.postern.clone() };
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
