//! What one part tells the others, and one process the other ones through the
//! change feed.

use super::id::{AccountId, SessionId, TokenId};

/// One thing that is told. A reader that has lost count treats it as
/// "everything changed".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A CRM token was issued or revoked.
    Token(TokenId),
    /// An account, its grant, aliases or state.
    Account(AccountId),
    /// An open mail session is to end.
    Session(SessionId),
    /// The OAuth client or a service account.
    Client,
    /// A setting that may change while the gateway runs.
    Settings,
    /// The reader has missed entries.
    Everything,
}

impl Change {
    /// The two columns of the feed.
    #[must_use]
    pub fn columns(self) -> (&'static str, String) {
        match self {
            Self::Token(id) => ("token", id.to_string()),
            Self::Account(id) => ("account", id.to_string()),
            Self::Session(id) => ("session", id.to_string()),
            Self::Client => ("client", String::new()),
            Self::Settings => ("settings", String::new()),
            Self::Everything => ("everything", String::new()),
        }
    }

    /// Reads the columns; an entry of a newer binary means "everything".
    #[must_use]
    pub fn read(kind: &str, subject: &str) -> Self {
        match kind {
            "token" => subject.parse().map_or(Self::Everything, Self::Token),
            "account" => subject.parse().map_or(Self::Everything, Self::Account),
            "session" => subject.parse().map_or(Self::Everything, Self::Session),
            "client" => Self::Client,
            "settings" => Self::Settings,
            _ => Self::Everything,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Change;
    use crate::model::id::AccountId;

    #[test]
    fn columns_are_read_back_and_the_unknown_means_everything() {
        let change = Change::Account(AccountId(uuid::Uuid::from_u128(7)));
        let (kind, subject) = change.columns();
        assert_eq!(Change::read(kind, &subject), change);
        assert_eq!(Change::read("hold", "x"), Change::Everything);
        assert_eq!(Change::read("account", "x"), Change::Everything);
    }
}
