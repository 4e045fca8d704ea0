//! Why nothing was done about a mailbox's contacts, as kinds.

use postern_core::model::address::Address;
use postern_core::model::refusal::{Blame, Retry};
use postern_core::plan::contacts::choices::Senseless;

use crate::actions::undoing::NotUndone;
use crate::crm::condition::NoCondition;
use crate::crm::fault as crm;
use crate::google::people::fault::Fault;
use crate::store::StoreError;

/// Why nothing was done. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum ContactsFault {
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
    /// Google does not list it for this mailbox, or nobody can be put into it.
    #[error("this is no group that people of the mailbox can be put into")]
    NotListed,
    /// There is one of that name.
    #[error("there is a group of that name already")]
    NameTaken,
    /// No group has such a name.
    #[error("a group needs a name of at most 100 letters")]
    NoName,
    /// Nothing can be pushed before somebody has chosen a group.
    #[error("no group is chosen for this mailbox yet")]
    NoGroup,
    /// It is nobody in the CRM.
    #[error("the mailbox is no user's in the CRM, so nobody knows which records may be seen")]
    NoUser,
    /// A program has named somebody else.
    #[error("the mailbox belongs to another user of the CRM than the named one")]
    OtherUser,
    /// A program has another group in mind.
    #[error("the mailbox keeps another group in step than the named one")]
    OtherGroup,
    /// Changes go the other way only.
    #[error("this mailbox takes over changes of Google only: nothing is pushed")]
    OneWay,
    /// Nothing was named.
    #[error("no record is named")]
    NoRecords,
    /// More than one push takes.
    #[error("at most {0} records are pushed at once")]
    TooMany(usize),
    /// What is no record.
    #[error("this is no record of the CRM: {0}")]
    NoRecord(String),
    /// A condition that is not taken.
    #[error("the condition is not taken: {0}")]
    Condition(#[from] NoCondition),
    /// It was done meanwhile, or is no matter of this mailbox.
    #[error("there is no such thing in the contacts of this mailbox any more")]
    NotThere,
    /// What was said is no answer to what was asked.
    #[error("this is none of the answers")]
    NoAnswer,
    /// Nothing is taken back.
    #[error(transparent)]
    Undo(#[from] NotUndone),
    /// The choices contradict each other.
    #[error(transparent)]
    Senseless(#[from] Senseless),
    /// Google does not do it.
    #[error(transparent)]
    Google(#[from] Fault),
    /// No CRM is configured.
    #[error("no CRM is configured: an admin sets crm.url and crm.api_key_file")]
    NoCrm,
    /// The CRM does not tell.
    #[error(transparent)]
    Crm(#[from] crm::Fault),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ContactsFault {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Google(fault) => fault.blame(),
            Self::Store(error) => error.blame(),
            Self::Crm(fault) => fault.blame(),
            Self::NoCrm => Blame::Gateway,
            Self::NoAccount
            | Self::Disabled(_)
            | Self::Stale { .. }
            | Self::NotListed
            | Self::NameTaken
            | Self::NoName
            | Self::NoGroup
            | Self::NoUser
            | Self::OtherUser
            | Self::OtherGroup
            | Self::OneWay
            | Self::NoRecords
            | Self::TooMany(_)
            | Self::NoRecord(_)
            | Self::Condition(_)
            | Self::NotThere
            | Self::NoAnswer
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
            Self::Crm(fault) => fault.retry(),
            Self::NoAccount
            | Self::Disabled(_)
            | Self::Stale { .. }
            | Self::NotListed
            | Self::NameTaken
            | Self::NoName
            | Self::NoGroup
            | Self::NoUser
            | Self::OtherUser
            | Self::OtherGroup
            | Self::OneWay
            | Self::NoRecords
            | Self::TooMany(_)
            | Self::NoRecord(_)
            | Self::Condition(_)
            | Self::NotThere
            | Self::NoAnswer
            | Self::Undo(_)
            | Self::NoCrm
            | Self::Senseless(_) => Retry::No,
        }
    }
}
