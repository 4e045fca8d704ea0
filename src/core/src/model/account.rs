//! The states of an account and what moves it between them.
//!
//! A failed *login* is no happening: it never changes an account. Only what the
//! token endpoint says, a consent, or an admin does.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::refusal::Cause;

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Registered, never connected.
    New,
    /// Connected.
    Active,
    /// Google ended the grant, or the grant belongs to another OAuth client.
    NeedsConsent,
    /// Google wants the user to sign in again (`invalid_rapt`).
    NeedsSignIn,
    /// Created by API for a service-account mailbox.
    AwaitingApproval,
    /// Switched off by an admin.
    Disabled,
}

/// What can happen to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// The user consented and the grant is stored.
    Consented,
    /// The token endpoint answered with an access token.
    Refreshed,
    /// The token endpoint answered `invalid_grant`.
    GrantRefused,
    /// The token endpoint answered `invalid_grant` with `invalid_rapt`.
    SignInWanted,
    /// Another client id was set, to which the stored grant does not belong.
    ClientReplaced,
    /// The client id to which the stored grant belongs was set again.
    ClientRestored,
    /// The owner or an admin ended the grant at Google.
    Disconnected,
    /// An admin approved.
    Approved,
    /// An admin disabled.
    Disabled,
    /// An admin enabled; whether a grant is stored.
    Enabled {
        /// A grant is stored.
        connected: bool,
    },
}

impl State {
    /// The state after `happening`; `None` when nothing changes.
    #[must_use]
    pub fn after(self, happening: Happening) -> Option<Self> {
        use Happening as H;
        let next = match (self, happening) {
            // Disabled and waiting accounts stay so until an admin acts.
            (Self::Disabled, H::Enabled { connected }) => {
                if connected {
                    Self::Active
                } else {
                    Self::New
                }
            }
            (Self::AwaitingApproval, H::Approved) => Self::New,
            (
                Self::AwaitingApproval | Self::New | Self::Active | Self::NeedsConsent | Self::NeedsSignIn,
                H::Disabled,
            ) => Self::Disabled,
            (Self::Disabled | Self::AwaitingApproval, _) => return None,
            (_, H::Consented | H::Refreshed) => Self::Active,
            // If Google ended the grant meanwhile, the next refresh says so.
            (Self::NeedsConsent, H::ClientRestored) => Self::Active,
            (_, H::Disconnected) => Self::New,
            (Self::New, H::GrantRefused | H::SignInWanted | H::ClientReplaced) => return None,
            (_, H::GrantRefused | H::ClientReplaced) => Self::NeedsConsent,
            (_, H::SignInWanted) => Self::NeedsSignIn,
            (_, H::Approved | H::Enabled { .. } | H::ClientRestored) => return None,
        };
        (next != self).then_some(next)
    }

    /// Why a login to an account in this state is refused without asking
    /// Google; `None` when it may be tried. An account that needs consent is
    /// not tried: Google would count every attempt.
    #[must_use]
    pub fn bar(self) -> Option<Cause> {
        match self {
            Self::New | Self::Active => None,
            Self::NeedsConsent => Some(Cause::NeedsConsent),
            Self::NeedsSignIn => Some(Cause::NeedsSignIn),
            Self::AwaitingApproval => Some(Cause::AwaitingApproval),
            Self::Disabled => Some(Cause::Disabled),
        }
    }

    /// The word in the store, in JSON and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Active => "active",
            Self::NeedsConsent => "needs_consent",
            Self::NeedsSignIn => "needs_sign_in",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Disabled => "disabled",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no account state is called so")]
pub struct NotAState;

impl FromStr for State {
    type Err = NotAState;
    fn from_str(text: &str) -> Result<Self, NotAState> {
        [
            Self::New,
            Self::Active,
            Self::NeedsConsent,
            Self::NeedsSignIn,
            Self::AwaitingApproval,
            Self::Disabled,
        ]
        .into_iter()
        .find(|state| state.name() == text)
        .ok_or(NotAState)
    }
}

#[cfg(test)]
mod tests {
    use super::{Happening as H, State as S};

    const ALL: [S; 6] =
        [S::New, S::Active, S::NeedsConsent, S::NeedsSignIn, S::AwaitingApproval, S::Disabled];

    #[test]
    fn the_table_of_the_reference() {
        assert_eq!(S::New.after(H::Consented), Some(S::Active));
        assert_eq!(S::Active.after(H::GrantRefused), Some(S::NeedsConsent));
        assert_eq!(S::Active.after(H::SignInWanted), Some(S::NeedsSignIn));
        assert_eq!(S::NeedsConsent.after(H::Consented), Some(S::Active));
        assert_eq!(S::NeedsSignIn.after(H::Refreshed), Some(S::Active));
        assert_eq!(S::Active.after(H::ClientReplaced), Some(S::NeedsConsent));
        assert_eq!(S::NeedsConsent.after(H::ClientRestored), Some(S::Active));
        assert_eq!(S::NeedsSignIn.after(H::ClientRestored), None);
        assert_eq!(S::New.after(H::ClientRestored), None);
        assert_eq!(S::AwaitingApproval.after(H::Approved), Some(S::New));
        assert_eq!(S::Disabled.after(H::Enabled { connected: true }), Some(S::Active));
        assert_eq!(S::Disabled.after(H::Enabled { connected: false }), Some(S::New));
    }

    #[test]
    fn only_an_admin_wakes_a_disabled_account() {
        for happening in [
            H::Consented,
            H::Refreshed,
            H::GrantRefused,
            H::SignInWanted,
            H::ClientReplaced,
            H::ClientRestored,
            H::Approved,
        ] {
            assert_eq!(S::Disabled.after(happening), None);
        }
    }

    #[test]
    fn words_are_read_back() {
        for state in ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
    }
}
