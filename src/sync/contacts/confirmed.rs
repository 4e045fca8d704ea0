//! What somebody has confirmed: a run that is to be taken back, or everybody who was made, who is to be
//! removed. It is found again by its hashes in what the store shows now; see `calendar::confirmed`.

use std::collections::BTreeSet;

use postern_core::plan::undo::Act;

use super::run::Run;
use super::settle::Meant;
use crate::store::StoreError;
use crate::store::contacts::books;
use crate::store::contacts::links::Link;
use crate::store::contacts::{removal, taken_back};
use crate::store::sync::taken_back::MOST;
use crate::store::sync::undos::{self, PATIENCE, Undo};
use crate::sync::missed::Missed;
use crate::sync::taking_back::{Came, PORTION, TakingBack};

impl Run<'_> {
    /// Does what somebody has confirmed.
    pub(super) async fn undo(&mut self) -> Result<(), Missed> {
        let asked = async { undos::waiting(self.store, &mut self.store.read().await?, self.book.id).await };
        let Some(asked) = asked.await? else {
            // What was open of a removal that waits no more is settled.
            return if self.book.leaving { self.no_more().await } else { Ok(()) };
        };
        let since = self.store.clock().now() - PATIENCE;
        if asked.asked_at < since {
            let mut batch = self.ledger().batch().await?;
            undos::expire(&mut batch, since).await?;
            books::left(&mut batch).await?;
            return Ok(batch.commit().await?);
        }
        // Whoever keeps a group in step again does not want it emptied any more.
        if asked.run.is_none() && !self.let_go().await? {
            return self.undone(&asked).await;
        }
        let all = self.confirmed(&asked).await?;
        let more = all.len() > PORTION;
        let (mut open, mut ended) = (self.open_undo(&asked).await?, false);
        for (link, act) in all.into_iter().take(PORTION) {
            self.counts.planned += 1;
            self.tell().await?;
            let everything = asked.run.is_none();
            let act = TakingBack { of: asked.id, everything, state: link.state, act };
            let came = Box::pin(self.take_back(&link, &act)).await?;
            open |= came == Came::Unknown;
            ended |= came != Came::Unknown;
            self.counts.done += 1;
        }
        match (more, open) {
            // What nobody knows yet is found out at the usual time.
            (true, _) if ended => self.go_on().await,
            (true, _) | (false, true) => Ok(()),
            (false, false) => self.undone(&asked).await,
        }
    }

    // Whether nobody knows yet what came of some of it.
    async fn open_undo(&self, asked: &Undo) -> Result<bool, Missed> {
        let meant =
            self.open().await?.into_iter().filter_map(|intent| serde_json::from_str(&intent.body).ok());
        Ok(meant.filter_map(|meant: Meant| meant.undo).any(|undo| undo.of == asked.id))
    }

    async fn go_on(&self) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        books::wake(&mut batch, self.book.id, self.store.clock().now()).await?;
        Ok(batch.commit().await?)
    }

    async fn undone(&self, asked: &Undo) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        undos::end(&mut batch, asked.id).await?;
        books::left(&mut batch).await?;
        Ok(batch.commit().await?)
    }

    async fn no_more(&self) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        books::left(&mut batch).await?;
        Ok(batch.commit().await?)
    }

    /// Whether the group is not kept in step any more: that may be newer than this run.
    pub(super) async fn let_go(&self) -> Result<bool, StoreError> {
        let book = books::get(self.store, &mut self.store.read().await?, self.book.id).await?;
        Ok(book.is_none_or(|book| book.choices.group.is_none()))
    }

    async fn confirmed(&self, asked: &Undo) -> Result<Vec<(Link, Act)>, Missed> {
        let mut read = self.store.read().await?;
        let parts = match asked.run {
            Some(run) => {
                let whose = (self.book.id, asked.account, run);
                taken_back::of_run(self.store, &mut read, whose).await?.unwrap_or_default()
            }
            None => {
                let most = usize::try_from(MOST).unwrap_or(usize::MAX);
                removal::of_book(self.store, &mut read, &self.book, most).await?
            }
        };
        let hashes: BTreeSet<_> = asked.hashes.iter().collect();
        let mut confirmed = Vec::new();
        for part in parts {
            let Some(link) = part.link else { continue };
            for act in part.acts {
                if hashes.contains(&act.fingerprint(part.id.0)) {
                    confirmed.push((link.clone(), act));
                }
            }
        }
        Ok(confirmed)
    }
}
