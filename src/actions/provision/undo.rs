//! Taking back what was written into the CRM for one mailbox.
//!
//! An account of our own making is deleted when the CRM has never fetched mail
//! by it, else it is only switched off: its mails refer to it. In one that was
//! there before, the values go back that were written over and that nobody has
//! changed since; its former password nobody knows.

use postern_core::model::event::Event;
use postern_core::model::refusal::PeerText;
use serde_json::{Map, Value, json};

use super::fields::Replaced;
use super::write::end_others;
use super::{Obstacle, Way};
use crate::actions::By;
use crate::crm::fault::{Effect, Fault};
use crate::crm::mail_account::{Denied, Kind};
use crate::crm::records::{Lookup, Record, RecordId};
use crate::store::accounts::Account;
use crate::store::crm_mail::{self, CrmMail, State};
use crate::store::{Store, StoreError};

/// How it was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undone {
    /// The account was deleted.
    Removed,
    /// It was switched off.
    SwitchedOff,
    /// It has its former values again.
    Restored,
    /// It was gone already, or nothing was written.
    Gone,
}

impl Undone {
    fn name(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::SwitchedOff => "switched_off",
            Self::Restored => "restored",
            Self::Gone => "gone",
        }
    }
}

/// Takes one back; what was in the way, if it was not.
pub(super) async fn one(
    way: &Way,
    store: &Store,
    by: &By,
    account: Account,
    row: CrmMail,
) -> Result<Option<Obstacle>, StoreError> {
    let outcome = way.take_back(&account, &row).await;
    let mut act = by.open(store).await?;
    let (id, address) = (account.id, account.address.clone());
    let mut next = CrmMail { changed_at: store.clock().now(), changed_by: by.actor.label(), ..row };
    let event = match &outcome {
        Ok(how) => {
            end_others(&mut act, &account, None).await?;
            (next.state, next.word, next.detail) = (State::Undone, Some(how.name().to_owned()), None);
            (next.record, next.made, next.replaced) = (None, false, "{}".to_owned());
            Event::CrmMailUndone { account: id, address, how: how.name() }
        }
        Err((obstacle, effect)) => {
            if next.state != State::Unsure {
                next.state = if *effect == Effect::None { State::Failed } else { State::Unsure };
            }
            (next.word, next.detail) = (Some(obstacle.name().to_owned()), obstacle.detail());
            Event::CrmMailFailed { account: id, address, why: obstacle.name() }
        }
    };
    crm_mail::put(&mut act, id, &next).await?;
    act.commit(event).await?;
    Ok(outcome.err().map(|(obstacle, _)| obstacle))
}

impl Way {
    async fn take_back(&self, account: &Account, row: &CrmMail) -> Result<Undone, (Obstacle, Effect)> {
        let kind = row.entity.as_deref().and_then(Kind::parse);
        let Some(kind) = kind else { return Ok(Undone::Gone) };
        let looked = self.written(account, row, kind).await.map_err(|fault| (fault.into(), Effect::None))?;
        let record = match looked {
            Lookup::Found(record) => record,
            Lookup::Gone => return Ok(Undone::Gone),
            Lookup::NoAccess => {
                return Err((Obstacle::NoAccess(PeerText::new("No read access.")), Effect::None));
            }
        };
        let done = if !row.made {
            let back = Replaced::read(&row.replaced).back(&record);
            self.changed(kind, &record, back).await.map(|()| Undone::Restored)
        } else if was_fetched(&record) {
            let off = Map::from_iter([("status".to_owned(), json!("Inactive"))]);
            self.changed(kind, &record, off).await.map(|()| Undone::SwitchedOff)
        } else {
            self.crm.delete(kind.entity(), record.id()).await.map(|()| Undone::Removed)
        };
        match done {
            Err(Fault::NotFound) => Ok(Undone::Gone),
            Err(fault) => {
                let effect = fault.effect();
                let denied = Obstacle::of(Denied::of(fault), &self.missing(), self.standing.most);
                Err((denied, effect))
            }
            Ok(how) => Ok(how),
        }
    }

    /// The record that was written. One whose name was lost is found by its address.
    async fn written(&self, account: &Account, row: &CrmMail, kind: Kind) -> Result<Lookup, Fault> {
        if let Some(id) = row.record.as_deref().and_then(RecordId::parse) {
            return self.crm.get(kind.entity(), &id).await;
        }
        if row.state != State::Unsure {
            return Ok(Lookup::Gone);
        }
        let owner = account.crm_user.as_deref().filter(|_| kind == Kind::Personal);
        let mut found = self.crm.mail_accounts(account.address.as_str(), owner).await?;
        match found.len() {
            1 => Ok(found.pop().map_or(Lookup::Gone, Lookup::Found)),
            _ => Ok(Lookup::Gone),
        }
    }

    async fn changed(&self, kind: Kind, record: &Record, body: Map<String, Value>) -> Result<(), Fault> {
        if body.is_empty() {
            return Ok(());
        }
        self.crm.update(kind.entity(), record.id(), &body).await.map(drop)
    }
}

/// Whether the CRM may have fetched mail by it; one that does not tell may have.
fn was_fetched(record: &Record) -> bool {
    let tells = |name: &str| record.as_map().get(name);
    let nothing = |value: &Value| match value {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    match (tells("fetchData"), tells("connectedAt")) {
        (None, None) => true,
        (fetched, connected) => [fetched, connected].into_iter().flatten().any(|value| !nothing(value)),
    }
}
