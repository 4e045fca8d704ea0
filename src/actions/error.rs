//! Why an act was not done, as kinds. Each sentence says what to do.

use postern_core::model::address::Address;
use postern_core::model::id::TokenId;
use postern_core::model::refusal::{Blame, PeerText, Retry};
use postern_core::model::scope::ScopeSet;

use crate::dice::NoRandomness;
use crate::google::fault::Fault;
use crate::google::mailbox::MailboxFault;
use crate::google::service_account::KeyFileFault;
use crate::store::StoreError;

/// Why an act was not done. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// No such account.
    #[error("{0} is not registered; `postern account list` shows every account")]
    NoAccount(Address),
    /// The address is only an alias.
    #[error("{alias} is an alias of {owner}; name the account by its address")]
    AnAlias {
        /// What was given.
        alias: Address,
        /// The account that has it.
        owner: Address,
    },
    /// Another account has the address, as its own or as an alias.
    #[error("{address} belongs to the account {owner} already")]
    Taken {
        /// What was wanted.
        address: Address,
        /// Who has it.
        owner: Address,
    },
    /// Not one of the domains that may connect.
    #[error(
        "{address} is outside the domains of this installation; add its domain to google.allowed_domains first"
    )]
    ForeignDomain {
        /// What was given.
        address: Address,
    },
    /// A program registers what it may register, and once.
    #[error("{0} is registered already")]
    Registered(Address),
    /// Nobody has to consent.
    #[error("{address} is opened by the service account {email}; there is nothing to consent to")]
    Served {
        /// What was given.
        address: Address,
        /// Who opens it.
        email: String,
    },
    /// Only an admin wakes a disabled account.
    #[error("{0} is disabled; run `postern account enable {0}` first")]
    Disabled(Address),
    /// An admin has to approve first.
    #[error("{0} waits for approval; run `postern account approve {0}` first")]
    AwaitingApproval(Address),
    /// Nothing was waiting for approval.
    #[error("{0} does not wait for approval")]
    NothingToApprove(Address),
    /// Google showed no other address.
    #[error("Google has shown no new address for {0}; it does so when the owner connects again")]
    NothingProposed(Address),
    /// Nobody else goes on with the records of somebody who leaves.
    #[error("{0} cannot be the successor: name another mailbox, one that is connected")]
    NoSuccessor(Address),
    /// Nobody waits for this decision.
    #[error("this CRM user is not proposed for {0} any more; open the page again")]
    NoUserProposed(Address),
    /// There is no OAuth client.
    #[error("no OAuth client is set; run `postern client set` first")]
    NoClient,
    /// A text that is no client id.
    #[error("this is no OAuth client id; Google shows it as something.apps.googleusercontent.com")]
    NotAClientId,
    /// Nothing where a secret should be.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// The token endpoint refused the refresh token.
    #[error(
        "Google refuses this refresh token: it is dead, or it was given to another OAuth client ({})",
        .0.as_str()
    )]
    RefreshTokenRefused(PeerText),
    /// The access token is for another client.
    #[error("this refresh token was given to another OAuth client than the current one")]
    ForeignToken,
    /// Google names another mailbox.
    #[error("this refresh token opens {found}, not {expected}")]
    WrongMailbox {
        /// What the admin said.
        expected: Address,
        /// What Google said.
        found: Address,
    },
    /// Google does not vouch for the address.
    #[error("Google has not verified that {0} belongs to the owner of this refresh token")]
    Unverified(Address),
    /// Something that is needed was not granted.
    #[error("this grant lacks {0}; the owner has to consent to it")]
    ScopeMissing(ScopeSet),
    /// The address was given to another person.
    #[error(
        "{0} belongs to another person at Google now than the one who connected it; remove the account and add it again"
    )]
    OtherPerson(Address),
    /// The person has another account here.
    #[error("this Google account is registered as {0} already")]
    PersonKnown(Address),
    /// Google did not confirm a revocation.
    #[error("{0}; nothing was removed. Try again later, or remove it without telling Google by --force")]
    NotRevoked(Fault),
    /// The database is a copy, and Google would end what the original lives by.
    #[error(
        "this database was served from somewhere else or was restored, and the original may live by the same consent: \
         run `postern adopt` if this installation takes over"
    )]
    Held,
    /// Google did not confirm a revocation, and the grant stays.
    #[error("{0}; nothing was changed. Try again later")]
    StillGranted(Fault),
    /// A service account needs domains.
    #[error("name the Workspace domains that this service account serves by --domain")]
    NoDomain,
    /// Not a domain.
    #[error("{0:?} is not a domain such as example.com")]
    NotADomain(String),
    /// Delegation exists in a Workspace only.
    #[error("{0} is no Workspace domain: its users have to consent themselves")]
    PublicDomain(String),
    /// Not one of the domains that may connect.
    #[error("{0} is not in google.allowed_domains; add it there first")]
    DomainNotAllowed(String),
    /// Two service accounts for one domain.
    #[error("{domain} is served by the service account {email} already")]
    DomainServed {
        /// The domain.
        domain: String,
        /// Who serves it.
        email: String,
    },
    /// No such token.
    #[error("there is no token {0}; `postern token list` shows every token")]
    NoToken(TokenId),
    /// A name that no table could show.
    #[error("a token's name has 1 to 80 printable characters")]
    TokenName,
    /// Nothing in the key file that can be used.
    #[error("{0}; download the key again from the Google Cloud console, as JSON")]
    KeyFile(KeyFileFault),
    /// The proof at Gmail failed.
    #[error(transparent)]
    Mailbox(#[from] MailboxFault),
    /// Google's OAuth answered otherwise.
    #[error(transparent)]
    Google(#[from] Fault),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No randomness for a secret.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl ActError {
    /// Who has to act.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::Google(fault) | Self::NotRevoked(fault) | Self::StillGranted(fault) => fault.blame(),
            Self::Mailbox(fault) => fault.blame(),
            Self::Store(error) => error.blame(),
            Self::NoRandomness(_) => Blame::Gateway,
            _ => Blame::Account,
        }
    }

    /// Whether waiting helps.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::Google(fault) | Self::NotRevoked(fault) | Self::StillGranted(fault) => fault.retry(),
            Self::Mailbox(fault) => fault.retry(),
            Self::Store(error) => error.retry(),
            _ => Retry::No,
        }
    }
}
