//! People of the group whom the CRM does not know become contacts: a first run, which asks before it
//! makes so many, and the next one, once that is approved.

use serde_json::json;

use super::book::Book;
use super::count::There;
use super::idle::idle;
use super::span::Span;
use super::{WORLD, slower};
use crate::between::Site;
use crate::between::figures::Figures;
use crate::between::sides::Sides;

/// Creations of a first run that need no approval.
pub const UNASKED: usize = 200;

/// Measures with so many people, each answer so many milliseconds later.
pub async fn run(figures: &mut Figures, site: &Site, many: usize, latency: u64) -> anyhow::Result<()> {
    let mut sides = Sides::start(&site.dir, WORLD)?;
    sides.tell(&format!("friends {many}"))?;
    let mut book = Book::open(site, sides).await?;
    book.sides.tell(&format!("latency {latency}"))?;
    let after = format!("pull of {many}{}", slower(latency));
    eprintln!("  {after}");
    let span = Span::begin(&mut book)?;
    book.choose(json!({ "direction": "both", "strangers": "contact" })).await?;
    book.ran(0).await?;
    let seconds = span.seconds();
    let asking = span.end(&mut book, seconds)?;
    asking.wrote_nothing("the run that asks")?;
    asking.add(figures, &format!("{after}: the run that asks"));
    let span = Span::begin(&mut book)?;
    book.approve(many).await?;
    book.ran(span.lists()).await?;
    let seconds = span.seconds();
    let making = span.end(&mut book, seconds)?;
    There::each_once(&mut book.sides, many)?;
    book.quiet().await?;
    let title = format!("{after}: the run that was approved");
    making.add(figures, &title);
    making.add_rate(figures, &title, many);
    idle(figures, &mut book, many, &after).await
}
