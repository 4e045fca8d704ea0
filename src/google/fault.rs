//! Why Google gave no token, as kinds that an account's state follows.
//!
//! The rule behind the table: only words that Google is known to use for a dead
//! grant or a refused client may change a state. Whatever cannot be read or is
//! not known is a bad moment and changes nothing.

use std::time::Duration;

use postern_core::model::refusal::{Blame, PeerText, Retry};

use crate::net::exchange::ExchangeError;

/// Why a request to Google's OAuth endpoints failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// `invalid_grant`: the refresh token or the code is dead. Google words it
    /// as "Token has been expired or revoked." and, some 12 h later, as "Bad
    /// Request", so the words are never read.
    #[error("Google ended the grant: {}", why.as_str())]
    GrantRefused {
        /// Google's words.
        why: PeerText,
    },
    /// `invalid_grant` with `invalid_rapt` or `rapt_required`: the grant lives,
    /// but the Workspace wants the user to sign in again.
    #[error("Google wants the user to sign in again: {}", why.as_str())]
    SignInWanted {
        /// Google's words.
        why: PeerText,
    },
    /// A service account may not act for this one mailbox: it is unknown,
    /// deleted, or no mailbox at all. Other mailboxes are not concerned.
    #[error("Google refuses the mailbox to the service account: {}", why.as_str())]
    SubjectRefused {
        /// Google's words.
        why: PeerText,
    },
    /// The OAuth client or the service account is refused: a state of the
    /// installation, never of the accounts that use it.
    #[error("Google refuses the client ({}): {}", code.name(), why.as_str())]
    ClientRefused {
        /// What is wrong with it.
        code: ClientCode,
        /// Google's words.
        why: PeerText,
    },
    /// The user pressed Cancel on the consent page.
    #[error("the consent was not given: {}", why.as_str())]
    Declined {
        /// Google's words.
        why: PeerText,
    },
    /// An access token that tokeninfo was asked about is not valid (any more);
    /// says nothing about the grant.
    #[error("Google does not know the access token: {}", why.as_str())]
    TokenRefused {
        /// Google's words.
        why: PeerText,
    },
    /// Google finds the request itself wrong (`invalid_request`, a grant type
    /// it does not support). Repeating it gives the same answer.
    #[error("Google refuses the request: {}", why.as_str())]
    RequestRefused {
        /// Google's words.
        why: PeerText,
    },
    /// Down, slow, throttling, unreachable, or an error code nobody has seen:
    /// nothing is known, nothing changes.
    #[error("Google is not available for the moment: {}", why.as_str())]
    Temporary {
        /// What Google asked to wait, at most one hour.
        retry_after: Option<Duration>,
        /// Google's words or what failed on the way.
        why: PeerText,
    },
    /// An answer that is no answer of a token endpoint: no JSON, no access
    /// token, too large, characters that no token has.
    #[error("the answer cannot be read: {why}")]
    Malformed {
        /// What is wrong with it; our words, nothing of the answer.
        why: &'static str,
    },
}

/// What Google has against an OAuth client or a service account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClientCode {
    /// `invalid_client`: unknown client id, or a wrong or missing secret.
    InvalidClient,
    /// `deleted_client`.
    DeletedClient,
    /// `disabled_client`.
    DisabledClient,
    /// `unauthorized_client`: the grant type is not allowed; for a service
    /// account, delegation is not set up or one asked scope is not on its list.
    UnauthorizedClient,
    /// `invalid_scope`.
    InvalidScope,
    /// `org_internal`: the client serves another organisation only.
    OrgInternal,
    /// `admin_policy_enforced`: a Workspace admin restricted a scope.
    AdminPolicyEnforced,
    /// `redirect_uri_mismatch`: our redirect address is not registered.
    RedirectUriMismatch,
    /// `disallowed_useragent`: the consent page was opened in an embedded browser.
    DisallowedUseragent,
    /// `Invalid JWT Signature`: the service account's key was deleted or replaced.
    KeyRefused,
    /// `Robot is disabled`, or Google does not know the service account.
    ServiceAccountGone,
    /// The assertion's times are refused: the clock of this machine is wrong.
    Clock,
    /// Our copy of the service account's key cannot sign.
    KeyUnusable,
}

impl ClientCode {
    /// Stable name for logs, audit rows and metric labels; where Google has an
    /// error code, that code.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidClient => "invalid_client",
            Self::DeletedClient => "deleted_client",
            Self::DisabledClient => "disabled_client",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::InvalidScope => "invalid_scope",
            Self::OrgInternal => "org_internal",
            Self::AdminPolicyEnforced => "admin_policy_enforced",
            Self::RedirectUriMismatch => "redirect_uri_mismatch",
            Self::DisallowedUseragent => "disallowed_useragent",
            Self::KeyRefused => "key_refused",
            Self::ServiceAccountGone => "service_account_gone",
            Self::Clock => "clock",
            Self::KeyUnusable => "key_unusable",
        }
    }

    /// Reads Google's error code; `None` for codes that concern no client.
    pub(super) fn of(error: &str) -> Option<Self> {
        Some(match error {
            "invalid_client" => Self::InvalidClient,
            "deleted_client" => Self::DeletedClient,
            "disabled_client" => Self::DisabledClient,
            "unauthorized_client" => Self::UnauthorizedClient,
            "invalid_scope" => Self::InvalidScope,
            "org_internal" => Self::OrgInternal,
            "admin_policy_enforced" => Self::AdminPolicyEnforced,
            "redirect_uri_mismatch" => Self::RedirectUriMismatch,
            "disallowed_useragent" => Self::DisallowedUseragent,
            _ => return None,
        })
    }
}

impl Fault {
    /// Stable name for logs, audit rows and metric labels.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::GrantRefused { .. } => "grant_refused",
            Self::SignInWanted { .. } => "sign_in_wanted",
            Self::SubjectRefused { .. } => "subject_refused",
            Self::ClientRefused { .. } => "client_refused",
            Self::Declined { .. } => "declined",
            Self::TokenRefused { .. } => "token_refused",
            Self::RequestRefused { .. } => "request_refused",
            Self::Temporary { .. } => "temporary",
            Self::Malformed { .. } => "malformed",
        }
    }

    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::ClientRefused { code: ClientCode::Clock, .. } | Self::RequestRefused { .. } => {
                Blame::Gateway
            }
            Self::GrantRefused { .. }
            | Self::SignInWanted { .. }
            | Self::SubjectRefused { .. }
            | Self::ClientRefused { .. }
            | Self::Declined { .. }
            | Self::TokenRefused { .. } => Blame::Account,
            Self::Temporary { .. } | Self::Malformed { .. } => Blame::Upstream,
        }
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Temporary { .. } | Self::Malformed { .. } => Retry::Later,
            Self::GrantRefused { .. }
            | Self::SignInWanted { .. }
            | Self::SubjectRefused { .. }
            | Self::ClientRefused { .. }
            | Self::Declined { .. }
            | Self::TokenRefused { .. }
            | Self::RequestRefused { .. } => Retry::No,
        }
    }

    /// What the `error` parameter means with which the consent page sent the
    /// browser back to us.
    #[must_use]
    pub fn from_consent_page(error: &str) -> Self {
        let why = PeerText::new(error);
        match (error, ClientCode::of(error)) {
            ("access_denied", _) => Self::Declined { why },
            (_, Some(code)) => Self::ClientRefused { code, why },
            ("invalid_request" | "unsupported_response_type", _) => Self::RequestRefused { why },
            _ => Self::Temporary { retry_after: None, why },
        }
    }
}

impl From<ExchangeError> for Fault {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Unreachable { .. } => {
                Self::Temporary { retry_after: None, why: PeerText::new(&error.to_string()) }
            }
            ExchangeError::TooLarge { .. } => Self::Malformed { why: "larger than any answer of Google" },
        }
    }
}
