//! Why nothing was done about a mailbox's calendars, as kinds.

use postern_core::model::address::Address;
use postern_core::model::refusal::{Blame, Retry};
use postern_core::plan::calendar::choices::Senseless;
use postern_core::plan::calendar::defaults::Lock;

use super::defaults::named;
use crate::actions::undoing::NotUndone;
use crate::google::calendar::fault::Fault;
use crate::store::StoreError;

/// Why nothing was done. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum CalendarFault {
    /// The mailbox was removed.
    #[error("there is no such mailbox any more")]
    NoAccount,
    /// Only an admin wakes it.
    #[error("{0} is disabled")]
    Disabled(Address),
    /// The choices were made on the sight of earlier ones.
    #[error("somebody has changed these choices meanwhile; look at them again")]
    Stale {
        /// Who was faster, as the journal names authors; none when nobody has chosen yet.
        by: Option<String>,
    },
    /// Google does not list it for this mailbox.
    #[error("this is no calendar that Google lists for the mailbox")]
    NotListed,
    /// New events could not be written to it.
    #[error("the main calendar has to be one that its user may write to")]
    ReadOnly,
    /// More than are kept in step for one mailbox.
    #[error("at most {0} calendars can be monitored")]
    TooMany(usize),
    /// It was done meanwhile, or is no matter of this mailbox.
    #[error("there is no such thing in the calendars of this mailbox any more")]
    NotThere,
    /// A pair needs no help.
    #[error("this pair is kept in step already")]
    InStep,
    /// Nothing is left of a pair.
    #[error("both the event and the record are gone: there is nothing to keep in step")]
    BothGone,
    /// An admin has chosen these for everybody.
    #[error("chosen by an admin for everybody: {}", named(.0))]
    Locked(Vec<Lock>),
    /// Records of the mailbox's user may not be given to it.
    #[error("this is no team of the mailbox's user in the CRM")]
    NoTeam,
    /// The CRM does not say which teams there are.
    #[error("the CRM does not say which teams there are; try again later")]
    TeamsUntold,
    /// Nothing is taken back.
    #[error(transparent)]
    Undo(#[from] NotUndone),
    /// The choices contradict each other.
    #[error(transparent)]
    Senseless(#[from] Senseless),
    /// Google does not show the calendars.
    #[error(transparent)]
    Google(#[from] Fault),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CalendarFault {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Google(fault) => fault.blame(),
            Self::Store(error) => error.blame(),
            Self::TeamsUntold => Blame::Upstream,
            Self::NoAccount
            | Self::Disabled(_)
            | Self::Stale { .. }
            | Self::NotListed
            | Self::ReadOnly
            | Self::TooMany(_)
            | Self::NotThere
            | Self::InStep
            | Self::BothGone
            | Self::Locked(_)
            | Self::NoTeam
            | Self::Undo(_)
            | Self::Senseless(_) => Blame::Account,
        }
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Google(fault) => fault.retry(),
            Self::Store(error) => error.retry(),
            Self::TeamsUntold => Retry::Later,
            Self::NoAccount
            | Self::Disabled(_)
            | Self::Stale { .. }
            | Self::NotListed
            | Self::ReadOnly
            | Self::TooMany(_)
            | Self::NotThere
            | Self::InStep
            | Self::BothGone
            | Self::Locked(_)
            | Self::NoTeam
            | Self::Undo(_)
            | Self::Senseless(_) => Retry::No,
        }
    }
}
