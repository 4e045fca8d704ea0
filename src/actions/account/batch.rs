//! Importing a whole table.
//!
//! First every line is examined without asking Google; when one is wrong,
//! nothing is imported. Then each line is proven and stored by an act of its
//! own: a line is imported as a whole or leaves nothing behind, and a table can
//! be given again.

use postern_core::model::secret::Secret;

use super::csv::{self, BadLine};
use super::import::{self, Candidate, Imported};
use crate::actions::{ActError, By, Reach};
use crate::store::Store;

/// How one line went.
#[derive(Debug)]
pub struct Done {
    /// From 1, the header included.
    pub line: usize,
    /// What was done, or why not.
    pub outcome: Result<Imported, ActError>,
}

/// Reads and examines a table.
///
/// # Errors
/// Every line that is wrong.
pub async fn examine(
    store: &Store,
    allowed_domains: &[String],
    text: &Secret,
) -> Result<Vec<(usize, Candidate)>, Vec<BadLine>> {
    let lines = csv::read(text)?;
    let mut wrong = Vec::new();
    for (line, candidate) in &lines {
        if let Err(error) = import::ready(store, allowed_domains, candidate).await {
            wrong.push(BadLine { line: *line, why: error.to_string() });
        }
    }
    if wrong.is_empty() { Ok(lines) } else { Err(wrong) }
}

/// Imports examined lines, one after the other; `told` hears of each.
pub async fn import(
    store: &Store,
    by: &By,
    reach: &Reach<'_>,
    allowed_domains: &[String],
    lines: &[(usize, Candidate)],
    mut told: impl FnMut(&Done),
) -> Vec<Done> {
    let mut all = Vec::with_capacity(lines.len());
    for (line, candidate) in lines {
        let outcome = import::import(store, by, reach, allowed_domains, candidate).await;
        let done = Done { line: *line, outcome };
        told(&done);
        all.push(done);
    }
    all
}
