//! What becomes of rows that were claimed.

use std::time::Duration;

use super::Notices;
use super::mail::Trouble;
use crate::clock::{micros, written};
use crate::store::StoreError;
use crate::store::outbox::{self, Audience, Claim, News, Outcome, Subject};

const GIVEN_UP: Duration = Duration::from_secs(86_400);
const LONGEST: Duration = Duration::from_secs(3_600);

impl Notices {
    // Each mailbox once: where owners are told too, it stands among their rows.
    pub(super) async fn log(
        &self,
        audience: Audience,
        claim: &Claim,
        rows: &[News],
    ) -> Result<(), StoreError> {
        for news in rows {
            self.say(audience, news);
        }
        let mut batch = self.store.batch().await?;
        for news in rows {
            let outcome = match &news.subject {
                // So that it can be asked for again.
                Subject::Link { .. } | Subject::Token { .. } => Outcome::Failed,
                _ if self.logs(audience, news) => Outcome::Logged,
                _ => Outcome::Unwanted,
            };
            outbox::done(&mut batch, claim, Some(news.id), outcome).await?;
        }
        batch.commit().await
    }

    fn logs(&self, audience: Audience, news: &News) -> bool {
        let owners_too = self.sender.is_none() || self.policy.owners;
        match &news.subject {
            Subject::Client { .. } | Subject::Gone { .. } | Subject::Certificate { .. } => true,
            Subject::Account { .. } => audience == Audience::Owner || !owners_too,
            Subject::Link { .. } | Subject::Token { .. } => false,
        }
    }

    fn say(&self, audience: Audience, news: &News) {
        if !self.logs(audience, news) {
            return;
        }
        match &news.subject {
            Subject::Client { code, .. } => {
                tracing::error!(code, "Google refuses the client of this installation, run postern doctor");
            }
            Subject::Account { account, reference } => {
                let link = self.page(reference);
                tracing::warn!(account.id = %account, link, "the owner has to connect this mailbox again");
            }
            // From thirty days on the log says it daily by itself.
            Subject::Certificate { ends } => {
                let until = written(ends.saturating_mul(1_000_000));
                tracing::warn!(until, "the certificate of the listeners ends soon");
            }
            Subject::Gone { account } => {
                tracing::warn!(account.id = %account, "the CRM has nobody for this mailbox any more, nothing is kept in step for it");
            }
            Subject::Link { .. } | Subject::Token { .. } => return,
        }
        self.metrics.message(audience, Outcome::Logged.name());
    }

    pub(super) async fn trouble(
        &self,
        audience: Audience,
        claim: &Claim,
        rows: &[News],
        trouble: &Trouble,
    ) -> Result<(), StoreError> {
        // Letters are not for the log; they wait for a way as long as others do.
        if let Trouble::Fallen(why) = trouble
            && audience != Audience::Letters
        {
            tracing::error!(why, "notices.via cannot send, what it should tell follows here");
            return self.log(audience, claim, rows).await;
        }
        let never = matches!(trouble, Trouble::Never(_));
        let (mut failed, mut batch) = (0, self.store.batch().await?);
        for news in rows {
            if never || claim.made_at.saturating_sub(news.tried_at) >= micros(GIVEN_UP) {
                failed += 1;
                self.say(audience, news);
                outbox::done(&mut batch, claim, Some(news.id), Outcome::Failed).await?;
            } else {
                outbox::later(&mut batch, claim, Some(news.id), pause(news.attempts)).await?;
            }
        }
        batch.commit().await?;
        let audience_name = audience.name();
        if failed > 0 {
            tracing::error!(error = %trouble, audience = audience_name, rows = failed, "a notice is given up");
            self.metrics.message(audience, Outcome::Failed.name());
        }
        if failed < rows.len() {
            tracing::warn!(error = %trouble, audience = audience_name, "a notice is put off");
            self.metrics.message(audience, "later");
        }
        Ok(())
    }

    pub(super) async fn put_back(&self, claim: &Claim, rows: &[News]) -> Result<(), StoreError> {
        let mut batch = self.store.batch().await?;
        for news in rows {
            outbox::later(&mut batch, claim, Some(news.id), Duration::ZERO).await?;
        }
        batch.commit().await
    }

    // The message has left: a database that is away for a moment is waited for.
    pub(super) async fn mark(
        &self,
        claim: &Claim,
        row: Option<&News>,
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        let mut pause = Duration::from_millis(500);
        loop {
            match self.mark_once(claim, row, outcome).await {
                Err(error) if pause > Duration::from_secs(10) => return Err(error),
                Err(_) => tokio::time::sleep(pause).await,
                Ok(()) => return Ok(()),
            }
            pause *= 2;
        }
    }

    async fn mark_once(&self, claim: &Claim, row: Option<&News>, outcome: Outcome) -> Result<(), StoreError> {
        let mut batch = self.store.batch().await?;
        outbox::done(&mut batch, claim, row.map(|row| row.id), outcome).await?;
        batch.commit().await
    }
}

/// Between two tries of the same message.
fn pause(attempts: u32) -> Duration {
    let doubled = Duration::from_secs(60).saturating_mul(1 << attempts.saturating_sub(1).min(10));
    doubled.min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::pause;

    #[test]
    fn the_pauses_grow_to_an_hour() {
        let seconds: Vec<u64> = (0..9).map(|attempts| pause(attempts).as_secs()).collect();
        assert_eq!(seconds, [60, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(pause(u32::MAX).as_secs(), 3_600);
    }
}
