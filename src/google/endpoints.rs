//! Where Google is asked.

use url::Url;

/// The addresses of Google's OAuth 2.0, handed in by the configuration, so that
/// a test or the demo can stand in for Google.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Consent page: `https://accounts.google.com/o/oauth2/v2/auth`.
    pub auth_url: Url,
    /// Token endpoint: `https://oauth2.googleapis.com/token`; also the audience
    /// of a service account's assertion.
    pub token_url: Url,
    /// Revocation: `https://oauth2.googleapis.com/revoke`.
    pub revoke_url: Url,
    /// Token information: `https://oauth2.googleapis.com/tokeninfo`.
    pub tokeninfo_url: Url,
    /// Keys of id_tokens: `https://www.googleapis.com/oauth2/v3/certs`.
    pub jwks_url: Url,
}
