//! What Google shows anew: pages are stored as they come, the cursor with the
//! last one. A full list clears nothing: what it does not show is asked for by
//! name, and only that proves that it is gone.

use postern_core::plan::calendar::event;

use super::google::kept;
use super::ledger::Side;
use super::run::Run;
use crate::google::calendar::event::Event;
use crate::google::calendar::events::{Ask, Next, Page};
use crate::google::calendar::fault::Fault;
use crate::store::StoreError;
use crate::store::sync::calendars::{self, Cursor};
use crate::store::sync::google_seen::{self, From};
use crate::sync::missed::Missed;

/// Most pages of one list; no calendar has more.
const PAGES: usize = 400;
/// Rows of one transaction: others wait meanwhile.
const ROWS: usize = 200;
/// Events that are asked for by name in one run; the next goes on.
const NAMES: i64 = 200;

impl Run<'_> {
    /// Reads what changed.
    pub(super) async fn pull(&mut self) -> Result<(), Missed> {
        let cursor = self.calendar.cursor.clone();
        match self.list(cursor.as_deref()).await {
            Err(Missed::Stop(stop)) if stop.word == Fault::CursorExpired.name() && cursor.is_some() => {
                tracing::info!(calendar.id = %self.calendar.id, "Google wants this calendar to be read anew");
                self.list(None).await?;
            }
            other => other?,
        }
        self.prove().await
    }

    async fn list(&mut self, cursor: Option<&str>) -> Result<(), Missed> {
        let full = cursor.is_none();
        let epoch = if full { self.calendar.epoch + 1 } else { self.calendar.epoch };
        self.calendar.epoch = epoch;
        if full {
            // A list that is cut off is not gone on with: it would not show what was deleted since.
            self.calendar.covered = false;
            let mut batch = self.ledger().batch().await?;
            let begun = Cursor { token: None, epoch, covered: false };
            calendars::advance(&mut batch, self.calendar.id, &begun, false).await?;
            batch.commit().await?;
        }
        let mut page: Option<String> = None;
        for _ in 0..PAGES {
            let ask = match cursor {
                Some(sync_token) => Ask::Since { sync_token, page: page.as_deref() },
                None => Ask::Full { page: page.as_deref() },
            };
            self.tell().await?;
            let client = if full { self.importer } else { self.client };
            let answer = client.list(self.account, &self.calendar.google_id, ask).await?;
            let Page { events, next, .. } = answer;
            self.counts.seen += i64::try_from(events.len()).unwrap_or(i64::MAX);
            match next {
                Next::Page(token) => {
                    self.keep(&events, None).await?;
                    page = Some(token);
                }
                Next::Sync(token) => {
                    let cursor =
                        Cursor { token: Some(&token), epoch, covered: self.calendar.covered && !full };
                    self.keep(&events, Some((&cursor, full))).await?;
                    self.calendar.covered = cursor.covered;
                    self.calendar.cursor = Some(token);
                    return Ok(());
                }
            }
        }
        Err(Fault::TooLarge.into())
    }

    async fn keep(&self, events: &[Event], end: Option<(&Cursor<'_>, bool)>) -> Result<(), StoreError> {
        let ledger = self.ledger();
        let rows: Vec<_> = events
            .iter()
            .filter_map(|raw| {
                let kept = kept(raw.as_map(), self.hides());
                event::read(&kept).map(|event| ledger.event(&event, &kept))
            })
            .collect();
        let mut chunks = rows.chunks(ROWS).peekable();
        while let Some(chunk) = chunks.next() {
            // The last ones go with the cursor.
            if chunks.peek().is_none() && end.is_some() {
                return self.close(chunk, end).await;
            }
            let mut batch = ledger.batch().await?;
            google_seen::put(&mut batch, self.calendar.id, chunk, From::Listing).await?;
            batch.commit().await?;
        }
        self.close(&[], end).await
    }

    async fn close(
        &self,
        rows: &[google_seen::Seen],
        end: Option<(&Cursor<'_>, bool)>,
    ) -> Result<(), StoreError> {
        let Some((cursor, full)) = end else { return Ok(()) };
        let mut batch = self.ledger().batch().await?;
        google_seen::put(&mut batch, self.calendar.id, rows, From::Listing).await?;
        calendars::advance(&mut batch, self.calendar.id, cursor, full).await?;
        batch.commit().await
    }

    // What the last full list has not shown, until everything is known again.
    async fn prove(&mut self) -> Result<(), Missed> {
        if self.calendar.covered {
            return Ok(());
        }
        let unseen = async {
            let mut read = self.store.read().await?;
            google_seen::unseen(&mut read, self.calendar.id, self.calendar.epoch, NAMES).await
        };
        let unseen = unseen.await?;
        let all = i64::try_from(unseen.len()).unwrap_or(NAMES) < NAMES;
        for id in unseen {
            let found = self.google().get(&id).await;
            let stored = async {
                let ledger = self.ledger();
                let mut batch = ledger.batch().await?;
                let side = match &found {
                    Ok(answered) => Side::Event(&answered.event, &answered.kept),
                    Err(_) => Side::NoEvent(&id),
                };
                ledger.put(&mut batch, &side, From::Reading).await?;
                batch.commit().await
            };
            match &found {
                Ok(_) | Err(Missed::Gone) => stored.await?,
                Err(other) => return Err(other.clone()),
            }
        }
        if all {
            let token = self.calendar.cursor.clone();
            let cursor = Cursor { token: token.as_deref(), epoch: self.calendar.epoch, covered: true };
            let covered = async {
                let mut batch = self.ledger().batch().await?;
                calendars::advance(&mut batch, self.calendar.id, &cursor, false).await?;
                batch.commit().await
            };
            covered.await?;
            self.calendar.covered = true;
        }
        Ok(())
    }
}
