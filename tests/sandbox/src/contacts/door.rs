//! Every request to `/v1/`: token, faults, scopes and quota, before anything is done; then the
//! answer, or what a fault makes of it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;

use super::method::Method;
use super::refusal::Refusal;
use super::store::World;
use super::{batch, get, group_list, groups, list, mask, members, write};
use crate::api::door::{self, Bearer};
use crate::api::{Answer, Call};
use crate::google::Google;

const BASE: &str = "/v1/";

/// Any method, any path.
pub(super) async fn serve(State(google): State<Arc<Google>>, head: Parts, body: Bytes) -> Response {
    let asked = door::bearer(&google, &head.headers).map_err(Refusal::from).and_then(|bearer| {
        let call = door::call(&google, &bearer.user, BASE, &head, &body)?;
        Ok((bearer, call))
    });
    let (bearer, call) = match asked {
        Err(refusal) => return door::written(Err(refusal)),
        Ok(asked) => asked,
    };
    let method = Method::asked(&call);
    let kind = method.as_ref().map_or("", |(method, _)| method.name());
    let key = (call.user.clone(), kind);
    *google.contacts.world.lock().counters.requests.entry(key).or_default() += 1;
    let path = call.path.join("/");
    let fault = google.contacts.faults.take(Some(&call.user), |fault| fault.fits(&call.method, &path));
    let perform = || {
        door::written(match &method {
            None => Err(Refusal::new(404, "NOT_FOUND", "Method not found.")),
            Some((method, resource)) => perform(&google, &bearer, &call, *method, resource),
        })
    };
    door::met(fault.map(|it| it.trouble), perform).await
}

fn perform(
    google: &Google,
    bearer: &Bearer,
    call: &Call,
    method: Method,
    resource: &str,
) -> Result<Answer, Refusal> {
    let mut world = google.contacts.world.lock();
    let world = &mut *world;
    if world.policy.disabled {
        return Err(Refusal::disabled());
    }
    method.open(&bearer.scopes)?;
    let bucket = call.one("quotaUser").unwrap_or(&bearer.bucket);
    if let Err(refusal) = world.quota.admit(bucket, call, method, &world.policy) {
        world.counters.over_quota += 1;
        return Err(refusal);
    }
    mask::known(call, method.parameters())?;
    if let Some(book) = world.books.get_mut(&call.user) {
        book.catch_up(call.now);
    }
    let done = answer(google, world, call, method, resource);
    if done.is_ok() && method.writes() {
        *world.counters.writes.entry(call.user.clone()).or_default() += 1;
    }
    // What has no delay is shown at once.
    if let Some(book) = world.books.get_mut(&call.user) {
        book.catch_up(call.now);
    }
    done
}

fn answer(
    google: &Google,
    world: &mut World,
    call: &Call,
    method: Method,
    resource: &str,
) -> Result<Answer, Refusal> {
    match method {
        Method::List => list::connections(world, call, resource),
        Method::Get if resource == "people/me" => get::me(google, call),
        Method::Get => get::person(world, call, resource),
        Method::BatchGet => get::batch(google, world, call),
        Method::Create => write::create(world, call),
        Method::Update => write::update(world, call, resource),
        Method::Delete => write::delete(world, call, resource),
        Method::BatchCreate => batch::create(world, call),
        Method::BatchUpdate => batch::update(world, call),
        Method::BatchDelete => batch::delete(world, call),
        Method::ListGroups => group_list::list(world, call),
        Method::GetGroup => group_list::get(world, call, resource),
        Method::BatchGetGroups => group_list::batch(world, call),
        Method::CreateGroup => groups::create(world, call),
        Method::UpdateGroup => groups::update(world, call, resource),
        Method::DeleteGroup => groups::delete(world, call, resource),
        Method::ModifyMembers => members::modify(world, call, resource),
    }
}
