//! Contacts of the CRM are pushed into the group, pushed again, and left alone.

use serde_json::json;

use super::book::Book;
use super::count::There;
use super::idle::idle;
use super::span::{Span, Taken};
use super::{WORLD, slower};
use crate::between::Site;
use crate::between::figures::Figures;
use crate::between::sides::Sides;

/// Measures with so many people, each answer so many milliseconds later.
pub async fn run(figures: &mut Figures, site: &Site, many: usize, latency: u64) -> anyhow::Result<()> {
    let mut sides = Sides::start(&site.dir, WORLD)?;
    let ids = sides.tell(&format!("contacts {many}"))?;
    let ids: Vec<&str> = ids.split(' ').collect();
    let mut book = Book::open(site, sides).await?;
    book.choose(json!({})).await?;
    book.ran(0).await?;
    book.sides.tell(&format!("latency {latency}"))?;
    let after = format!("push of {many}{}", slower(latency));
    eprintln!("  {after}");
    let first = pushed(&mut book, &ids, "made").await?;
    first.add(figures, &after);
    first.add_rate(figures, &after, many);
    let again = pushed(&mut book, &ids, "already").await?;
    again.wrote_nothing("the second push")?;
    again.add(figures, &format!("the same again after the {after}"));
    book.quiet().await?;
    idle(figures, &mut book, many, &after).await
}

/// Pushes them, waits for the end of the run that does it, and fails unless each ended with this word.
async fn pushed(book: &mut Book, ids: &[&str], word: &str) -> anyhow::Result<Taken> {
    let span = Span::begin(book)?;
    let words = book.push(ids).await?;
    let (lists, seconds) = (span.lists(), span.seconds());
    book.ran(lists).await?;
    let taken = span.end(book, seconds)?;
    anyhow::ensure!(words == json!({ word: ids.len() }), "what came of the push is {words}");
    There::each_once(&mut book.sides, ids.len())?;
    Ok(taken)
}
