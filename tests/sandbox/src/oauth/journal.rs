//! What the token endpoint was asked, for assertions.

use std::time::Duration;

/// One request at the token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// `authorization_code`, `refresh_token` or the name of the JWT grant, as sent.
    pub grant_type: String,
    /// The client that asked, if it named itself.
    pub client_id: Option<String>,
    /// The refresh token that was presented.
    pub refresh_token: Option<String>,
    /// The user it was about, as far as that can be told.
    pub account: Option<String>,
    /// When it came, by the sandbox clock, since the Unix epoch.
    pub at: Duration,
}
