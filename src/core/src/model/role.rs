//! What people who run the installation may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The role of an admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Admin,
    /// Registers mailboxes and sends their links again.
    Helpdesk,
    /// Reads only.
    Auditor,
}

/// What a page or a route asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// One's own password, second factor, sessions and language.
    Own,
    /// See accounts, jobs and figures.
    Look,
    /// Register mailboxes, send their links again.
    Register,
    /// Approve, rename, disable, enable, disconnect, remove; end sessions.
    Accounts,
    /// Issue and revoke CRM tokens.
    Tokens,
    /// Read and export the journal.
    Journal,
    /// The OAuth client, service accounts, run-time settings, API keys.
    Settings,
    /// The other admins.
    Admins,
}

impl Right {
    /// Every right.
    pub const ALL: &[Self] = &[
        Self::Own,
        Self::Look,
        Self::Register,
        Self::Accounts,
        Self::Tokens,
        Self::Journal,
        Self::Settings,
        Self::Admins,
    ];
}

impl Role {
    /// Every role.
    pub const ALL: &[Self] = &[Self::Admin, Self::Helpdesk, Self::Auditor];

    /// Whether the role has the right.
    #[must_use]
    pub fn may(self, right: Right) -> bool {
        match self {
            Self::Admin => true,
            Self::Helpdesk => matches!(right, Right::Own | Right::Look | Right::Register),
            Self::Auditor => matches!(right, Right::Own | Right::Look | Right::Journal),
        }
    }

    /// The word of the command line and of the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Helpdesk => "helpdesk",
            Self::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|role| role.name() == text);
        known.copied().ok_or_else(|| "admin, helpdesk or auditor is expected".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{Right, Role};

    #[test]
    fn only_an_admin_changes_what_can_do_harm() {
        let of = |role: Role| Right::ALL.iter().copied().filter(|right| role.may(*right)).collect::<Vec<_>>();
        assert_eq!(of(Role::Admin), Right::ALL);
        assert_eq!(of(Role::Helpdesk), [Right::Own, Right::Look, Right::Register]);
        assert_eq!(of(Role::Auditor), [Right::Own, Right::Look, Right::Journal]);
    }

    #[test]
    fn words_are_read_back() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(*role));
        }
        assert!("root".parse::<Role>().is_err());
    }
}
