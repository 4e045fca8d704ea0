//! Every request to `/calendar/v3/`: token, faults and quota, before anything is done; then
//! the answer, or what a fault makes of it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;

use super::refusal::Refusal;
use super::routes;
use crate::api::door::{self, Bearer, Stranger, Unread};
use crate::api::{Answer, Call};
use crate::google::Google;

const BASE: &str = "/calendar/v3/";
const PATCH_UNITS: u64 = 3;

/// Any method, any path.
pub(super) async fn serve(State(google): State<Arc<Google>>, head: Parts, body: Bytes) -> Response {
    let asked = door::bearer(&google, &head.headers).map_err(Refusal::from).and_then(|bearer| {
        let call = door::call(&google, &bearer.user, BASE, &head, &body)?;
        Ok((bearer, call))
    });
    match asked {
        Err(refusal) => door::written(Err(refusal)),
        Ok((bearer, call)) => {
            count(&google, &call);
            let path = call.path.join("/");
            let faults = &google.calendar.faults;
            let fault = faults.take(Some(&call.user), |fault| fault.fits(&call.method, &path));
            let perform = || door::written(perform(&google, &bearer, &call));
            door::met(fault.map(|it| it.trouble), perform).await
        }
    }
}

fn perform(google: &Google, bearer: &Bearer, call: &Call) -> Result<Answer, Refusal> {
    let mut world = google.calendar.world.lock();
    let policy = world.policy.clone();
    let bucket = call.one("quotaUser").unwrap_or(&bearer.bucket);
    world.quota.admit(bucket, call.now, &policy)?;
    if call.writes() {
        world.quota.may_write(&call.user, call.now)?;
    }
    let done = routes::answer(&mut world, call, Some(&bearer.scopes));
    if done.is_ok() && call.writes() {
        world.counters.writes += 1;
    }
    world.ring(call.now);
    drop(world);
    google.calendar.bell.notify_one();
    done
}

fn count(google: &Google, call: &Call) {
    let calendar = match call.path.first().map(String::as_str) {
        Some("calendars") => call.path.get(1).cloned().unwrap_or_default(),
        _ => String::new(),
    };
    let calendar = if calendar == "primary" { call.user.clone() } else { calendar };
    let key = (call.user.clone(), call.method.clone(), calendar);
    let mut world = google.calendar.world.lock();
    *world.counters.requests.entry(key).or_default() += 1;
    world.counters.units += if call.method == "PATCH" { PATCH_UNITS } else { 1 };
}

impl From<Stranger> for Refusal {
    fn from(stranger: Stranger) -> Self {
        match stranger {
            Stranger::NoToken => {
                Self::global(401, "required", "Login Required").at("header", "Authorization")
            }
            Stranger::BadToken => Self::credentials(),
        }
    }
}

impl From<Unread> for Refusal {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Path => Self::not_found(),
            Unread::Body => Self::global(400, "parseError", "Parse Error"),
        }
    }
}
