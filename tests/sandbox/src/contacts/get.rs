//! `people.get` and `people.getBatchGet`: as things are, without delay.

use serde_json::{Value, json};

use super::mask::{self, Mask, Sources};
use super::refusal::Refusal;
use super::show::View;
use super::store::World;
use crate::api::{Answer, Call};
use crate::google::Google;

/// The most people of a batch.
const MOST: usize = 200;

/// `GET people/{id}`
pub(super) fn person(world: &World, call: &Call, name: &str) -> Result<Answer, Refusal> {
    let (mask, sources) = (mask::required(call)?, Sources::asked(call)?);
    one(world, call, name, &mask, sources).map(Answer::of)
}

fn one(world: &World, call: &Call, name: &str, mask: &Mask, sources: Sources) -> Result<Value, Refusal> {
    let view = View { mask, sources, listed: false, change: false, policy: &world.policy };
    Ok(view.show(world.book(&call.user)?.contact(name)?))
}

/// `GET people/me`: the user's own profile.
pub(super) fn me(google: &Google, call: &Call) -> Result<Answer, Refusal> {
    let mask = mask::required(call)?;
    own(google, call, &mask).map(Answer::of)
}

fn own(google: &Google, call: &Call, mask: &Mask) -> Result<Value, Refusal> {
    let user = google.user(&call.user).ok_or_else(Refusal::not_found)?;
    let source = json!({"type": "PROFILE", "id": user.sub});
    let metadata = json!({"primary": true, "sourcePrimary": true, "source": source});
    let mut person = json!({"resourceName": format!("people/{}", user.sub), "etag": "%EgUBAj03LjcuGgQB"});
    if mask.contains("metadata") {
        person["metadata"] = json!({"sources": [source], "objectType": "PERSON"});
    }
    if mask.contains("names") {
        person["names"] = json!([{"metadata": metadata, "displayName": user.name, "givenName": user.name}]);
    }
    if mask.contains("emailAddresses") {
        person["emailAddresses"] = json!([{"metadata": metadata, "value": user.email}]);
    }
    Ok(person)
}

/// `GET people:batchGet`
pub(super) fn batch(google: &Google, world: &World, call: &Call) -> Result<Answer, Refusal> {
    let (mask, sources) = (mask::required(call)?, Sources::asked(call)?);
    let names: Vec<&str> = call.all("resourceNames").collect();
    if names.is_empty() {
        return Err(Refusal::invalid("Request must specify one or more resource names."));
    }
    if names.len() > MOST {
        return Err(Refusal::invalid("Request can have at most 200 resource names."));
    }
    let responses: Vec<Value> = names
        .into_iter()
        .map(|name| match name {
            "people/me" => response(name, own(google, call, &mask)),
            name => response(name, one(world, call, name, &mask, sources)),
        })
        .collect();
    Ok(Answer::of(json!({"responses": responses})))
}

/// What became of one person of a batch.
pub(super) fn response(asked: &str, outcome: Result<Value, Refusal>) -> Value {
    match outcome {
        Ok(person) => {
            json!({"httpStatusCode": 200, "person": person, "requestedResourceName": asked, "status": {}})
        }
        Err(refusal) => {
            let (code, status) = (refusal.code, refusal.inner());
            json!({"httpStatusCode": code, "requestedResourceName": asked, "status": status})
        }
    }
}
