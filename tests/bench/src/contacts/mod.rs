//! The contacts' figures: `tests/bench/run contacts`.
//!
//! The gateway stands between Google and the CRM ([`between`](crate::between)), where one person has an
//! address book and contacts ([`world`]). Contacts are pushed into a group at Google ([`push`]), people of
//! the group become contacts ([`pull`]), and after either nothing is written any more ([`idle`]). The
//! [`book`] is asked over REST; a [`span`] says what something has taken, and [`count`] who is there.
//! Somebody who is missing or there twice, a warning in the gateway's log, and a write at rest fail the
//! run.

mod book;
mod count;
mod idle;
mod options;
mod pull;
mod push;
mod span;
pub mod world;
mod written;

use std::path::PathBuf;

use self::options::Options;
use crate::between::Site;
use crate::between::figures::Figures;
use crate::between::gateway::Duty;

/// The word that starts Google and the CRM in a process of their own.
pub const WORLD: &str = "address-books";
/// What the gateway is to do. Its own pace is as high as can be, since that is Google's and would be
/// what is measured.
const DUTY: Duty = Duty { product: "contacts", more: "[sync]\ncontacts_per_minute = 10000" };

/// The whole run.
pub async fn run(words: impl Iterator<Item = String>, dir: PathBuf) -> anyhow::Result<()> {
    let options = Options::read(words)?;
    let heading = options.heading()?;
    let site = Site::make(dir, options.postern.clone())?;
    let mut figures = Figures::default();
    for latency in &options.latency {
        if options.has("push") {
            push::run(&mut figures, &site, options.people, *latency).await?;
        }
        if options.has("pull") {
            pull::run(&mut figures, &site, options.people, *latency).await?;
        }
    }
    println!("{heading}\n{}", figures.table());
    Ok(())
}

/// Says by how much the answers came later, for a title.
fn slower(latency: u64) -> String {
    if latency == 0 { String::new() } else { format!(", {latency} ms") }
}
