//! Proving that a refresh token opens the mailbox it is said to open.

use std::time::Duration;

use postern_core::model::address::Address;
use postern_core::model::scope::ScopeSet;
use postern_core::model::secret::Secret;

use crate::actions::{ActError, Reach};
use crate::clock::{Clock, micros};
use crate::google::fault::{ClientCode, Fault};
use crate::google::mailbox;
use crate::google::oauth::{self, Refreshed};
use crate::google::tokeninfo::{TokenInfo, tokeninfo};
use crate::store::access_tokens::AccessToken;
use crate::store::clients::Client;

/// What Google confirmed.
pub(super) struct Proven {
    pub(super) scopes: ScopeSet,
    pub(super) access: AccessToken,
    /// The rotated one, where Google gave one.
    pub(super) refresh_token: Secret,
    pub(super) sub: Option<String>,
}

/// Refreshes, asks whose token it is, and where Google does not tell, logs in
/// to the mailbox.
pub(super) async fn prove(
    reach: &Reach<'_>,
    clock: &Clock,
    client: &Client,
    address: &Address,
    refresh_token: &Secret,
    wanted: &ScopeSet,
) -> Result<Proven, ActError> {
    let asked_at = clock.now();
    let refreshed = oauth::refresh(reach.exchange, reach.endpoints, &reach.as_client(client), refresh_token)
        .await
        .map_err(refused)?;
    let info = tokeninfo(reach.exchange, reach.endpoints, &refreshed.access_token).await?;
    if info.aud != client.client_id {
        return Err(ActError::ForeignToken);
    }
    let scopes = granted(&refreshed, &info, wanted);
    let lacking: Vec<&str> = wanted.iter().filter(|s| !scopes.covers(&ScopeSet::parse(s))).collect();
    if !lacking.is_empty() {
        return Err(ActError::ScopeMissing(ScopeSet::parse(&lacking.join(" "))));
    }
    match &info.email {
        Some(found) if found != address => {
            return Err(ActError::WrongMailbox { expected: address.clone(), found: found.clone() });
        }
        Some(found) if !info.email_verified => return Err(ActError::Unverified(found.clone())),
        Some(_) => {}
        None => mailbox::prove(reach.dialer, reach.imap, address, &refreshed.access_token).await?,
    }
    let expires_at = asked_at + micros(Duration::from_secs(refreshed.expires_in.into()));
    Ok(Proven {
        scopes,
        access: AccessToken { token: refreshed.access_token, expires_at },
        refresh_token: refreshed.refresh_token.unwrap_or_else(|| refresh_token.clone()),
        sub: info.sub,
    })
}

// tokeninfo tells what the token opens; a stand-in may leave it out.
fn granted(refreshed: &Refreshed, info: &TokenInfo, wanted: &ScopeSet) -> ScopeSet {
    if !info.scopes.is_empty() {
        return info.scopes.clone();
    }
    refreshed.scopes.clone().unwrap_or_else(|| wanted.clone())
}

// A refresh token of another client is told as `unauthorized_client`.
fn refused(fault: Fault) -> ActError {
    match fault {
        Fault::GrantRefused { why }
        | Fault::SignInWanted { why }
        | Fault::ClientRefused { code: ClientCode::UnauthorizedClient, why } => {
            ActError::RefreshTokenRefused(why)
        }
        other => ActError::Google(other),
    }
}
