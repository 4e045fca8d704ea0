//! Writing the mail account of one mailbox.

use postern_core::model::event::Event;
use postern_core::model::id::TokenId;
use postern_core::model::secret::Secret;
use postern_core::model::token::Protocols;

use super::examine::Plan;
use super::fields::{self, Replaced};
use super::{Obstacle, Way};
use crate::actions::token::{self, Issued, Terms};
use crate::actions::{ActError, By};
use crate::clock::written;
use crate::crm::fault::{Effect, Fault};
use crate::crm::mail_account::{Denied, Kind, Trial};
use crate::crm::records::{Record, RecordId};
use crate::store::accounts::Account;
use crate::store::crm_mail::{self, CrmMail, State};
use crate::store::{Act, Store, StoreError, crm_tokens};

/// What the token is called among those of the mailbox.
const NAME: &str = "CRM mail account";

/// What stands in the CRM.
struct Entered {
    kind: Kind,
    /// None when the answer that would name it was lost.
    record: Option<RecordId>,
    made: bool,
    replaced: Replaced,
}

/// How it ended.
enum Outcome {
    /// Written with this token, and tested.
    Written(Entered, TokenId),
    /// Nothing has changed in the CRM.
    Failed(Obstacle),
    /// The record may hold the new values.
    Unsure(Obstacle, Entered),
}

/// Writes one; what was in the way, if it was not written.
pub(super) async fn one(
    way: &Way,
    store: &Store,
    by: &By,
    account: Account,
    row: CrmMail,
) -> Result<Option<Obstacle>, StoreError> {
    let (fresh, outcome) = match way.examine(&account, &row).await {
        Err(obstacle) => (None, Outcome::Failed(obstacle)),
        Ok(plan) => match issue(store, by, &account).await {
            Err(error) => (None, Outcome::Failed(error.into())),
            Ok(issued) => {
                let today = written(store.clock().now()).chars().take("YYYY-MM-DD".len()).collect::<String>();
                let earlier = Replaced::read(&row.replaced);
                let outcome = way.enter(&account, &plan, &earlier, &issued, &today).await;
                (Some(issued.id), outcome)
            }
        },
    };
    conclude(store, by, &account, row, fresh, outcome).await
}

/// Notes for one what was met at another.
pub(super) async fn failed(
    store: &Store,
    by: &By,
    account: Account,
    row: CrmMail,
    obstacle: Obstacle,
) -> Result<Option<Obstacle>, StoreError> {
    conclude(store, by, &account, row, None, Outcome::Failed(obstacle)).await
}

/// From here on the token is known to be on its way: whatever happens, a later
/// attempt finds and ends it.
async fn issue(store: &Store, by: &By, account: &Account) -> Result<Issued, ActError> {
    let terms = Terms { name: NAME.to_owned(), protocols: Protocols::Both, expires_at: None };
    let mut act = by.open(store).await?;
    let (issued, event) = token::draw(&mut act, account.clone(), &terms).await?;
    crm_mail::keep(&mut act, account.id, issued.id).await?;
    act.commit(event).await?;
    Ok(issued)
}

impl Way {
    async fn enter(
        &self,
        account: &Account,
        plan: &Plan,
        earlier: &Replaced,
        issued: &Issued,
        today: &str,
    ) -> Outcome {
        let token = &issued.token;
        if let Err(obstacle) = self.knock(account, plan, token).await {
            return Outcome::Failed(obstacle);
        }
        let entered = match &plan.record {
            None => self.create(account, plan.kind, token, today).await,
            Some(record) => self.update(account, plan, record, earlier, token, today).await,
        };
        match entered {
            Ok(entered) => self.confirm(account, plan.record.is_none(), entered, issued.id).await,
            Err(outcome) => outcome,
        }
    }

    /// Has the CRM log in with the new values before anything is written.
    async fn knock(&self, account: &Account, plan: &Plan, token: &Secret) -> Result<(), Obstacle> {
        // A class that the record shows is taken out with the rest.
        let record = plan.record.as_ref().filter(|record| !fields::shows_handler(record)).map(Record::id);
        let trial = self.trial(account, plan.kind, record, Some(token));
        match self.crm.test_mail_account(&trial).await {
            Ok(()) => Ok(()),
            // With the record it fails, without it goes well: the record hides something.
            Err(Denied::Refused(words)) if record.is_some() => {
                let bare = self.trial(account, plan.kind, None, Some(token));
                let hides = self.crm.test_mail_account(&bare).await.is_ok();
                Err(if hides { Obstacle::Handler } else { Obstacle::Refused(words) })
            }
            Err(denied) => Err(self.obstacle(denied)),
        }
    }

    async fn create(
        &self,
        account: &Account,
        kind: Kind,
        token: &Secret,
        today: &str,
    ) -> Result<Entered, Outcome> {
        let body = self.first(account, token, today);
        let entered = |record| Entered { kind, record, made: true, replaced: Replaced::default() };
        let fault = match self.crm.create(kind.entity(), &body).await {
            Ok(record) => return Ok(entered(Some(record.id().clone()))),
            Err(fault) => fault,
        };
        if fault.effect() == Effect::None {
            return Err(Outcome::Failed(self.obstacle(Denied::of(fault))));
        }
        // There was none before: one that is there now is ours.
        let found = self.crm.mail_accounts(account.address.as_str(), account.crm_user.as_deref()).await;
        match found.as_deref() {
            Ok([one]) => Ok(entered(Some(one.id().clone()))),
            _ => Err(Outcome::Unsure(fault.into(), entered(None))),
        }
    }

    async fn update(
        &self,
        account: &Account,
        plan: &Plan,
        record: &Record,
        earlier: &Replaced,
        token: &Secret,
        today: &str,
    ) -> Result<Entered, Outcome> {
        let body = self.over(account, token, today, record);
        let replaced = if plan.made { Replaced::default() } else { earlier.after(record, &body) };
        let record_id = Some(record.id().clone());
        let entered = Entered { kind: plan.kind, record: record_id, made: plan.made, replaced };
        match self.crm.update(plan.kind.entity(), record.id(), &body).await {
            Ok(_) => Ok(entered),
            Err(fault) if fault.effect() == Effect::None => {
                Err(Outcome::Failed(self.obstacle(Denied::of(fault))))
            }
            Err(fault) => Err(Outcome::Unsure(fault.into(), entered)),
        }
    }

    /// Has the CRM log in with what it stored. An account that was made just now
    /// and does not work goes again; in one that was there before, nobody can put
    /// the former password back.
    async fn confirm(&self, account: &Account, new: bool, entered: Entered, token: TokenId) -> Outcome {
        let Some(record) = &entered.record else {
            return Outcome::Unsure(Obstacle::Unanswered("no identity of a record".to_owned()), entered);
        };
        let trial = self.trial(account, entered.kind, Some(record), None);
        let mut tested = self.crm.test_mail_account(&trial).await;
        if tested.is_err() {
            tested = self.crm.test_mail_account(&trial).await;
        }
        let obstacle = match tested {
            Ok(()) => return Outcome::Written(entered, token),
            Err(denied) => self.obstacle(denied),
        };
        if new
            && matches!(self.crm.delete(entered.kind.entity(), record).await, Ok(()) | Err(Fault::NotFound))
        {
            return Outcome::Failed(obstacle);
        }
        Outcome::Unsure(obstacle, entered)
    }

    fn trial<'t>(
        &'t self,
        account: &'t Account,
        kind: Kind,
        record: Option<&'t RecordId>,
        password: Option<&'t Secret>,
    ) -> Trial<'t> {
        let (host, port, security) = (self.imap.host.as_str(), self.imap.port, fields::security(&self.imap));
        Trial { kind, record, host, port, security, address: account.address.as_str(), password }
    }

    fn obstacle(&self, denied: Denied) -> Obstacle {
        Obstacle::of(denied, &self.missing(), self.standing.most)
    }
}

/// Ends the tokens that are over and keeps how it stands, in one act.
async fn conclude(
    store: &Store,
    by: &By,
    account: &Account,
    row: CrmMail,
    fresh: Option<TokenId>,
    outcome: Outcome,
) -> Result<Option<Obstacle>, StoreError> {
    let mut act = by.open(store).await?;
    let (now, changed_by) = (store.clock().now(), by.actor.label());
    let mut row = CrmMail { changed_at: now, changed_by, word: None, detail: None, ..row };
    let obstacle = match outcome {
        Outcome::Written(entered, token) => {
            end_others(&mut act, account, Some(token)).await?;
            token::tell_owner(&mut act, by, account.id, token).await?;
            (row.state, row.written_at) = (State::Written, Some(now));
            let event = event(account, &entered, token);
            remember(&mut row, entered);
            crm_mail::put(&mut act, account.id, &row).await?;
            return act.commit(event).await.map(|()| None);
        }
        Outcome::Failed(obstacle) => {
            if let Some(token) = fresh {
                end(&mut act, account, token).await?;
            }
            // What was open before is open still.
            if row.state != State::Unsure {
                row.state = State::Failed;
            }
            obstacle
        }
        Outcome::Unsure(obstacle, entered) => {
            row.state = State::Unsure;
            remember(&mut row, entered);
            obstacle
        }
    };
    (row.word, row.detail) = (Some(obstacle.name().to_owned()), obstacle.detail());
    crm_mail::put(&mut act, account.id, &row).await?;
    let (id, address) = (account.id, account.address.clone());
    act.commit(Event::CrmMailFailed { account: id, address, why: obstacle.name() }).await?;
    Ok(Some(obstacle))
}

fn event(account: &Account, entered: &Entered, token: TokenId) -> Event {
    Event::CrmMailWritten {
        account: account.id,
        address: account.address.clone(),
        entity: entered.kind.entity(),
        record: entered.record.as_ref().map(ToString::to_string).unwrap_or_default(),
        made: entered.made,
        token,
    }
}

fn remember(row: &mut CrmMail, entered: Entered) {
    row.entity = Some(entered.kind.entity().to_owned());
    row.record = entered.record.map(|id| id.to_string());
    row.made = entered.made;
    row.replaced = entered.replaced.written();
}

/// Ends every token that may stand in the record, but for the one that does.
pub(super) async fn end_others(
    act: &mut Act,
    account: &Account,
    stays: Option<TokenId>,
) -> Result<(), StoreError> {
    for token in crm_mail::tokens(act, account.id).await? {
        if Some(token) != stays {
            end(act, account, token).await?;
        }
    }
    Ok(())
}

async fn end(act: &mut Act, account: &Account, token: TokenId) -> Result<(), StoreError> {
    crm_mail::forget(act, token).await?;
    if crm_tokens::revoke(act, token).await? {
        act.also(Event::TokenRevoked { token, address: account.address.clone() });
    }
    Ok(())
}
