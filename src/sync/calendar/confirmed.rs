//! What somebody has confirmed: a run that is to be taken back, or everything that
//! was made for a mailbox, which is to be removed.
//!
//! It is found again by its hashes in what the store shows now, so that a run does
//! what is left of it wherever an earlier one was cut off. A run does a portion;
//! the next one, which begins at once, goes on.

use postern_core::model::account::State as Standing;
use postern_core::model::id::AccountId;
use postern_core::plan::link::Side as Of;
use postern_core::plan::undo::Act;

use super::run::Run;
use crate::google::calendar::access::AccessRole;
use crate::store::sync::calendar_users::{self, Kind};
use crate::store::sync::calendars;
use crate::store::sync::links::Link;
use crate::store::sync::removal::{self, At};
use crate::store::sync::taken_back::{self, MOST};
use crate::store::sync::undos::{self, PATIENCE, Undo};
use crate::store::{StoreError, accounts};
use crate::sync::missed::Missed;
use crate::sync::taking_back::{Next, Portion};

impl Run<'_> {
    /// Does what somebody has confirmed.
    pub(super) async fn undo(&mut self) -> Result<(), Missed> {
        let asked =
            async { undos::waiting(self.store, &mut self.store.read().await?, self.calendar.id).await };
        let Some(asked) = asked.await? else { return Ok(()) };
        let since = self.store.clock().now() - PATIENCE;
        if asked.asked_at < since {
            let mut batch = self.ledger().batch().await?;
            undos::expire(&mut batch, since).await?;
            calendar_users::left(&mut batch).await?;
            return Ok(batch.commit().await?);
        }
        // Whoever uses the calendar again does not want it emptied any more.
        if asked.run.is_none() && !self.leaving {
            // This run may have begun before that was confirmed.
            self.leaving = self.left_meanwhile().await?;
            if !self.leaving {
                return self.undone(&asked).await;
            }
        }
        let mut portion = self.portion(&asked).await?;
        for (link, act) in std::mem::take(&mut portion.acts) {
            self.counts.planned += 1;
            self.tell().await?;
            portion.came(self.take_back(&link, &act).await?);
            self.counts.done += 1;
        }
        match portion.next() {
            Next::AtOnce => self.go_on().await,
            Next::AsUsual => Ok(()),
            Next::Nothing => self.undone(&asked).await,
        }
    }

    async fn left_meanwhile(&self) -> Result<bool, StoreError> {
        let users = calendar_users::of_calendar(&mut self.store.read().await?, self.calendar.id).await?;
        Ok(users.iter().any(|user| user.kind == Kind::Leaving)
            && users.iter().all(|user| matches!(user.kind, Kind::Leaving | Kind::Offered)))
    }

    async fn go_on(&self) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        calendars::wake(&mut batch, self.calendar.id, self.store.clock().now()).await?;
        Ok(batch.commit().await?)
    }

    async fn undone(&self, asked: &Undo) -> Result<(), Missed> {
        let mut batch = self.ledger().batch().await?;
        undos::end(&mut batch, asked.id).await?;
        calendar_users::left(&mut batch).await?;
        Ok(batch.commit().await?)
    }

    // Whether the account may write the calendar; none when it does not use it any more.
    async fn writes_still(&self, account: AccountId) -> Result<Option<bool>, StoreError> {
        let mut read = self.store.read().await?;
        let active =
            accounts::by_id(&mut read, account).await?.is_some_and(|it| it.state == Standing::Active);
        let users = calendar_users::of_calendar(&mut read, self.calendar.id).await?;
        let user = users.iter().find(|user| user.account == account && active);
        Ok(user.map(|user| AccessRole::of(&user.role).writes()))
    }

    // What was confirmed, is still the same, and may be done: nobody has another's rights since a
    // calendar is shared.
    async fn portion(&self, asked: &Undo) -> Result<Portion<Link>, Missed> {
        let writes = self.writes_still(asked.account).await?;
        let mut read = self.store.read().await?;
        let parts = match asked.run {
            Some(run) => {
                let whose = (self.calendar.id, asked.account, run);
                taken_back::of_run(self.store, &mut read, whose).await?.unwrap_or_default()
            }
            None => {
                let (calendar, installation) = (&self.calendar, self.installation);
                let at = At { calendar, account: asked.account, writes, installation };
                let most = usize::try_from(MOST).unwrap_or(usize::MAX);
                removal::of_calendar(self.store, &mut read, at, most).await?
            }
        };
        let may = |act: &Act| writes.is_some_and(|google| google || act.side() != Of::Google);
        Ok(Portion::of(asked, parts, (|link: &Link| link.state, may), false))
    }
}
