//! Pushing records of the CRM into a mailbox's group, and how far that is.
//!
//! A push is taken up in one act, and done by whichever node is free. Whoever pushed few
//! records waits a moment for what came of them; of more they are told how far it is. What was
//! pushed already, or is pushed twice, is one person all the same.

use std::time::Duration;

use postern_core::model::event::Event;
use postern_core::model::id::{AccountId, PushId};
use postern_core::plan::contacts::card::Entity;
use serde_json::Value;

use super::{ContactsFault, held, open};
use crate::actions::By;
use crate::actions::once::{self, Creation, Once};
use crate::clock::{Micros, micros};
use crate::crm::client::Client;
use crate::crm::condition::Conditions;
use crate::crm::contacts::Sight;
use crate::crm::records::RecordId;
use crate::crm::user::UserId;
use crate::google::people::limits::{BATCH, RATES};
use crate::store::contacts::books::{self, Book};
use crate::store::contacts::groups;
use crate::store::contacts::pushes::{self, Line, MOST, Push};
use crate::store::{Act, Store, Write as _, accounts};

/// So many records are waited for.
pub const AT_ONCE: usize = 10;
/// How long.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(200);

/// Which records.
#[derive(Debug, Clone, PartialEq)]
pub enum Which {
    /// These.
    Ids(Vec<String>),
    /// Those of which the conditions hold, in the CRM's own words, and that the user may see.
    Where(Value),
}

/// What else a program says of a push.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms<'a> {
    /// The CRM's user for whom it is: nobody else's mailbox is pushed into.
    pub user: Option<&'a str>,
    /// The group it has in mind, by its name or by Google's: into no other one is pushed.
    pub group: Option<&'a str>,
    /// Whether the program has signed all of this.
    pub signed: bool,
}

/// The way to the CRM for what is pushed by conditions, without which nothing is; and how many people
/// may be made in a minute for one account. Cheap to clone.
#[derive(Clone)]
pub struct Pushing {
    crm: Option<Client>,
    a_minute: u32,
}

impl Default for Pushing {
    fn default() -> Self {
        Self::new(None, RATES.account)
    }
}

/// A push as people look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The push.
    pub push: Push,
    /// How many records ended with each word.
    pub words: Vec<(String, i64)>,
    /// How long the rest takes at least, at the pace that Google allows; none when nothing is left.
    pub rest: Option<Duration>,
}

impl Pushing {
    /// With the CRM that is asked, and the pace that Google allows.
    #[must_use]
    pub fn new(crm: Option<Client>, a_minute: u32) -> Self {
        Self { crm, a_minute: a_minute.max(1) }
    }

    /// The way to the CRM.
    #[must_use]
    pub fn crm(&self) -> Option<&Client> {
        self.crm.as_ref()
    }

    /// How many people may be made in a minute.
    #[must_use]
    pub fn a_minute(&self) -> u32 {
        self.a_minute
    }

    /// Waits for what came of a push of few records; how it stands then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn wait(&self, store: &Store, account: AccountId, id: PushId) -> Result<View, ContactsFault> {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let view = self.view(store, account, id).await?;
            let few = view.push.total <= i64::try_from(AT_ONCE).unwrap_or(0);
            if !few || view.push.ended_at.is_some() || tokio::time::Instant::now() >= until {
                return Ok(view);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// How a push of a mailbox stands.
    ///
    /// # Errors
    /// When there is no such push.
    pub async fn view(&self, store: &Store, account: AccountId, id: PushId) -> Result<View, ContactsFault> {
        let mut read = store.read().await?;
        let push = pushes::get(&mut read, id).await?.filter(|push| push.account_id == account.0);
        let push = push.ok_or(ContactsFault::NotThere)?;
        let words = pushes::words(&mut read, id).await?;
        Ok(View { rest: rest(&push, self.a_minute, store.clock().now()), words, push })
    }

    /// Takes up a push. `vouched` says that the CRM itself has named the user and the records.
    ///
    /// # Errors
    /// When nothing can be pushed for the mailbox, or the records are none or too many.
    pub async fn push(
        &self,
        store: &Store,
        by: &By,
        (account, entity): (AccountId, Entity),
        which: &Which,
        vouched: bool,
    ) -> Result<PushId, ContactsFault> {
        let records = self.records(store, (account, entity), which).await?;
        let mut act = by.open(store).await?;
        // What conditions have chosen is within what the user may see.
        let vouched = vouched && matches!(which, Which::Ids(_));
        let wanted = Wanted { account, entity, records, vouched };
        let (push, event) = wanted.take(&mut act, by, Terms::default()).await?;
        act.commit(event).await?;
        Ok(push)
    }

    /// The same for a program, once under one word. A signed request that names the CRM's user and
    /// the records vouches that the user may see them; any other is taken for what the user may see.
    ///
    /// # Errors
    /// The same, or when user or group are others than the mailbox's.
    pub async fn push_once(
        &self,
        store: &Store,
        by: &By,
        (account, entity): (AccountId, Entity),
        (which, terms): (&Which, Terms<'_>),
        once: Option<&Once>,
    ) -> Result<Creation<PushId>, ContactsFault> {
        let records = self.records(store, (account, entity), which).await?;
        let mut act = by.open(store).await?;
        if let Some(earlier) = once::claim(&mut act, once).await? {
            return Ok(earlier);
        }
        let vouched = terms.signed && terms.user.is_some() && matches!(which, Which::Ids(_));
        let wanted = Wanted { account, entity, records, vouched };
        let (push, event) = wanted.take(&mut act, by, terms).await?;
        once::keep(&mut act, once, once::ACCEPTED, &push.to_string()).await?;
        act.commit(event).await?;
        Ok(Creation::Fresh(push))
    }

    async fn records(
        &self,
        store: &Store,
        (account, entity): (AccountId, Entity),
        which: &Which,
    ) -> Result<Vec<String>, ContactsFault> {
        let records = match which {
            Which::Ids(ids) => named(ids)?,
            Which::Where(conditions) => self.chosen(store, account, entity, conditions).await?,
        };
        if records.is_empty() {
            return Err(ContactsFault::NoRecords);
        }
        if records.len() > MOST {
            return Err(ContactsFault::TooMany(MOST));
        }
        Ok(records)
    }

    async fn chosen(
        &self,
        store: &Store,
        account: AccountId,
        entity: Entity,
        conditions: &Value,
    ) -> Result<Vec<String>, ContactsFault> {
        let conditions = Conditions::read(conditions)?;
        let crm = self.crm.as_ref().ok_or(ContactsFault::NoCrm)?;
        let account = accounts::by_id(&mut store.read().await?, account).await?;
        let account = account.ok_or(ContactsFault::NoAccount)?;
        let user = account.crm_user.ok_or(ContactsFault::NoUser)?;
        let id = UserId::parse(&user).ok_or(ContactsFault::NoUser)?;
        let teams = crm.user(&id).await?.teams.unwrap_or_default();
        let teams: Vec<String> = teams.into_iter().map(|team| team.id).collect();
        let chosen = crm.by_where(entity, Sight { user: &user, teams: &teams }, &conditions).await?;
        if chosen.more { Err(ContactsFault::TooMany(MOST)) } else { Ok(chosen.ids) }
    }
}

/// A push before it is taken up.
struct Wanted {
    account: AccountId,
    entity: Entity,
    records: Vec<String>,
    vouched: bool,
}

impl Wanted {
    async fn take(self, act: &mut Act, by: &By, terms: Terms<'_>) -> Result<(PushId, Event), ContactsFault> {
        let store = act.store();
        let account = open(act, self.account).await?;
        if account.crm_user.is_none() {
            return Err(ContactsFault::NoUser);
        }
        if terms.user.is_some_and(|user| account.crm_user.as_deref() != Some(user)) {
            return Err(ContactsFault::OtherUser);
        }
        let book = books::of(&store, act, account.id).await?;
        let book = book.filter(|book| book.choices.group.is_some()).ok_or(ContactsFault::NoGroup)?;
        if let Some(group) = terms.group
            && !is_chosen(&store, act, &book, group).await?
        {
            return Err(ContactsFault::OtherGroup);
        }
        if !book.choices.direction.writes() {
            return Err(ContactsFault::OneWay);
        }
        let records: Vec<_> = self.records.into_iter().map(|id| (self.entity, id)).collect();
        let push = pushes::add(act, account.id, &records, self.vouched, &by.actor).await?;
        let (account, address, records) = (account.id, account.address, records.len());
        Ok((push, Event::ContactsPushed { account, address, push, records, vouched: self.vouched }))
    }
}

// By Google's name of it, or as its owner calls it.
async fn is_chosen(store: &Store, act: &mut Act, book: &Book, group: &str) -> Result<bool, ContactsFault> {
    let Some(chosen) = &book.choices.group else { return Ok(false) };
    if chosen == group {
        return Ok(true);
    }
    let known = groups::of(store, act, book.account).await?;
    Ok(known.iter().any(|known| known.listed.resource == *chosen && known.listed.name == group))
}

fn named(ids: &[String]) -> Result<Vec<String>, ContactsFault> {
    let mut all: Vec<String> = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    for id in ids.iter().take(MOST + 1) {
        if RecordId::parse(id).is_none() {
            return Err(ContactsFault::NoRecord(id.chars().take(40).filter(|it| !it.is_control()).collect()));
        }
        if known.insert(id) {
            all.push(id.clone());
        }
    }
    Ok(all)
}

/// Whose push it is.
///
/// # Errors
/// When there is no such push.
pub async fn whose(store: &Store, id: PushId) -> Result<AccountId, ContactsFault> {
    let push = pushes::get(&mut store.read().await?, id).await?;
    push.map(|push| AccountId(push.account_id)).ok_or(ContactsFault::NotThere)
}

/// What came of the records of a push, a page of them.
///
/// # Errors
/// When there is no such push.
pub async fn lines(
    store: &Store,
    account: AccountId,
    id: PushId,
    page: (i64, i64),
) -> Result<Vec<Line>, ContactsFault> {
    let mut read = store.read().await?;
    let push = pushes::get(&mut read, id).await?.filter(|push| push.account_id == account.0);
    push.ok_or(ContactsFault::NotThere)?;
    Ok(pushes::lines(&mut read, id, page).await?)
}

/// Gives up what of a push still waits. Who is in Google already stays there.
///
/// # Errors
/// When there is no such push.
pub async fn cancel(store: &Store, by: &By, account: AccountId, id: PushId) -> Result<(), ContactsFault> {
    let mut act = by.open(store).await?;
    let account = held(&mut act, account).await?;
    let push = pushes::get(&mut act, id).await?.filter(|push| push.account_id == account.id.0);
    if push.ok_or(ContactsFault::NotThere)?.ended_at.is_some() {
        return Ok(());
    }
    pushes::cancel(&mut act, account.id, id).await?;
    let (account, address) = (account.id, account.address);
    Ok(act.commit(Event::PushCancelled { account, address, push: id }).await?)
}

// At the pace of what was done so far, and never faster than Google allows. What is one batch goes at
// once, and is paid for afterwards.
fn rest(push: &Push, a_minute: u32, now: Micros) -> Option<Duration> {
    let left = push.total - push.done;
    if push.ended_at.is_some() || left <= 0 {
        return None;
    }
    let left = left.unsigned_abs();
    if push.done == 0 && usize::try_from(left).is_ok_and(|left| left <= BATCH) {
        return None;
    }
    let least = Duration::from_secs(left.saturating_mul(60) / u64::from(a_minute));
    let took = (now - push.asked_at).max(0);
    let measured = match push.done {
        done if done >= 200 && took > micros(Duration::from_secs(60)) => {
            let each = took.unsigned_abs() / done.unsigned_abs();
            Duration::from_micros(each.saturating_mul(left))
        }
        _ => Duration::ZERO,
    };
    Some(least.max(measured))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::{Push, named, rest};

    fn push(total: i64, done: i64, ended_at: Option<i64>) -> Push {
        Push {
            id: Uuid::nil(),
            account_id: Uuid::nil(),
            asked_by: String::new(),
            asked_at: 0,
            vouched: 0,
            total,
            ended_at,
            done,
        }
    }

    #[test]
    fn rule_7_3_a_thousand_people_take_at_least_33_minutes_and_it_is_said() {
        assert_eq!(rest(&push(1_000, 0, None), 30, 0), Some(Duration::from_secs(2_000)));
        assert_eq!(rest(&push(1_000, 1_000, Some(5)), 30, 10), None);
        assert_eq!(
            rest(&push(1_000, 0, None), 250, 0),
            Some(Duration::from_secs(240)),
            "as the admin set it"
        );
        assert_eq!(rest(&push(200, 0, None), 30, 0), None, "one batch goes at once");
        assert_eq!(rest(&push(400, 200, None), 30, 0), Some(Duration::from_secs(400)));
        // Slower than that, it is told by what it took so far.
        let slow = rest(&push(1_000, 500, None), 30, 2_000 * 1_000_000);
        assert_eq!(slow, Some(Duration::from_secs(2_000)));
    }

    #[test]
    fn what_is_no_identity_is_not_pushed_and_twice_is_once() {
        let ids = |all: &[&str]| named(&all.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        assert_eq!(ids(&["a1", "b2", "a1"]).unwrap(), ["a1", "b2"]);
        assert!(ids(&["a1", "a/../b"]).is_err());
    }
}
