//! Why a mailbox was not connected, as kinds.

use postern_core::model::address::Address;
use postern_core::model::refusal::{Blame, Cause, Retry};
use postern_core::model::scope::Product;

use crate::google::fault::Fault;
use crate::google::id_token::IdTokenFault;
use crate::store::StoreError;
use crate::texts::{Connect, Owner, Sentence, Text};

/// Why no consent can be started.
#[derive(Debug, thiserror::Error)]
pub enum LinkFault {
    /// No such link, reference or account.
    #[error("the link is not known")]
    Unknown,
    /// It led to a consent.
    #[error("the link was used")]
    Used,
    /// Seven days have passed.
    #[error("the link has expired")]
    Expired,
    /// No OAuth client is set.
    #[error("no Google client is set; run `postern client set`")]
    NoClient,
    /// An admin has switched connecting off.
    #[error("connecting is switched off (google.connect)")]
    Closed,
    /// The account is disabled or waits for an admin.
    #[error("the account is barred: {}", .0.name())]
    Barred(Cause),
    /// Every product was left out.
    #[error("no product was chosen")]
    NothingChosen,
    /// The account behind the reference needs no consent.
    #[error("the account needs no consent")]
    NotNeeded,
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl LinkFault {
    /// The sentence for the person at the browser.
    #[must_use]
    pub fn told(&self) -> Sentence {
        match self {
            Self::Unknown => Text::LinkUnknown.into(),
            Self::Used => Text::LinkUsed.into(),
            Self::Expired => Text::LinkExpired.into(),
            Self::NoClient => Text::NoClient.into(),
            Self::Closed => Connect::Closed.into(),
            Self::Barred(cause) => barred(cause),
            Self::NothingChosen => Connect::NothingChosen.into(),
            Self::NotNeeded => Text::NotNeeded.into(),
            Self::Store(_) => Text::StoreDown.into(),
        }
    }
}

/// Why Google's answer was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ConsentFault {
    /// No consent was started with this state, or it was answered already.
    #[error("the answer belongs to no started consent, or was used already")]
    StateUnknown,
    /// Ten minutes have passed.
    #[error("the answer came more than 10 minutes after the start")]
    StateExpired,
    /// The browser does not show the cookie of the start.
    #[error("the answer came in another browser than the start")]
    Cookie,
    /// The account is disabled or waits for an admin.
    #[error("the account is barred: {}", .0.name())]
    Barred(Cause),
    /// No OAuth client is set any more.
    #[error("no Google client is set; run `postern client set`")]
    NoClient,
    /// The person pressed Cancel.
    #[error("access was declined at Google")]
    Declined,
    /// Google refuses the OAuth client, by Google's code.
    #[error("Google refuses the client of this installation: {0}")]
    ClientRefused(&'static str),
    /// Google does not take the code.
    #[error("Google did not accept the code")]
    CodeRefused,
    /// Google cannot be reached or makes no sense for the moment.
    #[error("Google is not available for the moment")]
    Unavailable,
    /// The id_token is missing or not believed; why, as a stable name.
    #[error("it could not be proven who signed in: {0}")]
    NotProven(&'static str),
    /// Google does not vouch for the address.
    #[error("Google has not verified the address")]
    NotVerified,
    /// Somebody else signed in.
    #[error("{got} signed in at Google, {expected} was expected")]
    WrongAccount {
        /// Whose mailbox is to be connected.
        expected: Address,
        /// Who signed in.
        got: Address,
    },
    /// Nobody here has this Google account.
    #[error("no mailbox is connected for the Google account of {got}")]
    Stranger {
        /// Who signed in.
        got: Address,
    },
    /// The address has gone to another person: Google's `sub` differs.
    #[error("{address} is another Google account than the one connected before; remove that account first")]
    AnotherPerson {
        /// The address of both.
        address: Address,
    },
    /// Google's `sub` is connected as another mailbox.
    #[error(
        "the Google account of {address} is connected already under another address; confirm its rename first"
    )]
    KnownElsewhere {
        /// The address Google shows.
        address: Address,
    },
    /// The organisation is not in `allowed_domains`.
    #[error("{got} does not belong to an allowed domain")]
    WrongDomain {
        /// Who signed in.
        got: Address,
    },
    /// Gmail was not ticked, or nothing of what was asked for.
    #[error("{} was not granted", .0.name())]
    ProductMissing(Product),
    /// Google gave an access token only.
    #[error("Google gave no refresh token")]
    NoRefreshToken,
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A consent that was not accepted, with the reference that log and audit share.
#[derive(Debug, thiserror::Error)]
#[error("{fault} (ref {reference})")]
pub struct Refused {
    /// Why.
    pub fault: ConsentFault,
    /// The reference; empty when nobody could draw one.
    pub reference: String,
}

impl ConsentFault {
    /// Stable name for log and audit.
    #[must_use]
    pub fn why(&self) -> &'static str {
        match self {
            Self::StateUnknown => "state_unknown",
            Self::StateExpired => "state_expired",
            Self::Cookie => "cookie",
            Self::Barred(cause) => cause.name(),
            Self::NoClient => "no_client",
            Self::Declined => "declined",
            Self::ClientRefused(code) | Self::NotProven(code) => code,
            Self::CodeRefused => "code_refused",
            Self::Unavailable => "google_unavailable",
            Self::NotVerified => "email_not_verified",
            Self::WrongAccount { .. } => "wrong_account",
            Self::Stranger { .. } => "stranger",
            Self::AnotherPerson { .. } => "another_person",
            Self::KnownElsewhere { .. } => "known_elsewhere",
            Self::WrongDomain { .. } => "wrong_domain",
            Self::ProductMissing(_) => "product_missing",
            Self::NoRefreshToken => "no_refresh_token",
            Self::Store(_) => "store",
        }
    }

    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::StateUnknown | Self::StateExpired | Self::Cookie | Self::Declined | Self::CodeRefused => {
                Blame::Client
            }
            Self::NoClient | Self::NotProven(_) => Blame::Gateway,
            Self::Unavailable => Blame::Upstream,
            Self::Barred(_)
            | Self::ClientRefused(_)
            | Self::NotVerified
            | Self::WrongAccount { .. }
            | Self::Stranger { .. }
            | Self::AnotherPerson { .. }
            | Self::KnownElsewhere { .. }
            | Self::WrongDomain { .. }
            | Self::ProductMissing(_)
            | Self::NoRefreshToken => Blame::Account,
            Self::Store(error) => error.blame(),
        }
    }

    /// Whether pressing the button again may help without anybody else acting.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::StateExpired
            | Self::Cookie
            | Self::Declined
            | Self::CodeRefused
            | Self::Unavailable
            | Self::NotProven(_)
            | Self::NotVerified
            | Self::WrongAccount { .. }
            | Self::Stranger { .. }
            | Self::WrongDomain { .. }
            | Self::ProductMissing(_)
            | Self::NoRefreshToken => Retry::Later,
            Self::StateUnknown
            | Self::Barred(_)
            | Self::NoClient
            | Self::ClientRefused(_)
            | Self::AnotherPerson { .. }
            | Self::KnownElsewhere { .. } => Retry::No,
            Self::Store(error) => error.retry(),
        }
    }

    /// What a reference stands for that leads to the button once more; none where
    /// pressing it would be of no use, or the browser was not that of the start.
    #[must_use]
    pub fn asked_again_by(&self) -> Option<Cause> {
        match self {
            Self::ProductMissing(_) => Some(Cause::ProductMissing),
            Self::Declined | Self::WrongAccount { .. } | Self::WrongDomain { .. } | Self::NoRefreshToken => {
                Some(Cause::NeedsConsent)
            }
            _ => None,
        }
    }

    /// The sentence for the person at the browser.
    #[must_use]
    pub fn told(&self) -> Sentence {
        match self {
            Self::StateUnknown => Text::StateUnknown.into(),
            Self::StateExpired => Text::StateExpired.into(),
            Self::Cookie => Text::CookieMissing.into(),
            Self::Barred(cause) => barred(cause),
            Self::NoClient => Text::NoClient.into(),
            Self::Declined => Text::Declined.into(),
            Self::ClientRefused(code) => Sentence::from(Text::ClientRefused).with("code", code),
            Self::CodeRefused => Text::CodeRefused.into(),
            Self::Unavailable => Text::GoogleDown.into(),
            Self::NotProven(_) => Text::NotProven.into(),
            Self::NotVerified => Text::NotVerified.into(),
            Self::WrongAccount { expected, got } => {
                Sentence::from(Text::WrongAccount).with("expected", expected).with("got", got)
            }
            Self::Stranger { got } => Sentence::from(Owner::Stranger).with("got", got),
            Self::AnotherPerson { address } => Sentence::from(Text::AnotherPerson).with("address", address),
            Self::KnownElsewhere { address } => Sentence::from(Text::KnownElsewhere).with("address", address),
            Self::WrongDomain { got } => Sentence::from(Text::WrongDomain).with("got", got),
            Self::ProductMissing(Product::Gmail) => Text::ProductMissing.into(),
            Self::ProductMissing(Product::Calendar) => Connect::CalendarMissing.into(),
            Self::ProductMissing(Product::Contacts) => Connect::ContactsMissing.into(),
            Self::NoRefreshToken => Text::NoRefreshToken.into(),
            Self::Store(_) => Text::StoreDown.into(),
        }
    }
}

/// What a person is told about an account that only an admin can wake.
fn barred(cause: &Cause) -> Sentence {
    if *cause == Cause::AwaitingApproval { Text::AwaitingApproval.into() } else { Text::Disabled.into() }
}

impl From<Fault> for ConsentFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Declined { .. } => Self::Declined,
            Fault::ClientRefused { code, .. } => Self::ClientRefused(code.name()),
            // Google finds our request itself wrong: a matter of set-up.
            Fault::RequestRefused { .. } => Self::ClientRefused("invalid_request"),
            Fault::GrantRefused { .. } | Fault::SignInWanted { .. } => Self::CodeRefused,
            Fault::SubjectRefused { .. }
            | Fault::TokenRefused { .. }
            | Fault::Temporary { .. }
            | Fault::Malformed { .. } => Self::Unavailable,
        }
    }
}

impl From<IdTokenFault> for ConsentFault {
    fn from(fault: IdTokenFault) -> Self {
        Self::NotProven(match fault {
            IdTokenFault::EmailNotVerified => return Self::NotVerified,
            IdTokenFault::Keys(_) => return Self::Unavailable,
            IdTokenFault::Malformed => "id_token_malformed",
            IdTokenFault::Algorithm => "id_token_algorithm",
            IdTokenFault::UnknownKey => "id_token_unknown_key",
            IdTokenFault::Signature => "id_token_signature",
            IdTokenFault::Issuer => "id_token_issuer",
            IdTokenFault::Audience => "id_token_audience",
            IdTokenFault::Expired => "id_token_expired",
            IdTokenFault::IssuedInFuture => "id_token_issued_in_future",
            IdTokenFault::Nonce => "id_token_nonce",
            IdTokenFault::MissingClaim(_) => "id_token_claim",
        })
    }
}
