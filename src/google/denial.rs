//! What the token endpoint's failures say (RFC 6749 section 5.2).

use std::time::Duration;

use postern_core::model::refusal::PeerText;
use serde::Deserialize;

use super::fault::{ClientCode, Fault};
use crate::net::exchange::Response;

/// Reads an answer that is not a success.
pub(super) fn denial(answer: &Response, asked: Asked) -> Fault {
    let words = serde_json::from_slice::<Words>(&answer.body).ok();
    if matches!(answer.status, 408 | 429 | 500..=599) {
        let why = words.map_or_else(|| PeerText::new(&format!("HTTP {}", answer.status)), |w| w.why());
        return Fault::Temporary { retry_after: retry_after(answer), why };
    }
    match words {
        Some(words) if (400..500).contains(&answer.status) => words.fault(asked, retry_after(answer)),
        _ => Fault::Malformed { why: "neither a success nor an OAuth error" },
    }
}

/// What was asked: the same words mean another thing for another question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A code or a refresh token was given.
    Grant,
    /// A service account's assertion was given.
    Assertion,
    /// An access token was asked about, or a token was to be revoked.
    Token,
}

/// The error object of RFC 6749 section 5.2, with Google's `error_subtype`.
#[derive(Deserialize)]
struct Words {
    error: String,
    #[serde(default)]
    error_description: String,
    #[serde(default)]
    error_subtype: String,
}

impl Words {
    fn why(&self) -> PeerText {
        if self.error_description.is_empty() {
            return PeerText::new(&self.error);
        }
        PeerText::new(&format!("{}: {}", self.error, self.error_description))
    }

    fn fault(&self, asked: Asked, retry_after: Option<Duration>) -> Fault {
        let why = self.why();
        if let Some(code) = ClientCode::of(&self.error) {
            return Fault::ClientRefused { code, why };
        }
        match (self.error.as_str(), asked) {
            ("invalid_grant", _)
                if matches!(self.error_subtype.as_str(), "invalid_rapt" | "rapt_required") =>
            {
                Fault::SignInWanted { why }
            }
            ("invalid_grant", Asked::Grant) => Fault::GrantRefused { why },
            ("invalid_grant", Asked::Assertion) => match robot(&self.error_description) {
                Some(code) => Fault::ClientRefused { code, why },
                None => Fault::SubjectRefused { why },
            },
            // A user who is long gone: GAM-team/GAM#1171.
            ("invalid_request", Asked::Assertion) if self.says("invalid impersonation") => {
                Fault::SubjectRefused { why }
            }
            ("invalid_request", Asked::Grant) if self.says("client_secret is missing") => {
                Fault::ClientRefused { code: ClientCode::InvalidClient, why }
            }
            ("invalid_token", Asked::Token) => Fault::TokenRefused { why },
            ("invalid_request" | "unsupported_grant_type" | "unsupported_token_type", _) => {
                Fault::RequestRefused { why }
            }
            _ => Fault::Temporary { retry_after, why },
        }
    }

    fn says(&self, words: &str) -> bool {
        self.error_description.to_ascii_lowercase().contains(words)
    }
}

// An assertion names two parties and `invalid_grant` does not say which one is
// refused; only the words do. Unknown words are put on the mailbox: that harms
// one account, the other reading would harm every mailbox of the domain.
fn robot(description: &str) -> Option<ClientCode> {
    let words = description.to_ascii_lowercase();
    let any = |list: &[&str]| list.iter().any(|known| words.contains(known));
    if any(&["jwt signature"]) {
        Some(ClientCode::KeyRefused)
    } else if any(&["short-lived token", "reasonable timeframe"]) {
        Some(ClientCode::Clock)
    } else if any(&["robot is disabled", "account not found", "not a service account", "invalid issuer"]) {
        Some(ClientCode::ServiceAccountGone)
    } else if any(&["invalid jwt"]) {
        Some(ClientCode::KeyRefused)
    } else {
        None
    }
}

// Only the form in seconds; a date would need the peer's clock to be right.
fn retry_after(answer: &Response) -> Option<Duration> {
    let seconds: u64 = answer.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(3600)))
}
