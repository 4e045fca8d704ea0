//! Row identities: one type per table, so that one cannot stand for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// An ExternalAccount: one Google identity.
    AccountId,
    /// One refresh token with its scopes.
    GrantId,
    /// A CRM token; shown to people by `token list`.
    TokenId,
    /// The OAuth client or the service account that a grant belongs to.
    ClientId,
    /// One consent link, from issue to use.
    LinkId,
    /// One mail session, from its login to its end.
    SessionId,
    /// A person who runs the installation.
    AdminId,
    /// Somebody signed in at the pages.
    WebSessionId,
    /// Work that goes on behind a page.
    ProgressId,
    /// A key of the REST API; shown to people by `api-key list`.
    ApiKeyId,
    /// A Gmail panel in a page of the CRM.
    PanelId,
    /// A calendar at Google.
    CalendarId,
    /// A pair of an event and a record.
    PairId,
    /// A run of a calendar.
    RunId,
    /// Writes that wait for a person's word.
    HoldId,
    /// Something that could not be done.
    DeadLetterId,
    /// Something that somebody wants taken back.
    UndoId,
    /// The people of an account at Google.
    BookId,
    /// Records that somebody has pushed into a group.
    PushId,
    /// A person or a record of which somebody has to say who it is.
    ReviewId,
    /// A calendar or an address book, for what is kept of the runs of either.
    SyncedId,
}

impl From<CalendarId> for SyncedId {
    fn from(CalendarId(id): CalendarId) -> Self {
        Self(id)
    }
}

impl From<BookId> for SyncedId {
    fn from(BookId(id): BookId) -> Self {
        Self(id)
    }
}
