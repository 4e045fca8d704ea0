//! Why a token is fetched: what is good enough, and who may be asked about.

use std::time::Duration;

use postern_core::model::account::State;
use postern_core::model::refusal::Cause;

use super::ENOUGH;
use super::ahead::LEAD;
use crate::clock::{Micros, micros};
use crate::store::access_tokens::AccessToken;

/// No token lives longer; one that seems to was stored before the clock was
/// set back.
const MOST: Duration = Duration::from_secs(13 * 3_600);

/// Whether the token has that much life left.
pub(super) fn lives(token: &AccessToken, life: Duration, now: Micros) -> bool {
    (micros(life)..=micros(MOST)).contains(&token.expires_at.saturating_sub(now))
}

/// A reason to fetch a token.
#[derive(Debug, Clone)]
pub(super) enum Errand {
    /// A session needs it, and none of those that the mail server has refused.
    Session(Vec<AccessToken>),
    /// It will be needed. Whoever is at it already is left to it.
    Ahead,
    /// To see whether Google gives one, whatever stands in the way here.
    Probe,
}

impl Errand {
    /// Whether a token that is there will do.
    pub(super) fn satisfied(&self, token: &AccessToken, now: Micros) -> bool {
        match self {
            Self::Session(refused) => lives(token, ENOUGH, now) && !token.is_one_of(refused),
            Self::Ahead => lives(token, LEAD, now),
            Self::Probe => false,
        }
    }

    /// Whether it waits for another process that is at it.
    pub(super) fn waits(&self) -> bool {
        match self {
            Self::Session(_) | Self::Probe => true,
            Self::Ahead => false,
        }
    }

    /// Whether pauses do not hold it back.
    pub(super) fn even_so(&self) -> bool {
        match self {
            Self::Probe => true,
            Self::Session(_) | Self::Ahead => false,
        }
    }

    /// Why Google is not asked about an account in this state.
    pub(super) fn bar(&self, state: State) -> Option<Cause> {
        match (self, state) {
            (Self::Probe, State::NeedsConsent | State::NeedsSignIn) => None,
            _ => state.bar(),
        }
    }
}
