//! The OAuth 2.0 client: consent address, code, refresh, revocation.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use oauth2::basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    RequestTokenError, Scope, StandardRevocableToken, TokenUrl,
};
use postern_core::model::address::Address;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;
use url::Url;

use super::answer::{Answer, send, success};
use super::denial::Asked;
use super::endpoints::Endpoints;
use super::fault::Fault;
use crate::dice::{Dice, NoRandomness};
use crate::net::exchange::{Exchange, Request};

/// The OAuth client of this installation, of the type "Web application".
#[derive(Debug, Clone)]
pub struct Client {
    /// Google's name for it: `….apps.googleusercontent.com`.
    pub client_id: String,
    /// Its secret; Google wants it even with PKCE.
    pub client_secret: Secret,
    /// Where the consent page sends the browser back; exactly as registered.
    pub redirect_uri: Url,
}

/// A PKCE pair (RFC 7636, S256): the verifier stays here, the challenge goes
/// with the browser.
#[derive(Debug, Clone)]
pub struct Pkce(Secret);

impl Pkce {
    /// The pair of a verifier of 256 random bits, 43 characters of base64url.
    #[must_use]
    pub fn of(verifier: Secret) -> Self {
        Self(verifier)
    }

    /// What [`exchange_code`] has to show; to be stored sealed, with the state.
    #[must_use]
    pub fn verifier(&self) -> &Secret {
        &self.0
    }

    fn challenge(&self) -> PkceCodeChallenge {
        PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(self.0.reveal().to_owned()))
    }
}

/// A new pair of 256 random bits.
///
/// # Errors
/// When the operating system gives no random numbers.
pub fn new_pkce(dice: &Dice) -> Result<Pkce, NoRandomness> {
    Ok(Pkce(Secret::new(dice.word()?)))
}

/// What one consent asks for.
#[derive(Debug, Clone, Copy)]
pub struct Consent<'a> {
    /// Unguessable, bound to the browser; comes back with the answer.
    pub state: &'a str,
    /// Unguessable; comes back inside the id_token.
    pub nonce: &'a str,
    /// The pair whose verifier is stored with the state.
    pub pkce: &'a Pkce,
    /// Scopes to ask.
    pub scopes: &'a ScopeSet,
    /// The mailbox that is expected: Google preselects it.
    pub login_hint: Option<&'a Address>,
    /// The Workspace domain that is expected. A hint to the page and no check:
    /// the check is the id_token's `hd`.
    pub hosted_domain: Option<&'a str>,
}

/// The address of the consent page.
///
/// `access_type=offline` with `prompt=consent` is the only pair that always
/// brings a refresh token. `include_granted_scopes=false`, because `true` mixes
/// in what the user gave the same project elsewhere and can skip the tick boxes
/// after a consent that was given in part.
#[must_use]
pub fn authorize_url(endpoints: &Endpoints, client: &Client, consent: &Consent<'_>) -> Url {
    let google = wire(endpoints, client).set_auth_uri(AuthUrl::from_url(endpoints.auth_url.clone()));
    let mut request = google
        .authorize_url(|| CsrfToken::new(consent.state.to_owned()))
        .set_redirect_uri(redirect(client))
        .add_scopes(consent.scopes.iter().map(|s| Scope::new(s.to_owned())))
        .set_pkce_challenge(consent.pkce.challenge())
        .add_extra_param("nonce", consent.nonce)
        .add_extra_param("access_type", "offline")
        .add_extra_param("prompt", "consent")
        .add_extra_param("include_granted_scopes", "false");
    if let Some(address) = consent.login_hint {
        request = request.add_extra_param("login_hint", address.as_str());
    }
    if let Some(domain) = consent.hosted_domain {
        request = request.add_extra_param("hd", domain);
    }
    request.url().0
}

/// What one sign-in asks for.
#[derive(Debug, Clone, Copy)]
pub struct SignIn<'a> {
    /// Unguessable, bound to the browser; comes back with the answer.
    pub state: &'a str,
    /// Unguessable; comes back inside the id_token.
    pub nonce: &'a str,
    /// The pair whose verifier the browser keeps.
    pub pkce: &'a Pkce,
}

/// The address of the sign-in page: who it is and nothing more. No refresh
/// token is asked for, of which Google keeps only so many for a user.
#[must_use]
pub fn sign_in_url(endpoints: &Endpoints, client: &Client, sign_in: &SignIn<'_>) -> Url {
    let google = wire(endpoints, client).set_auth_uri(AuthUrl::from_url(endpoints.auth_url.clone()));
    google
        .authorize_url(|| CsrfToken::new(sign_in.state.to_owned()))
        .set_redirect_uri(redirect(client))
        .add_scopes(["openid", "email"].map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(sign_in.pkce.challenge())
        .add_extra_param("nonce", sign_in.nonce)
        .add_extra_param("access_type", "online")
        .add_extra_param("prompt", "select_account")
        .url()
        .0
}

/// What a consent brought.
#[derive(Debug, Clone)]
pub struct Granted {
    /// Opens the mailbox for [`Granted::expires_in`].
    pub access_token: Secret,
    /// Seconds from now, 60 to 86,400.
    pub expires_in: u32,
    /// What the user ticked, which may be less than was asked.
    pub scopes: ScopeSet,
    /// The lasting grant.
    pub refresh_token: Option<Secret>,
    /// Who consented; to be verified by `id_token::Keys::verify`.
    pub id_token: Option<Secret>,
}

/// Gives the code and the PKCE verifier for tokens. A code works once.
///
/// # Errors
/// `GrantRefused` when the code is spent, too old, or belongs to another
/// verifier or redirect address; `Malformed` also when the granted scopes are
/// not told, since a user may have ticked less than was asked.
pub async fn exchange_code(
    exchange: &dyn Exchange,
    endpoints: &Endpoints,
    client: &Client,
    code: &Secret,
    verifier: &Secret,
) -> Result<Granted, Fault> {
    let tokens = wire(endpoints, client)
        .exchange_code(AuthorizationCode::new(code.reveal().to_owned()))
        .set_redirect_uri(redirect(client))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.reveal().to_owned()))
        .request_async(&Carrier { exchange, url: &endpoints.token_url })
        .await
        .map_err(fault)?
        .checked()?;
    Ok(Granted {
        access_token: tokens.access_token,
        expires_in: tokens.expires_in,
        scopes: tokens.scopes.ok_or(Fault::Malformed { why: "the granted scopes are not told" })?,
        refresh_token: tokens.refresh_token,
        id_token: tokens.id_token,
    })
}

/// What a refresh or a service account's assertion brought.
#[derive(Debug, Clone)]
pub struct Refreshed {
    /// Opens the mailbox for [`Refreshed::expires_in`].
    pub access_token: Secret,
    /// Seconds from now, 60 to 86,400.
    pub expires_in: u32,
    /// The token's scopes where Google tells them; a service account's token
    /// has those that were asked.
    pub scopes: Option<ScopeSet>,
    /// A new refresh token: the old one may be dead, so this one has to be
    /// stored before anything else. Google does not rotate today.
    pub refresh_token: Option<Secret>,
}

/// A new access token for a refresh token.
///
/// # Errors
/// See [`Fault`]; only `GrantRefused` says that the refresh token is dead.
pub async fn refresh(
    exchange: &dyn Exchange,
    endpoints: &Endpoints,
    client: &Client,
    refresh_token: &Secret,
) -> Result<Refreshed, Fault> {
    let tokens = wire(endpoints, client)
        .exchange_refresh_token(&RefreshToken::new(refresh_token.reveal().to_owned()))
        .request_async(&Carrier { exchange, url: &endpoints.token_url })
        .await
        .map_err(fault)?
        .checked()?;
    Ok(Refreshed {
        access_token: tokens.access_token,
        expires_in: tokens.expires_in,
        scopes: tokens.scopes,
        refresh_token: tokens.refresh_token,
    })
}

/// Ends a grant at Google, given its refresh or access token. This drops every
/// scope that the user gave to any client of the whole project. A token that is
/// already dead counts as done.
///
/// # Errors
/// See [`Fault`].
pub async fn revoke(exchange: &dyn Exchange, endpoints: &Endpoints, token: &Secret) -> Result<(), Fault> {
    // Not by the crate's builder, which sends the client's secret along; Google
    // asks for the token only.
    let request = Request::form(endpoints.revoke_url.clone(), &[("token", token.reveal())]);
    match success(send(exchange, request).await?, Asked::Token) {
        Ok(_) | Err(Fault::TokenRefused { .. }) => Ok(()),
        Err(fault) => Err(fault),
    }
}

type Wire = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

// The secret goes in the body, as Google documents, and not as Basic.
fn wire(endpoints: &Endpoints, client: &Client) -> Wire {
    oauth2::Client::new(ClientId::new(client.client_id.clone()))
        .set_client_secret(ClientSecret::new(client.client_secret.reveal().to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::from_url(endpoints.token_url.clone()))
}

fn redirect(client: &Client) -> Cow<'static, RedirectUrl> {
    Cow::Owned(RedirectUrl::from_url(client.redirect_uri.clone()))
}

// Named, because a closure's future is not seen to be `Send` by the compiler.
struct Carrier<'a> {
    exchange: &'a dyn Exchange,
    url: &'a Url,
}

impl<'c> AsyncHttpClient<'c> for Carrier<'_> {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Fault>> + Send + 'c>>;

    fn call(&'c self, asked: HttpRequest) -> Self::Future {
        let mut request = Request::form(self.url.clone(), &[]);
        request.body = asked.into_body().into();
        Box::pin(async move {
            // Failures are read here and not by the crate, which drops the
            // status, the waiting time and Google's error_subtype.
            let answer = success(send(self.exchange, request).await?, Asked::Grant)?;
            Ok(HttpResponse::new(answer.body.to_vec()))
        })
    }
}

// The crate's own errors hold the answer's body, which may hold a token.
fn fault(error: RequestTokenError<Fault, BasicErrorResponse>) -> Fault {
    match error {
        RequestTokenError::Request(fault) => fault,
        RequestTokenError::ServerResponse(_) | RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Fault::Malformed { why: "the success holds no tokens" }
        }
    }
}
