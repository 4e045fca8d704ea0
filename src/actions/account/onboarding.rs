//! Who is connected, who is not, and why: for each mailbox the one step on which
//! it stands.

use postern_core::model::account::State;
use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use postern_core::model::scope::Product;

use crate::actions::ActError;
use crate::actions::consent::STATE_LIFE;
use crate::clock::{Micros, micros};
use crate::store::onboarding::{self, Known};
use crate::store::{Store, StoreError, service_accounts};

/// Where a mailbox stands on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A consent was started and did not come back in time: stuck at Google.
    Stuck,
    /// A consent came back and was not accepted.
    Refused,
    /// The owner left Gmail un-ticked.
    Lacking,
    /// It was connected; Google has ended that, or wants its owner again.
    Ended,
    /// Its owner has not pressed the button of a link.
    Waiting,
    /// A consent was started a moment ago.
    Underway,
    /// The owner has switched mail off.
    Off,
    /// An admin has to act first.
    Barred,
    /// Connected.
    Connected,
}

impl Step {
    /// Every step, the most urgent first.
    pub const ALL: [Self; 9] = [
        Self::Stuck,
        Self::Refused,
        Self::Lacking,
        Self::Ended,
        Self::Waiting,
        Self::Underway,
        Self::Off,
        Self::Barred,
        Self::Connected,
    ];

    /// The word in addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stuck => "stuck",
            Self::Refused => "refused",
            Self::Lacking => "lacking",
            Self::Ended => "ended",
            Self::Waiting => "waiting",
            Self::Underway => "underway",
            Self::Off => "off",
            Self::Barred => "barred",
            Self::Connected => "connected",
        }
    }

    /// Whether a new link for the owner would help.
    #[must_use]
    pub fn wants_a_link(self) -> bool {
        matches!(self, Self::Stuck | Self::Refused | Self::Lacking | Self::Ended | Self::Waiting)
    }
}

/// A mailbox on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The account.
    pub account: AccountId,
    /// The mailbox.
    pub address: Address,
    /// The CRM user it belongs to.
    pub crm_user: Option<String>,
    /// Where it stands.
    pub step: Step,
    /// Why a consent was not accepted, as a stable name.
    pub fault: Option<String>,
    /// When its owner pressed the button.
    pub started_at: Option<Micros>,
    /// When a link was last asked to be mailed.
    pub mailed_at: Option<Micros>,
    /// Until when the newest link works.
    pub link_until: Option<Micros>,
}

/// Every mailbox, by address.
///
/// # Errors
/// When the database does not answer.
pub async fn all(store: &Store) -> Result<Vec<Mailbox>, ActError> {
    let mut read = store.read().await?;
    let served = domains(store, &mut read).await?;
    let now = store.clock().now();
    Ok(onboarding::all(&mut read).await?.into_iter().map(|known| mailbox(known, &served, now)).collect())
}

/// One mailbox.
///
/// # Errors
/// When the database does not answer.
pub async fn one(store: &Store, account: AccountId) -> Result<Option<Mailbox>, ActError> {
    let mut read = store.read().await?;
    let served = domains(store, &mut read).await?;
    let now = store.clock().now();
    Ok(onboarding::of(&mut read, account).await?.map(|known| mailbox(known, &served, now)))
}

/// How many are stuck at Google.
///
/// # Errors
/// When the database does not answer.
pub async fn stuck(store: &Store) -> Result<i64, StoreError> {
    let before = store.clock().now() - micros(STATE_LIFE);
    onboarding::stuck(&mut store.read().await?, before).await
}

async fn domains(store: &Store, read: &mut crate::store::Read) -> Result<Vec<String>, StoreError> {
    let delegates = service_accounts::all(store, read).await?;
    Ok(delegates.into_iter().flat_map(|delegate| delegate.domains).collect())
}

fn mailbox(known: Known, served: &[String], now: Micros) -> Mailbox {
    let step = step(&known, served, now);
    let attempt = known.attempt.as_ref();
    Mailbox {
        account: known.account,
        step,
        fault: attempt.and_then(|attempt| attempt.fault.clone()).filter(|_| step == Step::Refused),
        started_at: attempt.map(|attempt| attempt.started_at),
        mailed_at: known.mailed_at,
        link_until: known.link_until.filter(|until| *until > now),
        address: known.address,
        crm_user: known.crm_user,
    }
}

fn step(known: &Known, served: &[String], now: Micros) -> Step {
    let fallen = match known.state {
        State::Disabled | State::AwaitingApproval => return Step::Barred,
        _ if known.off => return Step::Off,
        State::Active => match &known.granted {
            Some(scopes) if !scopes.opens(Product::Gmail) => return Step::Lacking,
            _ => return Step::Connected,
        },
        State::New => false,
        State::NeedsConsent | State::NeedsSignIn => true,
    };
    // A service account opens it, though nobody has logged in yet.
    if known.granted.is_none() && served.iter().any(|domain| domain == known.address.domain()) {
        return Step::Connected;
    }
    match &known.attempt {
        Some(attempt) if attempt.returned_at.is_none() => {
            if now - attempt.started_at >= micros(STATE_LIFE) {
                Step::Stuck
            } else {
                Step::Underway
            }
        }
        Some(attempt) => match attempt.fault.as_deref() {
            Some("product_missing") => Step::Lacking,
            Some(_) => Step::Refused,
            None if fallen => Step::Ended,
            None => Step::Waiting,
        },
        None if fallen => Step::Ended,
        None => Step::Waiting,
    }
}

#[cfg(test)]
mod tests {
    use super::{STATE_LIFE, Step, step};
    use crate::clock::micros;
    use crate::store::onboarding::{Attempt, Known};
    use postern_core::model::account::State;
    use postern_core::model::address::Address;
    use postern_core::model::id::AccountId;
    use postern_core::model::scope::ScopeSet;

    fn known(state: State) -> Known {
        Known {
            account: AccountId(uuid::Uuid::nil()),
            address: Address::parse("anna@acme.cz").unwrap(),
            crm_user: None,
            state,
            granted: None,
            off: false,
            attempt: None,
            mailed_at: None,
            link_until: None,
        }
    }

    fn tried(state: State, returned_at: Option<i64>, fault: Option<&str>) -> Known {
        let attempt = Attempt { started_at: 0, returned_at, fault: fault.map(str::to_owned) };
        Known { attempt: Some(attempt), ..known(state) }
    }

    #[test]
    fn each_mailbox_stands_on_one_step() {
        let stands = |known: &Known| step(known, &[], 1);
        assert_eq!(stands(&known(State::New)), Step::Waiting);
        assert_eq!(stands(&known(State::Active)), Step::Connected);
        assert_eq!(stands(&known(State::NeedsConsent)), Step::Ended);
        assert_eq!(stands(&known(State::NeedsSignIn)), Step::Ended);
        assert_eq!(stands(&known(State::Disabled)), Step::Barred);
        assert_eq!(stands(&known(State::AwaitingApproval)), Step::Barred);
        assert_eq!(stands(&tried(State::New, Some(1), Some("wrong_account"))), Step::Refused);
        assert_eq!(stands(&tried(State::New, Some(1), Some("product_missing"))), Step::Lacking);
        assert_eq!(stands(&tried(State::New, Some(1), None)), Step::Waiting, "disconnected since");
        assert_eq!(stands(&tried(State::NeedsConsent, Some(1), None)), Step::Ended);
        assert_eq!(stands(&tried(State::Active, None, None)), Step::Connected, "a second try takes nothing");
        let unticked = Known { granted: Some(ScopeSet::parse("openid email")), ..known(State::Active) };
        assert_eq!(stands(&unticked), Step::Lacking);
        assert_eq!(stands(&Known { off: true, ..known(State::Active) }), Step::Off);
    }

    #[test]
    fn who_does_not_come_back_in_ten_minutes_is_stuck() {
        let started = tried(State::New, None, None);
        assert_eq!(step(&started, &[], micros(STATE_LIFE) - 1), Step::Underway);
        assert_eq!(step(&started, &[], micros(STATE_LIFE)), Step::Stuck);
        let again = tried(State::NeedsConsent, None, None);
        assert_eq!(step(&again, &[], micros(STATE_LIFE)), Step::Stuck);
    }

    #[test]
    fn a_served_mailbox_wants_nothing_of_its_owner() {
        let served = ["acme.cz".to_owned()];
        assert_eq!(step(&known(State::New), &served, 1), Step::Connected);
        let other = ["cme.cz".to_owned()];
        assert_eq!(step(&known(State::New), &other, 1), Step::Waiting);
    }

    #[test]
    fn names_are_told_apart() {
        let names: std::collections::BTreeSet<_> = Step::ALL.iter().map(|step| step.name()).collect();
        assert_eq!(names.len(), Step::ALL.len());
        assert!(!Step::Barred.wants_a_link() && Step::Waiting.wants_a_link());
    }
}
