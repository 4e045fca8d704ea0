//! Storing a batch whatever the database says.
//!
//! "Not now" is waited out: each second until the process ends, then a few
//! seconds more. "Not this" is taken apart until the one note is found that
//! the database refuses; that note is dropped, told of in the log and counted
//! in a row. When not even that row is taken, the note is not to blame and
//! nothing is dropped.

use std::time::Duration;

use postern_core::model::event::Event;
use postern_core::model::refusal::Retry;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::note::{Losses, Note};
use super::writer::write;
use crate::store::{Store, StoreError};

const PAUSE: Duration = Duration::from_secs(1);
// Shorter than the phase in which the process waits for its records.
const LAST: Duration = Duration::from_secs(8);

/// Stores batches one after the other.
pub(super) struct Keeper<'a> {
    store: &'a Store,
    stop: &'a CancellationToken,
    end: Option<Instant>,
    away: bool,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(store: &'a Store, stop: &'a CancellationToken) -> Self {
        Self { store, stop, end: None, away: false }
    }

    /// Stores the notes, and how many were lost before them.
    pub(super) async fn keep(&mut self, losses: &Losses, mut notes: Vec<Note>) {
        notes.extend(losses.told(self.store.clock().now()));
        let mut parts = vec![&notes[..]];
        while let Some(part) = parts.pop() {
            let Err(error) = self.attempt(part).await else { continue };
            let (first, second) = part.split_at(part.len() / 2);
            if error.retry() == Retry::No && !first.is_empty() {
                parts.extend([second, first]);
            } else if error.retry() == Retry::No && self.dropped(part, &error).await {
            } else if self.wait(&error).await {
                parts.push(part);
            } else {
                let rows: usize = parts.iter().map(|part| part.len()).sum::<usize>() + part.len();
                tracing::error!(error = %error, rows, "audit rows could not be stored before the end");
                return;
            }
        }
    }

    async fn attempt(&mut self, notes: &[Note]) -> Result<(), StoreError> {
        if notes.is_empty() {
            return Ok(());
        }
        write(self.store, notes).await?;
        self.away = false;
        Ok(())
    }

    // False when the chain takes no row at all.
    async fn dropped(&mut self, note: &[Note], why: &StoreError) -> bool {
        let at = self.store.clock().now();
        let event = Event::NotesDropped { count: 1, why: "refused" };
        if self.attempt(&[Note::Event { at, request: String::new(), event }]).await.is_err() {
            return false;
        }
        let kind = note.first().map_or("", Note::kind);
        tracing::error!(error = %why, kind, "an audit row was dropped, the database refuses it");
        true
    }

    // False when there is no time left.
    async fn wait(&mut self, error: &StoreError) -> bool {
        if !self.away {
            tracing::error!(error = %error, "audit rows cannot be stored for the moment, trying on");
            self.away = true;
        }
        if !self.stop.is_cancelled() {
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(PAUSE) => {}
            }
            return true;
        }
        let end = *self.end.get_or_insert_with(|| Instant::now() + LAST);
        tokio::time::sleep(PAUSE).await;
        Instant::now() < end
    }
}
