//! Who does an act.

use std::net::IpAddr;

/// The author of an audit row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person at the shell; the operating-system user's name.
    CommandLine(String),
    /// Somebody who runs the installation, signed in at the pages.
    Admin {
        /// The name they sign in with.
        name: String,
        /// The address they came from.
        peer: IpAddr,
    },
    /// A program with a key of the REST API.
    Key {
        /// What the key is called.
        name: String,
        /// The address it came from.
        peer: IpAddr,
    },
    /// Nobody has signed in yet: somebody at the pages from this address.
    Visitor(IpAddr),
    /// The owner of the mailbox, in the browser.
    Owner,
    /// The same, from this address.
    OwnerAt(IpAddr),
    /// A CRM user at the panel in a page of the CRM, by the word of the program
    /// that asked for the panel. From where: the event that opened it says so.
    Panel {
        /// The user's identity in the CRM.
        crm_user: String,
        /// What the program's key is called.
        key: String,
    },
    /// The gateway itself, by what a peer told it.
    Gateway,
}

impl Actor {
    /// The text of the audit column, at most 80 characters.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::CommandLine(user) => {
                format!("cli:{}", user.chars().filter(|c| c.is_ascii_graphic()).take(64).collect::<String>())
            }
            Self::Admin { name, peer } => format!("admin:{name} {peer}"),
            Self::Key { name, peer } => format!("key:{name} {peer}"),
            Self::Visitor(peer) => format!("visitor {peer}"),
            Self::Owner => "owner".to_owned(),
            Self::OwnerAt(peer) => format!("owner {peer}"),
            Self::Panel { crm_user, key } => {
                let user: String = crm_user.chars().filter(char::is_ascii_graphic).take(36).collect();
                format!("panel:{user} {key}")
            }
            Self::Gateway => "gateway".to_owned(),
        }
    }
}
