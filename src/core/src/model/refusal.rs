//! Why a login or a session is refused, as data. The protocols turn it into
//! their own words in `wire::imap::reply` and `wire::smtp::reply`; log, audit
//! and metrics use [`Cause::name`].

use std::fmt;

/// Short public identity of one refusal: it stands in the answer, in the log
/// and in the audit, so that a user's screenshot leads an admin to the cause.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Reference(String);

impl Reference {
    /// At most 16 characters of `[a-z0-9]`; anything else is dropped.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.chars().filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit()).take(16).collect())
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that came from a peer, made safe for any protocol line, log or page:
/// printable ASCII without `[`, `]`, `<`, `>`, at most 200 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerText(String);

impl PeerText {
    /// Cleans `text`; what is not allowed becomes a blank or is cut.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let clean: String = text
            .chars()
            .map(|c| match c {
                '[' => '(',
                ']' => ')',
                '<' | '>' => '\'',
                ' '..='~' => c,
                _ => ' ',
            })
            .take(200)
            .collect();
        Self(clean.trim().to_owned())
    }

    /// The clean text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The cause of a refusal, one per row of the failure table in the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Wrong, unknown or revoked token, wrong protocol, wrong user: one answer.
    WrongToken,
    /// The token is right, but its time is over.
    TokenExpired,
    /// The mailbox was never connected, or Google ended the grant.
    NeedsConsent,
    /// Google wants the user to sign in again (`invalid_rapt`).
    NeedsSignIn,
    /// The user did not grant Gmail.
    ProductMissing,
    /// An admin switched the account off.
    Disabled,
    /// An admin has to approve the mailbox first.
    AwaitingApproval,
    /// Google refuses the OAuth client or service account of this installation.
    ClientRefused,
    /// Gmail refused the session for good, with its own words.
    RefusedByGmail(PeerText),
    /// Token endpoint, Gmail or the store is down or slow; nothing is lost.
    Unavailable,
    /// Gmail says that too many connections are open, or our budget is full.
    TooManyConnections,
}

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The mail client or who configured it.
    Client,
    /// The user of the mailbox or an admin.
    Account,
    /// Google.
    Upstream,
    /// This gateway or its store.
    Gateway,
}

/// Whether the same request may succeed later without anybody acting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// It will fail again until somebody acts.
    No,
    /// Try again after a while.
    Later,
}

impl Cause {
    /// Stable name for logs, audit rows and metric labels.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::WrongToken => "wrong_token",
            Self::TokenExpired => "token_expired",
            Self::NeedsConsent => "needs_consent",
            Self::NeedsSignIn => "needs_sign_in",
            Self::ProductMissing => "product_missing",
            Self::Disabled => "disabled",
            Self::AwaitingApproval => "awaiting_approval",
            Self::ClientRefused => "client_refused",
            Self::RefusedByGmail(_) => "refused_by_gmail",
            Self::Unavailable => "unavailable",
            Self::TooManyConnections => "too_many_connections",
        }
    }

    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::WrongToken | Self::TokenExpired => Blame::Client,
            Self::NeedsConsent
            | Self::NeedsSignIn
            | Self::ProductMissing
            | Self::Disabled
            | Self::AwaitingApproval
            | Self::ClientRefused
            | Self::RefusedByGmail(_) => Blame::Account,
            Self::Unavailable | Self::TooManyConnections => Blame::Upstream,
        }
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Unavailable | Self::TooManyConnections => Retry::Later,
            Self::WrongToken
            | Self::TokenExpired
            | Self::NeedsConsent
            | Self::NeedsSignIn
            | Self::ProductMissing
            | Self::Disabled
            | Self::AwaitingApproval
            | Self::ClientRefused
            | Self::RefusedByGmail(_) => Retry::No,
        }
    }
}

/// A refusal as it is told to a mail client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub cause: Cause,
    /// The identity that log and audit share.
    pub reference: Reference,
    /// Page that tells the user what to do (`<public_url>/r/<ref>`), where one helps.
    pub help: Option<String>,
}

impl Refusal {
    /// The sentence for the person behind the client: ASCII, one line, no
    /// secret, at most 500 characters, ending in the reference.
    #[must_use]
    pub fn sentence(&self) -> String {
        let what = match &self.cause {
            Cause::WrongToken => "User name or CRM token is wrong".to_owned(),
            Cause::TokenExpired => "This CRM token has expired, ask your admin for a new one".to_owned(),
            Cause::NeedsConsent => "This mailbox is not connected to Google, please reconnect".to_owned(),
            Cause::NeedsSignIn => "Google wants you to sign in again, please reconnect".to_owned(),
            Cause::ProductMissing => {
                "Gmail access was not granted, please reconnect and tick Gmail".to_owned()
            }
            Cause::Disabled => "This mailbox is disabled, ask your admin".to_owned(),
            Cause::AwaitingApproval => "This mailbox waits for an admin to approve it".to_owned(),
            Cause::ClientRefused => {
                "Google refuses the Google client of this gateway, ask your admin".to_owned()
            }
            Cause::RefusedByGmail(text) => format!("Gmail refused the session: {}", text.as_str()),
            Cause::Unavailable => "Gmail cannot be reached for the moment, try again later".to_owned(),
            Cause::TooManyConnections => {
                "Too many connections to this mailbox, try again in a minute".to_owned()
            }
        };
        let help = self.help.as_deref().filter(|url| url.is_ascii() && url.len() <= 200);
        match help {
            Some(url) => format!("{what}: {url} (ref {})", self.reference),
            None => format!("{what} (ref {})", self.reference),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, PeerText, Reference, Refusal};

    #[test]
    fn peer_text_cannot_leave_its_line() {
        let text = PeerText::new("a\r\nA1 OK [READ-WRITE] <b>\u{1b}[0m");
        assert_eq!(text.as_str(), "a  A1 OK (READ-WRITE) 'b' (0m");
    }

    #[test]
    fn the_sentence_tells_what_to_do() {
        let refusal = Refusal {
            cause: Cause::NeedsConsent,
            reference: Reference::new("k3x9"),
            help: Some("https://crm.example.com/postern/r/k3x9".into()),
        };
        assert_eq!(
            refusal.sentence(),
            "This mailbox is not connected to Google, please reconnect: https://crm.example.com/postern/r/k3x9 (ref k3x9)"
        );
    }
}
