//! The consent by link: button, Google, answer.
//!
//! [`Consents::look`] changes nothing, so a program that previews links uses
//! none up. The press ([`Consents::start`]) stores a state for ten minutes,
//! bound to a cookie. Google's answer ([`Consents::finish`]) takes the state
//! out, which works once, and either stores everything in one act or changes
//! nothing but the audit. No grant is ever revoked here.

mod again;
mod fault;
mod finish;
mod help;
mod identity;
mod products;
mod sign_in;
mod start;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod trial;

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::config::Google;
use crate::google::endpoints::Endpoints;
use crate::google::id_token::Keys;
use crate::net::exchange::Exchange;
use crate::node::settings::Live;
use crate::store::clients::Client;
use crate::store::{Source, Store, StoreError, clients};

pub use fault::{ConsentFault, LinkFault, Refused};
pub use finish::Connected;
pub use help::Help;
pub use sign_in::{Browser, SignedIn};
pub use start::{Offer, Started};

/// Path of the page with the button, below the public address; the link's word
/// follows as the parameter `link`.
pub const START_PATH: &str = "/oauth/google/start";
/// Path to which the button for a new link leads, below the public address.
pub const AGAIN_PATH: &str = "/oauth/google/again";
/// Path to which Google sends the browser back, below the public address.
pub const CALLBACK_PATH: &str = "/oauth/google/callback";
/// Time between the button and Google's answer.
pub const STATE_LIFE: Duration = Duration::from_secs(600);

/// The address to register at Google, for a public address with or without a
/// slash at its end.
#[must_use]
pub fn redirect_uri(public_url: &Url) -> Url {
    let mut url = public_url.clone();
    url.set_path(&format!("{}{CALLBACK_PATH}", public_url.path().trim_end_matches('/')));
    url
}

/// What consents need.
pub struct Consents {
    /// Links, states, accounts and grants.
    pub store: Store,
    /// The way to Google.
    pub exchange: Arc<dyn Exchange>,
    /// Where Google is asked.
    pub endpoints: Endpoints,
    /// Google's keys, shared so that they are fetched once.
    pub keys: Arc<Keys>,
    /// Exactly as registered; see [`redirect_uri`].
    pub redirect_uri: Url,
    /// Who may connect.
    pub google: Live<Google>,
}

impl Consents {
    /// Scheme, host and port of Google's consent page, for the pages' policy.
    #[must_use]
    pub fn auth_origin(&self) -> String {
        self.endpoints.auth_url.origin().ascii_serialization()
    }

    async fn client(&self, on: &mut impl Source) -> Result<Option<Client>, StoreError> {
        clients::current(&self.store, on).await
    }

    fn oauth(&self, client: &Client) -> crate::google::oauth::Client {
        crate::google::oauth::Client {
            client_id: client.client_id.clone(),
            client_secret: client.secret.clone(),
            redirect_uri: self.redirect_uri.clone(),
        }
    }
}
