//! What is in the way of one mailbox, as kinds with a stable name each.

use postern_core::model::refusal::PeerText;

use crate::actions::ActError;
use crate::crm::fault::{Effect, Fault};
use crate::crm::mail_account::Denied;

/// What is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The mailbox is not connected, so no login could go well.
    NotConnected,
    /// The CRM has several accounts for the address.
    Several(usize),
    /// What was written before belongs to another user, or another kind of account.
    Moved,
    /// The CRM may not connect to these places.
    HostNotAllowed(String),
    /// The CRM user has as many accounts as a user may have.
    Limit(Option<u64>),
    /// Something hidden in the record logs in otherwise than it says.
    Handler,
    /// The CRM could not log in; its words.
    Refused(PeerText),
    /// The CRM has no such user.
    NoUser,
    /// The CRM does not let its administrator; its words.
    NoAccess(PeerText),
    /// The CRM refuses the sign-in.
    SignIn,
    /// The CRM shuts this address out for a while.
    ShutOut,
    /// No answer that could be understood.
    Unanswered(String),
    /// The CRM finds a field wrong, or something else.
    Invalid(String),
    /// The store.
    Store,
}

impl Obstacle {
    /// What a refusal means, where the CRM may not connect to `places`.
    pub(super) fn of(denied: Denied, places: &str, most: Option<u64>) -> Self {
        match denied {
            Denied::HostNotAllowed => Self::HostNotAllowed(places.to_owned()),
            Denied::Limit => Self::Limit(most),
            Denied::Refused(words) => Self::Refused(words),
            Denied::Crm(fault) => Self::from(fault),
        }
    }

    /// Stable name for the store, the journal and programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotConnected => "not_connected",
            Self::Several(_) => "several",
            Self::Moved => "moved",
            Self::HostNotAllowed(_) => "host_not_allowed",
            Self::Limit(_) => "limit",
            Self::Handler => "handler",
            Self::Refused(_) => "test_refused",
            Self::NoUser => "no_user",
            Self::NoAccess(_) => "no_access",
            Self::SignIn => "sign_in_refused",
            Self::ShutOut => "shut_out",
            Self::Unanswered(_) => "unanswered",
            Self::Invalid(_) => "invalid",
            Self::Store => "store",
        }
    }

    /// What belongs to the name: places, a number, words.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::HostNotAllowed(places) => Some(places.clone()),
            Self::Several(count) => Some(count.to_string()),
            Self::Limit(most) => Some(most.map_or_else(|| "…".to_owned(), |most| most.to_string())),
            Self::Refused(words) | Self::NoAccess(words) => Some(words.as_str().to_owned()),
            Self::Unanswered(why) | Self::Invalid(why) => Some(why.clone()),
            Self::NotConnected
            | Self::Moved
            | Self::Handler
            | Self::NoUser
            | Self::SignIn
            | Self::ShutOut
            | Self::Store => None,
        }
    }

    /// Whether it will be met at every other mailbox too.
    #[must_use]
    pub fn is_of_the_crm(&self) -> bool {
        matches!(self, Self::SignIn | Self::ShutOut | Self::Unanswered(_))
    }
}

impl From<Fault> for Obstacle {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::KeyRefused => Self::SignIn,
            Fault::Blocked => Self::ShutOut,
            Fault::NoAccess { reason } => Self::NoAccess(reason),
            Fault::Invalid { ref field, .. } if field.as_str().starts_with("assignedUser") => Self::NoUser,
            other if other.effect() == Effect::Unknown => Self::Unanswered(other.to_string()),
            other => Self::Invalid(other.to_string()),
        }
    }
}

impl From<ActError> for Obstacle {
    fn from(error: ActError) -> Self {
        tracing::error!(%error, "no token was issued for the CRM");
        Self::Store
    }
}
