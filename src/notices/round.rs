//! One look at the outbox, and what is told then.

use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Notices;
use super::digest::{Digest, LISTED, Letter, Mailbox, Refused, to_admins, to_owner};
use super::mail::{Post, Sender, Trouble};
use crate::actions::account::invite::invite;
use crate::actions::{ActError, By};
use crate::clock::written;
use crate::store::outbox::{self, Audience, Claim, News, Outcome, Pace, Subject};
use crate::store::{Read, StoreError, accounts};

// Nothing is begun when the claim could end before it is done.
const CLAIM: Duration = Duration::from_secs(900);
pub(super) const BEGIN: Duration = Duration::from_secs(600);
const APART: Duration = Duration::from_secs(3_600);

impl Notices {
    /// Tells what is due now.
    pub(super) async fn round(&self, stop: &CancellationToken) -> Result<(), StoreError> {
        // A copy of a database writes to nobody.
        if self.store.standing().await?.holds() {
            return Ok(());
        }
        let began = Instant::now();
        // A database that does not answer holds up no end; a message under way does.
        let claims = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            claims = self.claims() => claims?,
        };
        let Some(sender) = &self.sender else {
            return self.only_log(&claims).await;
        };
        let mut line = Line { notices: self, sender, post: None };
        // Somebody waits for a letter that was asked for.
        if let Some(claim) = &claims.letters {
            self.send_letters(&mut line, claim, began, stop).await?;
        }
        if let Some(claim) = &claims.admins {
            self.tell_admins(&mut line, claim).await?;
        }
        if let Some(claim) = &claims.owners {
            self.tell_owners(&mut line, claim, began, stop).await?;
        }
        line.close().await;
        Ok(())
    }

    async fn claims(&self) -> Result<Claims, StoreError> {
        let waiting = outbox::waiting(&mut self.store.read().await?).await?;
        self.metrics.waiting(waiting);
        if waiting == 0 {
            return Ok(Claims::default());
        }
        let pace = match self.sender {
            Some(_) => Pace { gather: self.policy.gather, apart: APART, claim: CLAIM },
            None => Pace { gather: Duration::ZERO, apart: Duration::ZERO, claim: CLAIM },
        };
        let at_once = Pace { gather: Duration::ZERO, apart: Duration::ZERO, claim: CLAIM };
        let mut batch = self.store.batch().await?;
        let claims = Claims {
            admins: outbox::claim(&mut batch, Audience::Admins, pace).await?,
            owners: outbox::claim(&mut batch, Audience::Owner, pace).await?,
            letters: outbox::claim(&mut batch, Audience::Letters, at_once).await?,
        };
        batch.commit().await?;
        Ok(claims)
    }

    async fn only_log(&self, Claims { admins, owners, letters }: &Claims) -> Result<(), StoreError> {
        let each = [(Audience::Admins, admins), (Audience::Owner, owners), (Audience::Letters, letters)];
        for (audience, claim) in each {
            if let Some(claim) = claim {
                self.log(audience, claim, &claim.news).await?;
            }
        }
        Ok(())
    }

    async fn tell_admins(&self, line: &mut Line<'_>, claim: &Claim) -> Result<(), StoreError> {
        if self.policy.to.is_empty() {
            return self.log(Audience::Admins, claim, &claim.news).await;
        }
        let digest = self.digest(&claim.news).await?;
        if digest.is_empty() {
            return self.mark(claim, None, Outcome::Unwanted).await;
        }
        let letter = to_admins(&digest, &self.place(), self.policy.lang);
        let Some(first) = claim.news.first() else { return Ok(()) };
        match line.send(&self.policy.to, &letter, first).await {
            Ok(()) => {
                tracing::info!(mailboxes = digest.count, "the admins were written to");
                self.metrics.message(Audience::Admins, Outcome::Sent.name());
                self.mark(claim, None, Outcome::Sent).await
            }
            Err(trouble) => self.trouble(Audience::Admins, claim, &claim.news, &trouble).await,
        }
    }

    async fn tell_owners(
        &self,
        line: &mut Line<'_>,
        claim: &Claim,
        began: Instant,
        stop: &CancellationToken,
    ) -> Result<(), StoreError> {
        if !self.policy.owners {
            return self.mark(claim, None, Outcome::Unwanted).await;
        }
        for (index, news) in claim.news.iter().enumerate() {
            let rest = claim.news.get(index..).unwrap_or_default();
            if stop.is_cancelled() || began.elapsed() > BEGIN {
                return self.put_back(claim, rest).await;
            }
            let Some((address, state)) = self.owner(news).await? else {
                self.mark(claim, Some(news), Outcome::Unwanted).await?;
                continue;
            };
            // The way first: no link is made that cannot be sent.
            if let Err(trouble) = line.ready().await {
                return self.trouble(Audience::Owner, claim, rest, &trouble).await;
            }
            self.tell_owner(line, claim, news, &address, state).await?;
        }
        Ok(())
    }

    async fn tell_owner(
        &self,
        line: &mut Line<'_>,
        claim: &Claim,
        news: &News,
        address: &Address,
        state: State,
    ) -> Result<(), StoreError> {
        let Subject::Account { account, .. } = &news.subject else { return Ok(()) };
        let by = By::new(Actor::Gateway, self.store.dice())?;
        let link = match invite(&self.store, &by, *account, &self.policy.public_url).await {
            Ok(Some(link)) => link,
            Ok(None) => return self.mark(claim, Some(news), Outcome::Unwanted).await,
            Err(ActError::Store(error)) => return Err(error),
            Err(error) => {
                let trouble = Trouble::Later(error.to_string());
                return self.trouble(Audience::Owner, claim, std::slice::from_ref(news), &trouble).await;
            }
        };
        let letter = to_owner(address, state, &link.url, &self.place(), self.policy.lang);
        match line.send(std::slice::from_ref(address), &letter, news).await {
            Ok(()) => {
                tracing::info!(account.id = %account, "the owner was written to");
                self.metrics.message(Audience::Owner, Outcome::Sent.name());
                self.mark(claim, Some(news), Outcome::Sent).await
            }
            Err(trouble) => self.trouble(Audience::Owner, claim, std::slice::from_ref(news), &trouble).await,
        }
    }

    // None where a message would be the second one, or nobody's.
    async fn owner(&self, news: &News) -> Result<Option<(Address, State)>, StoreError> {
        let mailbox = self.mailbox(&mut self.store.read().await?, news).await?;
        let mailbox = mailbox.filter(|mailbox| !self.policy.to.contains(&mailbox.address));
        Ok(mailbox.map(|mailbox| (mailbox.address, mailbox.state)))
    }

    async fn digest(&self, news: &[News]) -> Result<Digest, StoreError> {
        let mut read = self.store.read().await?;
        let mut digest = Digest { owners_too: self.policy.owners, ..Digest::default() };
        for row in news {
            match &row.subject {
                Subject::Client { client, code } => {
                    let name = outbox::client_name(&mut read, *client).await?;
                    let client = name.unwrap_or_default();
                    digest.refused.push(Refused { client, code: code.clone() });
                }
                Subject::Account { .. } if digest.mailboxes.len() == LISTED => digest.count += 1,
                Subject::Account { .. } => {
                    if let Some(mailbox) = self.mailbox(&mut read, row).await? {
                        digest.count += 1;
                        digest.mailboxes.push(mailbox);
                    }
                }
                Subject::Certificate { ends } => {
                    digest.certificate = Some(written(ends.saturating_mul(1_000_000)));
                }
                Subject::Gone { account } => {
                    let known = accounts::by_id(&mut read, *account).await?;
                    digest.gone.extend(known.map(|account| account.address));
                }
                Subject::Link { .. } | Subject::Token { .. } => {}
            }
        }
        Ok(digest)
    }

    async fn mailbox(&self, read: &mut Read, news: &News) -> Result<Option<Mailbox>, StoreError> {
        let Subject::Account { account, reference } = &news.subject else { return Ok(None) };
        let account = accounts::by_id(read, *account).await?;
        Ok(account.map(|it| Mailbox { address: it.address, state: it.state, page: self.page(reference) }))
    }

    pub(super) fn place(&self) -> String {
        self.policy.public_url.as_str().trim_end_matches('/').to_owned()
    }

    pub(super) fn page(&self, reference: &str) -> String {
        format!("{}/r/{reference}", self.place())
    }
}

/// What was claimed, by audience.
#[derive(Default)]
struct Claims {
    admins: Option<Claim>,
    owners: Option<Claim>,
    letters: Option<Claim>,
}

/// The session of a round, opened when it is needed.
pub(super) struct Line<'a> {
    notices: &'a Notices,
    sender: &'a Sender,
    post: Option<Post>,
}

impl Line<'_> {
    pub(super) async fn ready(&mut self) -> Result<&mut Post, Trouble> {
        let post = match self.post.take() {
            Some(post) => post,
            None => self.sender.open(&self.notices.store).await?,
        };
        Ok(self.post.insert(post))
    }

    pub(super) async fn send(&mut self, to: &[Address], letter: &Letter, news: &News) -> Result<(), Trouble> {
        let now = self.notices.store.clock().now();
        let message = self.sender.message(to, letter, news.id, now)?;
        let sent = self.ready().await?.deliver(&message).await;
        if let Err(Trouble::Later(_)) = sent {
            self.post = None;
        }
        sent
    }

    async fn close(self) {
        if let Some(post) = self.post {
            post.close().await;
        }
    }
}
