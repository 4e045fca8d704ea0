//! Who is known at this Google: users, OAuth clients, service accounts.

use std::collections::BTreeMap;

/// A Google user with a mailbox.
#[derive(Debug, Clone)]
pub struct User {
    /// The primary address, lower case.
    pub email: String,
    /// Google's identifier of the person.
    pub sub: String,
    /// The Workspace domain, if it is a Workspace user.
    pub hd: Option<String>,
    /// Verified "send mail as" addresses, lower case.
    pub aliases: Vec<String>,
    /// The display name.
    pub name: String,
}

/// An OAuth client of the one project of this sandbox.
#[derive(Debug, Clone)]
pub struct Client {
    /// The client id.
    pub id: String,
    /// The client secret.
    pub secret: String,
    /// The registered redirect addresses; compared letter by letter.
    pub redirect_uris: Vec<String>,
}

/// A service account with domain-wide delegation.
#[derive(Debug, Clone)]
pub struct ServiceAccount {
    /// Its own address, the `iss` of its assertions.
    pub email: String,
    /// The scopes its domain's admin has delegated.
    pub scopes: Vec<String>,
    /// The domains it may impersonate users of.
    pub domains: Vec<String>,
    /// Whether it has been switched off ("Robot is disabled.").
    pub disabled: bool,
    /// The public half of its key (modulus, exponent), URL-safe base64.
    pub(crate) key: (String, String),
}

#[derive(Debug, Default)]
pub(crate) struct People {
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) clients: BTreeMap<String, Client>,
    pub(crate) robots: BTreeMap<String, ServiceAccount>,
    pub(crate) deleted_clients: Vec<String>,
}

impl People {
    /// The user who has this primary address, whatever its letter case.
    pub(crate) fn user(&self, email: &str) -> Option<&User> {
        self.users.get(&email.to_ascii_lowercase())
    }

    /// The user whose primary address or alias this is.
    pub(crate) fn recipient(&self, address: &str) -> Option<&User> {
        let address = address.to_ascii_lowercase();
        self.users.get(&address).or_else(|| {
            let mut users = self.users.values();
            users.find(|user| user.aliases.contains(&address))
        })
    }
}

/// The Workspace domain an address suggests: none for consumer mail.
pub(crate) fn hosted_domain(email: &str) -> Option<String> {
    let domain = email.rsplit_once('@')?.1;
    (!matches!(domain, "gmail.com" | "googlemail.com")).then(|| domain.to_owned())
}
