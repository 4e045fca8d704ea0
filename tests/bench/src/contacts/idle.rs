//! Runs of a book in which nothing has changed: they write nothing.
//!
//! Before each the gateway is started anew, so that it reads the CRM's changes first, as it otherwise
//! does every ten minutes. The first time there is more to be read: the changes of a whole day, and
//! whether any record is gone.

use super::book::Book;
use super::count::There;
use super::span::Span;
use crate::between::figures::Figures;

/// Measures two of them.
pub async fn idle(figures: &mut Figures, book: &mut Book, many: usize, after: &str) -> anyhow::Result<()> {
    for which in ["first run at rest", "next run at rest"] {
        let title = format!("{which} after the {after}");
        let span = Span::restart(book).await?;
        book.run().await?;
        let seconds = span.seconds();
        let taken = span.end(book, seconds)?;
        taken.wrote_nothing(&title)?;
        taken.add(figures, &title);
        There::each_once(&mut book.sides, many)?;
        book.quiet().await?;
    }
    Ok(())
}
