//! What something has taken: time, requests to both sides, and the gateway's processor.

use std::time::Instant;

use super::book::Book;
use super::count::Spent;
use crate::between::figures::Figures;

/// Where it began.
pub struct Span {
    at: Instant,
    spent: Spent,
    cpu: f64,
}

/// What it has taken.
pub struct Taken {
    /// Seconds until what was waited for.
    pub seconds: f64,
    /// Requests.
    pub spent: Spent,
    /// Processor seconds of the gateway.
    pub cpu: f64,
}

impl Span {
    /// It begins now.
    pub fn begin(book: &mut Book) -> anyhow::Result<Self> {
        let (spent, cpu) = (Spent::so_far(&mut book.sides)?, book.gateway.cpu()?);
        Ok(Self { at: Instant::now(), spent, cpu })
    }

    /// It begins now, with a gateway that is started anew.
    pub async fn restart(book: &mut Book) -> anyhow::Result<Self> {
        let (spent, cpu) = (Spent::so_far(&mut book.sides)?, 0.0);
        book.restart().await?;
        Ok(Self { at: Instant::now(), spent, cpu })
    }

    /// Lists of people that had been asked for when it began.
    pub fn lists(&self) -> usize {
        self.spent.lists
    }

    /// Seconds until now.
    pub fn seconds(&self) -> f64 {
        self.at.elapsed().as_secs_f64()
    }

    /// It ends now; what was waited for was there after so many seconds.
    pub fn end(self, book: &mut Book, seconds: f64) -> anyhow::Result<Taken> {
        let spent = Spent::since(&self.spent, &mut book.sides)?;
        Ok(Taken { seconds, spent, cpu: book.gateway.cpu()? - self.cpu })
    }
}

impl Taken {
    /// Fails when anything was written.
    pub fn wrote_nothing(&self, what: &str) -> anyhow::Result<()> {
        let writes = (self.spent.google_writes, self.spent.crm_writes);
        anyhow::ensure!(writes == (0, 0), "{what} wrote to Google and the CRM: {writes:?} requests");
        Ok(())
    }

    /// Adds all of it under a title.
    pub fn add(&self, figures: &mut Figures, title: &str) {
        let mut add = |column, digits, value| figures.add_in(column, title, digits, value);
        add("s", 1, self.seconds);
        add("processor s", 2, self.cpu);
        add("requests to Google", 0, self.spent.google as f64);
        add("of them batchCreate", 0, self.spent.batches as f64);
        add("requests to the CRM", 0, self.spent.crm as f64);
    }

    /// Adds how many people that was in a second.
    pub fn add_rate(&self, figures: &mut Figures, title: &str, people: usize) {
        figures.add_in("people/s", title, 1, people as f64 / self.seconds);
    }
}
