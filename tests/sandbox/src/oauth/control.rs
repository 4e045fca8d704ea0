//! The OAuth side in the hands of a test.

use std::time::Duration;

use super::fault::{IdTokenFault, TokenFault};
use super::journal::TokenRequest;
use super::policy::{Rotation, Tokeninfo};
use super::token_endpoint::spelled;
use super::tokens::{Access, Grant};
use crate::google::Google;
use crate::{Faults, MAIL_SCOPE};

impl Google {
    /// The consent page's address.
    pub fn auth_url(&self) -> String {
        format!("{}/o/oauth2/v2/auth", self.base)
    }

    /// The token endpoint's address.
    pub fn token_url(&self) -> String {
        format!("{}/token", self.base)
    }

    /// The HTTP side as a router, for driving it without a socket.
    pub fn router(self: &std::sync::Arc<Self>) -> axum::Router {
        crate::http::router(self)
    }

    /// Faults of the token endpoint.
    pub fn token_faults(&self) -> &Faults<TokenFault> {
        &self.oauth.token_faults
    }

    /// Faults of id tokens.
    pub fn id_token_faults(&self) -> &Faults<IdTokenFault> {
        &self.oauth.id_token_faults
    }

    /// Sets how long access tokens live (3,599 s at first).
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.oauth.policy.lock().lifetime = lifetime;
    }

    /// Sets what a refresh does to the refresh token.
    pub fn set_rotation(&self, rotation: Rotation) {
        self.oauth.policy.lock().rotation = rotation;
    }

    /// Publishing status "testing": refresh tokens die after seven days.
    pub fn set_testing(&self, testing: bool) {
        self.oauth.policy.lock().testing = testing;
    }

    /// Sets the shape of tokeninfo answers.
    pub fn set_tokeninfo(&self, shape: Tokeninfo) {
        self.oauth.policy.lock().tokeninfo = shape;
    }

    /// Makes every token answer wait.
    pub fn set_token_latency(&self, latency: Duration) {
        self.oauth.policy.lock().latency = latency;
    }

    /// Sets how many refresh tokens one person and client may have (100 at first).
    pub fn set_most_refresh_tokens(&self, most: usize) {
        self.oauth.policy.lock().most_refresh_tokens = most;
    }

    /// Every request the token endpoint has had, oldest first.
    pub fn token_requests(&self) -> Vec<TokenRequest> {
        self.oauth.journal.lock().clone()
    }

    /// How many token requests there were, of one grant type or of all.
    pub fn token_request_count(&self, grant_type: Option<&str>) -> usize {
        let journal = self.oauth.journal.lock();
        let fits = |request: &&TokenRequest| grant_type.is_none_or(|it| it == request.grant_type);
        journal.iter().filter(fits).count()
    }

    /// Forgets the journal of token requests.
    pub fn clear_token_requests(&self) {
        self.oauth.journal.lock().clear();
    }

    /// A refresh token as if the user had consented, for imports and seeds.
    /// `None` for an unknown user.
    pub fn issue_refresh_token(&self, email: &str, client_id: &str, scopes: &[&str]) -> Option<String> {
        let grant = self.grant(email, client_id, scopes)?;
        let most = self.oauth.policy.lock().most_refresh_tokens;
        let mut tokens = self.oauth.tokens.lock();
        tokens.consent(&grant.sub, &grant.scopes);
        Some(tokens.add_refresh(&grant, None, self.clock.now(), most))
    }

    /// An access token for mail, without asking the token endpoint. `None` for an unknown user.
    pub fn issue_access_token(&self, email: &str) -> Option<String> {
        self.issue_access_token_for(email, &[MAIL_SCOPE, "email"])
    }

    /// An access token for these scopes, without asking the token endpoint. `None` for an
    /// unknown user.
    pub fn issue_access_token_for(&self, email: &str, scopes: &[&str]) -> Option<String> {
        let grant = self.grant(email, "sandbox", scopes)?;
        let lifetime = self.oauth.policy.lock().lifetime;
        let expires = self.clock.now() + lifetime;
        let mut tokens = self.oauth.tokens.lock();
        Some(tokens.add_access(Access { grant, expires, robot: false }))
    }

    fn grant(&self, email: &str, client_id: &str, scopes: &[&str]) -> Option<Grant> {
        Some(Grant { sub: self.user(email)?.sub, client_id: client_id.to_owned(), scopes: spelled(scopes) })
    }

    /// The user withdraws access on Google's own page: everything is dropped.
    pub fn revoke(&self, email: &str) {
        if let Some(user) = self.user(email) {
            let now = self.clock.now();
            self.oauth.tokens.lock().revoke_person(&user.sub, now);
        }
    }

    /// The user changes the password: refresh tokens with a Gmail scope die.
    pub fn change_password(&self, email: &str) {
        if let Some(user) = self.user(email) {
            let now = self.clock.now();
            let gmail = |grant: &Grant| grant.scopes.iter().any(|scope| scope == MAIL_SCOPE);
            let mut tokens = self.oauth.tokens.lock();
            tokens.kill_refresh_of(&user.sub, now, gmail);
        }
    }

    /// Access tokens of the user are refused from now on; refresh tokens live.
    pub fn drop_access_tokens(&self, email: &str) {
        if let Some(user) = self.user(email) {
            self.oauth.tokens.lock().kill_access_of(&user.sub);
        }
    }

    /// The refresh tokens of a user that are alive, oldest first.
    pub fn live_refresh_tokens(&self, email: &str) -> Vec<String> {
        let Some(user) = self.user(email) else {
            return Vec::new();
        };
        self.oauth.tokens.lock().refresh_tokens_of(&user.sub)
    }
}
