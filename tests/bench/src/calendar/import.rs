//! The first import, with 50 ms more for each answer of Google and of the CRM.

use std::time::Instant;

use super::choose::{choose, settled};
use super::{DUTY, WORLD};
use crate::between::Site;
use crate::between::figures::Figures;
use crate::between::gateway::Gateway;
use crate::between::sides::Sides;

/// Measures how fast so many people with so many events each come in.
pub async fn run(figures: &mut Figures, site: &Site, people: usize, events: usize) -> anyhow::Result<()> {
    let mut sides = Sides::start(&site.dir, WORLD)?;
    sides.tell(&format!("people {people} 1 {events}"))?;
    let gateway = Gateway::start(site, &sides, DUTY)?;
    gateway.import(&sides)?;
    sides.tell("latency 50")?;
    eprintln!("  first import of {people} × {events} events");
    let began = Instant::now();
    choose(&gateway, 0..people).await?;
    settled(&mut sides, &gateway, people * events).await?;
    let rate = (people * events) as f64 / began.elapsed().as_secs_f64();
    let who = if people == 1 { "one person".to_owned() } else { format!("{people} people at a time") };
    figures.add(&format!("first import, 50 ms latency, {who}: events/s"), 1, rate);
    Ok(())
}
