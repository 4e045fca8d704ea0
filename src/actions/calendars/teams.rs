//! The teams of the CRM from which the one of new records is chosen: a user's own,
//! for an admin all.
//!
//! A team opens a record to its people, so what was not told by the CRM is not
//! chosen. What stands already may stay, whoever answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use postern_core::model::id::AccountId;
use postern_core::plan::calendar::choices::Choices;
use postern_core::plan::calendar::defaults::Defaults;
use postern_core::plan::calendar::own::Own;

use super::CalendarFault;
use crate::clock::{Micros, micros};
use crate::crm::client::Client;
use crate::crm::fault::Fault;
pub use crate::crm::team::Team;
use crate::crm::user::UserId;
use crate::store::sync::{choices, defaults};
use crate::store::{Store, accounts};

/// How long an answer holds, and how long a CRM that gave none is left alone.
const FRESH: Duration = Duration::from_secs(60);
/// Users whose teams are remembered.
const MOST: usize = 1_000;

/// Whose teams.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// Those of a user of the CRM.
    User(String),
    /// All that there are.
    Everybody,
}

/// The way to the CRM's teams, for people who wait for the answer; without a CRM nobody has one.
/// Cheap to clone.
#[derive(Clone, Default)]
pub struct Teams(Arc<Inner>);

#[derive(Default)]
struct Inner {
    crm: Option<Client>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    shut_until: Micros,
    of: BTreeMap<Whose, (Micros, Vec<Team>)>,
}

/// A team that the CRM has told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proven {
    /// As whose, in the CRM.
    pub user: String,
    /// Which.
    pub team: String,
}

impl Teams {
    /// With the CRM that is asked.
    #[must_use]
    pub fn new(crm: Option<Client>) -> Self {
        Self(Arc::new(Inner { crm, known: Mutex::default() }))
    }

    /// The teams; none when the CRM does not tell.
    pub async fn told(&self, store: &Store, whose: &Whose) -> Option<Vec<Team>> {
        let now = store.clock().now();
        if let Some(known) = self.remembered(whose, now) {
            return known;
        }
        let teams = match self.ask(whose).await {
            Ok(teams) => teams,
            Err(fault) => {
                tracing::warn!(%fault, "the CRM did not say which teams there are");
                self.known(|known| known.shut_until = now + micros(FRESH));
                return None;
            }
        };
        self.known(|known| {
            if known.of.len() >= MOST {
                known.of.clear();
            }
            known.of.insert(whose.clone(), (now + micros(FRESH), teams.clone()));
        });
        Some(teams)
    }

    // What is known, or that nobody is to be asked now.
    fn remembered(&self, whose: &Whose, now: Micros) -> Option<Option<Vec<Team>>> {
        self.known(|known| match known.of.get(whose) {
            Some((until, teams)) if now < *until => Some(Some(teams.clone())),
            _ => (now < known.shut_until || self.0.crm.is_none()).then_some(None),
        })
    }

    fn known<T>(&self, with: impl FnOnce(&mut Known) -> T) -> T {
        with(&mut self.0.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn ask(&self, whose: &Whose) -> Result<Vec<Team>, Fault> {
        let Some(crm) = &self.0.crm else { return Err(Fault::NotFound) };
        match whose {
            Whose::Everybody => crm.teams().await,
            Whose::User(user) => {
                let Some(id) = UserId::parse(user) else { return Ok(Vec::new()) };
                match crm.user(&id).await {
                    Ok(user) => user.teams.ok_or(Fault::Malformed("no word about the teams of a user")),
                    Err(Fault::NoUser) => Ok(Vec::new()),
                    Err(fault) => Err(fault),
                }
            }
        }
    }

    /// Asks for the team that a mailbox wants beside what holds for it.
    pub(super) async fn prove(
        &self,
        store: &Store,
        account: AccountId,
        wanted: &Choices,
    ) -> Result<Option<Proven>, CalendarFault> {
        let Some(team) = &wanted.default_team else { return Ok(None) };
        let mut read = store.read().await?;
        let house = defaults::standing(&mut read).await?.defaults;
        let stored = choices::of(&mut read, account).await?;
        let account = accounts::by_id(&mut read, account).await?;
        drop(read);
        let holds = holding(&house, stored.as_ref().map(|stored| stored.content.as_str()));
        if holds.as_ref() == Some(team) || !house.broken(wanted).is_empty() {
            return Ok(None);
        }
        let Some(account) = account else { return Err(CalendarFault::NoAccount) };
        let user = account.crm_user.ok_or(CalendarFault::NoTeam)?;
        self.has(store, &Whose::User(user.clone()), team).await?;
        Ok(Some(Proven { user, team: team.clone() }))
    }

    /// Whether it is one of these teams.
    pub(super) async fn has(&self, store: &Store, whose: &Whose, team: &str) -> Result<(), CalendarFault> {
        let teams = self.told(store, whose).await.ok_or(CalendarFault::TeamsUntold)?;
        if teams.iter().any(|told| told.id == team) { Ok(()) } else { Err(CalendarFault::NoTeam) }
    }
}

/// The team that holds for who has stored that.
pub(super) fn holding(house: &Defaults, stored: Option<&str>) -> Option<String> {
    house.over(stored.and_then(Own::parse).as_ref()).default_team
}
