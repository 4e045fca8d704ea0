//! What a key of the REST API may do.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// One thing that a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyScope {
    /// See mailboxes, their tokens without secrets, and what is synchronised.
    AccountRead,
    /// Register mailboxes and make their links.
    AccountLink,
    /// Issue and revoke CRM tokens.
    TokenIssue,
    /// See and start jobs, and decide about what is held.
    SyncRun,
    /// Read the journal.
    AuditRead,
}

impl KeyScope {
    /// Every scope.
    pub const ALL: &[Self] =
        &[Self::AccountRead, Self::AccountLink, Self::TokenIssue, Self::SyncRun, Self::AuditRead];

    /// The word of the command line and of the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AccountRead => "account:read",
            Self::AccountLink => "account:link",
            Self::TokenIssue => "token:issue",
            Self::SyncRun => "sync:run",
            Self::AuditRead => "audit:read",
        }
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for KeyScope {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|scope| scope.name() == text);
        known.copied().ok_or_else(|| {
            "account:read, account:link, token:issue, sync:run or audit:read is expected".to_owned()
        })
    }
}

/// Everything that a key may do; written with blanks between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyScopes(BTreeSet<KeyScope>);

impl KeyScopes {
    /// Whether `scope` is among them.
    #[must_use]
    pub fn allow(&self, scope: KeyScope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether nothing is allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<KeyScope> for KeyScopes {
    fn from_iter<I: IntoIterator<Item = KeyScope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for KeyScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.name())?;
        }
        Ok(())
    }
}

impl FromStr for KeyScopes {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        text.split_ascii_whitespace().map(str::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyScope, KeyScopes};

    #[test]
    fn words_are_read_back() {
        let all: KeyScopes = KeyScope::ALL.iter().copied().collect();
        assert_eq!(all.to_string().parse(), Ok(all.clone()));
        assert!(KeyScope::ALL.iter().all(|scope| all.allow(*scope)));
        let one: KeyScopes = "token:issue".parse().unwrap();
        assert!(one.allow(KeyScope::TokenIssue) && !one.allow(KeyScope::AccountRead));
        assert!("account:read everything".parse::<KeyScopes>().is_err());
    }
}
