//! The states of a mailbox in words.

use postern_core::model::account::State;

use crate::texts::Accounts;

/// What the state is called.
pub(in crate::http) fn word(state: &State) -> Accounts {
    match state {
        State::New => Accounts::New,
        State::Active => Accounts::Active,
        State::NeedsConsent => Accounts::NeedsConsent,
        State::NeedsSignIn => Accounts::NeedsSignIn,
        State::AwaitingApproval => Accounts::AwaitingApproval,
        State::Disabled => Accounts::Disabled,
    }
}

/// What is to be done.
pub(in crate::http) fn next(state: &State) -> Accounts {
    match state {
        State::New => Accounts::NextNew,
        State::Active => Accounts::NextActive,
        State::NeedsConsent => Accounts::NextNeedsConsent,
        State::NeedsSignIn => Accounts::NextNeedsSignIn,
        State::AwaitingApproval => Accounts::NextAwaitingApproval,
        State::Disabled => Accounts::NextDisabled,
    }
}

/// The class that colours it; the word stands beside the colour.
pub(in crate::http) fn tone(state: &State) -> &'static str {
    match state {
        State::Active => "good",
        State::NeedsConsent | State::NeedsSignIn | State::AwaitingApproval => "bad",
        State::New | State::Disabled => "calm",
    }
}
