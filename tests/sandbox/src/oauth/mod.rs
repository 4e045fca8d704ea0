//! OAuth: consent, tokens, revocation, token information, public keys.

mod assertion;
mod authorize;
pub(crate) mod consent;
mod control;
mod endpoints;
mod error;
mod exchange;
pub(crate) mod fault;
mod id_token;
pub(crate) mod journal;
mod page;
pub(crate) mod policy;
mod scopes;
pub(crate) mod signing;
mod token_endpoint;
mod tokens;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::Faults;
use crate::google::Google;
use crate::guarded::Guarded;
use fault::{IdTokenFault, TokenFault};
use journal::TokenRequest;
use policy::Policy;
use tokens::Tokens;

/// All that OAuth remembers.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) tokens: Guarded<Tokens>,
    pub(crate) policy: Guarded<Policy>,
    pub(crate) token_faults: Faults<TokenFault>,
    pub(crate) id_token_faults: Faults<IdTokenFault>,
    pub(crate) journal: Guarded<Vec<TokenRequest>>,
}

/// The OAuth addresses.
pub(crate) fn router(google: Arc<Google>) -> Router {
    Router::new()
        .route("/o/oauth2/v2/auth", get(endpoints::show_consent).post(endpoints::take_consent))
        .route("/token", post(token_endpoint::token))
        .route("/revoke", post(endpoints::revoke))
        .route("/tokeninfo", get(endpoints::tokeninfo))
        .route("/oauth2/v3/certs", get(endpoints::certs))
        .with_state(google)
}
