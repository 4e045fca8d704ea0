//! One node with many people, each with three calendars, at an interval of ten minutes.
//!
//! Calendars are spread over the interval by their identity, so that a part of it is like any other.
//! One in a hundred people edits an event in Google, and another one a record in the CRM, before it begins.

use std::time::{Duration, Instant};

use super::choose::{choose, settled};
use super::count::count;
use super::options::Options;
use super::{DUTY, WORLD};
use crate::between::Site;
use crate::between::figures::Figures;
use crate::between::gateway::Gateway;
use crate::between::sides::Sides;

const CALENDARS: usize = 3;
const INTERVAL: f64 = 600.0;
/// Share of the runs that were due which have to have happened: the window has two edges.
const DONE: f64 = 0.9;

/// Measures.
pub async fn run(figures: &mut Figures, site: &Site, options: &Options) -> anyhow::Result<()> {
    let people = options.people;
    let mut sides = Sides::start(&site.dir, WORLD)?;
    sides.tell(&format!("people {people} {CALENDARS} 1"))?;
    let mut gateway = Gateway::start(site, &sides, DUTY)?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let nobody = gateway.pss()?;
    gateway.import(&sides)?;
    eprintln!("  {people} people choose {CALENDARS} calendars each");
    choose(&gateway, 0..people).await?;
    settled(&mut sides, &gateway, people * CALENDARS).await?;
    // Everything that was kept of the first import goes, and the CRM is read at once.
    gateway.serve()?;
    let edits = (people / 100).max(1);
    sides.tell(&format!("edit {edits}"))?;
    tokio::time::sleep(Duration::from_secs(15)).await;
    let before = (Instant::now(), count(&mut sides)?, gateway.cpu()?);
    tokio::time::sleep(Duration::from_secs(options.window)).await;
    let (after, cpu) = (count(&mut sides)?, gateway.cpu()?);
    let took = before.0.elapsed().as_secs_f64();
    let (lists, due) = (after.reads - before.1.reads, (people * CALENDARS) as f64 * took / INTERVAL);
    anyhow::ensure!(lists as f64 >= DONE * due, "{lists} lists in {took:.0} s, {due:.0} were due");
    let awaited = 2.0 * edits as f64 * took / INTERVAL;
    anyhow::ensure!(awaited < 4.0 || after.moved + after.agreed > 0, "no edit has reached the other side");
    let title = format!("{people} people × {CALENDARS} calendars every ten minutes");
    figures.add(&format!("{title}: cores used"), 3, (cpu - before.2) / took);
    figures.add(&format!("{title}: requests to Google that read, a second"), 1, lists as f64 / took);
    let crm = after.crm - before.1.crm;
    figures.add(&format!("{title}: requests to the CRM, a second"), 1, crm as f64 / took);
    let each = (gateway.pss()? - nobody) / 1_024.0 / (people as f64 / 1_000.0);
    figures.add("memory of 1,000 people with three calendars, MiB", 1, each);
    for line in gateway.complaints()?.iter().take(5) {
        eprintln!("    {line}");
    }
    Ok(())
}
