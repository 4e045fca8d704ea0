//! The way to Google that some acts need.

use url::Url;

use crate::google::endpoints::Endpoints;
use crate::google::oauth;
use crate::net::dial::Dialer;
use crate::net::exchange::Exchange;
use crate::net::target::Target;
use crate::store::clients::Client;

/// How Google is reached. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Reach<'a> {
    /// HTTP.
    pub exchange: &'a dyn Exchange,
    /// Where OAuth is.
    pub endpoints: &'a Endpoints,
    /// Ours, as registered at Google.
    pub redirect_uri: &'a Url,
    /// Mail connections.
    pub dialer: &'a Dialer,
    /// Gmail's IMAP server.
    pub imap: &'a Target,
}

impl Reach<'_> {
    pub(super) fn as_client(&self, client: &Client) -> oauth::Client {
        oauth::Client {
            client_id: client.client_id.clone(),
            client_secret: client.secret.clone(),
            redirect_uri: self.redirect_uri.clone(),
        }
    }
}
