//! What somebody has confirmed: a run that is to be taken back, or everybody who was made, who is to be
//! removed. It is found again by its hashes in what the store shows now; see `calendar::confirmed`.

use postern_core::plan::undo::Act;

use super::run::Run;
use super::settle::Meant;
use crate::store::contacts::books;
use crate::store::contacts::links::Link;
use crate::store::contacts::{removal, taken_back};
use crate::store::sync::taken_back::MOST;
use crate::store::sync::undos::{self, PATIENCE, Undo};
use crate::store::{Batch, StoreError};
use crate::sync::missed::Missed;
use crate::sync::taking_back::{Next, Portion};

impl Run<'_> {
    /// Does what somebody has confirmed.
    pub(super) async fn undo(&mut self) -> Result<(), Missed> {
        let asked = async { undos::waiting(self.store, &mut self.store.read().await?, self.book.id).await };
        let Some(asked) = asked.await? else {
            // What was open of a removal that waits no more is settled.
            return match self.book.leaving {
                true => self.no_more(self.ledger().batch().await?).await,
                false => Ok(()),
            };
        };
        let since = self.store.clock().now() - PATIENCE;
        if asked.asked_at < since {
            let mut batch = self.ledger().batch().await?;
            undos::expire(&mut batch, since).await?;
            return self.no_more(batch).await;
        }
        // Whoever keeps a group in step again does not want it emptied any more.
        if asked.run.is_none() && !self.let_go().await? {
            return self.undone(&asked).await;
        }
        let mut portion = self.portion(&asked).await?;
        for (link, act) in std::mem::take(&mut portion.acts) {
            self.counts.planned += 1;
            self.tell().await?;
            portion.came(Box::pin(self.take_back(&link, &act)).await?);
            self.counts.done += 1;
        }
        match portion.next() {
            Next::AtOnce => self.go_on().await,
            Next::AsUsual => Ok(()),
            Next::Nothing => self.undone(&asked).await,
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
        self.no_more(batch).await
    }

    // A removal that waits no more lets its book go.
    async fn no_more(&self, mut batch: Batch) -> Result<(), Missed> {
        books::left(&mut batch).await?;
        Ok(batch.commit().await?)
    }

    /// Whether the group is not kept in step any more: that may be newer than this run.
    pub(super) async fn let_go(&self) -> Result<bool, StoreError> {
        let book = books::get(self.store, &mut self.store.read().await?, self.book.id).await?;
        Ok(book.is_none_or(|book| book.choices.group.is_none()))
    }

    async fn portion(&self, asked: &Undo) -> Result<Portion<Link>, Missed> {
        let open = self.open_undo(asked).await?;
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
        Ok(Portion::of(asked, parts, (|link: &Link| link.state, |_: &Act| true), open))
    }
}
