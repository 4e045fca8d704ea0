//! The switches of the OAuth side.

use std::time::Duration;

/// What a refresh does to the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rotation {
    /// It stays, as at Google today.
    #[default]
    Off,
    /// A new one is issued; the old one lives until the new one is first used.
    Lenient,
    /// A new one is issued and the old one dies at once. No client survives a lost answer.
    Strict,
}

/// The shape of a tokeninfo answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tokeninfo {
    /// The older field names (`audience`, `issued_to`, `user_id`), with numbers as numbers.
    pub v2: bool,
    /// Shows the address even when the token has no e-mail scope. Google does not; an IMAP
    /// server that looks the user up here needs it for delegated tokens.
    pub always_email: bool,
}

#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) lifetime: Duration,
    pub(crate) rotation: Rotation,
    pub(crate) testing: bool,
    pub(crate) tokeninfo: Tokeninfo,
    pub(crate) latency: Duration,
    pub(crate) most_refresh_tokens: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(3599),
            rotation: Rotation::Off,
            testing: false,
            tokeninfo: Tokeninfo::default(),
            latency: Duration::ZERO,
            most_refresh_tokens: 100,
        }
    }
}
