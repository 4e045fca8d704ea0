//! Which program asks, and whether it may.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use postern_core::model::key_scope::KeyScope;

use super::error::Fault;
use crate::actions::By;
use crate::auth::api_key;
use crate::http::site::Site;
use crate::store::accounts;
use crate::store::api_keys::ApiKey;

/// A program that was let through.
#[derive(Debug, Clone)]
pub(in crate::http) struct Caller {
    pub key: ApiKey,
    peer: IpAddr,
}

impl Caller {
    /// The author of what this program does.
    pub fn by(&self, site: &Site) -> Result<By, Fault> {
        let actor = Actor::Key { name: self.key.terms.name.clone(), peer: self.peer };
        Ok(By::new(actor, site.store.dice())?)
    }

    /// Whether the mailbox is one that the key reaches. To it, others are not there.
    pub async fn known(&self, site: &Site, id: &str) -> Result<Address, Fault> {
        let id: AccountId = id.parse().map_err(|_| Fault::NotFound)?;
        let found = accounts::by_id(&mut site.store.read().await?, id).await?;
        let found = found.filter(|account| self.key.terms.reach.holds(account.id, &account.address));
        Ok(found.ok_or(Fault::NotFound)?.address)
    }
}

/// Lets a program through, or says why not. What the key may do is asked last:
/// a key that is turned away has used up its pace all the same.
pub(in crate::http) async fn admit(
    site: &Site,
    scope: KeyScope,
    peer: IpAddr,
    mut request: Request,
) -> Result<Request, Fault> {
    let shown = shown(request.headers()).ok_or(Fault::KeyMissing)?;
    let key = api_key::recognise(&site.store, shown).await?.ok_or(Fault::KeyUnknown)?;
    let now = site.store.clock().now();
    site.pace.take(key.id, key.terms.per_minute, now).map_err(Fault::TooManyRequests)?;
    if !key.terms.scopes.allow(scope) {
        return Err(Fault::ScopeMissing(scope));
    }
    // Rows of the journal belong to no mailbox alone, so a key of some would see them all.
    if scope == KeyScope::AuditRead && !key.terms.reach.is_all() {
        return Err(Fault::DomainNotAllowed);
    }
    api_key::note(&site.store, &key).await?;
    request.extensions_mut().insert(Caller { key, peer });
    Ok(request)
}

fn shown(headers: &HeaderMap) -> Option<&str> {
    let mut fields = headers.get_all("x-api-key").iter();
    match (fields.next(), fields.next()) {
        (Some(field), None) => field.to_str().ok(),
        _ => None,
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
