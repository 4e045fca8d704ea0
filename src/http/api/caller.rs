//! Which program asks, and whether it may.

use std::net::IpAddr;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use postern_core::model::actor::Actor;
use postern_core::model::address::Address;
use postern_core::model::id::AccountId;
use postern_core::model::key_scope::KeyScope;

use super::BELOW;
use super::body::LONGEST;
use super::error::Fault;
use crate::actions::By;
use crate::audit::WrongKey;
use crate::auth::api_key;
use crate::auth::signature::{self, Said, Shown, SignatureFault, Stamp};
use crate::http::site::Site;
use crate::store::accounts;
use crate::store::api_keys::ApiKey;

/// A program that was let through.
#[derive(Debug, Clone)]
pub(in crate::http) struct Caller {
    pub key: ApiKey,
    /// Whether all of the request is signed, its body too.
    pub signed: bool,
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

/// Lets a program through, or says why not and counts who guesses.
pub(in crate::http) async fn admit(
    site: &Site,
    scope: KeyScope,
    peer: IpAddr,
    request: Request,
) -> Result<Request, Fault> {
    let admitted = let_in(site, scope, peer, request).await;
    if let Some(cause) = admitted.as_ref().err().and_then(Fault::of_credential) {
        site.metrics.refused(cause);
        let (at, reference) = (site.store.clock().now(), site.store.dice().reference()?);
        site.notes.wrong_key(WrongKey { at, cause, peer, reference });
    }
    admitted
}

/// What the key may do is asked last: a key that is turned away has used up its
/// pace all the same.
async fn let_in(site: &Site, scope: KeyScope, peer: IpAddr, request: Request) -> Result<Request, Fault> {
    let (mut request, key, signed) = match shown(request.headers()).ok_or(Fault::KeyMissing)? {
        Credential::Key(text) => {
            let key = api_key::recognise(&site.store, text).await?.ok_or(Fault::KeyUnknown)?;
            paced(site, &key)?;
            (request, key, false)
        }
        Credential::Signature(text) => {
            let shown = Shown::read(text).ok_or(SignatureFault::Wrong)?;
            signed(site, shown, request).await?
        }
    };
    if !key.terms.scopes.allow(scope) {
        return Err(Fault::ScopeMissing(scope));
    }
    // Neither rows of the journal nor jobs belong to a mailbox alone: a key of some would see them all.
    // A hold does, but its writes reach whoever shares the calendar.
    if matches!(scope, KeyScope::AuditRead | KeyScope::SyncRun) && !key.terms.reach.is_all() {
        return Err(Fault::DomainNotAllowed);
    }
    api_key::note(&site.store, &key).await?;
    request.extensions_mut().insert(Caller { key, signed, peer });
    Ok(request)
}

fn paced(site: &Site, key: &ApiKey) -> Result<(), Fault> {
    let now = site.store.clock().now();
    site.pace.take(key.id, key.terms.per_minute, now).map_err(Fault::TooManyRequests)
}

/// Who signed the request, whose body is read for that, and whether that is signed too. A signature that is
/// wrong costs nobody's pace: ids of keys are no secret.
async fn signed(site: &Site, shown: Shown, request: Request) -> Result<(Request, ApiKey, bool), Fault> {
    let signing = signature::signing(&site.store, shown).await?;
    let (parts, body) = request.into_parts();
    let octets = to_bytes(body, LONGEST).await.map_err(|_| Fault::TooLarge)?;
    let said = said(site, &parts)?;
    signing.check(&said, &octets)?;
    if let Some(stamp) = said.stamp {
        signing.timely(&site.store, stamp)?;
    }
    paced(site, &signing.key)?;
    if let Some(stamp) = said.stamp {
        signing.take(&site.store, stamp).await?;
    }
    let whole = said.stamp.is_some();
    Ok((Request::from_parts(parts, Body::from(octets)), signing.key, whole))
}

fn said<'r>(site: &Site, parts: &'r Parts) -> Result<Said<'r>, Fault> {
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let path = path.strip_prefix(&site.base).unwrap_or(path);
    let resource = path.split('?').next().and_then(|path| path.strip_prefix(BELOW)).unwrap_or_default();
    let stamp = match (once(&parts.headers, "x-timestamp")?, once(&parts.headers, "x-nonce")?) {
        (Some(time), Some(nonce)) => Some(Stamp { time, nonce }),
        (None, None) => None,
        _ => return Err(SignatureFault::Form.into()),
    };
    Ok(Said { method: parts.method.as_str(), path, resource, stamp })
}

enum Credential<'h> {
    Key(&'h str),
    Signature(&'h str),
}

// Two of them would leave open which one counts.
fn shown(headers: &HeaderMap) -> Option<Credential<'_>> {
    match (once(headers, "x-api-key").ok()?, once(headers, "x-hmac-authorization").ok()?) {
        (Some(key), None) => Some(Credential::Key(key)),
        (None, Some(code)) => Some(Credential::Signature(code)),
        _ => None,
    }
}

fn once<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, SignatureFault> {
    let mut fields = headers.get_all(name).iter();
    match (fields.next(), fields.next()) {
        (None, _) => Ok(None),
        (Some(field), None) => field.to_str().map(Some).map_err(|_| SignatureFault::Form),
        (Some(_), Some(_)) => Err(SignatureFault::Form),
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
